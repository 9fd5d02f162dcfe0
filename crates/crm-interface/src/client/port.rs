//! CRM.interface behind the connector's port: commands become SyncML, status codes become outcomes.

use super::{CrmClient, CrmError};
use crate::sync::{Answer, Command, ContentType, Status, StatusCode};
use async_trait::async_trait;
use std::collections::BTreeMap;
use tandem_crm_port as port;
use tandem_crm_port::{CrmPort, ErrorClass, ForeignKey, Outcome, PortError, Rep};
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, Kind, RecordId};

#[async_trait]
impl CrmPort for CrmClient {
    async fn reps(&self) -> Result<Vec<Rep>, PortError> {
        Ok(CrmClient::reps(self).await?)
    }

    async fn sync(&self, rep: &str, commands: Vec<port::Command>) -> Result<Vec<port::Answer>, PortError> {
        let commands = commands.into_iter().map(Command::from).collect();
        let answers = CrmClient::sync(self, rep, commands).await?;
        Ok(answers.into_iter().map(port::Answer::from).collect())
    }

    async fn records_by_key(
        &self,
        kind: Kind,
        keys: &[String],
    ) -> Result<BTreeMap<String, RecordId>, PortError> {
        Ok(CrmClient::records_by_key(self, ContentType::from(kind), keys).await?)
    }

    async fn knows(&self, rep: &str, address: &EmailAddress) -> Result<bool, PortError> {
        Ok(CrmClient::knows(self, rep, address).await?)
    }

    async fn fields(&self, rep: &str) -> Result<Mapping, PortError> {
        Ok(CrmClient::fields(self, rep).await?)
    }

    async fn foreign_keys(&self, rep_id: &str, kind: Kind) -> Result<Vec<ForeignKey>, PortError> {
        Ok(CrmClient::foreign_keys(self, rep_id, ContentType::from(kind)).await?)
    }
}

impl From<CrmError> for PortError {
    fn from(error: CrmError) -> Self {
        let class = if error.is_transient() {
            ErrorClass::Transient
        } else if error.is_denied() {
            ErrorClass::Denied
        } else {
            ErrorClass::Protocol
        };
        PortError::new(class, error)
    }
}

impl From<port::Command> for Command {
    fn from(command: port::Command) -> Self {
        match command {
            port::Command::Changes { kind, since, window, limit } => {
                Command::Changes { content_type: ContentType::from(kind), since, window, limit }
            }
            port::Command::Add { key, item, published } => Command::Add { key, item, published },
            port::Command::Replace { record, item, fields, if_stamp } => {
                Command::Replace { record, item, fields, if_stamp }
            }
            port::Command::Participation { record, address, response } => {
                Command::Participation { record, address, response }
            }
            port::Command::Delete { record, kind, if_stamp } => {
                Command::Delete { record, content_type: ContentType::from(kind), if_stamp }
            }
            port::Command::Map { record, kind, key } => {
                Command::Map { record, content_type: ContentType::from(kind), key }
            }
            port::Command::Get { record, kind } => {
                Command::Get { record, content_type: ContentType::from(kind) }
            }
        }
    }
}

impl From<Answer> for port::Answer {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Changes(page) => port::Answer::Changes(page),
            Answer::Record(current) => port::Answer::Record(current),
            Answer::Status(status) => port::Answer::Status(status.into()),
            // No command of the port is answered so.
            Answer::Fields(_) => port::Answer::Status(Status::new(StatusCode::SERVER_FAILURE).into()),
        }
    }
}

impl From<Status> for port::Status {
    fn from(status: Status) -> Self {
        let Status { code, record, stamp, item, reason, text, notes } = status;
        let text = text.or_else(|| (!code.is_success()).then(|| format!("the CRM answers {}", code.0)));
        Self { outcome: Outcome::from(code), record, stamp, item, reason, text, notes }
    }
}

impl From<StatusCode> for Outcome {
    fn from(code: StatusCode) -> Self {
        match code {
            StatusCode::ADDED => Outcome::Added,
            StatusCode::ALREADY_THERE => Outcome::AlreadyThere,
            StatusCode::NOT_DELETED => Outcome::NotDeleted,
            StatusCode::CONFLICT => Outcome::Conflict,
            StatusCode::NOT_FOUND => Outcome::NotFound,
            StatusCode::FORBIDDEN => Outcome::Forbidden,
            StatusCode::INCOMPLETE => Outcome::Incomplete,
            StatusCode::REFRESH_REQUIRED => Outcome::AnchorUnknown,
            code if code.is_success() => Outcome::Done,
            _ => Outcome::Failed,
        }
    }
}
