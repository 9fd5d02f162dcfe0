//! The connector as a process.

use super::{Cost, PATIENCE, set};
use std::path::Path;
use std::time::{Duration, Instant};

/// Pause between two looks at the connector's store.
const LOOK: Duration = Duration::from_millis(25);

/// So long nothing may happen: longer than the pause between two cycles.
const QUIET: Duration = Duration::from_secs(3);

/// Lets the connector do its first synchronisation.
pub async fn run(dir: &Path, mailboxes: usize) -> Cost {
    let mut stage = set(dir, mailboxes).await;
    let begun = Instant::now();
    let mut connector = stage.start_connector().expect("the connector");
    connector.get_ready().await.expect("the connector");
    let (mut writes, mut cost) = (None, Cost::default());
    // What looks like the end may be a pause: it was the end when nothing is open and nobody writes any more.
    while writes.is_none() || begun.elapsed() < cost.wall + QUIET {
        let open = stage.unsettled().await.expect("the store");
        let wall = begun.elapsed();
        assert!(wall < PATIENCE, "not settled: {open:?}");
        match open {
            Some(_) => writes = None,
            None => {
                let now = stage.writes().await.expect("the counters");
                if writes.replace(now) != Some(now) {
                    cost = Cost { wall, cpu: connector.processor_time(), memory: connector.peak_memory() };
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    assert_eq!(stage.converged(&mut connector, PATIENCE).await.expect("the end"), None);
    connector.end().await;
    stage.strike().await;
    cost
}
