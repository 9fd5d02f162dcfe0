//! Answers larger than the client reads: the real network against a socket of this machine that answers by a script.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tandem_crm_interface::client::{CrmClient, CrmError, Endpoint, Master};
use tandem_crm_interface::language::{Action, Query};
use tandem_crm_interface::session::Secret;
use tandem_outside::{Network, SystemChance, TransportError};

/// The most that the client reads of an answer.
const LIMIT: usize = 64 << 20;

/// A client of an interface that answers one request with `head`, and then `part` until the client leaves, at most
/// `times`. Tells the request that it read, and how much it got rid of.
fn against(head: &'static str, part: Vec<u8>, times: usize) -> (CrmClient, Receiver<(String, usize)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/CRMinterface/xml", listener.local_addr().unwrap()).parse().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 64 << 10];
        let length = stream.read(&mut request).unwrap();
        let mut sent = 0;
        if stream.write_all(head.as_bytes()).is_ok() {
            while sent < times * part.len() && stream.write_all(&part).is_ok() {
                sent += part.len();
            }
        }
        // Nobody listens any more when the test has failed.
        let _ = tell.send((String::from_utf8_lossy(&request[..length]).into_owned(), sent));
    });
    let transport = Arc::new(Network::new().unwrap());
    let master = Master { user: "OCSU".into(), password: Secret::new("s3cret") };
    let deadline = Duration::from_secs(120);
    (CrmClient::admin(transport, Arc::new(SystemChance), Endpoint { url }, master, deadline), told)
}

async fn error(client: &CrmClient) -> CrmError {
    let request = client.request([Action::Query(Query::all("Rep"))]);
    client.execute(&request).await.unwrap_err()
}

fn is_too_large(error: &CrmError) -> bool {
    matches!(error, CrmError::Transport(TransportError::TooLarge { limit: LIMIT, .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_left_at_the_limit() {
    let chunk = [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ntransfer-encoding: chunked\r\n\r\n";
    let (client, told) = against(head, chunk, 1_000);
    let error = error(&client).await;
    assert!(is_too_large(&error), "{error}");
    assert!(error.to_string().contains("67108864"), "the limit is named: {error}");
    // What was on its way when the client left is in the buffers of the system.
    let (_, sent) = told.recv().unwrap();
    assert!(sent < 2 * LIMIT, "it read on: {sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announced_giant_is_not_waited_for() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 67108865\r\n\r\n";
    let (client, _told) = against(head, Vec::new(), 0);
    assert!(is_too_large(&error(&client).await));
}

/// A bomb unfolds only for those who unfold. This client cannot: it asks for no compressed form, and takes one that
/// comes nevertheless for what it is, bytes that are no document.
#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_answer_is_not_unfolded() {
    let document = format!("<root><response><query>{}</query></response></root>", " ".repeat(900));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\n\r\n";
    let (client, _told) = against(head, document.into_bytes(), 1);
    client.execute(&client.request([Action::Query(Query::all("Rep"))])).await.unwrap();

    // The same document, folded by gzip.
    let folded = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\x29\xca\xcf\x2f\xb1\xb3\x29\x4a\x2d\x2e\xc8\xcf\x2b\x4e\xb5\xb3\x29\x2c\x4d\x2d\xaa\xb4\x53\x18\x05\xa3\x60\x14\x0c\x28\xb0\xd1\x87\xe4\x45\x1b\x7d\x44\xee\xd4\x07\x67\x57\x00\x00\x0a\xd5\xef\xb5\x03\x00\x00".to_vec();
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n";
    let (client, told) = against(head, folded, 1);
    let error = error(&client).await;
    assert!(matches!(error, CrmError::Answer { .. }), "{error}");
    let (request, _) = told.recv().unwrap();
    assert!(!request.to_ascii_lowercase().contains("accept-encoding"), "{request}");
}
