//! Certificates instead of secrets.

use crate::desk::{App, Desk, Expect};
use crate::support::text;
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, date_time_ymd};
use rsa::PrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::OnceLock;

/// The client's keys; finding primes takes a while.
fn key(number: usize) -> &'static PrivateKey {
    static KEYS: [OnceLock<PrivateKey>; 2] = [OnceLock::new(), OnceLock::new()];
    KEYS[number]
        .get_or_init(|| PrivateKey::new(&mut ChaCha20Rng::seed_from_u64(90 + number as u64), 2048).unwrap())
}

/// A certificate of a key that ends with a year.
fn certificate(number: usize, year: i32) -> rcgen::Certificate {
    let der = key(number).to_pkcs8_der().unwrap();
    let pair =
        KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(der.as_bytes()), &PKCS_RSA_SHA256)
            .unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.not_after = date_time_ymd(year, 12, 31);
    params.self_signed(&pair).unwrap()
}

/// An assertion: a header, claims, and the key that signs them.
struct Assertion {
    header: Value,
    claims: Value,
    key: usize,
}

impl Assertion {
    fn text(&self) -> String {
        self.encoded(&URL_SAFE_NO_PAD)
    }

    fn encoded(&self, base64: &GeneralPurpose) -> String {
        let part = |value: &Value| base64.encode(value.to_string());
        let signed = format!("{}.{}", part(&self.header), part(&self.claims));
        let key = key(self.key).clone();
        let signature = if self.header["alg"] == "PS256" {
            let signer = rsa::pss::SigningKey::<Sha256>::new(key);
            signer.sign_with_rng(&mut ChaCha20Rng::seed_from_u64(5), signed.as_bytes()).to_vec()
        } else {
            rsa::pkcs1v15::SigningKey::<Sha256>::new(key).sign(signed.as_bytes()).to_vec()
        };
        format!("{signed}.{}", base64.encode(signature))
    }

    fn with(&self, name: &str, value: Value) -> Self {
        let mut claims = self.claims.clone();
        claims[name] = value;
        Self { header: self.header.clone(), claims, key: self.key }
    }

    fn without(&self, name: &str) -> Self {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        Self { header: self.header.clone(), claims, key: self.key }
    }

    fn headed(&self, header: Value) -> Self {
        Self { header, claims: self.claims.clone(), key: self.key }
    }
}

/// A desk whose application has a certificate, and a good assertion of it.
fn stage(desk: &mut Desk) -> (App, Value, Assertion) {
    let app = desk.app(&["Mail.Read"]);
    let path = format!("/apps/{}/certificates", app.id);
    let registered =
        desk.control("POST", &path, json!({ "certificate": certificate(0, 2030).pem() })).expect(201);
    let tenant = desk.tenant.tenant_id().to_owned();
    let now = desk.now.as_second();
    let assertion = Assertion {
        header: json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": registered["x5t#S256"] }),
        claims: json!({
            "aud": format!("http://localhost/{tenant}/oauth2/v2.0/token"),
            "iss": app.id, "sub": app.id, "jti": "one", "nbf": now, "exp": now + 600,
        }),
        key: 0,
    };
    (app, registered, assertion)
}

fn ask(desk: &mut Desk, app: &App, assertion: &str) -> tandem_tenant::Response {
    let directory = desk.tenant.tenant_id().to_owned();
    desk.ask(
        &directory,
        &[
            ("grant_type", "client_credentials"),
            ("client_id", &app.id),
            ("scope", "https://graph.microsoft.com/.default"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ],
    )
}

#[test]
fn both_algorithms_and_both_thumbprints_are_taken() {
    let mut desk = Desk::with_users(&["ada"]);
    let (app, registered, good) = stage(&mut desk);
    let headers = [
        json!({ "alg": "PS256", "x5t#S256": registered["x5t#S256"] }),
        json!({ "alg": "RS256", "x5t#S256": registered["x5t#S256"] }),
        json!({ "alg": "PS256", "x5t": registered["x5t"] }),
        json!({ "alg": "RS256", "x5t": registered["x5t"] }),
        json!({ "alg": "RS256", "x5t": format!("{}=", text(&registered, "x5t")) }),
    ];
    for header in headers {
        let answer = ask(&mut desk, &app, &good.headed(header).text()).expect(200);
        let token = text(&answer, "access_token");
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!((&claims["appidacr"], &claims["roles"]), (&json!("2"), &json!(["Mail.Read"])));
        desk.graph(&token, "GET", "/users/ada@meridian.example/messages", None).expect(200);
    }
}

#[test]
fn padding_does_not_matter() {
    let mut desk = Desk::with_users(&["ada"]);
    let (app, registered, good) = stage(&mut desk);
    // 32 bytes are 43 letters; msal and azure-identity for Python write one letter of padding behind them.
    let padded = format!("{}=", registered["x5t#S256"].as_str().unwrap());
    let assertion = good.headed(json!({ "alg": "PS256", "x5t#S256": padded }));
    assert!(assertion.encoded(&URL_SAFE).ends_with('='));
    for text in [assertion.text(), assertion.encoded(&URL_SAFE)] {
        ask(&mut desk, &app, &text).expect(200);
    }
}

#[test]
fn every_form_of_the_audience_is_taken_and_no_other() {
    let mut desk = Desk::with_users(&["ada"]);
    let (app, _, good) = stage(&mut desk);
    let tenant = desk.tenant.tenant_id().to_owned();
    for audience in [
        format!("http://localhost/{tenant}/oauth2/v2.0/token"),
        format!("http://localhost/{tenant}/oauth2/token"),
        format!("http://localhost/{tenant}/v2.0"),
        "http://localhost/meridian.example/oauth2/v2.0/token".to_owned(),
        format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"),
        format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        format!("https://sts.windows.net/{tenant}/"),
    ] {
        ask(&mut desk, &app, &good.with("aud", json!(audience)).text()).expect(200);
    }
    for audience in [
        "https://login.example/oauth2/v2.0/token".to_owned(),
        "http://localhost/common/oauth2/v2.0/token".to_owned(),
        "http://localhost/elsewhere.example/oauth2/v2.0/token".to_owned(),
        format!("http://localhost/{tenant}"),
    ] {
        let answer = ask(&mut desk, &app, &good.with("aud", json!(audience)).text());
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned(), 700_023), "{audience}");
    }
}

#[test]
fn bad_assertions_are_refused_with_their_code() {
    let mut desk = Desk::with_users(&["ada"]);
    let (app, registered, good) = stage(&mut desk);
    let now = desk.now.as_second();
    let other = desk.app(&[]);
    let mut cases = vec![
        (good.without("jti"), 50027),
        (good.without("exp"), 50027),
        (good.without("iss"), 50027),
        (good.without("aud"), 50027),
        (good.with("iss", json!("somebody")), 50048),
        (good.with("iss", json!(other.id)).with("sub", json!(other.id)), 700_021),
        (good.with("exp", json!(now - 301)), 700_024),
        (good.with("nbf", json!(now + 301)), 700_024),
        (good.headed(json!({ "alg": "HS256", "x5t": registered["x5t"] })), 50027),
        (good.headed(json!({ "alg": "none" })), 50027),
        (good.headed(json!({ "alg": "RS256", "x5t": "AAAA" })), 700_027),
        (good.headed(json!({ "alg": "RS256" })), 700_027),
    ];
    cases.push((Assertion { key: 1, ..good.with("jti", json!("two")) }, 700_027));
    for (assertion, code) in cases {
        let answer = ask(&mut desk, &app, &assertion.text());
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned(), code), "{}", assertion.claims);
    }
    assert_eq!(ask(&mut desk, &app, "nonsense").refusal().2, 50027);
    // Clocks may differ by five minutes.
    ask(&mut desk, &app, &good.with("exp", json!(now - 299)).text()).expect(200);
    ask(&mut desk, &app, &good.with("nbf", json!(now + 299)).text()).expect(200);
    desk.pass(901);
    assert_eq!(ask(&mut desk, &app, &good.text()).refusal().2, 700_024);
}

#[test]
fn the_type_of_an_assertion_must_be_named() {
    let mut desk = Desk::new();
    let (app, _, good) = stage(&mut desk);
    let directory = desk.tenant.tenant_id().to_owned();
    let good = good.text();
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", app.id.as_str()),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_assertion", &good),
    ];
    assert_eq!(desk.ask(&directory, &form).refusal().2, 900_144);
    form.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"));
    assert_eq!(desk.ask(&directory, &form).refusal().2, 90023);
}

#[test]
fn certificates_expire_are_removed_and_must_be_rsa() {
    let mut desk = Desk::new();
    let (app, registered, good) = stage(&mut desk);
    let path = format!("/apps/{}/certificates", app.id);
    let key = text(&registered, "keyId");
    desk.control("DELETE", &format!("{path}/{key}"), Value::Null).expect(204);
    assert_eq!(ask(&mut desk, &app, &good.text()).refusal().2, 700_027);

    // As Graph's keyCredential has it: base64 of DER.
    let old = certificate(0, 2025);
    let registered =
        desk.control("POST", &path, json!({ "certificate": STANDARD.encode(old.der()) })).expect(201);
    assert_eq!(registered["endDateTime"], "2025-12-31T00:00:00Z");
    let assertion = good.headed(json!({ "alg": "RS256", "x5t": registered["x5t"] }));
    let answer = ask(&mut desk, &app, &assertion.text());
    assert_eq!(answer.refusal().2, 700_027);
    assert!(text(&answer.value(), "error_description").contains("expired"));

    let elliptic = KeyPair::generate().unwrap();
    let elliptic = CertificateParams::new(Vec::new()).unwrap().self_signed(&elliptic).unwrap();
    for (certificate, why) in [(elliptic.pem(), "RSA"), ("nonsense!".to_owned(), "no X.509 certificate")] {
        let answer = desk.control("POST", &path, json!({ "certificate": certificate }));
        assert_eq!(answer.status, 400);
        let words = text(&answer.value()["error"], "message");
        assert!(words.contains(why), "{words}");
    }
}
