//! A tenant without a network: a state machine, a token and a clock that the test holds.

use crate::support::Answer;
use jiff::Timestamp;
use serde_json::{Value, json};
use tandem_tenant::{Limits, Request, Tenant, TenantSettings};

/// A tenant, a token for it, and the time.
pub struct Direct {
    pub tenant: Tenant,
    pub now: Timestamp,
    token: String,
}

impl Direct {
    /// An empty tenant without limits: its time stands still.
    pub fn new(settings: TenantSettings) -> Self {
        let mut tenant = Tenant::new(TenantSettings { limits: Limits::none(), ..settings });
        let now: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
            tenant.client_id(),
            tenant.client_secret().replace('~', "%7E"),
        );
        let request = Request {
            method: "POST".to_owned(),
            path: format!("/{}/oauth2/v2.0/token", tenant.tenant_id()),
            headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
            body: form.into(),
            ..Request::default()
        };
        let answer = read(tenant.handle(&request, now));
        let token = format!("Bearer {}", answer.expect(200)["access_token"].as_str().unwrap());
        Self { tenant, now, token }
    }

    /// Any request to Graph with immutable ids; `path` below the version, or a whole link.
    pub fn send(&mut self, method: &str, path: &str, prefer: &str, body: Option<&Value>) -> Answer {
        let path = path.strip_prefix("http://localhost/v1.0").unwrap_or(path);
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let prefer = format!("IdType=\"ImmutableId\"{}{prefer}", if prefer.is_empty() { "" } else { ", " });
        let request = Request {
            method: method.to_owned(),
            path: format!("/v1.0{path}"),
            query: query.map(str::to_owned),
            headers: vec![
                ("authorization".to_owned(), self.token.clone()),
                ("content-type".to_owned(), "application/json".to_owned()),
                ("prefer".to_owned(), prefer),
            ],
            body: body.map(Value::to_string).unwrap_or_default().into(),
        };
        read(self.tenant.handle(&request, self.now))
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", None)
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "", Some(body))
    }

    pub fn patch(&mut self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, "", Some(body))
    }

    pub fn delete(&mut self, path: &str) -> Answer {
        self.send("DELETE", path, "", None)
    }

    /// Adds a user who works in Vienna; his address.
    pub fn user(&mut self, name: &str) -> String {
        let mail = format!("{name}@meridian.example");
        let body = json!({ "mail": mail, "displayName": name, "timeZone": "Europe/Vienna" });
        let request = Request {
            method: "POST".to_owned(),
            path: "/users".to_owned(),
            body: body.to_string().into(),
            ..Request::default()
        };
        read(self.tenant.control(&request, self.now)).expect(201);
        mail
    }

    /// All members of a list, page by page.
    pub fn all(&mut self, path: &str) -> Vec<Value> {
        let (mut found, mut next) = (Vec::new(), path.to_owned());
        loop {
            let page = self.get(&next).expect(200);
            found.extend(page["value"].as_array().unwrap().clone());
            match page["@odata.nextLink"].as_str() {
                Some(link) => next = link.to_owned(),
                None => return found,
            }
        }
    }
}

fn read(response: tandem_tenant::Response) -> Answer {
    let status = response.status;
    let headers = response
        .headers
        .iter()
        .map(|(name, value)| {
            (reqwest::header::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap())
        })
        .collect();
    let (_, bytes) = response.into_bytes();
    Answer { status, headers, bytes: bytes.to_vec() }
}
