//! What the demonstration ends with.

use crate::corpus::CorpusCounts;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tandem_audit::Report;
use tandem_model::Kind;
use tandem_store::KindCounts;

/// The outcome of `tandem demo --once`; of the live demonstration, what it was when somebody ended it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Links of all mailboxes by kind and state.
    pub kinds: BTreeMap<Kind, KindCounts>,
    /// The corpus, file by file, when there was one.
    pub corpus: Option<CorpusCounts>,
    /// The second opinion.
    pub audit: Report,
    /// Writes on either side in two further cycles of every mailbox, when nobody edited.
    pub idle_writes: u64,
    /// Graph requests of the connector.
    pub requests: u64,
    /// From the start of the first process to the verdict.
    pub seconds: f64,
    /// The connector's peak of resident memory.
    pub peak_rss_bytes: u64,
    /// What did not settle in time; none when everything did.
    pub unsettled: Option<String>,
    /// Whether it was the live demonstration, which is over when somebody ends it and has no verdict.
    pub live: bool,
}

impl Outcome {
    /// Whether every item has a terminal state and nobody complains.
    pub fn is_clean(&self) -> bool {
        self.live
            || (self.unsettled.is_none()
                && self.kinds.values().all(|counts| failed(counts) == 0)
                && self.corpus.as_ref().is_none_or(CorpusCounts::adds_up)
                && self.audit.is_clean()
                && self.idle_writes == 0)
    }

    /// The document that `--json` prints.
    pub fn json(&self) -> Value {
        let kinds: Map<String, Value> =
            self.kinds.iter().map(|(kind, counts)| (kind.as_str().to_owned(), kind_json(counts))).collect();
        let totals = self.audit.totals();
        let mut document = json!({
            "kinds": kinds,
            "audit": {"m365_only": totals.m365_only, "crm_only": totals.crm_only, "different": totals.different},
            "duplicates": totals.duplicates,
            "idle_writes": self.idle_writes,
            "requests": self.requests,
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
            "peak_rss_bytes": self.peak_rss_bytes,
        });
        if let Some(corpus) = &self.corpus {
            document["corpus"] = corpus.json();
        }
        document
    }
}

/// Not settled counts as failed: nobody may hide behind "not yet".
fn failed(counts: &KindCounts) -> u64 {
    counts.failed + counts.waiting + counts.held
}

fn kind_json(counts: &KindCounts) -> Value {
    let failed = failed(counts);
    let left_out = counts.skipped.values().sum::<u64>() + counts.refused.values().sum::<u64>();
    json!({
        "in_scope": counts.linked + left_out + failed,
        "linked": counts.linked,
        "skipped": counts.skipped,
        "refused": counts.refused,
        "failed": failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_store::State;

    fn outcome() -> Outcome {
        let mut mail = KindCounts::default();
        mail.add(State::Linked, "", 7);
        mail.add(State::Skipped, "owner-missing", 2);
        mail.add(State::Refused, "too-large", 1);
        let kinds = Kind::ALL
            .into_iter()
            .map(|kind| (kind, if kind == Kind::Mail { mail.clone() } else { KindCounts::default() }))
            .collect();
        Outcome { kinds, requests: 5, seconds: 1.23456, peak_rss_bytes: 1024, ..Outcome::default() }
    }

    #[test]
    fn the_document_has_the_promised_shape() {
        // The order of members means nothing, and depends on what else is built along.
        insta::with_settings!({sort_maps => true}, { insta::assert_json_snapshot!(outcome().json()) });
    }

    #[test]
    fn what_is_open_is_no_success() {
        let mut outcome = outcome();
        assert!(outcome.is_clean());
        outcome.kinds.entry(Kind::Task).or_default().waiting = 1;
        assert!(!outcome.is_clean());
        assert_eq!(outcome.json()["kinds"]["task"]["failed"], 1);
    }

    #[test]
    fn idle_writes_and_complaints_are_no_success() {
        assert!(!Outcome { idle_writes: 1, ..outcome() }.is_clean());
        let mut complained = outcome();
        let finding = tandem_audit::Finding { title: "x".into(), place: "y".into(), why: "z".into() };
        complained.audit.kinds.entry(tandem_audit::Kind::Mail).or_default().crm_only.push(finding);
        assert!(!complained.is_clean());
    }
}
