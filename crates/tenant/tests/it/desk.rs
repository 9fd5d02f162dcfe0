//! A tenant without a network, whose time a test tells: for what depends on the hour, and for many requests.

use crate::support::text;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tandem_tenant::{Limits, Request, Response, Tenant, TenantSettings};

/// A tenant and its time.
pub struct Desk {
    pub tenant: Tenant,
    pub now: Timestamp,
}

/// The credentials of an application.
#[derive(Debug, Clone)]
pub struct App {
    pub id: String,
    pub secret: String,
}

impl Desk {
    /// Time stands still between requests, so that none may take any.
    pub fn settings() -> TenantSettings {
        TenantSettings { limits: Limits::none(), ..TenantSettings::default() }
    }

    pub fn new() -> Self {
        Self { tenant: Tenant::new(Self::settings()), now: "2026-11-24T10:00:00Z".parse().unwrap() }
    }

    /// A desk with mailboxes `{name}@meridian.example`.
    pub fn with_users(names: &[&str]) -> Self {
        let mut desk = Self::new();
        for name in names {
            desk.control("POST", "/users", json!({ "mail": format!("{name}@meridian.example") })).expect(201);
        }
        desk
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    /// The application that is there from the start.
    pub fn first_app(&self) -> App {
        App { id: self.tenant.client_id().to_owned(), secret: self.tenant.client_secret().to_owned() }
    }

    /// A further application with some roles.
    pub fn app(&mut self, roles: &[&str]) -> App {
        let app = self.control("POST", "/apps", json!({ "roles": roles })).expect(201);
        let id = text(&app, "appId");
        let secret = self.control("POST", &format!("/apps/{id}/secrets"), json!({})).expect(201);
        App { secret: text(&secret, "secretText"), id }
    }

    /// A request to a token endpoint.
    pub fn ask(&mut self, directory: &str, form: &[(&str, &str)]) -> Response {
        self.post_form(&format!("/{directory}/oauth2/v2.0/token"), form)
    }

    /// A form, sent to a path.
    pub fn post_form(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request {
            method: "POST".to_owned(),
            path: path.to_owned(),
            body: body.into(),
            ..Request::default()
        };
        self.tenant.handle(&request, self.now)
    }

    /// The form by which an application asks for a token of Graph with its secret.
    pub fn form(app: &App) -> Vec<(&'static str, &str)> {
        vec![
            ("grant_type", "client_credentials"),
            ("client_id", &app.id),
            ("client_secret", &app.secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ]
    }

    /// A token of an application.
    pub fn token(&mut self, app: &App) -> String {
        let directory = self.tenant.tenant_id().to_owned();
        text(&self.ask(&directory, &Self::form(app)).expect(200), "access_token")
    }

    /// A request to Graph; `path` below the version.
    pub fn graph(&mut self, token: &str, method: &str, path: &str, body: Option<Value>) -> Response {
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let request = Request {
            method: method.to_owned(),
            path: format!("/v1.0{path}"),
            query: query.map(str::to_owned),
            headers,
            body: body.map(|body| body.to_string()).unwrap_or_default().into(),
        };
        self.tenant.handle(&request, self.now)
    }

    /// A request to Entra without a body.
    pub fn get(&mut self, path: &str) -> Response {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let request = Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            ..Request::default()
        };
        self.tenant.handle(&request, self.now)
    }

    /// A request to the control API; no body if it is null.
    pub fn control(&mut self, method: &str, path: &str, body: Value) -> Response {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            body: body.into(),
            ..Request::default()
        };
        self.tenant.control(&request, self.now)
    }
}

/// What tests ask of an answer.
pub trait Expect {
    /// The JSON of an answer that must have a status.
    fn expect(&self, status: u16) -> Value;
    /// The code of an error.
    fn code(&self) -> String;
    /// The AADSTS code of a refusal, and its error.
    fn refusal(&self) -> (u16, String, u64);
}

impl Expect for Response {
    #[track_caller]
    fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.value());
        self.value()
    }

    fn code(&self) -> String {
        self.value()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn refusal(&self) -> (u16, String, u64) {
        let value = self.value();
        let code = value["error_codes"][0].as_u64().unwrap_or_else(|| panic!("no refusal: {value}"));
        let words = text(&value, "error_description");
        assert!(words.starts_with(&format!("AADSTS{code}: ")), "{words}");
        for name in ["timestamp", "trace_id", "correlation_id", "error_uri"] {
            assert!(value[name].is_string(), "{name} in {value}");
        }
        (self.status, text(&value, "error"), code)
    }
}
