//! When to stop and ask before deleting.

/// Counts the deletions of one cycle, of one kind, and stops when they are too many: more than `count` *and* more than
/// `percent` of what is linked. A mailbox that lost its calendar, or a CRM that lost a table,
/// looks exactly like a user who deleted everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteGuard {
    /// Deletions up to this number always pass.
    pub count: u64,
    /// Deletions up to this share of the linked items always pass, in percent.
    pub percent: u64,
    /// Linked items at the start of the cycle.
    pub linked: u64,
    /// Deletions that earlier cycles held.
    pub held: u64,
    /// Deletions that were asked for so far, the held ones among them.
    pub deleted: u64,
}

impl DeleteGuard {
    /// Whether so many further deletions, which come up together, may pass: all of them, or none. They are counted
    /// either way, for what was asked for once does not become less by being asked for in parts.
    pub fn admit(&mut self, deletions: u64) -> bool {
        self.deleted = self.deleted.saturating_add(deletions);
        self.is_few(self.deleted)
    }

    /// Whether what was held may pass now: all of it together, or nothing.
    pub fn releases(&self) -> bool {
        self.is_few(self.held)
    }

    fn is_few(&self, deletions: u64) -> bool {
        deletions <= self.count || deletions.saturating_mul(100) <= self.percent.saturating_mul(self.linked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_deletions_at_once_are_held_all_together() {
        let guard = DeleteGuard { count: 3, percent: 25, linked: 20, held: 0, deleted: 0 };
        assert!({ guard }.admit(5), "a quarter of twenty");
        let mut many = guard;
        assert!(!many.admit(6));
        assert!(!many.admit(1), "the seventh");
        let mut small = DeleteGuard { linked: 3, ..guard };
        assert!((0..3).all(|_| small.admit(1)), "three always pass");
        assert!(!small.admit(1));
    }

    #[test]
    fn what_is_held_does_not_trickle_through() {
        let mut guard = DeleteGuard { count: 3, percent: 25, linked: 20, held: 15, deleted: 15 };
        assert!(!guard.admit(1), "fifteen are asked for already");
        assert!(!guard.releases());
        let raised = DeleteGuard { percent: 80, ..guard };
        assert!(raised.releases(), "an administrator raised the limit");
    }
}
