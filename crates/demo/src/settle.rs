//! Waiting until both sides agree.

use crate::DemoError;
use crate::progress::{Progress, cycles, have_cycled, totals, unsettled, writes};
use crate::sides::Sides;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tandem_model::Kind;
use tandem_store::KindCounts;

/// Pause between two looks.
pub(crate) const LOOK: Duration = Duration::from_millis(200);

/// How the wait ended.
pub(crate) struct Settled {
    /// The links by kind, as they were in the end.
    pub(crate) totals: BTreeMap<Kind, KindCounts>,
    /// What was still open when patience ended; none when everything settled.
    pub(crate) open: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Waits until every one of `expected` mailboxes has completed two further cycles in which nobody wrote anything and
/// nothing is open. `look` is shown the counts at each look, and ends the wait with an error.
pub(crate) async fn settle(
    progress: &Progress,
    sides: &Sides,
    expected: usize,
    patience: Duration,
    mut look: impl FnMut(&BTreeMap<Kind, KindCounts>) -> Result<(), DemoError>,
) -> Result<Settled, DemoError> {
    let begun = Instant::now();
    let mut quiet = None;
    loop {
        let (status, now) = (progress.status().await?, writes(sides).await?);
        let (open, totals) = (unsettled(&status, expected), totals(&status));
        look(&totals)?;
        match &quiet {
            // One may have been under way already: the two after it count.
            Some((then, since)) if open.is_none() && *then == now => {
                if have_cycled(&status, since, 3) {
                    return Ok(Settled { totals, open: None, took: begun.elapsed() });
                }
            }
            _ => quiet = Some((now, cycles(&status))),
        }
        if begun.elapsed() > patience {
            let open = open.unwrap_or_else(|| "writes go on and on".to_owned());
            return Ok(Settled { totals, open: Some(open), took: begun.elapsed() });
        }
        tokio::time::sleep(LOOK).await;
    }
}
