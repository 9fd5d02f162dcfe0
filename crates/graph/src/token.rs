//! The application's token: client credentials with a secret ("Microsoft identity platform: OAuth 2.0 client
//! credentials flow").

use crate::transport::pause;
use crate::transport::refusal::retry_after;
use crate::{App, ClientLimits, Cloud, GraphError, Outside, TokenProblem};
use bytes::Bytes;
use http::{HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tandem_outside::{Limits, TransportError};
use tokio::sync::Mutex;
use url::Url;

/// A token is renewed so long before it expires, or after nine tenths of a shorter life.
const MARGIN_SECONDS: i64 = 300;
/// Far more than any token or error needs.
const MAX_ANSWER: usize = 1 << 20;

/// The token of one application. Whoever needs it while it is being fetched waits for the same answer.
pub(crate) struct Tokens {
    outside: Outside,
    endpoint: Url,
    scope: String,
    app: App,
    limits: ClientLimits,
    held: Mutex<Option<Token>>,
}

/// A token, as the header that carries it.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) bearer: HeaderValue,
    renew_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refused {
    error: String,
    error_description: String,
    error_codes: Vec<u32>,
}

impl Tokens {
    pub(crate) fn new(outside: Outside, cloud: &Cloud, app: App, limits: ClientLimits) -> Self {
        let mut endpoint = cloud.login.clone();
        if let Ok(mut path) = endpoint.path_segments_mut() {
            path.pop_if_empty().extend([app.tenant_id.as_str(), "oauth2", "v2.0", "token"]);
        }
        Self { outside, endpoint, scope: scope(&cloud.graph), app, limits, held: Mutex::new(None) }
    }

    /// A token that is valid for a while.
    pub(crate) async fn get(&self) -> Result<Token, GraphError> {
        // Held while fetching: that is what makes it a single flight.
        let mut held = self.held.lock().await;
        let now = self.outside.clock.now();
        if let Some(token) = held.as_ref().filter(|token| now < token.renew_at) {
            return Ok(token.clone());
        }
        // Boxed: every request comes by here, and few fetch.
        match Box::pin(self.fetch()).await {
            Ok(token) => Ok(held.insert(token).clone()),
            Err(error) => match held.as_ref() {
                // Renewal is early, so that Entra may be away for a while without anybody noticing.
                Some(token) if self.outside.clock.now() < token.expires_at => {
                    tracing::warn!(%error, "cannot renew the token yet");
                    Ok(token.clone())
                }
                _ => Err(error),
            },
        }
    }

    /// Forgets a token that Graph refused, unless it was replaced meanwhile.
    pub(crate) async fn refuse(&self, token: &Token) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|held| held.bearer == token.bearer) {
            *held = None;
        }
    }

    async fn fetch(&self) -> Result<Token, GraphError> {
        let mut failed = 0;
        loop {
            let (error, after) = match self.ask().await {
                Ok(answer) if answer.status().is_success() => return self.read(&answer),
                Ok(answer) => {
                    (self.refusal(&answer), retry_after(answer.headers(), self.outside.clock.now()))
                }
                Err(source) => (GraphError::Unreachable { what: self.what(), source }, None),
            };
            failed += 1;
            let wait = after.unwrap_or_else(|| pause(failed, self.outside.chance.bits()));
            let passing = matches!(error.class(), crate::Class::Retry { .. });
            if !passing || failed >= self.limits.tries || wait > self.limits.patience {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
        }
    }

    async fn ask(&self) -> Result<http::Response<Bytes>, TransportError> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.app.client_id)
            .append_pair("scope", &self.scope)
            .append_pair("client_secret", self.app.secret.reveal())
            .append_pair("grant_type", "client_credentials")
            .finish();
        let request = http::Request::post(self.endpoint.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(Bytes::from(form))
            .map_err(|error| TransportError::Refused {
                url: self.endpoint.to_string(),
                why: error.to_string(),
            })?;
        let limits = Limits { deadline: self.limits.timeout, max_body: MAX_ANSWER };
        self.outside.transport.send(request, limits).await
    }

    fn read(&self, answer: &http::Response<Bytes>) -> Result<Token, GraphError> {
        // The reason must not quote the answer, which may hold the token.
        let unreadable = |why: &str| GraphError::Unreadable { what: self.what(), why: why.to_owned() };
        let granted: Granted =
            serde_json::from_slice(answer.body()).map_err(|_| unreadable("it holds no token"))?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", granted.access_token))
            .map_err(|_| unreadable("the token has characters that no header can carry"))?;
        bearer.set_sensitive(true);
        let life = granted.expires_in.clamp(0, 7 * 24 * 3600);
        let margin = MARGIN_SECONDS.min(life / 10);
        let after = |seconds| self.outside.clock.now() + SignedDuration::from_secs(seconds);
        Ok(Token { bearer, renew_at: after(life - margin), expires_at: after(life) })
    }

    fn refusal(&self, answer: &http::Response<Bytes>) -> GraphError {
        let refused: Refused = serde_json::from_slice(answer.body()).unwrap_or_default();
        let status = answer.status();
        let code = refused.error_codes.first().copied().unwrap_or_default();
        let passing = status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS;
        let problem = if passing { TokenProblem::Unavailable } else { problem(code) };
        let code = match (code, refused.error.as_str()) {
            (0, "") => format!("HTTP {}", status.as_u16()),
            (0, error) => error.to_owned(),
            (code, _) => format!("AADSTS{code}"),
        };
        // The first sentence says it; what follows are ids of the request.
        let detail = refused.error_description.split(['\r', '\n']).next().unwrap_or_default();
        let detail = detail.split(" Trace ID").next().unwrap_or_default();
        let detail = detail.strip_prefix(&format!("{code}: ")).unwrap_or(detail);
        let detail = self.app.secret.redact(detail).chars().take(300).collect();
        GraphError::Token { problem, code, detail }
    }

    fn what(&self) -> String {
        format!("fetching a token for application {} of tenant {}", self.app.client_id, self.app.tenant_id)
    }
}

/// The scope that asks for all granted application permissions. Each national cloud has its own ("Graph
/// documentation: national cloud deployments"); a simulated tenant on this machine plays the global one.
fn scope(graph: &Url) -> String {
    let loopback = match graph.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if loopback {
        return "https://graph.microsoft.com/.default".to_owned();
    }
    format!("{}/.default", graph.origin().ascii_serialization())
}

/// "Microsoft Entra authentication and authorization error codes".
fn problem(code: u32) -> TokenProblem {
    match code {
        7_000_215 => TokenProblem::WrongSecret,
        7_000_222 => TokenProblem::ExpiredSecret,
        700_016 => TokenProblem::UnknownApp,
        90_002 | 900_021 | 900_023 => TokenProblem::UnknownTenant,
        7_000_112 => TokenProblem::DisabledApp,
        1_002_012 | 70_011 | 500_011 => TokenProblem::BadScope,
        _ => TokenProblem::Refused,
    }
}
