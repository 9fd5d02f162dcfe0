//! Links that were followed in one reading: a service that links in a circle must not hold us for ever.

use crate::GraphError;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// More pages than any mailbox or directory has.
const MOST_PAGES: usize = 100_000;

/// The way through the pages of one reading. It keeps a digest of each link, 8 bytes, and not the link itself, which
/// may be thousands of bytes long; two links with one digest would end a reading early, and the next one goes on.
#[derive(Debug, Clone)]
pub struct Trail {
    what: String,
    followed: BTreeSet<u64>,
}

impl Trail {
    /// A reading that begins. `what` says what is read, and where.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), followed: BTreeSet::new() }
    }

    /// Notes that the next page is asked for by this link. Fails with [`GraphError::Circle`] if the link was followed
    /// before in this reading, and when there were too many: what was read until then is right, but not complete, and
    /// says nothing about what it lacks.
    pub fn follow(&mut self, link: &str) -> Result<(), GraphError> {
        let mut hasher = DefaultHasher::new();
        link.hash(&mut hasher);
        let pages = self.followed.len();
        if pages < MOST_PAGES && self.followed.insert(hasher.finish()) {
            return Ok(());
        }
        Err(GraphError::Circle { what: self.what.clone(), pages })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_ends_at_the_first_link_that_comes_again_and_at_the_last_of_too_many() {
        let mut trail = Trail::new("reading");
        trail.follow("a").unwrap();
        trail.follow("b").unwrap();
        let circle = GraphError::Circle { what: "reading".into(), pages: 2 };
        assert_eq!(trail.follow("a").unwrap_err(), circle);

        let mut trail = Trail::new("reading");
        for page in 0..MOST_PAGES {
            trail.follow(&page.to_string()).unwrap();
        }
        let endless = GraphError::Circle { what: "reading".into(), pages: MOST_PAGES };
        assert_eq!(trail.follow("one more").unwrap_err(), endless);
    }
}
