//! What people call an item.

use tandem_model::Kind;
use tandem_store::{Link, State};

/// What people call the item, as far as the connector keeps it: of e-mails, and of what a rule leaves out, it keeps
/// nothing but ids.
pub(super) fn title(link: &Link) -> Option<String> {
    if link.state == State::Skipped {
        return None;
    }
    let document = &link.base.as_ref()?.m365;
    let field = |name: &str| document.get(name).as_str().unwrap_or_default().trim().to_owned();
    let title = match link.kind {
        Kind::Contact => format!("{} {}", field("given_name"), field("surname")).trim().to_owned(),
        Kind::Mail | Kind::Appointment | Kind::Task | Kind::Absence => field("subject"),
    };
    (!title.is_empty()).then_some(title)
}
