//! Logs go to standard error. `TANDEM_LOG` says how much (`debug`, `tandem_engine=trace` …); without it `info`, or what
//! the command says.

use tracing_subscriber::EnvFilter;

/// Starts logging; `usual` says how much where the environment does not.
pub(crate) fn start(json: bool, usual: &str) {
    let filter = EnvFilter::try_from_env("TANDEM_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    if json {
        builder.json().init();
    } else {
        builder.init();
    }
}
