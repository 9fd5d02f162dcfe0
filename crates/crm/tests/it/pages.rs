//! The pages: who may see and do what, and that forms count once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::browser::Browser;
use crate::support::{Crm, settings, system_folder};
use reqwest::{Method, StatusCode};
use tandem_crm::Options;
use tandem_web::Access;

const PASSWORD: &str = "correct horse";

/// A rep who can sign in; answers his `RepID`.
async fn rep(crm: &Crm, administrator: &Browser, name: &str) -> String {
    let number = crm.add_rep(name, "Europe/Vienna").await;
    let record =
        crm.all("Rep").await.into_iter().find(|rep| rep.field("RepID") == Some(number.as_str())).unwrap();
    let path = format!("/reps/{}/password", record.id.unwrap());
    let set = administrator.post(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    number
}

#[tokio::test]
async fn no_page_is_open_but_the_one_for_signing_in() {
    let crm = Crm::start().await;
    let stranger = Browser::of(&crm);
    let open = crm.running().pages().iter().filter(|route| route.access == Access::Open);
    let mut open = open.map(|route| route.path.as_str()).collect::<Vec<_>>();
    open.retain(|path| !path.starts_with("/assets/"));
    assert_eq!(open, ["/login", "/login"]);
    assert!(crm.running().pages().len() > 60);
    for route in crm.running().pages().iter().filter(|route| route.access != Access::Open) {
        let path = route.path.replace("{id}", "1").replace("{which}", "1").replace("{area}", "D1");
        let answer = match route.method {
            Method::GET => stranger.get(&path).await,
            _ => stranger.post_raw(&path, &[("_token", "x")]).await,
        };
        let led_away =
            answer.status == StatusCode::SEE_OTHER && answer.header("location").starts_with("/login?to=");
        assert!(
            led_away || answer.status == StatusCode::UNAUTHORIZED,
            "{} {path}: {}",
            route.method,
            answer.status
        );
    }
    crm.stop().await;
}

#[tokio::test]
async fn no_form_counts_without_the_token_of_its_session() {
    let crm = Crm::start().await;
    let administrator = Browser::administrator(&crm).await;
    let other = Browser::administrator(&crm).await.token().await;
    for route in crm.running().pages().iter().filter(|route| route.method == Method::POST) {
        let path = route.path.replace("{id}", "1").replace("{which}", "1").replace("{area}", "D1");
        for fields in [vec![], vec![("_token", other.as_str())]] {
            let answer = administrator.post_raw(&path, &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    crm.stop().await;
}

#[tokio::test]
async fn reps_see_no_page_for_administrators() {
    let crm = Crm::start().await;
    let administrator = Browser::administrator(&crm).await;
    rep(&crm, &administrator, "Ann").await;
    let ann = Browser::signed_in(&crm, "ann", PASSWORD).await;
    let mut refused = 0;
    for route in crm.running().pages() {
        let path = route.path.replace("{id}", "1").replace("{which}", "1").replace("{area}", "D1");
        if route.access == Access::Administrator {
            let answer = match route.method {
                Method::GET => ann.get(&path).await,
                _ => ann.post(&path, &[("Name", "x")]).await,
            };
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            refused += 1;
        } else if route.method == Method::GET && !path.contains('1') {
            assert_eq!(ann.get(&path).await.status, StatusCode::OK, "{path}");
        }
    }
    assert!(refused > 20);
    assert!(!ann.get("/").await.body.contains("/catalogs"));
    crm.stop().await;
}

#[tokio::test]
async fn signing_in_needs_a_password_and_an_active_rep() {
    let crm = Crm::start().await;
    crm.add_rep("Bob", "Europe/Vienna").await;
    let stranger = Browser::of(&crm);
    for password in ["", "bob", crm.password()] {
        assert_eq!(stranger.sign_in("bob", password).await.status, StatusCode::UNAUTHORIZED);
    }
    let administrator = Browser::administrator(&crm).await;
    rep(&crm, &administrator, "Ann").await;
    let ann = Browser::signed_in(&crm, "ann", PASSWORD).await;
    // What opens the pages opens nothing of CRM.interface, where a login without client type is an administrator.
    assert_eq!(crm.ask_with("GET", "state", Some(("ann", PASSWORD))).await.0, 401);
    let record = crm.all("Rep").await.into_iter().find(|rep| rep.field("Name") == Some("Ann")).unwrap();
    let path = format!("/reps/{}", record.id.unwrap());
    administrator.save(&path, &[("Inactive", "true")]).await;
    assert_eq!(ann.get("/").await.status, StatusCode::SEE_OTHER, "his session ends");
    assert_eq!(stranger.sign_in("ann", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    crm.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_the_reps_sessions() {
    let crm = Crm::start().await;
    let administrator = Browser::administrator(&crm).await;
    rep(&crm, &administrator, "Ann").await;
    let ann = Browser::signed_in(&crm, "ann", PASSWORD).await;
    let id = crm.all("Rep").await[0].id.unwrap();
    let path = format!("/reps/{id}/password");
    for (password, again) in [("short", "short"), ("long enough", "but different")] {
        administrator.post(&path, &[("password", password), ("again", again)]).await;
        assert_eq!(ann.get("/").await.status, StatusCode::OK, "nothing was set");
    }
    administrator.post(&path, &[("password", "another one"), ("again", "another one")]).await;
    assert_eq!(ann.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(ann.sign_in("ann", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ann.sign_in("ann", "another one").await.status, StatusCode::SEE_OTHER);
    crm.stop().await;
}

#[tokio::test]
async fn what_is_somebody_elses_stays_hidden() {
    let switch = settings(&[("enable_rights_when_reading_records", true)]);
    let folder = system_folder(None, Some(&switch));
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    crm.insert("Right", &[("Name", "Own only"), ("GroupwareConnector", "true")]).await;
    let administrator = Browser::administrator(&crm).await;
    let (ann, bob) = (rep(&crm, &administrator, "Ann").await, rep(&crm, &administrator, "Bob").await);
    let record = crm.all("Rep").await.into_iter().find(|rep| rep.field("Name") == Some("Ann")).unwrap();
    let path = format!("/reps/{}?tab=rights", record.id.unwrap());
    assert_eq!(administrator.save(&path, &[("Right", "Own only")]).await.status, StatusCode::SEE_OTHER);
    let own = crm.insert("Task", &[("RepID", &ann), ("Subject", "Mine"), ("Status", "notStarted")]).await;
    let other =
        crm.insert("Task", &[("RepID", &bob), ("Subject", "Bobs secret"), ("Status", "notStarted")]).await;
    let page =
        |record: &tandem_model::RecordId| format!("/tasks/{}", record.as_str().split_once(':').unwrap().1);
    let browser = Browser::signed_in(&crm, "ann", PASSWORD).await;
    let list = browser.get("/tasks").await.body;
    assert!(list.contains("Mine") && !list.contains("Bobs secret"));
    assert_eq!(browser.get(&page(&own)).await.status, StatusCode::OK);
    let refused = browser.get(&page(&other)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!refused.body.contains("Bobs secret"));
    for (path, fields) in [("", vec![("Subject", "Taken")]), ("/delete", vec![]), ("/restore", vec![])] {
        let answer = browser.post(&format!("{}{path}", page(&other)), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(crm.record(&other).await.field("Subject"), Some("Bobs secret"));
    crm.stop().await;
}

#[tokio::test]
async fn private_activities_are_for_those_whom_they_concern() {
    let crm = Crm::start().await;
    let administrator = Browser::administrator(&crm).await;
    let ann = rep(&crm, &administrator, "Ann").await;
    rep(&crm, &administrator, "Bob").await;
    let fields = [
        ("RepID", ann.as_str()),
        ("Contact", "Appointment"),
        ("Subject", "Surgeon"),
        ("Date", "2026-12-01"),
        ("Private", "true"),
    ];
    let activity = crm.insert("Contact", &fields).await;
    let path = format!("/activities/{}", activity.as_str().split_once(':').unwrap().1);
    let bob = Browser::signed_in(&crm, "bob", PASSWORD).await;
    assert_eq!(bob.get(&path).await.status, StatusCode::FORBIDDEN);
    for path in ["/activities", "/search?q=Surgeon"] {
        assert!(!bob.get(path).await.body.contains(">Surgeon<"), "{path}");
    }
    assert_eq!(
        bob.upload(&format!("{path}/documents"), "a.txt", "text/plain", b"x").await.status,
        StatusCode::FORBIDDEN
    );
    let own = Browser::signed_in(&crm, "ann", PASSWORD).await;
    assert!(own.get("/search?q=surg").await.body.contains(">Surgeon<"));
    crm.stop().await;
}
