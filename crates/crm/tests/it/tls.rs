//! HTTPS: who trusts the authority gets in, others do not, and passwords never leave the machine in clear.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::PathBuf;
use tandem_crm::{CrmError, Options, Tls, TlsError, start};
use tandem_crm_interface::language::{Action, Query, Request, read_response, write_request};
use tandem_crm_interface::session::Session;
use tandem_outside::Network;

/// A throw-away authority, and a certificate of it for this machine, as files.
struct Paper {
    directory: tempfile::TempDir,
    authority: String,
}

impl Paper {
    fn made() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let signed = CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .signed_by(&key, &authority)
            .unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("cert.pem"), signed.pem()).unwrap();
        std::fs::write(directory.path().join("key.pem"), key.serialize_pem()).unwrap();
        Self { authority: authority.pem(), directory }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn options(&self) -> Options {
        let tls = Tls { cert: self.file("cert.pem"), key: self.file("key.pem") };
        Options { tls: Some(tls), ..Options::default() }
    }

    /// A client that trusts this authority and nobody else, and finds `localhost` on this machine.
    fn client(&self) -> reqwest::Client {
        // The connector's network sets the process's cryptography.
        Network::new().unwrap();
        let authority = reqwest::Certificate::from_pem(self.authority.as_bytes()).unwrap();
        reqwest::Client::builder()
            .no_proxy()
            .https_only(true)
            .tls_certs_only([authority])
            .resolve("localhost", ([127, 0, 0, 1], 0).into())
            .build()
            .unwrap()
    }
}

#[tokio::test]
async fn who_trusts_the_authority_speaks_crm_interface_over_https() {
    let paper = Paper::made();
    let crm = start(Options { listen: ([0, 0, 0, 0], 0).into(), ..paper.options() }).await.unwrap();
    assert!(crm.interface().starts_with("https://localhost:"), "{}", crm.interface());
    assert!(crm.ready_line().contains("\"web\":\"https://localhost:"), "{}", crm.ready_line());

    let session =
        Session { user: "OCSU".to_owned(), password: crm.password().unwrap().clone(), ..Session::default() };
    let request = write_request(&Request::new(session, [Action::Query(Query::all("Catalog"))])).unwrap();
    let post = |client: reqwest::Client| client.post(crm.interface()).body(request.clone()).send();
    let answer = post(paper.client()).await.unwrap().bytes().await.unwrap();
    assert!(!read_response(&answer).unwrap().results[0].records.is_empty());

    post(Paper::made().client()).await.unwrap_err();
    let plain = crm.interface().replace("https:", "http:");
    reqwest::Client::builder().no_proxy().build().unwrap().post(plain).send().await.unwrap_err();
    // Nor does one that connects and says nothing keep the others waiting.
    let _silent = tokio::net::TcpStream::connect(("127.0.0.1", crm.address().port())).await.unwrap();
    assert!(post(paper.client()).await.is_ok());
    crm.shutdown().await;
}

#[tokio::test]
async fn without_a_certificate_only_this_machine_is_served() {
    let outside = Options { listen: ([0, 0, 0, 0], 0).into(), ..Options::default() };
    let Err(error @ CrmError::NotLoopback(_)) = start(outside).await.map(|_| ()) else {
        panic!("it listens")
    };
    assert!(error.to_string().contains("--tls-cert"), "{error}");
}

#[tokio::test]
async fn files_that_do_not_fit_are_named() {
    let (paper, other) = (Paper::made(), Paper::made());
    let refusal = async |cert: PathBuf, key: PathBuf| {
        let options = Options { tls: Some(Tls { cert, key }), ..Options::default() };
        match start(options).await.map(|_| ()) {
            Err(CrmError::Tls(error)) => error,
            other => panic!("not refused for its TLS: {other:?}"),
        }
    };
    let mismatch = refusal(paper.file("cert.pem"), other.file("key.pem")).await;
    assert!(matches!(mismatch, TlsError::Mismatch { .. }), "{mismatch}");
    let swapped = refusal(paper.file("key.pem"), paper.file("cert.pem")).await;
    assert!(swapped.to_string().contains("--tls-cert"), "{swapped}");
    let missing = refusal(paper.file("none.pem"), paper.file("key.pem")).await;
    assert!(missing.to_string().contains("none.pem"), "{missing}");
}
