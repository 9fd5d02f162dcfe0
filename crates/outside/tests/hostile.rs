//! Servers that mean harm: the real network against a socket on this machine that answers by a script.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use bytes::Bytes;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tandem_outside::{Limits, Network, Transport, TransportError};

/// A server that answers every connection with these bytes, the last part again and again until the client leaves.
fn server(head: String, again: &'static [u8]) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(head.as_bytes());
            while !again.is_empty() && stream.write_all(again).is_ok() {}
        }
    });
    (address, asked)
}

async fn get(address: SocketAddr) -> Result<http::Response<Bytes>, TransportError> {
    let limits = Limits { deadline: Duration::from_secs(20), max_body: 100_000 };
    let request = http::Request::get(format!("http://{address}/x?token=secret")).body(Bytes::new()).unwrap();
    Network::new().unwrap().send(request, limits).await
}

#[tokio::test]
async fn a_redirect_is_answered_and_not_followed() {
    let (elsewhere, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".into(), b"");
    let head = format!("HTTP/1.1 302 Found\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let (address, _) = server(head, b"");
    assert_eq!(get(address).await.unwrap().status(), 302);
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody went there");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_at_the_limit() {
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let (address, _) = server(endless.into(), b"5\r\nhello\r\n");
    let error = get(address).await.unwrap_err();
    assert!(matches!(error, TransportError::TooLarge { limit: 100_000, .. }), "{error}");
    assert!(!error.to_string().contains("secret"));
    let (address, _) = server("HTTP/1.1 200 OK\r\n\r\n".into(), b"hello");
    assert!(matches!(get(address).await, Err(TransportError::TooLarge { .. })));
}

#[tokio::test]
async fn headers_without_end_are_an_error() {
    let (address, _) = server("HTTP/1.1 200 OK\r\n".into(), b"x-more: and more\r\n");
    assert!(matches!(get(address).await, Err(TransportError::Broken { .. })));
}

#[tokio::test]
async fn an_announced_giant_is_not_waited_for() {
    let (address, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n".into(), b"");
    assert!(matches!(get(address).await, Err(TransportError::TooLarge { .. })));
}

#[tokio::test]
async fn a_compressed_answer_stays_as_small_as_it_came() {
    // A bomb unfolds only for those who unfold: nothing is asked for in compressed form, and nothing is unfolded.
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\u{1}\u{2}\u{3}\u{4}";
    let (address, _) = server(head.into(), b"");
    assert_eq!(get(address).await.unwrap().into_body(), Bytes::from_static(&[1, 2, 3, 4]));
}

#[tokio::test]
async fn a_line_break_in_a_header_is_not_sent() {
    let value = http::HeaderValue::from_str("x\r\nInjected: yes");
    assert!(value.is_err(), "the type of headers does not hold it");
    let uri = "http://127.0.0.1:1/\r\nInjected: yes".parse::<http::Uri>();
    assert!(uri.is_err(), "nor does the type of addresses");
}
