//! A tenant that is served, and a small client of it.

use serde_json::{Value, json};
use std::sync::Once;
use tandem_tenant::{Options, Running, SeedUsers};

/// A served tenant and a client with a token.
pub struct Site {
    pub running: Running,
    http: reqwest::Client,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// The JSON of an answer that must have a status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// The code of an error that must have a status.
    #[track_caller]
    pub fn code(&self, status: u16) -> String {
        self.expect(status)["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// A text member of an object.
#[track_caller]
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no text '{name}' in {value}")).to_owned()
}

pub fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// An empty tenant.
pub async fn empty() -> Site {
    with(Options { users: SeedUsers::None, ..Options::default() }).await
}

/// A tenant of some options.
pub async fn with(options: Options) -> Site {
    let running = tandem_tenant::serve(options).await.unwrap();
    let http = client();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        running.client_id,
        running.client_secret.replace('~', "%7E")
    );
    let url = format!("{}/{}/oauth2/v2.0/token", running.login_url, running.tenant_id);
    let answer = http.post(url).body(form).send().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    Site { token: text(&answer, "access_token"), http, running }
}

impl Site {
    /// Any request to Graph; `path` below the version, or a whole link.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}/v1.0{path}", self.running.graph_url)
        };
        let mut request = self
            .http
            .request(method.parse().unwrap(), url)
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        read(request).await
    }

    /// The token of this site's client.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A request whose body is no JSON.
    pub async fn bytes(&self, method: &str, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let url = if url.starts_with("http") {
            url.to_owned()
        } else {
            format!("{}/v1.0{url}", self.running.graph_url)
        };
        let mut request = self
            .http
            .request(method.parse().unwrap(), url)
            .header("authorization", format!("Bearer {}", self.token))
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], Some(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, &[], Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    /// A request with immutable ids.
    pub async fn immutable(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(method, path, &[("prefer", "IdType=\"ImmutableId\"")], body.as_ref()).await
    }

    /// A request to the control API.
    pub async fn control(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let url = format!("{}{path}", self.running.control_url);
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        read(request).await
    }

    /// Adds a user; his address.
    pub async fn user(&self, name: &str) -> String {
        let mail = format!("{name}@meridian.example");
        let body = json!({ "mail": mail, "displayName": name, "timeZone": "Europe/Vienna" });
        self.control("POST", "/users", Some(body)).await.expect(201);
        mail
    }

    /// All members of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut found, mut next) = (Vec::new(), path.to_owned());
        loop {
            let page = self.immutable("GET", &next, None).await.expect(200);
            found.extend(page["value"].as_array().unwrap().clone());
            match page["@odata.nextLink"].as_str() {
                Some(link) => next = link.to_owned(),
                None => return found,
            }
        }
    }

    /// All entries of a delta query, and its link.
    pub async fn delta(&self, path: &str) -> (Vec<Value>, String) {
        let (mut found, mut next) = (Vec::new(), path.to_owned());
        loop {
            let page = self.immutable("GET", &next, None).await.expect(200);
            found.extend(page["value"].as_array().unwrap().clone());
            if let Some(link) = page["@odata.deltaLink"].as_str() {
                return (found, link.to_owned());
            }
            next = text(&page, "@odata.nextLink");
        }
    }

    /// The dump of a mailbox.
    pub async fn dump(&self, user: &str) -> Value {
        self.control("GET", &format!("/users/{user}/dump"), None).await.expect(200)
    }

    pub async fn stop(self) {
        self.running.stop().await.unwrap();
    }
}

async fn read(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
}
