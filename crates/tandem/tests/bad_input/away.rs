//! Sides that refuse or are away: at the start it is said, in the middle it is survived.

use super::stage::{PATIENCE, complaint, set, tandem};
use super::{assert_says, refused};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tandem_credentials::{AppRegistration, MasterUser, Protection, Secret, Users};
use tandem_demo::{Stage, StageOptions};

const COMPANY: StageOptions = StageOptions { mailboxes: 3, seed: 3, pause: "0s" };

/// What it must never say.
fn secrets(stage: &Stage) -> Vec<String> {
    let users = users(stage);
    let app = users.app().unwrap().secret.expose().to_owned();
    let master = users.master().unwrap().password.as_ref().unwrap().expose().to_owned();
    vec![app, master]
}

fn users_file(stage: &Stage) -> PathBuf {
    stage.config().with_file_name("users.xml")
}

fn users(stage: &Stage) -> Users {
    Users::load(&users_file(stage), Protection::AllowPlain).unwrap()
}

fn app(stage: &Stage) -> AppRegistration {
    let users = users(stage);
    let app = users.app().unwrap();
    AppRegistration {
        admin_email: app.admin_email.clone(),
        tenant_id: app.tenant_id.clone(),
        client_id: app.client_id.clone(),
        secret: Secret::new(app.secret.expose()),
    }
}

async fn complains(stage: &Stage, secrets: &[String]) -> String {
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    refused(stage.config(), &secrets).await
}

async fn status(config: &Path) -> (i32, Value) {
    let output =
        tandem(&["status".as_ref(), "--json".as_ref(), "--config".as_ref(), config.as_os_str()]).await;
    let document = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", complaint(&output)));
    (output.status.code().unwrap(), document)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_and_absent_sides_are_said_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut stage = set(dir.path(), &COMPANY).await;
    let right = secrets(&stage);
    let mut known = right.clone();
    known.push("wrong-and-secret".to_owned());
    let original = std::fs::read(users_file(&stage)).unwrap();
    let restore = |stage: &Stage| std::fs::write(users_file(stage), &original).unwrap();

    let mut changed = users(&stage);
    changed.set_app(AppRegistration { secret: Secret::new("wrong-and-secret"), ..app(&stage) });
    changed.save(Protection::AllowPlain).unwrap();
    assert_says(&complains(&stage, &known).await, &["Entra", "AADSTS7000215", "secret"]);

    let elsewhere = "99999999-1111-4222-8333-444444444444".to_owned();
    changed.set_app(AppRegistration { tenant_id: elsewhere, ..app_of(&original, dir.path()) });
    changed.save(Protection::AllowPlain).unwrap();
    assert_says(&complains(&stage, &known).await, &["Entra", "AADSTS90002", "tenant"]);
    restore(&stage);

    let mut changed = users(&stage);
    changed
        .set_master(MasterUser { login: "OCSU".to_owned(), password: Some(Secret::new("wrong-and-secret")) });
    changed.save(Protection::AllowPlain).unwrap();
    assert_says(&complains(&stage, &known).await, &["the CRM at http://127.0.0.1:", "OCSU", "password"]);
    restore(&stage);

    let settings = std::fs::read_to_string(stage.config()).unwrap();
    let away = |key: &str| {
        let lines = settings.lines().map(|line| match line.split_once(" = ") {
            Some((name, _)) if name == key => format!("{key} = \"http://127.0.0.1:1\"\n"),
            _ => format!("{line}\n"),
        });
        std::fs::write(stage.config(), lines.collect::<String>()).unwrap();
    };
    away("graph_url");
    assert_says(&complains(&stage, &known).await, &["127.0.0.1:1", "cannot connect"]);
    away("login_url");
    assert_says(&complains(&stage, &known).await, &["127.0.0.1:1", "cannot connect"]);
    std::fs::write(stage.config(), &settings).unwrap();

    stage.kill_crm().await;
    let told = complains(&stage, &known).await;
    assert_says(&told, &["the CRM did not answer", "http://127.0.0.1:", "check that CRM.interface runs"]);
    stage.strike().await;
}

/// The app registration as it was.
fn app_of(original: &[u8], dir: &Path) -> AppRegistration {
    let path = dir.join("original.xml");
    std::fs::write(&path, original).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let users = Users::load(&path, Protection::AllowPlain).unwrap();
    let app = users.app().unwrap();
    AppRegistration {
        admin_email: app.admin_email.clone(),
        tenant_id: app.tenant_id.clone(),
        client_id: app.client_id.clone(),
        secret: Secret::new(app.secret.expose()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_goes_away_is_reported_and_met_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut stage = set(dir.path(), &COMPANY).await;
    let secrets = secrets(&stage);
    let mut connector = stage.start_connector().unwrap();
    connector.get_ready().await.unwrap();

    // A second one must not work on the same store.
    let told = complains(&stage, &secrets).await;
    assert_says(&told, &["tandem.db", "in use by another connector", "stop that one first"]);

    stage.kill_crm().await;
    let begun = Instant::now();
    let error = loop {
        let (code, document) = status(stage.config()).await;
        let mailboxes = document["mailboxes"].as_array().unwrap();
        if let Some(error) = mailboxes.iter().find_map(|mailbox| mailbox["last_error"].as_str()) {
            assert_eq!(code, 1);
            break error.to_owned();
        }
        assert!(begun.elapsed() < PATIENCE, "nobody noticed: {document:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_says(&error, &["the CRM did not answer"]);
    for secret in &secrets {
        assert!(!error.contains(secret));
    }

    connector.check().unwrap();
    stage.restart_crm().await.unwrap();
    assert_eq!(stage.converged(&mut connector, PATIENCE).await.unwrap(), None);
    let (code, document) = status(stage.config()).await;
    assert_eq!(code, 0, "{document:#}");
    let audit = stage.audit().await.unwrap();
    assert_eq!(
        (audit.totals().m365_only, audit.totals().crm_only, audit.totals().duplicates),
        (0, 0, 0),
        "{audit}"
    );

    let log = std::fs::read_to_string(dir.path().join("connector.log")).unwrap();
    for secret in &secrets {
        assert!(!log.contains(secret), "a secret in the log");
    }
    connector.end().await;
    stage.strike().await;
}
