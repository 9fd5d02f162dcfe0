//! A tenant in one process, without a network: time is what the test says.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tandem_tenant::{Limits, Request, Response, Tenant, TenantSettings};

/// A tenant in one process, with a token and some users.
pub struct Bench {
    pub tenant: Tenant,
    token: String,
    pub now: Timestamp,
}

impl Bench {
    /// A tenant under some limits.
    pub fn new(limits: Limits, users: &[&str]) -> Self {
        Self::with(TenantSettings { limits, ..TenantSettings::default() }, users)
    }

    /// A tenant of some settings.
    pub fn with(settings: TenantSettings, users: &[&str]) -> Self {
        let mut tenant = Tenant::new(settings);
        let now: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
        for user in users {
            let body = json!({"mail": format!("{user}@meridian.example")});
            let request = request("POST", "/users", Some(&body));
            assert_eq!(tenant.control(&request, now).status, 201);
        }
        let mut bench = Self { tenant, token: String::new(), now };
        bench.renew();
        bench
    }

    /// Takes a new token.
    pub fn renew(&mut self) {
        self.token = self.log_in().value()["access_token"].as_str().unwrap().to_owned();
    }

    /// Asks for a token.
    pub fn log_in(&mut self) -> Response {
        let form = format!(
            "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_id={}&client_secret={}",
            self.tenant.client_id(),
            self.tenant.client_secret()
        );
        let path = format!("/{}/oauth2/v2.0/token", self.tenant.tenant_id());
        let mut login = Request { body: form.into(), ..request("POST", &path, None) };
        login.headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
        self.tenant.handle(&login, self.now)
    }

    /// A request to Graph; `path` below the version, or a link.
    pub fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let path = path.strip_prefix("http://localhost/v1.0").unwrap_or(path);
        let mut request = request(method, &format!("/v1.0{path}"), body);
        request.headers.push(("authorization".into(), format!("Bearer {}", self.token)));
        if body.is_some() {
            request.headers.push(("content-type".into(), "application/json".into()));
        }
        self.tenant.handle(&request, self.now)
    }

    /// All members of a list, page by page.
    pub fn all(&mut self, path: &str) -> Vec<Value> {
        let (mut found, mut next) = (Vec::new(), path.to_owned());
        loop {
            let answer = self.send("GET", &next, None);
            let page = answer.value();
            assert_eq!(answer.status, 200, "{next}: {page}");
            found.extend(page["value"].as_array().unwrap().clone());
            match page["@odata.nextLink"].as_str() {
                Some(link) => next = link.to_owned(),
                None => return found,
            }
        }
    }

    /// A part of a file, sent to an upload URL, which needs no token.
    pub fn upload(&mut self, url: &str, from: usize, part: &[u8], total: usize) -> Response {
        let path = format!("/{}", url.splitn(4, '/').last().unwrap());
        let range = format!("bytes {from}-{}/{total}", from + part.len() - 1);
        let body = part.to_vec().into();
        let headers = vec![("content-range".to_owned(), range)];
        self.tenant.handle(&Request { headers, body, ..request("PUT", &path, None) }, self.now)
    }

    /// A request to the control API.
    pub fn control(&mut self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.tenant.control(&request(method, path, body), self.now)
    }

    /// The statuses of so many requests at the same moment.
    pub fn burst(&mut self, count: usize, user: &str) -> Vec<u16> {
        let path = format!("/users/{user}@meridian.example/messages");
        (0..count).map(|_| self.send("GET", &path, None).status).collect()
    }

    /// Lets time pass.
    pub fn wait(&mut self, span: SignedDuration) {
        self.now += span;
    }

    /// How often each limit was met.
    pub fn throttled(&mut self) -> Value {
        self.control("GET", "/stats", None).value()["throttled"].clone()
    }
}

fn request(method: &str, path: &str, body: Option<&Value>) -> Request {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    Request {
        method: method.into(),
        path: path.into(),
        query: query.map(str::to_owned),
        body: body.map(Value::to_string).unwrap_or_default().into(),
        ..Request::default()
    }
}

/// A header of an answer.
pub fn header<'a>(response: &'a Response, wanted: &str) -> Option<&'a str> {
    response.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
}

/// After how many seconds the client may come again.
pub fn retry_after(response: &Response) -> Option<i64> {
    header(response, "retry-after").map(|value| value.parse().unwrap())
}
