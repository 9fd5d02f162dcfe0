//! Filling an empty CRM from a folder: one JSON file for each table, an array of objects of field to text.

use crate::storage::{Author, Fields, Reading, Storage, StorageError, Writing, hexadecimal};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tandem_model::EmailAddress;
use tandem_outside::bounded;

/// A folder that cannot be loaded. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// A file or the folder cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not JSON of the expected shape.
    #[error("{path}: {reason}; expected is an array of objects of field to text")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// A file is named after no table.
    #[error(
        "{path} is named after no table; the files are called Company.json, Person.json, Rep.json and so on"
    )]
    NoTable {
        /// Which file.
        path: PathBuf,
    },
    /// A record breaks a rule of the data model.
    #[error("{path}, entry {entry}: {reason}")]
    Record {
        /// Which file.
        path: PathBuf,
        /// Which object of the array, from 1.
        entry: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Companies come before their persons, persons before the reps that are linked to them.
const ORDER: [&str; 3] = ["Company", "Person", "Rep"];

/// A million persons are below; a file that is not meant is often above.
const LARGEST: u64 = 256 << 20;

struct File {
    path: PathBuf,
    table: String,
    digest: String,
    entries: Vec<Fields>,
}

/// Loads every file of the folder that was not loaded before; answers how many records were added.
pub async fn fill(storage: &Storage, folder: &Path) -> Result<usize, FillError> {
    let files = read_folder(storage, folder)?;
    // The job answers its own errors; an error of the database undoes it and comes out separately.
    storage.write(Author::system(), move |writing| Ok(writing.step(|writing| load(writing, files)))).await?
}

fn read_folder(storage: &Storage, folder: &Path) -> Result<Vec<File>, FillError> {
    let read = |source| FillError::Read { path: folder.to_owned(), source };
    let mut paths = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>())
        .map_err(read)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.sort_by_key(|path| {
        let name = stem(path);
        (ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len()), name)
    });
    paths.into_iter().map(|path| read_file(storage, &stem(&path), path)).collect()
}

fn read_file(storage: &Storage, name: &str, path: PathBuf) -> Result<File, FillError> {
    let Some(table) = storage.schema().table(name) else {
        return Err(FillError::NoTable { path });
    };
    let bytes = match bounded::read(&path, LARGEST) {
        Ok(bytes) => bytes,
        Err(source) => return Err(FillError::Read { path, source }),
    };
    let objects: Vec<Map<String, Value>> = match serde_json::from_slice(&bytes) {
        Ok(objects) => objects,
        Err(error) => return Err(FillError::Syntax { path, reason: error.to_string() }),
    };
    let mut entries = Vec::with_capacity(objects.len());
    for (index, object) in objects.into_iter().enumerate() {
        match object.into_iter().map(|(name, value)| Some((name, text(value)?))).collect() {
            Some(fields) => entries.push(fields),
            None => {
                let reason = "a value is a list or an object, not text".to_owned();
                return Err(FillError::Record { path, entry: index + 1, reason });
            }
        }
    }
    Ok(File { path, table: table.area.clone(), digest: hexadecimal(&Sha256::digest(&bytes)), entries })
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn load(writing: &mut Writing<'_>, files: Vec<File>) -> Result<usize, FillError> {
    let mut added = 0;
    for file in files {
        let mark = format!("fill:{}", file.table);
        if let Some(digest) = writing.mark(&mark)? {
            if digest != file.digest {
                tracing::warn!(file = %file.path.display(), "was loaded before with other content; it is not loaded again");
            }
            continue;
        }
        for (index, mut fields) in file.entries.into_iter().enumerate() {
            let record = |error: StorageError| match error {
                StorageError::Invalid(reason) => {
                    FillError::Record { path: file.path.clone(), entry: index + 1, reason }
                }
                other => FillError::Storage(other),
            };
            complete(writing, &file.table, &mut fields)?;
            writing.step(|writing| writing.insert(&file.table, &fields)).map_err(record)?;
            added += 1;
        }
        writing.set_mark(&mark, &file.digest)?;
    }
    Ok(added)
}

/// Links that a person who writes such a file would not want to number: a person to its company by name, a rep to
/// its person by address.
fn complete(reading: &Reading<'_>, area: &str, fields: &mut Fields) -> Result<(), StorageError> {
    let given = |fields: &Fields, name: &str| fields.get(name).filter(|value| !value.is_empty()).cloned();
    let linked = match area {
        "KP" if given(fields, "CoNo").is_none() => match given(fields, "Company") {
            Some(name) => reading.find("FI", &[("Company", name.as_str())], 2)?,
            None => Vec::new(),
        },
        "ID" if given(fields, "PeNo").is_none() => match given(fields, "Email") {
            Some(address) => {
                let mut people = reading.by_address(&EmailAddress::new(&address))?;
                people.retain(|record| record.target.area == "KP");
                people
            }
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    if let [record] = linked.as_slice() {
        let keys = if area == "KP" { ["CoGrp", "CoNo"] } else { ["PeGrp", "PeNo"] };
        fields.extend(keys.map(|key| (key.to_owned(), record.get(key).to_owned())));
    }
    Ok(())
}
