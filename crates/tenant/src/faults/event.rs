//! What happens in a mailbox without a request of the application.

use super::catalogue::{Effect, Fault};
use super::rule::FaultError;
use crate::access::PermissionDelay;
use crate::ids::{ItemNo, MailboxNo};
use crate::subscriptions::LifecycleEvent;
use crate::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// Lets an event of the catalogue happen.
pub fn happen(
    tenant: &mut Tenant,
    fault: &'static Fault,
    with: &Map<String, Value>,
    mailbox: MailboxNo,
    now: Timestamp,
) -> Result<(), FaultError> {
    match fault.effect {
        Effect::Touch => {
            let items = fault.count(with, "items").unwrap_or(0);
            tenant.touch(mailbox, usize::try_from(items).unwrap_or(usize::MAX), now);
        }
        Effect::RenameMailbox => {
            let old = tenant.mailbox(mailbox).user.mail.clone();
            let to = fault.text(with, "to").map_or_else(|| format!("renamed.{old}"), str::to_owned);
            tenant.rename_user(mailbox, &to, fault.switch(with, "keep_proxy"))?;
        }
        Effect::RenameFolder => {
            let text = |name| fault.text(with, name).unwrap_or_default();
            let (path, to) = (text("folder"), text("to"));
            let store = tenant.mailbox_mut(mailbox);
            let found = store.folders.keys().copied().find(|no| store.folder_path(*no) == path);
            if let Some((no, folder)) = found.and_then(|no| Some((no, store.folders.get_mut(&no)?))) {
                folder.name = to.into();
                store.folder_log.changed(no);
            }
        }
        Effect::Leave => {
            let until = fault
                .number(with, "seconds")
                .and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok())
                .and_then(|span| now.checked_add(span).ok());
            tenant.faults.away.insert(mailbox, (until, fault));
        }
        Effect::Return => {
            tenant.faults.away.remove(&mailbox);
        }
        Effect::SlowPermissions => happen_to_all(tenant, fault),
        Effect::MissNotifications => tenant.befall_all(mailbox, LifecycleEvent::Missed, now),
        Effect::RemoveSubscriptions => tenant.befall_all(mailbox, LifecycleEvent::SubscriptionRemoved, now),
        _ => return Err(FaultError::NeedsRequest(fault.name.clone())),
    }
    Ok(())
}

/// Lets happen what concerns the tenant as a whole.
pub fn happen_to_all(tenant: &mut Tenant, fault: &'static Fault) {
    if fault.effect == Effect::SlowPermissions {
        tenant.settings.behaviour.permission_delay = PermissionDelay::Real;
    }
}

impl Tenant {
    /// Gives some items of each kind another version and time of change.
    fn touch(&mut self, mailbox: MailboxNo, items: usize, now: Timestamp) {
        self.subscriptions.touch(mailbox);
        let Self { mailboxes, sequence, .. } = self;
        let store = &mut mailboxes[mailbox.0 as usize];
        for (no, message) in store.messages.iter_mut().rev().take(items) {
            message.stamp.touch(now, sequence.change());
            if let Some(folder) = store.folders.get_mut(&message.folder) {
                folder.log.changed(*no);
            }
        }
        for (no, event) in store.events.iter_mut().rev().take(items) {
            event.stamp.touch(now, sequence.change());
            if let Some(calendar) = store.calendars.iter_mut().find(|one| one.no == event.calendar) {
                calendar.log.changed(*no);
            }
        }
        for (no, contact) in store.contacts.iter_mut().rev().take(items) {
            contact.stamp.touch(now, sequence.change());
            if let Some(folder) = store.contact_folders.get_mut(&contact.folder) {
                folder.log.changed(*no);
            }
        }
        for list in store.lists.values_mut() {
            for (no, task) in list.tasks.iter_mut().rev().take(items) {
                task.stamp.touch(now, sequence.change());
                list.log.changed(*no);
            }
        }
    }

    /// Gives a user another address and sign-in name. The old address stays as a proxy address, or is nobody's.
    fn rename_user(&mut self, mailbox: MailboxNo, to: &str, keep_proxy: bool) -> Result<(), FaultError> {
        if self.find_user(to).is_some_and(|owner| owner != mailbox) {
            return Err(FaultError::Taken(to.to_owned()));
        }
        let user = &mut self.mailbox_mut(mailbox).user;
        let old = [user.mail.to_lowercase(), user.user_principal_name.to_lowercase()];
        let mut proxies: Vec<Box<str>> = vec![format!("SMTP:{to}").into()];
        for proxy in &user.proxy_addresses {
            let address = proxy.get(5..).unwrap_or_default();
            let is_old = old.contains(&address.to_lowercase());
            if !address.eq_ignore_ascii_case(to) && (keep_proxy || !is_old) {
                proxies.push(format!("smtp:{address}").into());
            }
        }
        user.proxy_addresses = proxies;
        user.mail = to.into();
        user.user_principal_name = to.into();
        if !keep_proxy {
            for address in &old {
                self.by_address.remove(address);
            }
        }
        self.by_address.insert(to.to_lowercase(), mailbox);
        self.users_log.changed(ItemNo(u64::from(mailbox.0)));
        Ok(())
    }
}
