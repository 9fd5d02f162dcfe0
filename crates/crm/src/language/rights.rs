//! What a speaker may see and change.

use crate::authentication::Speaker;
use crate::storage::Author;
use tandem_groupware::Rules;

/// Tables that only administrators change: reps, external keys, catalogs, rights, the journal.
const ADMINISTRATION: [&str; 5] = ["ID", "XK", "KA", "RI", "JO"];

/// Tables whose records belong to an activity.
const OF_ACTIVITIES: [&str; 4] = ["MB", "TD", "D1", "D2"];

/// Tables whose records belong to the rep whom they name.
const OF_REPS: [&str; 4] = ["FI", "KP", "A1", "A3"];

/// What a speaker may see and change.
#[derive(Debug, Clone)]
pub(crate) struct Rights {
    pub author: Author,
    /// Whether text that is too long for its field is cut (`settings.xml`: *do not truncate field contents*).
    pub truncates: bool,
    /// Whether records that are somebody else's are hidden (`settings.xml`: *enable rights when reading records*).
    hides_others: bool,
    /// The rep for whom a connector speaks; none for an administrator, who may do everything.
    rep: Option<String>,
}

impl Rights {
    pub(crate) fn of(speaker: &Speaker, rules: &Rules) -> Self {
        match speaker {
            Speaker::Administrator(author) => Self::administrator(author.clone(), rules),
            Speaker::Rep(actor) => Self {
                author: actor.author.clone(),
                rep: Some(actor.rep_id.clone()),
                truncates: !rules.switches.do_not_truncate,
                hides_others: actor.hides_others(rules),
            },
        }
    }

    /// Everything.
    pub(crate) fn administrator(author: Author, rules: &Rules) -> Self {
        Self { author, rep: None, truncates: !rules.switches.do_not_truncate, hides_others: false }
    }

    /// What a rep may do who is signed in himself: the same as through a connector.
    pub(crate) fn of_rep(author: Author, reads_others: bool, rules: &Rules) -> Self {
        Self {
            rep: Some(author.principal.clone()),
            author,
            truncates: !rules.switches.do_not_truncate,
            hides_others: rules.switches.enable_rights_when_reading_records && !reads_others,
        }
    }

    /// The SQL condition that records of `area`, known as `name`, must meet, and the values of its marks: private
    /// activities, and what belongs to them, are for those whom they concern.
    pub(crate) fn restriction(&self, area: &str, name: &str) -> Option<(String, Vec<String>)> {
        let rep = self.rep.clone()?;
        let which = |activity: &str| match self.hides_others {
            true => String::new(),
            false => format!("COALESCE({activity}.\"Private\", '') = 'true' AND "),
        };
        let hidden = |activity: &str| {
            format!(
                "{}{activity}.\"RepID\" IS NOT ? AND NOT EXISTS \
                 (SELECT 1 FROM feed WHERE feed.rep = ? AND feed.area = 'MA' AND feed.record = {activity}._id)",
                which(activity)
            )
        };
        if self.hides_others && OF_REPS.contains(&area) {
            return Some((format!("{name}.\"RepID\" IS ?"), vec![rep]));
        }
        let text = if area == "MA" {
            // An exception of a series is hidden with its own mark: it is never in a feed.
            format!("NOT ({})", hidden(name))
        } else if OF_ACTIVITIES.contains(&area) {
            format!(
                "NOT EXISTS (SELECT 1 FROM \"MA\" AS owner WHERE owner.\"SeqNo\" = {name}.\"ContactSeqNo\" \
                 AND owner.\"StatNo\" = {name}.\"ContactStatNo\" AND {})",
                hidden("owner")
            )
        } else {
            return None;
        };
        Some((text, vec![rep.clone(), rep]))
    }

    /// Whether the speaker may do everything.
    pub(crate) fn are_all(&self) -> bool {
        self.rep.is_none()
    }

    /// Whether records of an info area may be written.
    pub(crate) fn may_write(&self, area: &str) -> bool {
        self.rep.is_none() || !ADMINISTRATION.contains(&area)
    }
}
