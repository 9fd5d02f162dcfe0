//! `tandem tenant`: the simulated Microsoft 365 tenant by itself.

use super::Failure;
use crate::cli::Tenant;
use crate::{output, stop};
use std::process::ExitCode;
use tandem_tenant::{Options, SeedUsers, TenantSettings, Tls};

/// Serves until asked to stop.
pub(crate) async fn run(args: Tenant) -> Result<ExitCode, Failure> {
    let users = if args.empty { SeedUsers::None } else { SeedUsers::Company };
    let public_host = args.public_host;
    let tls = args.tls_cert.zip(args.tls_key).map(|(cert, key)| Tls { cert, key, public_host });
    let settings = TenantSettings::default();
    let options = Options {
        listen: args.listen,
        control: args.control,
        settings,
        users,
        fill: args.fill,
        tls,
        ..Options::default()
    };
    let running = tandem_tenant::serve(options).await?;
    output::line(&running.ready_line());
    stop::asked_to_stop().await;
    running.stop().await?;
    Ok(ExitCode::SUCCESS)
}
