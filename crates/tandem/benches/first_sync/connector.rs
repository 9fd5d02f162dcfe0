//! The connector as a process.

use super::{Cost, PATIENCE, set};
use std::path::Path;
use std::time::{Duration, Instant};

/// Pause between two looks at the connector's store.
const LOOK: Duration = Duration::from_millis(25);

/// Lets the connector do its first synchronisation.
pub async fn run(dir: &Path, mailboxes: usize) -> Cost {
    let mut stage = set(dir, mailboxes).await;
    let begun = Instant::now();
    let mut connector = stage.start_connector().expect("the connector");
    connector.get_ready().await.expect("the connector");
    let cost = loop {
        while let Some(open) = stage.unsettled().await.expect("the store") {
            assert!(begun.elapsed() < PATIENCE, "not settled: {open}");
            tokio::time::sleep(LOOK).await;
        }
        let wall = begun.elapsed();
        let cost = Cost { wall, cpu: connector.processor_time(), memory: connector.peak_memory() };
        let writes = stage.writes().await.expect("the counters");
        // What looked like the end may have been a pause; it was the end when nothing is written afterwards.
        assert_eq!(stage.converged(&mut connector, PATIENCE).await.expect("the end"), None);
        if stage.writes().await.expect("the counters") == writes {
            break cost;
        }
        // Echoes and latecomers belong to the first synchronisation.
        let wall = begun.elapsed();
        println!("writes after {:.2} s; the end is at {:.2} s", cost.wall.as_secs_f64(), wall.as_secs_f64());
        break Cost { wall, cpu: connector.processor_time(), memory: connector.peak_memory() };
    };
    connector.end().await;
    stage.strike().await;
    cost
}
