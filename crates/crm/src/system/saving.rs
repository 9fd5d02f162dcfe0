//! Saving the files of the system folder: judged first, written aside and put in place, kept in the history.

use super::history::Version;
use super::watched::{FileState, digest};
use super::{File, State, System};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};
use tandem_groupware::{LARGEST_FILE, Rules, RulesError, with_switch};
use tandem_outside::bounded;

/// A file that is not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// There is no file to write.
    #[error("the CRM was started without a system folder (--system DIR): there is no file to change")]
    NoFolder,
    /// There is no such switch, or the text cannot be used.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// Somebody else saved in between.
    #[error("{0} was changed since it was shown: look at it again, and change it then")]
    Changed(PathBuf),
    /// The file cannot be read or written.
    #[error("{path} cannot be changed: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// A file as an editor shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What is on disk; the built-in text where there is no file.
    pub text: String,
    /// Which text this is, to be named when a changed one is saved.
    pub digest: String,
    /// What of it is in force.
    pub state: FileState,
}

impl System {
    /// A file as it is on disk.
    pub fn shown(&self, name: &str) -> Result<Shown, SaveError> {
        let state = self.locked();
        let (file, path) = of(&state, name)?;
        let text = on_disk(file, &path)?;
        let state = state.files.iter().find(|(known, _)| *known == file).map(|(_, watched)| watched.state());
        Ok(Shown { digest: digest(&text), text, state: state.ok_or(SaveError::NoFolder)? })
    }

    /// Saves a text as a file of the folder; it is in force at once. One that cannot be used changes nothing. `shown` is
    /// the digest of the text that was changed; `by` is who changed it.
    pub fn save(&self, name: &str, text: &str, shown: Option<&str>, by: &str) -> Result<(), SaveError> {
        let mut state = self.locked();
        let (file, path, before) = as_shown(&state, name, shown)?;
        self.put(&mut state, file, &path, &before, text, by)
    }

    /// Sets switches in `settings.xml` and leaves everything else in it as it is; they are in force at once.
    pub fn set_switches(
        &self,
        switches: &[(String, bool)],
        shown: Option<&str>,
        by: &str,
    ) -> Result<(), SaveError> {
        let mut state = self.locked();
        let (file, path, before) = as_shown(&state, "settings.xml", shown)?;
        let mut text = before.clone();
        for (key, value) in switches {
            text = with_switch(&text, key, *value)?;
        }
        self.put(&mut state, file, &path, &before, &text, by)
    }

    /// The versions of a file, the last one first.
    pub fn versions(&self, name: &str) -> Vec<Version> {
        self.shared.history.as_ref().map(|history| history.versions(name)).unwrap_or_default()
    }

    /// The text of a version, as long as it is kept.
    pub fn version(&self, name: &str, number: u64) -> Option<String> {
        self.shared.history.as_ref()?.text(name, number)
    }

    fn put(
        &self,
        state: &mut State,
        file: File,
        path: &Path,
        before: &str,
        text: &str,
        by: &str,
    ) -> Result<(), SaveError> {
        let name = file.name();
        let mut rules = Rules::clone(&state.rules);
        file.read_into(&mut rules, text, &self.shared.schema)?;
        let what = changes(file, &state.rules, &rules, before, text);
        let failed = |error| SaveError::File { path: path.to_owned(), error };
        if let Some(history) = &self.shared.history {
            if path.exists() && !history.knows(name, before) {
                history.keep(name, before, "", Vec::new()).map_err(failed)?;
            }
            history.keep(name, text, by, what.clone()).map_err(failed)?;
        }
        write(path, text).map_err(failed)?;
        tracing::info!(file = %path.display(), by, what = what.join("; "), "saved");
        state.refresh(&self.shared.schema);
        Ok(())
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.refresh(&self.shared.schema);
        state
    }
}

fn of(state: &State, name: &str) -> Result<(File, PathBuf), SaveError> {
    let found = state.files.iter().find(|(file, _)| file.name() == name);
    found.map(|(file, watched)| (*file, watched.path().to_owned())).ok_or(SaveError::NoFolder)
}

/// A file with its text on disk, which has to be the one that was shown.
fn as_shown(state: &State, name: &str, shown: Option<&str>) -> Result<(File, PathBuf, String), SaveError> {
    let (file, path) = of(state, name)?;
    let text = on_disk(file, &path)?;
    if shown.is_some_and(|shown| shown != digest(&text)) {
        return Err(SaveError::Changed(path));
    }
    Ok((file, path, text))
}

fn on_disk(file: File, path: &Path) -> Result<String, SaveError> {
    match bounded::text(path, LARGEST_FILE as u64) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(file.builtin().to_owned()),
        Err(error) => Err(SaveError::File { path: path.to_owned(), error }),
    }
}

/// Nobody sees half a file, and a crash leaves the old or the new one.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let aside = path.with_extension("xml.new");
    let mut file = std::fs::File::create(&aside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&aside, path)
}

/// Which switches changed; of other texts, how many lines.
fn changes(file: File, old: &Rules, new: &Rules, before: &str, after: &str) -> Vec<String> {
    if let File::Settings = file {
        let pairs = old.switches.list().into_iter().zip(new.switches.list());
        let changed = pairs.filter(|((.., old), (.., new))| old != new);
        let changed = changed.map(|((key, _, old), (.., new))| format!("{key}: {old} → {new}"));
        let changed = changed.collect::<Vec<_>>();
        if !changed.is_empty() {
            return changed;
        }
    }
    let lines = |text: &str, other: &str| {
        let other = other.lines().collect::<std::collections::BTreeSet<_>>();
        text.lines().filter(|line| !other.contains(line)).count()
    };
    match (lines(after, before), lines(before, after)) {
        (0, 0) => vec!["nothing but the order of lines".to_owned()],
        (added, gone) => vec![format!("{added} new lines, {gone} gone")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;
    use std::sync::Arc;

    fn system(settings: &str) -> (tempfile::TempDir, System) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("settings.xml"), settings).unwrap();
        let system = System::load(Some(folder.path()), Arc::new(Schema::builtin().unwrap())).unwrap();
        (folder, system)
    }

    const TEXT: &str =
        "<root>\n<!-- ours --><general><key name='Log' value='C:\\log'/></general>\n<x><y>1</y></x></root>";

    #[test]
    fn what_is_saved_is_in_force_and_what_the_file_held_besides_stays() {
        let (folder, system) = system(TEXT);
        let shown = system.shown("settings.xml").unwrap();
        let wanted = [("create_persons".to_owned(), true), ("force_login_encryption".to_owned(), true)];
        system.set_switches(&wanted, Some(&shown.digest), "OCSU").unwrap();
        let rules = system.rules();
        assert!(rules.switches.create_persons && rules.switches.force_login_encryption);
        let text = std::fs::read_to_string(folder.path().join("settings.xml")).unwrap();
        for kept in ["<!-- ours -->", "name='Log' value='C:\\log'", "<x><y>1</y></x>"] {
            assert!(text.contains(kept), "{text}");
        }
        let versions = system.versions("settings.xml");
        let told: Vec<_> = versions.iter().map(|v| (v.number, v.by.as_str(), v.what.join("; "))).collect();
        let what = "force_login_encryption: false → true; create_persons: false → true".to_owned();
        assert_eq!(told, [(2, "OCSU", what), (1, "", String::new())]);
        assert_eq!(system.version("settings.xml", 1).as_deref(), Some(TEXT), "what was there before is kept");
        assert_eq!(system.version("settings.xml", 2), Some(text));
    }

    #[test]
    fn a_text_that_cannot_be_used_changes_nothing() {
        let (folder, system) = system(TEXT);
        let bad = "<root>\n<groupware>\n<key name='no_such' value='true'/></groupware></root>";
        let Err(SaveError::Rules(error)) = system.save("settings.xml", bad, None, "OCSU") else { panic!() };
        assert_eq!(error.line, 3);
        assert_eq!(std::fs::read_to_string(folder.path().join("settings.xml")).unwrap(), TEXT);
        assert!(system.versions("settings.xml").is_empty());
        assert!(system.files().iter().all(|file| file.refused.is_none()));
    }

    #[test]
    fn nobody_overwrites_what_he_has_not_seen() {
        let (folder, system) = system(TEXT);
        let shown = system.shown("settings.xml").unwrap();
        let meanwhile = TEXT.replace("ours", "theirs");
        std::fs::write(folder.path().join("settings.xml"), &meanwhile).unwrap();
        let saved = system.set_switches(&[("crm_wins".to_owned(), true)], Some(&shown.digest), "OCSU");
        assert!(matches!(saved, Err(SaveError::Changed(_))));
        assert_eq!(std::fs::read_to_string(folder.path().join("settings.xml")).unwrap(), meanwhile);
    }

    #[test]
    fn a_file_that_was_not_there_is_made_and_old_texts_go() {
        let (folder, system) = system(TEXT);
        for round in 0..25 {
            let text = format!("{}<!-- {round} -->", Rules::builtin_forms());
            system.save("forms.xml", &text, None, "OCSU").unwrap();
        }
        assert!(folder.path().join("xml/forms.xml").is_file());
        assert!(!folder.path().join("xml/forms.xml.new").exists());
        let versions = system.versions("forms.xml");
        assert_eq!(versions.len(), 25);
        assert_eq!(system.version("forms.xml", 5), None);
        assert!(system.version("forms.xml", 6).is_some() && system.version("forms.xml", 25).is_some());
    }

    #[test]
    fn without_a_folder_nothing_is_saved() {
        let system = System::load(None, Arc::new(Schema::builtin().unwrap())).unwrap();
        assert!(matches!(system.save("forms.xml", "<root/>", None, "OCSU"), Err(SaveError::NoFolder)));
        assert!(matches!(system.shown("settings.xml"), Err(SaveError::NoFolder)));
    }
}
