//! Reminders: put off and put away. Both are the owner's own business; nobody is mailed.

use super::EventRef;
use crate::error::GraphError;
use crate::ids::MailboxNo;
use crate::tenant::Tenant;
use jiff::Timestamp;

impl Tenant {
    /// Puts a reminder away. That of a series goes on with the next occurrence.
    pub(crate) fn dismiss_reminder(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let mut event = self.event(mailbox, at)?.clone();
        if !event.is_series() {
            event.content.is_reminder_on = false;
        }
        event.stamp.touch(now, self.sequence.change());
        self.mailbox_mut(mailbox).put_event(event);
        Ok(())
    }

    /// Puts a reminder off. When it rings next is not among the properties of an event; only its version changes.
    pub(crate) fn snooze_reminder(
        &mut self,
        mailbox: MailboxNo,
        at: EventRef,
        now: Timestamp,
    ) -> Result<(), GraphError> {
        let mut event = self.event(mailbox, at)?.clone();
        event.stamp.touch(now, self.sequence.change());
        self.mailbox_mut(mailbox).put_event(event);
        Ok(())
    }
}
