//! Collections that come in pages.

use crate::GraphError;
use crate::transport::Connection;
use crate::transport::call::Call;
use crate::transport::gate::Gate;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One page of a collection.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    #[serde(default = "Vec::new")]
    pub(crate) value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    pub(crate) next: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    pub(crate) delta: Option<String>,
}

/// More pages than any mailbox or directory has: a service that links in a circle must not hold us for ever.
const MOST_PAGES: usize = 100_000;

/// All entries of a collection. `call` asks for the first page; its preferences go along to all.
pub(crate) async fn all<T: DeserializeOwned>(
    connection: &Connection,
    gate: Option<&Gate>,
    mut call: Call,
) -> Result<Vec<T>, GraphError> {
    let mut entries = Vec::new();
    for _ in 0..MOST_PAGES {
        let page: Page<T> = connection.send(gate, call.clone()).await?.json()?;
        entries.extend(page.value);
        match page.next {
            Some(next) => call.url = connection.link(&next, &call.what)?,
            None => return Ok(entries),
        }
    }
    Err(GraphError::Unreadable { what: call.what, why: "the collection does not end".into() })
}
