//! When a fault is played: to which requests, how often, how likely, and when.

use super::catalogue::{Fault, Only, fault};
use super::facts::Facts;
use crate::ids::mix;
use crate::tenant::Tenant;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An order to play a fault. Whatever is left out does not restrict it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Its name in the catalogue.
    pub fault: String,
    /// Values of its parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// Method of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path below the version; `*` stands for one segment, `**` at the end for any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What the request is about: `messages`, `attachments`, `folders`, `events`, `contacts`, `tasks`, `lists`,
    /// `users`, `subscriptions`, `batch` (the envelope), `uploads` or `token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Id or address of the mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// How likely it is, from 0 to 1; drawn from the tenant's seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The first of the matching requests that it happens to, from 1. `count` is 1 then, if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// How often at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// From when on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Why a fault cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such fault.
    #[error("there is no fault '{0}'; GET /faults of the control API lists them all")]
    Unknown(String),
    /// A parameter does not fit.
    #[error("{0}")]
    Parameter(String),
    /// Another part of the rule does not fit.
    #[error("the rule for '{fault}' has {what}")]
    Rule {
        /// The fault.
        fault: String,
        /// What is wrong.
        what: String,
    },
    /// The fault happens to requests only.
    #[error("'{0}' happens to a request: order it by a rule")]
    NeedsRequest(String),
    /// The fault happens in a mailbox, and that is not known.
    #[error("'{fault}' happens in a mailbox, and there is none of '{mailbox}'")]
    Mailbox {
        /// The fault.
        fault: String,
        /// Who was named.
        mailbox: String,
    },
    /// The new address belongs to somebody.
    #[error("the address '{0}' is taken")]
    Taken(String),
    /// The text of a fault file is not what it should be.
    #[error("{0}")]
    Text(String),
    /// A fault file cannot be used.
    #[error("cannot play the faults of {file}: {why}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
}

const RESOURCES: [&str; 12] = [
    "messages",
    "attachments",
    "folders",
    "events",
    "contacts",
    "tasks",
    "lists",
    "users",
    "subscriptions",
    "batch",
    "uploads",
    "token",
];

/// A rule that is in force.
#[derive(Debug, Clone)]
pub struct Armed {
    pub id: u64,
    pub rule: FaultRule,
    pub fault: &'static Fault,
    pub matched: u64,
    pub played: u64,
}

impl Armed {
    /// A rule in force; refused if it says what cannot be.
    pub fn new(id: u64, rule: FaultRule) -> Result<Self, FaultError> {
        let fault = fault(&rule.fault).ok_or_else(|| FaultError::Unknown(rule.fault.clone()))?;
        if let Some(why) = fault.refuses(&rule.with) {
            return Err(FaultError::Parameter(why));
        }
        let wrong = |what: String| Err(FaultError::Rule { fault: rule.fault.clone(), what });
        if let Some(resource) = rule.resource.as_deref().filter(|one| !RESOURCES.contains(one)) {
            return wrong(format!("a resource '{resource}'; it is one of {}", RESOURCES.join(", ")));
        }
        if let Some(odds) = rule.probability.filter(|odds| !(0.0..=1.0).contains(odds)) {
            return wrong(format!("the probability {odds}; it is from 0 to 1"));
        }
        if rule.nth == Some(0) {
            return wrong("'nth' = 0; the first request is 1".to_owned());
        }
        Ok(Self { id, rule, fault, matched: 0, played: 0 })
    }

    /// Whether the fault happens to a request. Counts, so it is asked once a request.
    pub fn happens(&mut self, tenant: &Tenant, facts: &Facts<'_>, now: Timestamp) -> bool {
        let rule = &self.rule;
        let most = rule.count.or(rule.nth.map(|_| 1));
        if most.is_some_and(|most| self.played >= most)
            || rule.from.is_some_and(|from| now < from)
            || rule.until.is_some_and(|until| now >= until)
            || !self.matches(tenant, facts)
        {
            return false;
        }
        self.matched += 1;
        let early = self.rule.nth.is_some_and(|nth| self.matched < nth);
        if early || !self.lucky(tenant.settings.seed) {
            return false;
        }
        self.played += 1;
        true
    }

    fn matches(&self, tenant: &Tenant, facts: &Facts<'_>) -> bool {
        let rule = &self.rule;
        let only = match self.fault.only {
            None => true,
            Some(Only::FollowingPage) => facts.follows_page,
            Some(Only::Delta) => facts.is_delta,
            Some(Only::Token) => facts.is_delta && facts.token.is_some(),
            Some(Only::Move) => facts.method == "POST" && matches!(facts.last(), "move" | "copy"),
            Some(Only::Create) => facts.method == "POST",
            Some(Only::Notification) => facts.is_notification,
        };
        only && rule.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(facts.method))
            && rule.resource.as_deref().is_none_or(|resource| resource == facts.resource)
            && rule.path.as_deref().is_none_or(|pattern| fits(pattern, facts.names))
            && rule
                .mailbox
                .as_deref()
                .is_none_or(|who| facts.owner.is_some() && tenant.find_user(who) == facts.owner)
    }

    /// A draw that depends on the seed, the rule and how many requests matched before.
    fn lucky(&self, seed: u64) -> bool {
        let Some(odds) = self.rule.probability else { return true };
        let drawn = mix(seed ^ mix(self.id) ^ mix(self.matched.wrapping_mul(0x9E37_79B9)));
        // The upper 53 bits are a number from 0 to 1 that a float can hold.
        ((drawn >> 11) as f64) < odds * 9_007_199_254_740_992.0
    }
}

/// Whether a path fits a pattern.
fn fits(pattern: &str, names: &[String]) -> bool {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let (parts, open) = match parts.split_last() {
        Some((&"**", rest)) => (rest, true),
        _ => (&parts[..], false),
    };
    let enough = if open { names.len() >= parts.len() } else { names.len() == parts.len() };
    enough && parts.iter().zip(names).all(|(part, name)| *part == "*" || part.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_segment_by_segment() {
        let path = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        assert!(fits("/users/*/messages", &path("users/a@b/messages")));
        assert!(!fits("/users/*/messages", &path("users/a@b/messages/1")));
        assert!(fits("/users/*/messages/**", &path("users/a@b/messages/1/move")));
        assert!(fits("/users/**", &path("users")));
        assert!(!fits("/users/*", &path("users")));
    }
}
