//! Requests larger than the CRM reads, and such as would unfold to more than they are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use crate::support::Crm;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most that the CRM reads of a request.
const LIMIT: usize = 64 << 20;

/// Sends the head of a request and then `part` until the CRM answers, at most `times`; answers what it said and how
/// much was sent.
async fn told(crm: &Crm, head: &str, part: &[u8], times: usize) -> (String, usize) {
    let stream = TcpStream::connect(crm.address()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let head = format!("POST /CRMinterface/xml HTTP/1.1\r\nhost: {}\r\n{head}\r\n\r\n", crm.address());
    writing.write_all(head.as_bytes()).await.unwrap();
    let mut sent = 0;
    let send = async {
        while sent < times * part.len() && writing.write_all(part).await.is_ok() {
            sent += part.len();
        }
        // What was sent is the whole request, or nobody reads any more: either way there is an answer, or none at all.
        std::future::pending::<()>().await;
    };
    let read = async {
        let mut answer = vec![0; 4096];
        let length = reading.read(&mut answer).await.unwrap_or(0);
        String::from_utf8_lossy(&answer[..length]).into_owned()
    };
    let answer = tokio::select! {
        () = send => String::new(),
        answer = tokio::time::timeout(Duration::from_secs(60), read) => answer.expect("no answer"),
    };
    (answer, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_larger_than_the_limit_is_refused() {
    let crm = Crm::start().await;
    let head = format!("content-type: text/xml\r\ncontent-length: {}", 1_000 << 20);
    let (answer, sent) = told(&crm, &head, &vec![b' '; 1 << 20], 1_000).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(sent < 2 * LIMIT, "it read on: {sent}");

    let chunk = [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    let head = "content-type: text/xml\r\ntransfer-encoding: chunked";
    let (answer, sent) = told(&crm, head, &chunk, 1_000).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
    // What was on its way when the CRM had enough is in the buffers of the system.
    assert!(sent < 2 * LIMIT, "it read on: {sent}");

    assert!(crm.all("Rep").await.is_empty(), "it serves on");
    crm.stop().await;
}

/// The CRM unfolds nothing: compressed bytes are no document.
#[tokio::test]
async fn a_compressed_request_is_not_unfolded() {
    let crm = Crm::start().await;
    let head = "content-type: text/xml\r\ncontent-encoding: gzip\r\ncontent-length: 4";
    let (answer, _) = told(&crm, head, &[0x1f, 0x8b, 8, 0], 1).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    crm.stop().await;
}
