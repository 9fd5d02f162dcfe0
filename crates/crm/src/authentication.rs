//! Who may speak, and for whom (`forms.xml`, `authentication`; setup guide, step 3).

use crate::password::Passwords;
use crate::storage::{Author, Storage, StorageError};
use crate::sync::{Actor, Unaccepted, find};
use tandem_crm_interface::session::Session;
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

/// Checks a session. The password comes first, so that nobody without one learns who exists.
pub(crate) async fn authenticate(
    storage: &Storage,
    passwords: &Passwords,
    rules: &Rules,
    session: &Session,
) -> Result<Speaker, Failure> {
    if !passwords.check(&session.user, &session.password).await? {
        return refused("login-unknown", "user or password is wrong");
    }
    let Some(client) = &session.client else {
        if session.principal.is_some() {
            let text = "a session that names a principal must name its client type, such as GraphApi";
            return refused("client-unknown", text);
        }
        return Ok(Speaker::Administrator(Author { principal: session.user.clone(), client: String::new() }));
    };
    let Some(master) = rules.forms.authentication.master_user(client) else {
        let text = format!(
            "forms.xml names no master user for the client type \"{client}\": add a masterUser entry"
        );
        return refused("client-unknown", text);
    };
    if master.login != session.user {
        let text = format!(
            "forms.xml names \"{}\" as master user of the client type \"{client}\", not \"{}\"",
            master.login, session.user
        );
        return refused("master-user", text);
    }
    let given = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.trim().is_empty());
    for name in &master.required {
        let (present, reason) = match name.as_str() {
            "Principal" => (given(&session.principal), "principal-missing"),
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
    rep(storage, session).await
}

async fn rep(storage: &Storage, session: &Session) -> Result<Speaker, Failure> {
    let principal = session.principal.clone().unwrap_or_default();
    let client = session.client_id.clone().unwrap_or_default();
    if principal.trim().is_empty() {
        return refused(
            "principal-missing",
            "a master session acts for a rep; it names none as \"Principal\"",
        );
    }
    let wanted = principal.clone();
    match storage.read(move |reading| find(reading, wanted.trim(), &client)).await? {
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
