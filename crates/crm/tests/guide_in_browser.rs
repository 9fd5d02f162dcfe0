//! The setup guide, part B, steps 1 to 3 and its validation checklist, done by an administrator in a browser; then each of
//! the four things that go wrong most often, and what it is diagnosed as, in the browser and at the connector.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "it/support/chromium.rs"]
mod chromium;
#[path = "it/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};
use support::items::{appointment, task};
use support::{Crm, system_folder};
use tandem_crm::Options;
use tandem_crm_interface::sync::wire::Reply;
use tandem_crm_interface::sync::{Command, ContentType, StatusCode};
use tandem_groupware::Rules;
use tandem_model::{Item, Stamp};
use thirtyfour::prelude::*;

/// Longest wait for a page; it takes a hundredth of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// An administrator at his browser, and the connector on the other side.
struct Admin {
    crm: Arc<Crm>,
    browser: WebDriver,
    at: String,
}

impl Admin {
    async fn go(&self, path: &str) {
        self.browser.goto(format!("{}{path}", self.at)).await.unwrap();
    }

    async fn find(&self, css: &str) -> WebElement {
        match self.browser.find(By::Css(css)).await {
            Ok(found) => found,
            Err(error) => panic!("{css}: {error}\n{}", self.text().await),
        }
    }

    async fn text(&self) -> String {
        self.browser.find(By::Css("body")).await.unwrap().text().await.unwrap()
    }

    /// Presses a button and waits for the page to which it leads.
    async fn press(&self, css: &str) {
        self.leave(self.find(css).await).await;
    }

    async fn follow(&self, text: &str) {
        let link = self.browser.find(By::LinkText(text)).await;
        self.leave(link.unwrap_or_else(|error| panic!("{text}: {error}"))).await;
    }

    /// A click answers before the browser has left the page.
    async fn leave(&self, by: WebElement) {
        let page = self.find("html").await;
        by.click().await.unwrap();
        let deadline = Instant::now() + PATIENCE;
        while page.tag_name().await.is_ok() {
            assert!(Instant::now() < deadline, "nothing follows: {}", self.text().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn sign_in(&self) {
        self.go("/").await;
        self.find("#login").await.send_keys("OCSU").await.unwrap();
        self.find("#password").await.send_keys(self.crm.password()).await.unwrap();
        self.press("main button[type=submit], form[action='/login'] button").await;
    }

    /// Ticks a box, or clears it, as far as it is not so already.
    async fn tick(&self, css: &str, on: bool) {
        let found = self.find(css).await;
        if found.is_selected().await.unwrap() != on {
            found.click().await.unwrap();
        }
    }

    /// What the checklist says: whether all is well, and which checks found something that is not a mere note.
    async fn checklist(&self) -> (bool, Vec<String>) {
        self.go("/configurator/checklist").await;
        let ok = self.find("#health").await.attr("data-ok").await.unwrap() == Some("true".to_owned());
        let mut found = Vec::new();
        for row in self.browser.find_all(By::Css("#findings tbody tr")).await.unwrap() {
            let level = row.find(By::Css(".badge")).await.unwrap().text().await.unwrap();
            if level == "error" {
                found.push(row.attr("data-check").await.unwrap().unwrap());
            }
        }
        (ok, found)
    }

    async fn is_healthy(&self) {
        assert_eq!(self.checklist().await, (true, Vec::new()));
        let ready = self.find("#reps-ready").await.text().await.unwrap();
        assert_eq!(ready, "1");
    }

    async fn finds(&self, checks: &[&str]) {
        let (ok, found) = self.checklist().await;
        assert!(!ok);
        assert_eq!(found, checks);
    }

    /// Puts another text into the editor of `forms.xml` and saves it.
    async fn save_forms(&self, change: impl FnOnce(String) -> String) {
        self.go("/configurator/forms").await;
        let editor = self.find("#text").await;
        let text = change(editor.prop("value").await.unwrap().unwrap());
        // Thirteen thousand keystrokes are left out.
        let put = "arguments[0].value = arguments[1];";
        self.browser.execute(put, vec![editor.to_json().unwrap(), text.into()]).await.unwrap();
        self.press("form[action='/configurator/forms'] button[type=submit]").await;
    }

    /// Opens a tab of the rep's record.
    async fn rep(&self, tab: &str) {
        self.go("/reps").await;
        self.follow("Ann").await;
        let record = self.browser.current_url().await.unwrap();
        self.browser.goto(format!("{}?tab={tab}", record.as_str().split('?').next().unwrap())).await.unwrap();
    }

    async fn save_record(&self) {
        self.press("form.card .buttons button[type=submit]").await;
    }

    /// Flags of step 2.
    async fn flag(&self, flags: &[&str], on: bool) {
        self.rep("connector_settings").await;
        for flag in flags {
            self.tick(&format!("#f-{flag}"), on).await;
        }
        self.save_record().await;
    }

    /// What the connector is told when it speaks for the rep: the reason of a refusal, none where it is served.
    async fn connector(&self) -> Option<String> {
        let changes =
            Command::Changes { content_type: ContentType::Tasks, since: Stamp(0), window: None, limit: 10 };
        match self.crm.rep("ann").reply(vec![changes]).await {
            Reply::Answers(_) => None,
            Reply::Refused(status) => status.reason,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn part_b_of_the_guide_works_step_by_step_and_each_fault_has_its_diagnosis() {
    let entry = "<masterUser client=\"GraphApi\" login=\"Principal,ClientID\">OCSU</masterUser>";
    let forms = Rules::builtin_forms();
    assert!(forms.contains(entry));
    let folder = system_folder(Some(&forms.replace(entry, "")), None);
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    let crm = Arc::new(crm);
    bare(&crm).await;
    let told = Arc::clone(&crm);
    chromium::with(move |browser| async move {
        let at = format!("http://{}", told.address());
        let admin = Admin { crm: told, browser, at };
        admin.sign_in().await;
        admin.finds(&["master-user-missing", "catalog-entry-missing", "no-rep-ready"]).await;
        assert_eq!(admin.connector().await.as_deref(), Some("client-unknown"));
        steps(&admin, entry).await;
        faults(&admin).await;
    })
    .await;
    Arc::into_inner(crm).unwrap().stop().await;
}

/// As before part B: a rep with her person, but no flag; and an entry of the catalogs is not there.
async fn bare(crm: &Crm) {
    crm.add_rep("Ann", "Europe/Vienna").await;
    let reps = crm.all("Rep").await;
    let cleared = ["ConnectorEnabled", "SyncEmails", "SyncAppointments", "SyncTasks", "SyncAddressBook"];
    crm.update(&reps[0].record_id().unwrap(), &cleared.map(|flag| (flag, "false"))).await;
    let entries = crm.all("Catalog").await;
    let vevent = entries.iter().find(|entry| entry.field("TextEn") == Some("text/x-vevent")).unwrap();
    crm.delete(&vevent.record_id().unwrap()).await;
}

async fn steps(admin: &Admin, entry: &str) {
    // Step 1: catalogs.
    admin.go("/catalogs").await;
    admin.press("form[action='/catalogs/add-missing'] button").await;
    assert!(admin.text().await.contains("text/x-vevent"));
    admin.finds(&["master-user-missing", "no-rep-ready"]).await;

    // Step 2: the rep.
    let flags = ["ConnectorEnabled", "SyncEmails", "SyncAppointments", "SyncTasks", "SyncAddressBook"];
    admin.flag(&flags, true).await;
    admin.finds(&["master-user-missing"]).await;

    // Step 3: forms.xml. A mistake is told with its line, what was typed stays, and nothing takes effect.
    admin.save_forms(|text| text.replacen("</authentication>", &format!("{entry}</autentication>"), 1)).await;
    let refused = admin.find("#refused").await.text().await.unwrap();
    assert!(refused.contains("line 1") && refused.contains("autentication"), "{refused}");
    let typed: Option<String> = admin.find("#text").await.prop("value").await.unwrap();
    assert!(typed.unwrap().contains("</autentication>"));
    admin.finds(&["master-user-missing"]).await;
    admin
        .save_forms(|text| text.replacen("</authentication>", &format!("{entry}</authentication>"), 1))
        .await;
    assert!(admin.text().await.contains("It is in force"));
    admin.is_healthy().await;

    // Step 3: a switch, with its help text and the version below.
    admin.go("/configurator/settings/groupware").await;
    let help = admin.find("#create_persons-help").await.text().await.unwrap();
    assert!(help.contains("Somebody whom the CRM does not know"), "{help}");
    assert!(admin.find("#interface-version").await.text().await.unwrap().contains(env!("CARGO_PKG_VERSION")));
    assert!(admin.text().await.contains("it is a setting of SQL Server sessions"));
    admin.tick("#create_persons", true).await;
    admin.press("form[action='/configurator/settings/groupware'] button[type=submit]").await;
    assert!(admin.find("#create_persons").await.is_selected().await.unwrap());
    assert!(admin.text().await.contains("create_persons: false → true"), "the history says who changed what");

    // The connector's side.
    assert_eq!(admin.connector().await, None);
    let added = admin.crm.rep("ann").add("t1", Item::Task(task("Call", "2026-12-01"))).await;
    assert_eq!(added.code, StatusCode::ADDED);
}

async fn faults(admin: &Admin) {
    // A catalog entry is taken away.
    admin.go("/catalogs?q=text/x-vevent").await;
    admin.press("table tbody a").await;
    admin.press("form[action$='/delete'] button").await;
    admin.finds(&["catalog-entry-missing"]).await;
    let meeting = appointment("Board", "2026-11-30T09:00:00Z", "ann@covote.example", &[]);
    let refused = admin.crm.rep("ann").add("m1", Item::Appointment(meeting)).await;
    assert_eq!(refused.reason.as_deref(), Some("content-type-unknown"));
    admin.go("/catalogs").await;
    admin.press("form[action='/catalogs/add-missing'] button").await;
    admin.is_healthy().await;

    // A wrong master user; the version before is saved again.
    admin
        .save_forms(|text| {
            let (before, after) = text.split_once("client=\"GraphApi\"").unwrap();
            format!("{before}client=\"GraphApi\"{}", after.replacen("OCSU", "NOBODY", 1))
        })
        .await;
    admin.finds(&["master-user-unknown"]).await;
    assert_eq!(admin.connector().await.as_deref(), Some("master-user"));
    admin.go("/configurator/versions/forms.xml/2").await;
    admin.press("form[action$='/restore'] button").await;
    admin.is_healthy().await;
    assert_eq!(admin.connector().await, None);

    // A rep without flag.
    admin.flag(&["ConnectorEnabled"], false).await;
    admin.finds(&["no-rep-ready"]).await;
    assert!(admin.text().await.contains("Enable connector settings is not set"));
    admin.flag(&["ConnectorEnabled"], true).await;
    admin.is_healthy().await;

    // A rep without rights.
    admin.go("/rights/new").await;
    admin.find("#f-Name").await.send_keys("NOTHING").await.unwrap();
    admin.save_record().await;
    admin.rep("rights").await;
    admin.find("#f-Right option[value='NOTHING']").await.click().await.unwrap();
    admin.save_record().await;
    admin.finds(&["rep-without-right", "no-rep-ready"]).await;
    assert_eq!(admin.connector().await.as_deref(), Some("principal-without-right"));
}
