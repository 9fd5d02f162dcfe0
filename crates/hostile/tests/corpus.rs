//! The stored corpus and seeded damage to it, through every entrance.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use tandem_hostile::{Mutation, TARGETS, Target};

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

/// The files of an entrance, in their order.
fn corpus(name: &str) -> Vec<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let foreign = home.join("../tenant/tests/corpus");
    let folders = match name {
        "mime" => vec![foreign.join("eml")],
        "icalendar" => vec![foreign.join("ics"), foreign.join("vcf")],
        _ => Vec::new(),
    };
    let mut files = Vec::new();
    for folder in std::iter::once(home.join("corpus").join(name)).chain(folders) {
        let entries =
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    assert!(files.len() >= 3, "{name} has hardly a corpus");
    files
}

fn hold(target: &Target) {
    let files: Vec<(PathBuf, Vec<u8>)> =
        corpus(target.name).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    let (seed, times) = (number("TANDEM_HOSTILE_SEED", 1), number("TANDEM_HOSTILE_MUTATIONS", 20));
    let mut mutation = Mutation::new(seed);
    for (number, (path, bytes)) in files.iter().enumerate() {
        let other = &files[(number * 7 + 3) % files.len()].1;
        (target.enter)(bytes);
        for turn in 0..times {
            let damaged = mutation.of(bytes, other);
            let entered = catch_unwind(AssertUnwindSafe(|| (target.enter)(&damaged)));
            if entered.is_err() {
                let kept =
                    std::env::temp_dir().join(format!("tandem-{}-{seed}-{number}-{turn}", target.name));
                std::fs::write(&kept, &damaged).unwrap();
                panic!(
                    "{} breaks on damage {turn} to {}; it is kept in {}",
                    target.name,
                    path.display(),
                    kept.display()
                );
            }
        }
    }
}

macro_rules! entrances {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            hold(TARGETS.iter().find(|target| target.name == stringify!($name)).unwrap());
        })*

        #[test]
        fn every_entrance_has_a_test_and_a_fuzz_target() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(TARGETS.map(|target| target.name), tested);
            let fuzz = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/Cargo.toml")).unwrap();
            for name in tested {
                assert!(fuzz.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml lacks {name}");
            }
        }
    };
}

entrances!(
    xml_language,
    syncml,
    session,
    forms_xml,
    settings_xml,
    tandem_toml,
    users_xml,
    graph_json,
    mime,
    icalendar,
    recurrence,
    html
);
