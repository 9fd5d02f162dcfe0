//! Graph's answers, as the connector's client reads them.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tandem_graph::{App, AttachmentLimits, ClientLimits, Cloud, Collection, Graph, Outside, Secret, Window};
use tandem_model::{Document, GraphId, Kind, MailboxId};
use tandem_outside::{Chance, Clock, Limits, Transport, TransportError};
use url::Url;

const TOKEN: &[u8] = br#"{"token_type": "Bearer", "expires_in": 3599, "access_token": "t"}"#;

/// A service that grants a token and answers everything else with the same bytes.
struct Parrot {
    body: Bytes,
    status: u16,
}

#[async_trait]
impl Transport for Parrot {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let token = request.uri().path().ends_with("/token");
        assert!(token || request.uri().host() == Some("graph.microsoft.com"), "{}", request.uri());
        if !token && self.body.len() > limits.max_body {
            return Err(TransportError::TooLarge { url: String::new(), limit: limits.max_body });
        }
        let mut response =
            http::Response::new(if token { Bytes::from_static(TOKEN) } else { self.body.clone() });
        *response.status_mut() =
            http::StatusCode::from_u16(if token { 200 } else { self.status }).unwrap_or_default();
        Ok(response)
    }
}

impl Clock for Parrot {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

impl Chance for Parrot {
    fn bits(&self) -> u64 {
        0
    }
}

/// Everything that the client reads, with one answer.
pub(crate) fn answers(bytes: &[u8]) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    runtime.block_on(async {
        for status in [200, 400] {
            if let Some(graph) = client(bytes, status) {
                read_all(&graph).await;
            }
        }
    });
}

fn client(bytes: &[u8], status: u16) -> Option<Graph> {
    let parrot = Arc::new(Parrot { body: Bytes::copy_from_slice(bytes), status });
    let outside = Outside { transport: parrot.clone(), clock: parrot.clone(), chance: parrot };
    let cloud = Cloud {
        login: Url::parse("https://login.microsoftonline.com").ok()?,
        graph: Url::parse("https://graph.microsoft.com").ok()?,
    };
    let app = App { tenant_id: "t".into(), client_id: "c".into(), secret: Secret::new("s") };
    let limits = ClientLimits { tries: 1, patience: Duration::ZERO, ..ClientLimits::default() };
    Some(Graph::new(outside, cloud, app, limits))
}

async fn read_all(graph: &Graph) {
    let mailbox = graph.mailbox(&MailboxId::new("ann"));
    let window = Window { from: Timestamp::UNIX_EPOCH, to: Timestamp::MAX };
    for collection in [
        Collection::MailFolder("f".into()),
        Collection::Calendar(window),
        Collection::TaskList("l".into()),
        Collection::ContactFolder("f".into()),
    ] {
        let _ = mailbox.delta(&collection, None).await;
    }
    for kind in [Kind::Mail, Kind::Appointment, Kind::Absence, Kind::Contact] {
        if let Ok(Some(remote)) = mailbox.read(kind, &GraphId::new("i"), None).await {
            let again = Document::of(&remote.item).item(remote.item.kind());
            assert!(again.is_ok(), "what was read can be stored: {again:?}");
        }
    }
    let limits = AttachmentLimits { each: 1 << 20, total: 1 << 21 };
    let _ = mailbox.attachments(&GraphId::new("m"), limits).await;
}
