//! What the filters let through.

use crate::{ActingRep, InfoArea, Record, RecordSet, Rules};
use tandem_model::Kind;

/// Whether the connector is shown the records at all: the conditions of `SyncHandler` in `forms.xml` (`Default` and
/// the kind's own), and for contacts the Autosync switches of `settings.xml`.
pub fn visible(kind: Kind, set: &RecordSet, acting: &ActingRep, rules: &Rules) -> bool {
    let in_scope = kind != Kind::Contact || in_address_book(&set.primary, acting, rules);
    in_scope && rules.forms.filters(kind).all(|condition| condition.holds(set))
}

fn in_address_book(record: &Record, acting: &ActingRep, rules: &Rules) -> bool {
    let switches = &rules.switches;
    let sort = match record.info_area {
        InfoArea::Company => switches.synchronize_companies,
        _ if record.get("CoNo").is_empty() => switches.synchronize_persons,
        _ => switches.synchronize_contact_persons,
    };
    let favorite = !switches.filter_by_favorites || record.is("Favorite");
    let own = !switches.filter_by_rep || record.number("RepID") == Some(acting.rep_id);
    // Who belongs to no group has none of its records.
    let group = !switches.filter_by_salesgroup
        || (!acting.sales_group.is_empty() && record.get("SalesGroup") == acting.sales_group);
    sort && favorite && own && group
}
