//! Collections that come in pages.

use crate::transport::Connection;
use crate::transport::call::Call;
use crate::transport::gate::Gate;
use crate::{GraphError, Trail};
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

/// All pages together may be so many times as large as one: what is held here is a list of folders or of people.
const PAGES_TOGETHER: usize = 4;

/// All entries of a collection. `call` asks for the first page; its preferences go along to all. The largest answer
/// that it names is the largest of all pages together. Either everything is answered, or an error.
pub(crate) async fn all<T: DeserializeOwned>(
    connection: &Connection,
    gate: Option<&Gate>,
    mut call: Call,
) -> Result<Vec<T>, GraphError> {
    let most = connection.limits.max_body;
    let mut left = call.max_body.unwrap_or(most.saturating_mul(PAGES_TOGETHER));
    let page_limit = call.max_body.unwrap_or(most);
    let mut trail = Trail::new(&call.what);
    let mut entries = Vec::new();
    loop {
        call.max_body = Some(left.min(page_limit));
        let reply = Box::pin(connection.send(gate, call.clone())).await?;
        left = left.saturating_sub(reply.body.len());
        let page: Page<T> = reply.json()?;
        entries.extend(page.value);
        let Some(next) = page.next else { return Ok(entries) };
        call.url = connection.link(&next, &call.what)?;
        trail.follow(&call.url)?;
    }
}
