//! Somebody with a browser: cookies, and forms that are sent back as they were shown.

use super::Crm;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub struct Browser {
    http: Client,
    at: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of the first input with this name.
    pub fn value(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" ");
        let at = self.body.find(&mark).unwrap_or_else(|| panic!("no input {name}: {}", self.body));
        let rest = &self.body[at..];
        let rest = &rest[rest.find("value=\"").unwrap() + 7..];
        decoded(rest.split('"').next().unwrap())
    }

    /// The hidden inputs of the form for the record.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let mut inputs = Vec::new();
        for part in self.body.split("<input type=\"hidden\" ").skip(1) {
            let field = |name: &str| {
                let rest = part.split_once(&format!("{name}=\"")).unwrap().1;
                decoded(rest.split('"').next().unwrap())
            };
            inputs.push((field("name"), field("value")));
        }
        inputs.retain(|(name, _)| name == "_stamp" || name.starts_with("_was."));
        inputs
    }
}

fn decoded(text: &str) -> String {
    let named = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    named.iter().fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain))
}

fn encoded(fields: &[(String, String)]) -> String {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut text, byte| {
            if byte.is_ascii_alphanumeric() {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
            text
        })
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

impl Browser {
    pub fn of(crm: &Crm) -> Self {
        // A failure means that another test was quicker.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { http, at: format!("http://{}", crm.address()), cookies: Mutex::default() }
    }

    /// A browser in which somebody has signed in.
    pub async fn signed_in(crm: &Crm, login: &str, password: &str) -> Self {
        let browser = Self::of(crm);
        let answer = browser.sign_in(login, password).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    pub async fn administrator(crm: &Crm) -> Self {
        Self::signed_in(crm, "OCSU", crm.password()).await
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> Answer {
        let token = self.get("/login").await.value("_token");
        self.post_raw("/login", &[("_token", &token), ("login", login), ("password", password)]).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.at))).await
    }

    pub async fn request(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        self.send(
            self.http.request(method, format!("{}{path}", self.at)).header("Content-Type", kind).body(body),
        )
        .await
    }

    /// Posts what is given and nothing else.
    pub async fn post_raw(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
        self.request(Method::POST, path, "application/x-www-form-urlencoded", encoded(&fields).into_bytes())
            .await
    }

    pub async fn token(&self) -> String {
        self.get("/search").await.value("_token")
    }

    /// Posts with the token of the session.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token().await;
        self.post_raw(path, &[&[("_token", token.as_str())], fields].concat()).await
    }

    /// Opens the form of a record and sends it back with these changes.
    pub async fn save(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        self.save_from(&page, path, fields).await
    }

    /// Sends a form back that was opened before.
    pub async fn save_from(&self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let hidden = page.hidden();
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        self.post(path, &hidden.chain(fields.iter().copied()).collect::<Vec<_>>()).await
    }

    /// Uploads a file.
    pub async fn upload(&self, path: &str, name: &str, kind: &str, content: &[u8]) -> Answer {
        let token = self.token().await;
        let escaped = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let mut body = format!(
            "--X\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\n{token}\r\n--X\r\nContent-Disposition: form-data; \
             name=\"file\"; filename=\"{escaped}\"\r\nContent-Type: {kind}\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--X--\r\n");
        self.request(Method::POST, path, "multipart/form-data; boundary=X", body).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let cookies =
            self.cookies.lock().unwrap().iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>();
        let response = request.header("Cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            self.cookies.lock().unwrap().insert(name.to_owned(), value);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status, headers, bytes, body }
    }
}
