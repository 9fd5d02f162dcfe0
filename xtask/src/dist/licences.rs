//! The licences of what is in the program: their texts as the packages bring them, and a list of all.

use super::sbom::Parts;
use super::{cannot, write};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How files with licences, notices and names of authors begin.
const NAMES: [&str; 6] = ["license", "licence", "copying", "notice", "authors", "copyright"];

/// Collects the texts, a folder for each package that brings any.
pub(super) fn collect(parts: &Parts, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| cannot("make", folder, &error))?;
    let mut list =
        String::from("What is in the program, with its licence. Texts lie in the folders beside.\n\n");
    for part in parts.components.iter().filter(|part| part.foreign) {
        let _ = writeln!(list, "{} {}: {}", part.name, part.version, part.licence);
        let entries = fs::read_dir(&part.folder).map_err(|error| cannot("list", &part.folder, &error))?;
        for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !NAMES.iter().any(|begin| name.to_lowercase().starts_with(begin)) {
                continue;
            }
            let home = folder.join(format!("{}-{}", part.name, part.version));
            fs::create_dir_all(&home).map_err(|error| cannot("make", &home, &error))?;
            fs::copy(entry.path(), home.join(&name))
                .map_err(|error| cannot("copy", &entry.path(), &error))?;
        }
    }
    write(&folder.join("LIST.txt"), &list)
}
