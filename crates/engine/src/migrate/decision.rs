//! What a person decides about a doubt.

use super::plan::{Candidate, Doubted};
use tandem_model::{GraphId, RecordId};

/// A decision, as it is written in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nobody has decided (an empty text): nothing of it travels until somebody does.
    Open,
    /// `leave`: nothing of it travels, for good.
    Leave,
    /// `separate`: each is a thing of its own, and travels as new.
    Separate,
    /// `r1=c1`, several separated by commas: these are pairs. What is not named is left.
    Pairs(Vec<(usize, usize)>),
}

/// A decision that does not fit its doubt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "doubt {doubt}: \"{text}\" is no decision about it: {why}. Say leave, separate, or which record is which copy, as in r1=c1"
)]
pub struct UnfitDecision {
    /// Which doubt.
    pub doubt: String,
    /// What was written.
    pub text: String,
    /// What does not fit.
    pub why: String,
}

impl Doubted {
    /// What was decided.
    ///
    /// # Errors
    /// When the text is none of the words, or names what the doubt does not hold, or names something twice.
    pub fn decided(&self) -> Result<Decision, UnfitDecision> {
        let text = self.decision.trim();
        match text {
            "" => Ok(Decision::Open),
            "leave" => Ok(Decision::Leave),
            "separate" => Ok(Decision::Separate),
            _ => self.pairs(text).map(Decision::Pairs).map_err(|why| UnfitDecision {
                doubt: self.id.clone(),
                text: text.to_owned(),
                why,
            }),
        }
    }

    fn pairs(&self, text: &str) -> Result<Vec<(usize, usize)>, String> {
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for part in text.split(',') {
            let (record, copy) =
                part.split_once('=').ok_or_else(|| format!("\"{}\" has no =", part.trim()))?;
            let (record, copy) = (place(&self.record, record)?, place(&self.copy, copy)?);
            if pairs.iter().any(|(other, theirs)| *other == record || *theirs == copy) {
                return Err(format!("\"{}\" names something a second time", part.trim()));
            }
            pairs.push((record, copy));
        }
        Ok(pairs)
    }

    pub(super) fn records(&self) -> impl Iterator<Item = RecordId> {
        self.record.iter().map(|candidate| RecordId::new(&*candidate.id))
    }

    pub(super) fn copies(&self) -> impl Iterator<Item = GraphId> {
        self.copy.iter().map(|candidate| GraphId::new(&*candidate.id))
    }
}

fn place(candidates: &[Candidate], name: &str) -> Result<usize, String> {
    let name = name.trim();
    candidates
        .iter()
        .position(|candidate| candidate.name == name)
        .ok_or_else(|| format!("there is no {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_model::{EmailAddress, Kind};

    fn doubt(decision: &str) -> Doubted {
        let named = |name: &str| Candidate {
            name: name.to_owned(),
            id: format!("id-{name}"),
            folder: None,
            says: String::new(),
        };
        Doubted {
            id: "d1".to_owned(),
            mailbox: EmailAddress::new("ann@example.com"),
            kind: Kind::Task,
            why: String::new(),
            decision: decision.to_owned(),
            like: Vec::new(),
            record: vec![named("r1"), named("r2")],
            copy: vec![named("c1"), named("c2")],
        }
    }

    #[test]
    fn decisions_are_words_or_pairs() {
        assert_eq!(doubt("").decided(), Ok(Decision::Open));
        assert_eq!(doubt(" leave ").decided(), Ok(Decision::Leave));
        assert_eq!(doubt("separate").decided(), Ok(Decision::Separate));
        assert_eq!(doubt("r1=c2, r2 = c1").decided(), Ok(Decision::Pairs(vec![(0, 1), (1, 0)])));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        for (text, why) in [
            ("yes", "has no ="),
            ("r3=c1", "there is no r3"),
            ("r1=c1,r1=c2", "a second time"),
            ("c1=r1", "there is no c1"),
        ] {
            let error = doubt(text).decided().unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("doubt d1"), "{error}");
        }
    }
}
