//! The system folder: the rules of the CRM's administrator. A valid change takes effect with the next request; a file
//! that cannot be used is refused, and what was in force stays in force.

mod history;
mod saving;
mod trace;
mod watched;

pub use history::Version;
pub use saving::{SaveError, Shown};
pub use watched::FileState;

use crate::schema::Schema;
use history::History;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tandem_crm_interface::session::CLIENT_TYPE;
use tandem_groupware::{Rules, RulesError};
use trace::Trace;
use watched::{Found, Watched};

/// A file of the system folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// The folder cannot be read.
    #[error(
        "the system folder {path} cannot be read: {source}; make it, it may be empty, or name another one"
    )]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be read.
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

/// The rules in force, and the files from which they come.
#[derive(Debug, Clone)]
pub struct System {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    schema: Arc<Schema>,
    state: Mutex<State>,
    trace: Option<Trace>,
    history: Option<History>,
}

#[derive(Debug)]
struct State {
    rules: Arc<Rules>,
    /// `xml/forms.xml` and `settings.xml`; none without a system folder.
    files: Vec<(File, Watched)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    Forms,
    Settings,
}

impl File {
    fn path(self) -> &'static Path {
        Path::new(match self {
            Self::Forms => "xml/forms.xml",
            Self::Settings => "settings.xml",
        })
    }

    /// Its name without its folder.
    fn name(self) -> &'static str {
        match self {
            Self::Forms => "forms.xml",
            Self::Settings => "settings.xml",
        }
    }

    /// What holds where there is no file.
    fn builtin(self) -> &'static str {
        match self {
            Self::Forms => Rules::builtin_forms(),
            Self::Settings => Rules::builtin_settings(),
        }
    }

    fn read_into(self, rules: &mut Rules, text: &str, schema: &Schema) -> Result<(), RulesError> {
        match self {
            Self::Forms => {
                rules.read_forms(text)?;
                rules.forms.check_types(|table, field| {
                    schema.table(table).and_then(|table| table.field(field)).map(|field| field.kind.into())
                })?;
                let known = |table: &str, field: &str| {
                    schema.table(table).is_some_and(|table| table.field(field).is_some())
                };
                rules.forms.retain_known(known);
                Ok(())
            }
            Self::Settings => rules.read_settings(text),
        }
    }

    /// What there is to say about a file that is in force.
    fn log(self, rules: &Rules, path: &Path) {
        let file = path.display();
        match self {
            Self::Forms => {
                for remark in &rules.forms.remarks {
                    tracing::warn!(%file, "{remark}");
                }
            }
            Self::Settings => {
                for switch in &rules.switches.without_effect {
                    tracing::info!(%file, "switch \"{}\" has no effect here: {}", switch.label, switch.reason);
                }
                for group in &rules.other_groups {
                    tracing::info!(%file, line = group.line, "group \"{}\" is not used here: {}", group.name, group.reason);
                }
            }
        }
    }
}

impl System {
    /// Reads `settings.xml` and `xml/forms.xml` of the folder; for a file that is not there, and without a folder,
    /// the built-in rules hold.
    pub fn load(folder: Option<&Path>, schema: Arc<Schema>) -> Result<Self, SystemError> {
        let mut rules = Rules::builtin();
        let mut files = Vec::new();
        if let Some(folder) = folder {
            if let Err(source) = std::fs::read_dir(folder) {
                return Err(SystemError::Folder { path: folder.to_owned(), source });
            }
            for file in [File::Forms, File::Settings] {
                files.push((file, first(file, folder, &mut rules, &schema)?));
            }
        }
        let state = Mutex::new(State { rules: Arc::new(rules), files });
        let (trace, history) = (folder.map(Trace::new), folder.map(History::new));
        Ok(Self { shared: Arc::new(Shared { schema, state, trace, history }) })
    }

    /// Rules that come from no file and stay as they are.
    pub fn fixed(rules: Rules, schema: Arc<Schema>) -> Self {
        let state = Mutex::new(State { rules: Arc::new(rules), files: Vec::new() });
        Self { shared: Arc::new(Shared { schema, state, trace: None, history: None }) }
    }

    /// The rules as the files say now.
    pub fn rules(&self) -> Arc<Rules> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.refresh(&self.shared.schema);
        Arc::clone(&state.rules)
    }

    /// The files: what of them is in force, and what is on disk.
    pub fn files(&self) -> Vec<FileState> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.refresh(&self.shared.schema);
        state.files.iter().map(|(_, watched)| watched.state()).collect()
    }

    /// What would be wrong with a text in the place of the file with that name, and on which line; what there would be to
    /// remark if nothing is. None where there is no file of that name.
    pub fn judge(&self, name: &str, text: &str) -> Option<Result<Vec<String>, RulesError>> {
        let file = [File::Forms, File::Settings].into_iter().find(|file| file.name() == name)?;
        let mut rules = Rules::builtin();
        Some(file.read_into(&mut rules, text, &self.shared.schema).map(|()| match file {
            File::Forms => rules.forms.remarks,
            File::Settings => {
                let groups = rules
                    .other_groups
                    .iter()
                    .map(|group| format!("\"{}\" is not used: {}", group.name, group.reason));
                groups.collect()
            }
        }))
    }

    /// Login of the master user for the client type `GraphApi`.
    pub fn master_user(&self) -> Option<String> {
        self.rules().forms.authentication.master_user(CLIENT_TYPE).map(|user| user.login.clone())
    }

    /// Notes a SyncML message where the switch asks for it.
    pub fn trace(&self, rules: &Rules, what: &str, document: &[u8]) {
        if let Some(trace) =
            self.shared.trace.as_ref().filter(|_| rules.switches.generate_syncml_trace_information)
        {
            trace.write(what, document);
        }
    }
}

fn first(file: File, folder: &Path, rules: &mut Rules, schema: &Schema) -> Result<Watched, SystemError> {
    let path = folder.join(file.path());
    let mut watched = Watched::new(path.clone());
    match watched.look() {
        Found::Same | Found::Gone => {}
        Found::Unreadable(source) => return Err(SystemError::Read { path, source }),
        Found::Text(text) => {
            file.read_into(rules, &text, schema).map_err(|RulesError { line, reason, .. }| {
                SystemError::Rules { path: path.clone(), line, reason }
            })?;
            watched.accept(&text);
            file.log(rules, &path);
        }
    }
    Ok(watched)
}

impl State {
    fn refresh(&mut self, schema: &Schema) {
        for (file, watched) in &mut self.files {
            match watched.look() {
                Found::Same => {}
                Found::Gone => watched.refuse(None, "the file is gone".to_owned()),
                Found::Unreadable(error) => watched.refuse(None, format!("the file cannot be read: {error}")),
                Found::Text(text) if watched.is_in_force(&text) => watched.accept(&text),
                Found::Text(text) => {
                    let mut rules = Rules::clone(&self.rules);
                    match file.read_into(&mut rules, &text, schema) {
                        Ok(()) => {
                            tracing::info!(file = %watched.path().display(), "a change is in force");
                            file.log(&rules, watched.path());
                            self.rules = Arc::new(rules);
                            watched.accept(&text);
                        }
                        Err(error) => watched.refuse(Some(error.line), error.reason),
                    }
                }
            }
        }
    }
}
