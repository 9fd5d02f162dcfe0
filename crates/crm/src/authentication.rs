//! Who may speak, and for whom (`forms.xml`, `authentication`; setup guide, step 3).

use crate::password::Passwords;
use crate::storage::{Author, Storage, StorageError};
use crate::sync::{Actor, Known, Unaccepted, find_impersonated};
use crate::token;
use tandem_crm_interface::session::{CLIENT_TYPE, Session, Token};
use tandem_groupware::Rules;

/// Who speaks.
#[derive(Debug, Clone)]
pub(crate) enum Speaker {
    /// A user with the administrator's rights.
    Administrator(Author),
    /// A connector in the name of a rep.
    Rep(Box<Actor>),
}

/// Why a session is refused: 401.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// A stable word.
    pub reason: &'static str,
    /// In plain words.
    pub text: String,
}

/// Why there is no speaker.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Refused),
    Storage(StorageError),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

fn refused<T>(reason: &'static str, text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Refused(Refused { reason, text: text.into() }))
}

/// The login of a session, proved by its password or its token.
async fn login(passwords: &Passwords, rules: &Rules, session: &Session) -> Result<String, Failure> {
    let Some(token) = &session.token else {
        if rules.switches.force_login_encryption {
            let text = "logins must be encrypted here (Force login encryption): send a token as \"auth\"";
            return refused("login-unencrypted", text);
        }
        if !passwords.check(&session.user, &session.password).await? {
            return refused("login-unknown", "user or password is wrong");
        }
        return Ok(session.user.clone());
    };
    let token = match Token::read(token) {
        Ok(token) => token,
        Err(error) => return refused("token-unreadable", error.to_string()),
    };
    match passwords.check_token(&token).await? {
        Ok(()) => Ok(token.user),
        Err(token::Unaccepted::Forged) => {
            refused("login-unknown", "the token was not made with the login's password")
        }
        Err(token::Unaccepted::Stale) => {
            let text = "the token is not from the last two minutes, or from before the CRM started: make a new \
                            one, and look at the clocks";
            refused("token-stale", text)
        }
        Err(token::Unaccepted::Used) => {
            refused("token-used", "the token was used before: make a new one for each request")
        }
    }
}

/// Checks a session. The login comes first, so that nobody without one learns who exists.
pub(crate) async fn authenticate(
    storage: &Storage,
    passwords: &Passwords,
    rules: &Rules,
    known: &Known,
    session: &Session,
) -> Result<Speaker, Failure> {
    if session.domain.is_some() {
        let text = "a single sign-on (domain) needs a web server before the CRM that vouches for the user; there is none";
        return refused("domain-untrusted", text);
    }
    let login = login(passwords, rules, session).await?;
    // Whoever impersonates is a master user; without a client type, the connector's.
    let impersonates = !session.impersonate.is_empty();
    let client = session.client.as_deref().or(impersonates.then_some(CLIENT_TYPE));
    let Some(client) = client else {
        if session.principal.is_some() {
            let text = "a session that names a principal must name its client type, such as GraphApi";
            return refused("client-unknown", text);
        }
        return Ok(Speaker::Administrator(Author { principal: login, client: String::new() }));
    };
    let Some(master) = rules.forms.authentication.master_user(client) else {
        let text = format!(
            "forms.xml names no master user for the client type \"{client}\": add a masterUser entry"
        );
        return refused("client-unknown", text);
    };
    if master.login != login {
        let text = format!(
            "forms.xml names \"{}\" as master user of the client type \"{client}\", not \"{}\"",
            master.login, login
        );
        return refused("master-user", text);
    }
    let given = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.trim().is_empty());
    for name in &master.required {
        let (present, reason) = match name.as_str() {
            "Principal" => (given(&session.principal) || impersonates, "principal-missing"),
            "ClientID" => (given(&session.client_id), "client-id-missing"),
            _ => (false, "login-value-unknown"),
        };
        if !present {
            return refused(
                reason,
                format!("the session lacks \"{name}\", which forms.xml asks for in login=\"…\""),
            );
        }
    }
    if impersonates { impersonated(storage, session).await } else { rep(storage, known, session).await }
}

/// The first of those named by `impersonate` who can log in (administrator guide of CRM.interface, *Impersonation*).
async fn impersonated(storage: &Storage, session: &Session) -> Result<Speaker, Failure> {
    let (named, client) = (session.impersonate.clone(), session.client_id.clone().unwrap_or_default());
    let found = storage.read(move |reading| {
        for named in &named {
            if let Ok(actor) = find_impersonated(reading, named, &client)? {
                return Ok(Some(actor));
            }
        }
        Ok(None)
    });
    match found.await? {
        Some(actor) => Ok(Speaker::Rep(Box::new(actor))),
        None => refused("principal-unknown", "none of those named by \"impersonate\" is an active rep"),
    }
}

async fn rep(storage: &Storage, known: &Known, session: &Session) -> Result<Speaker, Failure> {
    let principal = session.principal.clone().unwrap_or_default();
    let client = session.client_id.clone().unwrap_or_default();
    if principal.trim().is_empty() {
        return refused(
            "principal-missing",
            "a master session acts for a rep; it names none as \"Principal\"",
        );
    }
    let (wanted, known) = (principal.clone(), known.clone());
    match storage.read(move |reading| known.actor(reading, wanted.trim(), &client)).await? {
        Ok(actor) => Ok(Speaker::Rep(Box::new(actor))),
        Err(Unaccepted::Unknown) => refused(
            "principal-unknown",
            format!("no rep, or more than one, has the login or e-mail address \"{principal}\""),
        ),
        Err(Unaccepted::Inactive) => {
            refused("principal-inactive", format!("the rep \"{principal}\" is inactive"))
        }
        Err(Unaccepted::NoRight) => refused(
            "principal-without-right",
            format!(
                "the right of the rep \"{principal}\" lacks GroupwareConnector: give it to his right, or give him another right"
            ),
        ),
    }
}
