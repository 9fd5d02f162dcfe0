//! `tandem tenant`: the simulated Microsoft 365 tenant by itself.

use super::Failure;
use crate::cli::{LimitsReading, Tenant};
use crate::{output, stop};
use std::process::ExitCode;
use tandem_tenant::{Concurrency, Limits, Options, Receivers, SeedUsers, TenantSettings, Tls};

/// Serves until asked to stop.
pub(crate) async fn run(args: Tenant) -> Result<ExitCode, Failure> {
    let users = if args.empty { SeedUsers::None } else { SeedUsers::Company };
    let public_host = args.public_host;
    let tls = args.tls_cert.zip(args.tls_key).map(|(cert, key)| Tls { cert, key, public_host });
    let mut settings = TenantSettings { seed: args.seed, ..TenantSettings::default() };
    if let Some(file) = &args.fault {
        settings = settings.with_fault_file(file)?;
    }
    match args.limits {
        None => {}
        Some(LimitsReading::PerMailbox) => settings.limits.concurrent_per = Concurrency::Mailbox,
        Some(LimitsReading::PerApp) => settings.limits.concurrent_per = Concurrency::App,
        Some(LimitsReading::Off) => settings.limits = Limits::none(),
    }
    let options = Options {
        listen: args.listen,
        control: args.control,
        settings,
        users,
        fill: args.fill,
        tls,
        clock: args.clock,
        receivers: Receivers { hosts: args.receiver, authority: args.receiver_ca },
    };
    let running = tandem_tenant::serve(options).await?;
    output::line(&running.ready_line());
    stop::asked_to_stop().await;
    running.stop().await?;
    Ok(ExitCode::SUCCESS)
}
