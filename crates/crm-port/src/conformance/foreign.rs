//! What other connectors noted.

use super::Site;
use super::asking::{Asking, ensure, task, two_reps};
use std::collections::BTreeSet;
use tandem_model::Kind;

pub(super) async fn keys_are_told(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let [rep, colleague] = two_reps(site).await?;
    let (record, _) = asking.add("foreign-own-key", task("Noted elsewhere", "")).await?;
    let noted = [
        ("older-1", Kind::Task, Some(rep.rep_id.as_str())),
        ("older-2", Kind::Task, None),
        ("older-3", Kind::Task, Some(colleague.rep_id.as_str())),
        ("older-4", Kind::Appointment, Some(rep.rep_id.as_str())),
    ];
    for (key, kind, whose) in noted {
        if !site.note_foreign(kind, &record, key, whose).await {
            let told = site.port().foreign_keys(&rep.rep_id, Kind::Task).await;
            let told = told.map_err(|error| error.to_string())?;
            return ensure(told.is_empty(), || format!("nothing was noted, but {told:?} is told"));
        }
    }
    let told = site.port().foreign_keys(&rep.rep_id, Kind::Task).await.map_err(|error| error.to_string())?;
    let keys: BTreeSet<&str> =
        told.iter().filter(|known| known.record == record).map(|known| known.key.as_str()).collect();
    ensure(keys == BTreeSet::from(["older-1", "older-2"]), || format!("{keys:?} is told of {record}"))?;
    ensure(told.iter().all(|known| known.key != "foreign-own-key"), || {
        "own keys are not foreign".to_owned()
    })?;
    let named = told.iter().filter(|known| known.record == record).all(|known| !known.system.is_empty());
    ensure(named, || "it is not said which connector noted the ids".to_owned())
}
