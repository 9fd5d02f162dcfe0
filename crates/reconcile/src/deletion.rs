//! When to stop and ask before deleting.

/// Counts the deletions of one cycle, of one kind, towards one side, and stops when they are too many: more than
/// `count` *and* more than `percent` of what is linked. A mailbox that lost its calendar, or a CRM that lost a table,
/// looks exactly like a user who deleted everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteGuard {
    /// Deletions up to this number always pass.
    pub count: u64,
    /// Deletions up to this share of the linked items always pass, in percent.
    pub percent: u64,
    /// Linked items at the start of the cycle.
    pub linked: u64,
    /// Deletions so far.
    pub deleted: u64,
}

impl DeleteGuard {
    /// Whether one more deletion may pass; counts it if so.
    pub fn admit(&mut self) -> bool {
        let next = self.deleted + 1;
        let few = next <= self.count || next.saturating_mul(100) <= self.percent.saturating_mul(self.linked);
        if few {
            self.deleted = next;
        }
        few
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_deletions_at_once_are_held() {
        let mut guard = DeleteGuard { count: 3, percent: 25, linked: 20, deleted: 0 };
        let admitted = (0..20).filter(|_| guard.admit()).count();
        assert_eq!(admitted, 5, "a quarter of twenty");
        let mut small = DeleteGuard { count: 3, percent: 25, linked: 3, deleted: 0 };
        assert_eq!((0..3).filter(|_| small.admit()).count(), 3, "three always pass");
    }
}
