//! Logs go to standard error. `TANDEM_LOG` says how much (`info` by default, `debug`, `tandem_engine=trace` …).

use tracing_subscriber::EnvFilter;

/// Starts logging.
pub(crate) fn start(json: bool) {
    let filter = EnvFilter::try_from_env("TANDEM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    if json {
        builder.json().init();
    } else {
        builder.init();
    }
}
