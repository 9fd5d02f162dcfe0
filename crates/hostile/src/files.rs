//! Files of other people's software, as the simulated tenant reads them.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use tandem_tenant::{Request, Tenant, TenantSettings};

/// An e-mail.
pub(crate) fn mime(bytes: &[u8]) {
    fill("a.eml", bytes);
}

/// A calendar, and the same bytes as a contact card.
pub(crate) fn icalendar(bytes: &[u8]) {
    fill("a.ics", bytes);
    fill("a.vcf", bytes);
}

fn fill(name: &str, bytes: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else { return };
    if std::fs::write(folder.path().join(name), bytes).is_err() {
        return;
    }
    let mut tenant = Tenant::new(TenantSettings::default());
    let mut control = |path: &str, body: serde_json::Value| {
        let request = Request {
            method: "POST".into(),
            path: path.into(),
            body: Bytes::from(body.to_string()),
            headers: vec![("content-type".into(), "application/json".into())],
            ..Request::default()
        };
        tenant.control(&request, Timestamp::UNIX_EPOCH).status
    };
    assert_eq!(control("/users", json!({"mail": "ann@own.example"})), 201, "a user");
    assert_eq!(control("/fill", json!({"dir": folder.path()})), 200, "every file has an account");
}
