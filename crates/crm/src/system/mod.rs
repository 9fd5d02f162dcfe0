//! The system folder: the rules of the CRM's administrator.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tandem_crm_interface::session::CLIENT_TYPE;
use tandem_groupware::{Rules, RulesError, Source};

/// A file of the system folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// The folder or a file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is wrong.
    #[error("{path}, line {line}: {reason}")]
    Rules {
        /// Which.
        path: PathBuf,
        /// On which line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// The rules in force.
#[derive(Debug, Clone)]
pub struct System {
    rules: Arc<Rules>,
}

impl System {
    /// Reads `settings.xml` and `xml/forms.xml` of the folder; for a file that is not there, and without a folder,
    /// the built-in rules hold.
    pub fn load(folder: Option<&Path>) -> Result<Self, SystemError> {
        let Some(folder) = folder else { return Ok(Self { rules: Arc::new(Rules::builtin()) }) };
        if let Err(source) = std::fs::read_dir(folder) {
            return Err(SystemError::Read { path: folder.to_owned(), source });
        }
        let (forms_path, settings_path) = (folder.join("xml").join("forms.xml"), folder.join("settings.xml"));
        let forms = read(&forms_path)?;
        let settings = read(&settings_path)?;
        let rules = Rules::parse(
            forms.as_deref().unwrap_or(Rules::builtin_forms()),
            settings.as_deref().unwrap_or(Rules::builtin_settings()),
        )
        .map_err(|RulesError { file, line, reason }| {
            let path = match file {
                Source::Forms => forms_path.clone(),
                Source::Settings => settings_path.clone(),
            };
            SystemError::Rules { path, line, reason }
        })?;
        for remark in &rules.forms.remarks {
            tracing::warn!(file = %forms_path.display(), "{remark}");
        }
        for switch in &rules.switches.without_effect {
            tracing::info!(file = %settings_path.display(), "switch \"{}\" has no effect here: {}", switch.label, switch.reason);
        }
        Ok(Self { rules: Arc::new(rules) })
    }

    /// The rules.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// Login of the master user for the client type `GraphApi`.
    pub fn master_user(&self) -> Option<&str> {
        self.rules.forms.authentication.master_user(CLIENT_TYPE).map(|user| user.login.as_str())
    }
}

fn read(path: &Path) -> Result<Option<String>, SystemError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SystemError::Read { path: path.to_owned(), source }),
    }
}
