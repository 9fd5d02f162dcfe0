//! Reading a settings file: TOML to checked values, with everything that is wrong at once.

use crate::error::{Finding, Problem, SettingsError};
use crate::nearest::nearest;
use crate::schema::{Preset, Setting};
use crate::settings::Settings;
use crate::shape::Raw;
use crate::show::{Origin, Resolved};
use crate::values::Values;
use crate::{SETTINGS, Value};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// No settings file is larger; a wrong file often is.
const LIMIT: u64 = 1 << 20;

/// A settings file that is in order.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsFile {
    path: PathBuf,
    settings: Settings,
    resolved: Vec<Resolved>,
}

impl SettingsFile {
    /// Reads and checks a file. Everything that is wrong with it is in the error, not only the first thing.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let unreadable = |source| SettingsError::Unreadable { path: path.to_owned(), source };
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(LIMIT + 1).read_to_string(&mut text).map_err(unreadable)?;
        Self::parse(&text, path)
    }

    /// Checks the content of a file; `path` says where it would be, for messages and for relative paths in it.
    pub fn parse(text: &str, path: &Path) -> Result<Self, SettingsError> {
        if text.len() as u64 > LIMIT {
            return Err(SettingsError::TooLarge { path: path.to_owned(), limit: LIMIT });
        }
        let mut findings = Vec::new();
        let written = written(text, &mut findings);
        if findings.iter().any(|finding| matches!(finding.problem, Problem::Syntax { .. })) {
            // What is missing then may well be there, behind the slip of the pen.
            return Err(invalid(path, findings));
        }
        let resolved = resolve(&written, &mut findings);
        clashes(&resolved, &mut findings);
        let directory = path.parent().unwrap_or(Path::new(""));
        let settings = Settings::of(&mut Values::new(&resolved, directory));
        match settings {
            Some(settings) if findings.is_empty() => Ok(Self { path: path.to_owned(), settings, resolved }),
            _ => Err(invalid(path, findings)),
        }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every setting with its value and where that comes from, in the order of the table.
    pub fn resolved(&self) -> &[Resolved] {
        &self.resolved
    }
}

fn invalid(path: &Path, mut findings: Vec<Finding>) -> SettingsError {
    findings.sort_by_key(|finding| finding.line.unwrap_or(usize::MAX));
    SettingsError::Invalid { path: path.to_owned(), findings }
}

type Written = BTreeMap<&'static str, (Raw, usize)>;

/// The known settings in the file, with their lines.
fn written(text: &str, findings: &mut Vec<Finding>) -> Written {
    let line_of =
        |offset: usize| 1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().map(|span| line_of(span.start));
        let problem = Problem::Syntax { message: error.message().to_owned() };
        findings.push(Finding { line, key: String::new(), problem });
    }
    let mut written = Written::new();
    let sections = || SETTINGS.iter().map(Setting::section);
    for (section, content) in table.get_ref() {
        let name: &str = section.get_ref();
        let line = line_of(section.span().start);
        let problem = match content.get_ref() {
            DeValue::Table(entries) if sections().any(|known| known == name) => {
                section_entries(name, entries, &line_of, &mut written, findings);
                continue;
            }
            _ if is_secret(name) => Problem::Secret,
            other if sections().any(|known| known == name) => {
                Problem::WrongType { found: kind_of(other), expected: format!("a section [{name}]") }
            }
            DeValue::Table(_) => {
                Problem::Unknown { nearest: nearest(name, sections()).map(|name| format!("[{name}]")) }
            }
            // A setting outside its section: the nearest is the one of that name in any section.
            _ => Problem::Unknown { nearest: nearest_by_name(name) },
        };
        findings.push(Finding { line: Some(line), key: name.to_owned(), problem });
    }
    written
}

fn section_entries(
    section: &str,
    entries: &DeTable<'_>,
    line_of: &dyn Fn(usize) -> usize,
    written: &mut Written,
    findings: &mut Vec<Finding>,
) {
    for (name, value) in entries {
        let key = format!("{section}.{}", name.get_ref());
        let line = line_of(name.span().start);
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) {
            written.insert(setting.key, (raw(value), line));
        } else {
            let problem = if is_secret(name.get_ref()) {
                Problem::Secret
            } else {
                let by_key = nearest(&key, SETTINGS.iter().map(|setting| setting.key)).map(str::to_owned);
                Problem::Unknown { nearest: by_key.or_else(|| nearest_by_name(name.get_ref())) }
            };
            findings.push(Finding { line: Some(line), key, problem });
        }
    }
}

fn nearest_by_name(name: &str) -> Option<String> {
    let name = nearest(name, SETTINGS.iter().map(Setting::name))?;
    SETTINGS.iter().find(|setting| setting.name() == name).map(|setting| setting.key.to_owned())
}

fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    ["password", "passwd", "pwd", "secret", "token", "apikey", "privatekey"]
        .iter()
        .any(|word| name.contains(word))
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::Table(_) => "a section",
        DeValue::Array(_) => "a list",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Datetime(_) => "a date",
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Boolean(_) => "true or false",
    }
}

fn raw(value: &Spanned<DeValue<'_>>) -> Raw {
    match value.get_ref() {
        DeValue::Boolean(on) => Raw::Flag(*on),
        DeValue::Integer(number) => Raw::Number(i128::from_str_radix(number.as_str(), number.radix()).ok()),
        DeValue::String(text) => Raw::Text(text.clone().into_owned()),
        DeValue::Datetime(day) if day.time.is_none() => Raw::Day(day.to_string()),
        DeValue::Array(items) => Raw::List(items.iter().map(raw).collect()),
        other => Raw::Other(kind_of(other)),
    }
}

/// Every setting with its value: the file's, else the default.
fn resolve(written: &Written, findings: &mut Vec<Finding>) -> Vec<Resolved> {
    let mut resolved = Vec::with_capacity(SETTINGS.len());
    for setting in SETTINGS {
        let line = written.get(setting.key).map(|(_, line)| *line);
        let value = match (written.get(setting.key), Raw::of(setting.preset)) {
            (Some((raw, _)), _) => setting.shape.read(raw),
            (None, Some(preset)) => setting.shape.read(&preset),
            (None, None) if setting.preset == Preset::Required => {
                Err(Problem::Missing { expected: setting.shape.expectation() })
            }
            (None, None) => Ok(Value::Unset),
        };
        let origin = line.map_or(Origin::Default, |line| Origin::File { line });
        match value {
            Ok(value) => resolved.push(Resolved { setting, value, origin }),
            Err(problem) => findings.push(Finding { line, key: setting.key.to_owned(), problem }),
        }
    }
    resolved
}

/// Settings that are each right and wrong together.
fn clashes(resolved: &[Resolved], findings: &mut Vec<Finding>) {
    let find = |key: &str| resolved.iter().find(|one| one.setting.key == key);
    let mut check = |key: &str, other: &'static str, why, wrong: fn(&Value, &Value) -> bool| {
        if let (Some(one), Some(two)) = (find(key), find(other))
            && wrong(&one.value, &two.value)
        {
            let line = [one.origin, two.origin].iter().find_map(|origin| origin.line());
            findings.push(Finding { line, key: key.to_owned(), problem: Problem::Clash { other, why } });
        }
    };
    check(
        "emails.failure_folder",
        "emails.success_folder",
        "both name the same folder",
        |one, two| matches!((one, two), (Value::Text(one), Value::Text(two)) if one.to_lowercase() == two.to_lowercase()),
    );
    check(
        "errors.retry_max",
        "errors.retry_first",
        "it must not be shorter",
        |max, first| matches!((max, first), (Value::Period(max), Value::Period(first)) if max < first),
    );
    check("connection.store", "connection.users_file", "both name the same file", |one, two| one == two);
}
