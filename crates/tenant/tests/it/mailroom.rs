//! A tenant without a server, at a time that the test moves: what it sends goes to a receiver that the test plays.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tandem_tenant::{Behaviour, Outcome, Outgoing, Request, Response, Tenant, TenantSettings};

/// Where notifications go.
pub const CHANGES: &str = "https://receiver.example/changes";
/// Where lifecycle events go.
pub const LIFE: &str = "https://receiver.example/life";

/// What arrived, and when.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub at: Timestamp,
    pub url: String,
    pub body: Value,
}

/// The tenant and its surroundings.
pub struct Mailroom {
    pub tenant: Tenant,
    pub now: Timestamp,
    /// Id and secret of the application that asks.
    app: (String, String),
    /// A token, and when it was handed out.
    token: Option<(Timestamp, String)>,
    /// Whether the receivers of changes answer.
    pub deaf: bool,
    /// All that was sent to receivers but handshakes, whether they answered or not.
    pub arrived: Vec<Arrival>,
}

impl Mailroom {
    /// A tenant with one user, `anna@meridian.example`.
    pub fn new(behaviour: Behaviour) -> Self {
        let now: Timestamp = "2026-05-04T08:00:00Z".parse().unwrap();
        let tenant = Tenant::new(TenantSettings { seed: 7, behaviour, ..TenantSettings::default() });
        let app = (tenant.client_id().to_owned(), tenant.client_secret().to_owned());
        let mut desk = Self { tenant, now, app, token: None, deaf: false, arrived: Vec::new() };
        desk.control("POST", "/users", json!({ "mail": "anna@meridian.example" }));
        desk
    }

    /// Lets another application ask from now on.
    pub fn log_in(&mut self, app: &Value) {
        let id = app["appId"].as_str().unwrap().to_owned();
        let secret = self.control("POST", &format!("/apps/{id}/secrets"), json!({}));
        self.app = (id, secret["secretText"].as_str().unwrap().to_owned());
        self.token = None;
    }

    /// A token that is young enough.
    fn token(&mut self) -> String {
        let young = |at: Timestamp, now: Timestamp| now.duration_since(at) < SignedDuration::from_mins(30);
        if let Some((at, token)) = &self.token
            && young(*at, self.now)
        {
            return token.clone();
        }
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
            self.app.0,
            self.app.1.replace('~', "%7E")
        );
        let request = Request {
            method: "POST".to_owned(),
            path: format!("/{}/oauth2/v2.0/token", self.tenant.tenant_id()),
            body: form.into(),
            ..Request::default()
        };
        let token =
            self.tenant.handle(&request, self.now).value()["access_token"].as_str().unwrap().to_owned();
        self.token = Some((self.now, token.clone()));
        token
    }

    /// A request to Graph with immutable ids; answers that are held are waited for.
    pub fn graph(&mut self, method: &str, path: &str, body: Value) -> Response {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let token = self.token();
        let request = Request {
            method: method.to_owned(),
            path: format!("/v1.0{path}"),
            query: query.map(str::to_owned),
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {token}")),
                ("prefer".to_owned(), "IdType=\"ImmutableId\"".to_owned()),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
            body: if body.is_null() { Default::default() } else { body.to_string().into() },
        };
        let mut response = self.tenant.handle(&request, self.now);
        while let tandem_tenant::Delivery::Held(_) = response.delivery {
            response = self.post().unwrap();
        }
        response
    }

    /// A request to the control API, which must succeed.
    pub fn control(&mut self, method: &str, path: &str, body: Value) -> Value {
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            body: body.to_string().into(),
            ..Request::default()
        };
        let response = self.tenant.control(&request, self.now);
        assert!(response.status < 300, "{response:?}");
        response.value()
    }

    /// A subscription to the messages of the user; its id.
    pub fn subscribe(&mut self, minutes: i64, more: Value) -> String {
        let mut body = json!({
            "changeType": "created,updated,deleted",
            "notificationUrl": CHANGES,
            "lifecycleNotificationUrl": LIFE,
            "resource": "users/anna@meridian.example/messages",
            "expirationDateTime": (self.now + SignedDuration::from_mins(minutes)).to_string(),
            "clientState": "sesame",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let response = self.graph("POST", "/subscriptions", body);
        assert_eq!(response.status, 201, "{response:?}");
        response.value()["id"].as_str().unwrap().to_owned()
    }

    /// A message arrives; its id.
    pub fn letter(&mut self, subject: &str) -> String {
        let body = json!({ "subject": subject, "from": { "emailAddress": { "address": "a@b.example" } } });
        let made = self.control("POST", "/users/anna@meridian.example/messages", body);
        made["id"].as_str().unwrap().to_owned()
    }

    /// Sends what is due; the answer that was held for one of its outcomes.
    fn post(&mut self) -> Option<Response> {
        let mut held = None;
        for outgoing in self.tenant.due(self.now) {
            let outcome = self.receive(&outgoing);
            held = self.tenant.delivered(outgoing.number, outcome, self.now).or(held);
        }
        held
    }

    fn receive(&mut self, outgoing: &Outgoing) -> Outcome {
        let answered = |status: u16, body: String| Outcome::Answered {
            status,
            media_type: Some("text/plain".to_owned()),
            body: body.into(),
        };
        if let Some((_, token)) = outgoing.url.split_once("?validationToken=") {
            let form = format!("token={token}");
            let token = url::form_urlencoded::parse(form.as_bytes()).next().unwrap().1.into_owned();
            return answered(200, token);
        }
        let body = serde_json::from_slice(&outgoing.body).unwrap();
        self.arrived.push(Arrival { at: self.now, url: outgoing.url.clone(), body });
        if self.deaf && outgoing.url == CHANGES { Outcome::TimedOut } else { answered(202, String::new()) }
    }

    /// Lets time pass, deadline by deadline.
    pub fn pass(&mut self, time: SignedDuration) {
        let end = self.now + time;
        while let Some(next) = self.tenant.deadline().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.post();
        }
        self.now = end;
    }

    /// What arrived at a URL since the last look, notification by notification.
    pub fn take(&mut self, url: &str) -> Vec<(Timestamp, Value)> {
        let (taken, left) = std::mem::take(&mut self.arrived).into_iter().partition(|one| one.url == url);
        self.arrived = left;
        let each = |one: Arrival| {
            let notices = one.body["value"].as_array().unwrap().clone();
            notices.into_iter().map(move |notice| (one.at, notice))
        };
        Vec::<Arrival>::into_iter(taken).flat_map(each).collect()
    }
}
