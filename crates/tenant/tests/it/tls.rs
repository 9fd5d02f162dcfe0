//! HTTPS: who trusts the authority gets in, others do not, and bad files are named.

use crate::support::{client, text, with};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tandem_tenant::{Options, Receivers, SeedUsers, TenantError, Tls, TlsError};

/// A throw-away authority, and a certificate of it for some names, as files.
struct Paper {
    directory: tempfile::TempDir,
    authority: String,
}

impl Paper {
    fn of(names: &[&str]) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let signed = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("cert.pem"), signed.pem()).unwrap();
        std::fs::write(directory.path().join("key.pem"), key.serialize_pem()).unwrap();
        Self { authority: authority.pem(), directory }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn tls(&self) -> Tls {
        Tls { cert: self.file("cert.pem"), key: self.file("key.pem"), public_host: None }
    }

    /// A client that trusts this authority and nobody else, and finds all names on this machine.
    fn client(&self, name: &str) -> reqwest::Client {
        client();
        let authority = reqwest::Certificate::from_pem(self.authority.as_bytes()).unwrap();
        reqwest::Client::builder()
            .no_proxy()
            .https_only(true)
            .tls_certs_only([authority])
            .resolve(name, ([127, 0, 0, 1], 0).into())
            .build()
            .unwrap()
    }
}

fn options(tls: Tls) -> Options {
    Options { users: SeedUsers::None, tls: Some(tls), ..Options::default() }
}

async fn refusal(tls: Tls) -> TlsError {
    match tandem_tenant::serve(options(tls)).await {
        Err(TenantError::Tls(error)) => error,
        other => panic!("not refused for its TLS: {other:?}"),
    }
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_gets_a_token_and_reads() {
    let paper = Paper::of(&["localhost"]);
    let running = tandem_tenant::serve(options(paper.tls())).await.unwrap();
    assert!(running.graph_url.starts_with("https://localhost:"), "{}", running.graph_url);
    assert_eq!(running.login_url, running.graph_url);
    assert!(running.control_url.starts_with("http://127.0.0.1:"), "{}", running.control_url);
    let ready: Value = serde_json::from_str(&running.ready_line()).unwrap();
    assert_eq!(ready["graph"], running.graph_url);

    let http = paper.client("localhost");
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        running.client_id, running.client_secret
    );
    let url = format!("{}/{}/oauth2/v2.0/token", running.login_url, running.tenant_id);
    let answer = http.post(url).body(form).send().await.unwrap().bytes().await.unwrap();
    let token = text(&serde_json::from_slice(&answer).unwrap(), "access_token");
    let users = http
        .get(format!("{}/v1.0/users", running.graph_url))
        .header("authorization", format!("Bearer {token}"))
        .send()
        .await
        .unwrap();
    assert_eq!(users.status().as_u16(), 200);
    let users: Value = serde_json::from_slice(&users.bytes().await.unwrap()).unwrap();
    assert!(text(&users, "@odata.context").starts_with(&running.graph_url), "links are HTTPS too: {users}");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_that_trusts_another_authority_does_not_speak_and_harms_nobody() {
    let paper = Paper::of(&["localhost"]);
    let running = tandem_tenant::serve(options(paper.tls())).await.unwrap();
    let url = format!("{}/v1.0/users", running.graph_url);
    let stranger = Paper::of(&["localhost"]).client("localhost");
    stranger.get(&url).send().await.unwrap_err();
    let plain = url.replace("https:", "http:");
    client().get(&plain).send().await.unwrap_err();
    // Nor does one that connects and says nothing.
    let port = running.graph_url.rsplit_once(':').unwrap().1;
    let _silent = tokio::net::TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
    assert_eq!(paper.client("localhost").get(&url).send().await.unwrap().status().as_u16(), 401);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn the_public_host_stands_in_every_address() {
    let paper = Paper::of(&["login.example.test"]);
    let tls = Tls { public_host: Some("login.example.test".to_owned()), ..paper.tls() };
    let all = Options { listen: ([0, 0, 0, 0], 0).into(), ..options(tls) };
    let running = tandem_tenant::serve(all).await.unwrap();
    assert!(running.login_url.starts_with("https://login.example.test:"), "{}", running.login_url);
    let url = format!("{}/v1.0/users", running.graph_url);
    let answer = paper.client("login.example.test").get(url).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn bad_files_are_named_with_what_to_do() {
    let (paper, other) = (Paper::of(&["localhost"]), Paper::of(&["localhost"]));
    let says = |error: &TlsError, file: &Path, remedy: &str| {
        let words = error.to_string();
        assert!(words.contains(&file.display().to_string()) && words.contains(remedy), "{words}");
    };
    let missing = paper.file("missing.pem");
    let error = refusal(Tls { cert: missing.clone(), ..paper.tls() }).await;
    says(&error, &missing, "give a readable PEM file to --tls-cert");
    let error = refusal(Tls { key: missing.clone(), ..paper.tls() }).await;
    says(&error, &missing, "give a readable PEM file to --tls-key");

    let empty = paper.file("empty.pem");
    std::fs::write(&empty, "nothing of the kind\n").unwrap();
    says(&refusal(Tls { cert: empty.clone(), ..paper.tls() }).await, &empty, "it holds none");
    says(&refusal(Tls { key: empty.clone(), ..paper.tls() }).await, &empty, "it holds none");
    let cut = paper.file("cut.pem");
    std::fs::write(&cut, "-----BEGIN PRIVATE KEY-----\nMIGH\n").unwrap();
    says(&refusal(Tls { key: cut.clone(), ..paper.tls() }).await, &cut, "a section does not end");

    let error = refusal(Tls { key: other.file("key.pem"), ..paper.tls() }).await;
    assert!(matches!(error, TlsError::Mismatch { .. }), "{error:?}");
    says(&error, &other.file("key.pem"), "give the key with which it was made");

    let rubbish = paper.file("rubbish.pem");
    std::fs::write(&rubbish, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let error = refusal(Tls { cert: rubbish.clone(), ..paper.tls() }).await;
    assert!(matches!(error, TlsError::Unusable { .. }), "{error:?}");
    says(&error, &rubbish, "use an X.509 v3 certificate");
}

#[tokio::test]
async fn a_receiver_with_https_is_believed_only_with_its_authority() {
    let paper = Paper::of(&["localhost"]);
    let receiver = tandem_tenant::serve(options(paper.tls())).await.unwrap();
    let authority = paper.file("authority.pem");
    std::fs::write(&authority, &paper.authority).unwrap();
    for (authority, believed) in [(None, false), (Some(authority), true)] {
        let receivers = Receivers { authority, ..Receivers::default() };
        let site = with(Options { users: SeedUsers::None, receivers, ..Options::default() }).await;
        let body = json!({"url": format!("{}/v1.0/users", receiver.graph_url)});
        let answer = site.control("POST", "/outgoing", Some(body)).await.expect(200);
        let expected = if believed { json!(401) } else { Value::Null };
        assert_eq!(answer["status"], expected, "{answer}");
        assert_eq!(answer["failed"].is_string(), !believed, "{answer}");
        site.stop().await;
    }
    receiver.stop().await.unwrap();
}
