//! The validation checklist of the setup guide, as far as the CRM can answer it, and its common issues.

use super::catalogs;
use crate::crm::Crm;
use crate::storage::{Reading, Record, StorageError};
use crate::sync::{CONTENT_TYPES, EXTERNAL_SYSTEMS, right};
use serde::Serialize;
use std::collections::BTreeMap;
use tandem_crm_interface::session::CLIENT_TYPE;
use tandem_groupware::Rules;
use tandem_model::EmailAddress;

/// More reps than this are not looked at.
const MOST_REPS: usize = 100_000;

/// The flags of a rep, one for each kind (setup guide, part B, step 2).
const FLAGS: [&str; 4] = ["SyncEmails", "SyncAppointments", "SyncTasks", "SyncAddressBook"];

/// The answer: `ok` as long as nothing keeps anybody from being synchronised.
#[derive(Debug, Serialize)]
pub(crate) struct Checklist {
    pub ok: bool,
    /// Reps whom a connector can serve.
    pub reps_ready: usize,
    pub findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    /// A stable word.
    pub check: &'static str,
    pub level: Level,
    /// What it is about: a catalog entry, a file, a rep.
    pub subject: String,
    /// What is the matter.
    pub text: String,
    /// What to do.
    pub action: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Something is not synchronised that should be.
    Error,
    /// Something may not be as meant.
    Warning,
    /// Good to know.
    Note,
}

impl Finding {
    fn new(
        level: Level,
        check: &'static str,
        subject: impl Into<String>,
        text: impl Into<String>,
        action: impl Into<String>,
    ) -> Self {
        Self { check, level, subject: subject.into(), text: text.into(), action: action.into() }
    }
}

pub(crate) async fn of(crm: &Crm) -> Result<Checklist, StorageError> {
    let mut findings = files(crm);
    let rules = crm.system.rules();
    findings.extend(authentication(crm, &rules).await?);
    findings.extend(fields(&rules));
    let needs_person = rules.switches.use_fi_kp_from_rep;
    let (reps_ready, of_records) = crm
        .storage
        .read(move |reading| {
            let mut findings = entries(reading)?;
            let ready = reps(reading, needs_person, &mut findings)?;
            Ok((ready, findings))
        })
        .await?;
    findings.extend(of_records);
    Ok(Checklist { ok: findings.iter().all(|finding| finding.level != Level::Error), reps_ready, findings })
}

fn files(crm: &Crm) -> Vec<Finding> {
    let refused = crm.system.files().into_iter().filter_map(|file| Some((file.path, file.refused?)));
    refused
        .map(|(path, refused)| {
            let line = refused.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            let text = format!("{line}{}; what was in force before is still in force", refused.reason);
            Finding::new(
                Level::Error,
                "file-refused",
                path.display().to_string(),
                text,
                "correct the file and save it",
            )
        })
        .collect()
}

async fn authentication(crm: &Crm, rules: &Rules) -> Result<Vec<Finding>, StorageError> {
    let Some(master) = rules.forms.authentication.master_user(CLIENT_TYPE) else {
        let text = format!("forms.xml names no master user for the client type {CLIENT_TYPE}");
        let action = format!(
            "add <masterUser client=\"{CLIENT_TYPE}\" login=\"Principal,ClientID\">OCSU</masterUser>"
        );
        return Ok(vec![Finding::new(Level::Error, "master-user-missing", CLIENT_TYPE, text, action)]);
    };
    let mut findings = Vec::new();
    if !crm.passwords.knows(&master.login).await? {
        let text =
            format!("forms.xml names the master user \"{}\", and there is no such login", master.login);
        let action = "name a login that exists, or start the CRM anew: it gives the login a password";
        findings.push(Finding::new(Level::Error, "master-user-unknown", &master.login, text, action));
    }
    for name in master.required.iter().filter(|name| !["Principal", "ClientID"].contains(&name.as_str())) {
        let text = format!("login=\"…\" asks for \"{name}\", which no connector can send");
        let action = "ask for Principal and ClientID";
        findings.push(Finding::new(Level::Error, "login-value-unknown", name, text, action));
    }
    Ok(findings)
}

fn fields(rules: &Rules) -> Vec<Finding> {
    let unlisted = rules.unlisted().into_iter().map(|unlisted| {
        let text =
            format!("the form for {} does not list the field, which {}", unlisted.kind, unlisted.purpose);
        Finding::new(
            Level::Warning,
            "field-unlisted",
            unlisted.field,
            text,
            "add the field to the form in forms.xml",
        )
    });
    let remarks = rules.forms.remarks.iter().map(|remark| {
        Finding::new(
            Level::Note,
            "forms-remark",
            "forms.xml",
            remark,
            "nothing has to be done if that is as meant",
        )
    });
    unlisted.chain(remarks).collect()
}

fn entries(reading: &Reading<'_>) -> Result<Vec<Finding>, StorageError> {
    let mut findings = Vec::new();
    for entry in reading.schema().catalogs() {
        let (catalog, subject) =
            (entry.catalog, format!("{} [{}] {}", entry.name, entry.catalog, entry.text_en));
        // Other external systems are only needed by other connectors.
        let needed = catalog.to_string() == CONTENT_TYPES
            || (catalog.to_string() == EXTERNAL_SYSTEMS && entry.text_en == CLIENT_TYPE);
        let level = if needed { Level::Error } else { Level::Warning };
        match catalogs::find(reading, entry)? {
            None => {
                let action = "add it: POST /CRMinterface/catalogs, or start the CRM anew";
                findings.push(Finding::new(
                    level,
                    "catalog-entry-missing",
                    subject,
                    "the catalog has no such entry",
                    action,
                ));
            }
            Some(found) if found.is("Locked") => {
                let text = "the catalog's entry is locked, so it counts as missing";
                findings.push(Finding::new(level, "catalog-entry-locked", subject, text, "unlock it"));
            }
            Some(_) => {}
        }
    }
    Ok(findings)
}

/// How many reps can be served, and what keeps the others from it.
fn reps(
    reading: &Reading<'_>,
    needs_person: bool,
    findings: &mut Vec<Finding>,
) -> Result<usize, StorageError> {
    let reps = reading.find("ID", &[], MOST_REPS)?;
    let mut with_address = BTreeMap::<EmailAddress, usize>::new();
    for rep in reps.iter().filter(|rep| !rep.is("Inactive")) {
        *with_address.entry(EmailAddress::new(rep.get("Email"))).or_default() += 1;
    }
    let mut ready = 0;
    for rep in &reps {
        let shared = with_address.get(&EmailAddress::new(rep.get("Email"))).is_some_and(|count| *count > 1);
        let found = rep_findings(reading, rep, shared, needs_person)?;
        let served = rep.is("ConnectorEnabled") && !rep.is("Inactive");
        if served && found.iter().all(|finding| finding.level != Level::Error) {
            ready += 1;
        }
        findings.extend(found);
    }
    if ready == 0 {
        let text = "no rep can be served: no mailbox will be synchronised";
        let action = "set Enable connector settings, and a kind, at a rep (setup guide, step 2)";
        findings.push(Finding::new(Level::Error, "no-rep-ready", "Rep", text, action));
    }
    Ok(ready)
}

fn rep_findings(
    reading: &Reading<'_>,
    rep: &Record,
    shared: bool,
    needs_person: bool,
) -> Result<Vec<Finding>, StorageError> {
    let subject = if rep.get("Login").is_empty() { rep.get("Name") } else { rep.get("Login") };
    let finding = |level, check, text: &str, action: &str| Finding::new(level, check, subject, text, action);
    let flagged = FLAGS.iter().any(|flag| rep.is(flag));
    if rep.is("Inactive") {
        let enabled = rep.is("ConnectorEnabled").then(|| {
            finding(
                Level::Warning,
                "rep-inactive",
                "the rep is inactive and is not synchronised",
                "clear Inactive if he should be",
            )
        });
        return Ok(enabled.into_iter().collect());
    }
    if !rep.is("ConnectorEnabled") {
        let level = if flagged { Level::Warning } else { Level::Note };
        let text = "Enable connector settings is not set: the rep is not synchronised";
        return Ok(vec![finding(level, "rep-not-enabled", text, "set it if he should be")]);
    }
    let mut findings = Vec::new();
    if !flagged {
        let text = "no kind is switched on: nothing of the rep is synchronised";
        findings.push(finding(
            Level::Error,
            "rep-without-kind",
            text,
            "set Synchronize e-mails, appointments, tasks or address book",
        ));
    }
    if rep.get("Email").is_empty() {
        let text = "the rep has no e-mail address, so no mailbox is his";
        findings.push(finding(Level::Error, "rep-without-address", text, "enter the address of his mailbox"));
    } else if shared {
        let text = "another active rep has the same e-mail address: nobody can tell whose the mailbox is";
        findings.push(finding(
            Level::Error,
            "rep-address-shared",
            text,
            "take the address away from one of them",
        ));
    }
    if !right(reading, rep)?.connector {
        let text = format!(
            "his right \"{}\" lacks GroupwareConnector: no connector may act for him",
            rep.get("Right")
        );
        let action = "give it to the right (table Right), or give him another right";
        findings.push(finding(Level::Error, "rep-without-right", &text, action));
    }
    let person = [("PeGrp", rep.get("PeGrp")), ("PeNo", rep.get("PeNo"))];
    if needs_person && (rep.get("PeNo").is_empty() || reading.find("KP", &person, 1)?.is_empty()) {
        let text = "no person is linked to the rep: his appointments stand at nobody";
        findings.push(finding(
            Level::Warning,
            "rep-without-person",
            text,
            "link his person record (setup guide, step 2)",
        ));
    }
    Ok(findings)
}
