//! Finding what we made by the key that we gave it.

use crate::transport::address::quoted;
use crate::transport::call::IMMUTABLE_ID;
use crate::wire::id;
use crate::wire::property;
use crate::wire::task::TaskWire;
use crate::{GraphError, Mailbox, Remote};
use serde::Deserialize;
use tandem_model::{GraphId, Kind};

/// What a search by extended property answers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Hit {
    id: String,
    created_date_time: Option<String>,
    single_value_extended_properties: Option<Vec<property::Property>>,
}

impl Mailbox {
    /// The item that was created with this key, in the default calendar, in any contact folder, in any To Do list.
    /// Should there be several, the first that was made. Messages have no keys.
    pub async fn find_by_key(&self, kind: Kind, key: &str) -> Result<Option<Remote>, GraphError> {
        match kind {
            Kind::Mail => Ok(None),
            Kind::Task => self.find_task(key).await,
            Kind::Appointment | Kind::Absence => self.find_marked(kind, &["events"], key).await,
            Kind::Contact => {
                for folder in self.contact_folders().await? {
                    let found =
                        self.find_marked(kind, &["contactFolders", &folder.id, "contacts"], key).await?;
                    if found.is_some() {
                        return Ok(found);
                    }
                }
                Ok(None)
            }
        }
    }

    /// The event with this iCalUId in the default calendar: the mailbox's copy of a meeting, whoever called it. That
    /// `iCalUId` can be filtered by is no page of the reference but a thread of its authors (microsoft-graph-docs #6247).
    pub async fn find_by_ical_uid(&self, uid: &str) -> Result<Option<Remote>, GraphError> {
        let filter = format!("iCalUId eq {}", quoted(uid));
        let query = [("$filter", filter.as_str()), ("$select", "id,createdDateTime")];
        let call =
            self.get(&["events"], &query, &format!("looking for the meeting {uid}")).prefer(IMMUTABLE_ID);
        let hits = self.all(call).await?;
        self.read_first_made(Kind::Appointment, hits).await
    }

    /// The one of these that was made first; none of none.
    async fn read_first_made(&self, kind: Kind, hits: Vec<Hit>) -> Result<Option<Remote>, GraphError> {
        let first =
            hits.into_iter().min_by(|a, b| (&a.created_date_time, &a.id).cmp(&(&b.created_date_time, &b.id)));
        let Some(hit) = first else { return Ok(None) };
        self.read(kind, &id(&hit.id), None).await
    }

    async fn find_marked(&self, kind: Kind, path: &[&str], key: &str) -> Result<Option<Remote>, GraphError> {
        let property = quoted(&property::id(property::KEY));
        let filter = format!(
            "singleValueExtendedProperties/Any(ep: ep/id eq {property} and ep/value eq {})",
            quoted(key)
        );
        // A list filtered by a property does not show it unless it is expanded.
        let expand = format!("singleValueExtendedProperties($filter=id eq {property})");
        let query = [("$filter", filter.as_str()), ("$expand", &expand), ("$select", "id,createdDateTime")];
        let call = self.get(path, &query, &format!("looking for {kind} with key {key}")).prefer(IMMUTABLE_ID);
        let mut hits: Vec<Hit> = self.all(call).await?;
        // The service compares values without regard to case.
        hits.retain(|hit| {
            property::key(hit.single_value_extended_properties.as_ref()).is_none_or(|found| found == key)
        });
        let mut found = self.read_first_made(kind, hits).await?;
        if let Some(found) = &mut found {
            found.facts.key.get_or_insert_with(|| key.to_owned());
        }
        Ok(found)
    }

    /// Tasks have no extended properties, and no filter on extensions is documented for them: all lists are read. It
    /// happens after a create without a clear answer only.
    async fn find_task(&self, key: &str) -> Result<Option<Remote>, GraphError> {
        let expand = format!("extensions($filter=id eq '{}')", property::EXTENSION);
        let mut hits: Vec<(Option<String>, GraphId, String)> = Vec::new();
        for list in self.task_lists().await?.into_iter().filter(|list| list.writable) {
            let query = [("$expand", expand.as_str()), ("$top", "100")];
            let doing = format!("looking for task with key {key}");
            let tasks: Vec<TaskWire> =
                self.all(self.get(&["todo", "lists", &list.id, "tasks"], &query, &doing)).await?;
            let tasks = tasks.into_iter().filter(|task| task.key().as_deref() == Some(key));
            hits.extend(tasks.map(|task| (task.created_date_time.clone(), id(&task.id), list.id.clone())));
        }
        hits.sort();
        let Some((_, id, list)) = hits.first() else { return Ok(None) };
        self.read(Kind::Task, id, Some(list)).await
    }
}
