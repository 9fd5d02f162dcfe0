//! The CRM, as queries of CRM.interface show it to an administrator.

use crate::tenant::refused;
use crate::{AuditError, Element, escape};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tandem_outside::{Limits, Network, Transport};

const SIDE: &str = "CRM";
const LIMITS: Limits = Limits { deadline: Duration::from_secs(60), max_body: 256 << 20 };
/// Records asked for at a time.
const PAGE: usize = 500;

/// Where the CRM is, and who asks.
#[derive(Clone)]
pub struct CrmAccess {
    /// Address of CRM.interface, as it ends in `/CRMinterface/xml`.
    pub interface: String,
    /// Login.
    pub user: String,
    /// Password; shown nowhere.
    pub password: String,
}

impl fmt::Debug for CrmAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrmAccess")
            .field("interface", &self.interface)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// A record as a query answers it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Info area, such as `MA`.
    pub area: String,
    /// Record id without the info area.
    pub id: String,
    /// Fields by their XML names.
    pub fields: BTreeMap<String, String>,
}

impl Record {
    /// The record's name, such as `MA:1042`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.area, self.id)
    }

    /// A field, trimmed; empty when the record has none of that name.
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", |value| value.trim())
    }

    /// A logical field.
    pub fn is(&self, field: &str) -> bool {
        matches!(self.get(field), "true" | "1")
    }
}

/// Where the tables of a CRM are read.
pub trait Tables {
    /// All records of a table with all their fields, ordered by record id; those that hang on others among them.
    fn all(&self, table: &str) -> impl Future<Output = Result<Vec<Record>, AuditError>> + Send;
}

impl Tables for CrmSession {
    fn all(&self, table: &str) -> impl Future<Output = Result<Vec<Record>, AuditError>> + Send {
        Self::all(self, table)
    }
}

/// An ordinary session: no client type, no principal.
#[derive(Clone)]
pub struct CrmSession {
    access: CrmAccess,
    transport: Arc<dyn Transport>,
}

impl CrmSession {
    /// A session over the real network.
    pub fn new(access: CrmAccess) -> Result<Self, AuditError> {
        Ok(Self::over(access, Arc::new(Network::new()?)))
    }

    /// A session over a network of the caller's.
    pub fn over(access: CrmAccess, transport: Arc<dyn Transport>) -> Self {
        Self { access, transport }
    }

    /// All records of a table with all their fields, ordered by record id.
    pub async fn all(&self, table: &str) -> Result<Vec<Record>, AuditError> {
        self.those(table, "").await
    }

    /// The same of those records that meet a condition, which is a `condition` element.
    pub async fn those(&self, table: &str, condition: &str) -> Result<Vec<Record>, AuditError> {
        let mut records: Vec<Record> = Vec::new();
        loop {
            let query = format!(
                r#"<query><tables><table tablename="{table}" allfields="true" maxrecords="{PAGE}" skip="{}"/></tables>{condition}</query>"#,
                records.len()
            );
            let page = records_of(self.send(&format!("query {table}"), &query).await?);
            let complete = page.len() < PAGE;
            records.extend(page);
            if complete {
                records.sort_by_key(|record| record.id.parse::<i64>().unwrap_or(i64::MAX));
                return Ok(records);
            }
        }
    }

    /// How many times records were written since the CRM exists; the number tells whether anybody wrote in between.
    pub async fn writes(&self) -> Result<u64, AuditError> {
        let root = self.send("the number of writes", "<nop/>").await?;
        Ok(root.attribute("writes").parse().unwrap_or(0))
    }

    /// Sends commands in one request. An error in the answer to any of them is an error of the whole.
    pub async fn send(&self, what: &str, commands: &str) -> Result<Element, AuditError> {
        let body = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><request user="{}" pwd="{}">{commands}</request>"#,
            escape(&self.access.user),
            escape(&self.access.password)
        );
        let message = http::Request::post(&self.access.interface)
            .header(http::header::CONTENT_TYPE, "text/xml; charset=utf-8")
            .body(Bytes::from(body))
            .map_err(|error| AuditError::Address {
                side: SIDE,
                url: self.access.interface.clone(),
                why: error.to_string(),
            })?;
        let answer = self
            .transport
            .send(message, LIMITS)
            .await
            .map_err(|source| AuditError::Away { side: SIDE, source })?;
        if !answer.status().is_success() {
            return Err(refused(SIDE, what.to_owned(), &answer));
        }
        let body = answer.body();
        let text = std::str::from_utf8(body)
            .map_or_else(|_| String::from_utf8_lossy(body), std::borrow::Cow::Borrowed);
        let root =
            Element::parse(&text).map_err(|source| AuditError::Xml { request: what.to_owned(), source })?;
        let failed = root.find(&|element| element.name == "return" && element.attribute("type") == "error");
        match failed {
            Some(error) => Err(AuditError::Crm {
                request: what.to_owned(),
                code: told(error, "ecode"),
                text: told(error, "etext"),
            }),
            None => Ok(root),
        }
    }
}

fn told(error: &Element, name: &str) -> String {
    error.children.iter().find(|child| child.name == name).map(|child| child.text.clone()).unwrap_or_default()
}

/// The records in an answer: elements with `tableshort` and `id`, wherever they stand, each before those inside it.
pub(crate) fn records_of(root: Element) -> Vec<Record> {
    let mut records = Vec::new();
    gather(root, &mut records);
    records
}

fn gather(mut element: Element, records: &mut Vec<Record>) {
    let [area, id] = ["tableshort", "id"].map(|name| element.attributes.remove(name).unwrap_or_default());
    if area.is_empty() || id.is_empty() {
        element.children.into_iter().for_each(|child| gather(child, records));
        return;
    }
    let (inner, fields): (Vec<Element>, Vec<Element>) =
        element.children.into_iter().partition(|child| !child.attribute("tableshort").is_empty());
    let fields = fields.into_iter().map(|child| (child.name, child.text)).collect();
    records.push(Record { area, id, fields });
    inner.into_iter().for_each(|child| gather(child, records));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_at_any_depth() {
        let root = Element::parse(
            "<response><query><Contact tableshort='MA' id='7'><Subject>a</Subject><Participant tableshort='MB' id='8'><Name>b</Name></Participant></Contact></query></response>",
        )
        .unwrap();
        let records = records_of(root);
        assert_eq!(records.iter().map(Record::name).collect::<Vec<_>>(), ["MA:7", "MB:8"]);
        assert_eq!(records[0].get("Subject"), "a");
        assert_eq!(records[1].get("Name"), "b");
    }

    #[test]
    fn the_password_is_not_shown() {
        let access = CrmAccess { interface: "http://x".into(), user: "u".into(), password: "hush".into() };
        assert!(!format!("{access:?}").contains("hush"));
    }
}
