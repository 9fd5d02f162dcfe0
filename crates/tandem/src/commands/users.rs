//! `tandem users`: the credentials in users.xml.

use super::Failure;
use crate::cli::{Users as Args, UsersAction};
use crate::output;
use std::path::Path;
use std::process::ExitCode;
use tandem_credentials::{Protection, Secret, Users};
use tandem_outside::bounded;

/// Shows or changes the entries. Secrets come from files, never from the command line.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut users = if args.file.exists() {
        Users::load(&args.file, Protection::AllowPlain)?
    } else {
        Users::empty(&args.file)
    };
    match &args.action {
        UsersAction::SetApp { admin_email, tenant_id, client_id, secret_file } => {
            users.set_app(tandem_credentials::AppRegistration {
                admin_email: admin_email.clone(),
                tenant_id: tenant_id.clone(),
                client_id: client_id.clone(),
                secret: secret(secret_file)?,
            });
            users.save(Protection::AllowPlain)?;
            entered(&args.file, "the app registration", Some(secret_file));
        }
        UsersAction::SetMaster { login, password_file } => {
            let password = password_file.as_deref().map(secret).transpose()?;
            users.set_master(tandem_credentials::MasterUser { login: login.clone(), password });
            users.save(Protection::AllowPlain)?;
            entered(&args.file, "the master user", password_file.as_deref());
        }
        UsersAction::List => {
            let (app, master) = (users.app(), users.master());
            if app.is_err() && master.is_err() {
                output::line(&format!("{}: no entry yet", args.file.display()));
            }
            if let Ok(app) = app {
                output::line(&format!(
                    "Graph API App Registration: {} (tenant {}, client {})",
                    app.admin_email, app.tenant_id, app.client_id
                ));
            }
            if let Ok(master) = master {
                output::line(&format!("GraphApi Connector Master: {}", master.login));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn entered(users: &Path, what: &str, secret: Option<&Path>) {
    let rest = secret.map(|file| format!("; {} is not needed any more", file.display())).unwrap_or_default();
    output::line(&format!("{what} is in {}{rest}", users.display()));
}

/// Secrets are short; what is longer is another file.
const LARGEST_SECRET: u64 = 64 << 10;

fn secret(file: &Path) -> Result<Secret, Failure> {
    let text = bounded::text(file, LARGEST_SECRET)
        .map_err(|error| format!("the secret in {} cannot be read: {error}", file.display()))?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
}
