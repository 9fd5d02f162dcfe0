//! `tandem config`: the settings.

use super::Failure;
use crate::cli::Config;
use crate::output;
use std::process::ExitCode;
use tandem_settings::SettingsFile;

/// Checks or shows settings.
pub(crate) fn run(args: Config) -> Result<ExitCode, Failure> {
    match args {
        Config::Validate(with) => {
            let file = SettingsFile::load(&with.config)?;
            output::line(&format!("{}: fine", file.path().display()));
        }
        Config::Show(report) => {
            let file = SettingsFile::load(&report.config.config)?;
            if report.json {
                output::document(&file.show_json());
            } else {
                output::lines(file.show().trim_end());
            }
        }
        Config::Mapping(args) => return super::mapping::run(&args),
        Config::Reference => output::lines(tandem_settings::reference().trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}
