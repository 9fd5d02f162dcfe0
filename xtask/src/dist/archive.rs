//! An archive whose bytes follow from what is in it alone: no times, no owners, names in order.

use crate::steps::step;
use std::path::Path;

/// Packs a folder within `dist` as `<name>.tar.gz` beside it, with GNU tar and gzip.
pub(super) fn pack(dist: &Path, name: &str) -> Result<(), String> {
    let (home, file) = (dist.to_string_lossy(), format!("{}.tar", dist.join(name).to_string_lossy()));
    let order = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=ustar"];
    // What may be read by the one who packs may be read by everybody, whatever his umask was.
    let modes = ["--mode=u=rwX,go=rX", "--create", "--file"];
    let arguments = [&order[..], &modes, &[&file, "--directory", &home, name]].concat();
    step("archive", "tar", &arguments)?;
    step("compress", "gzip", &["--no-name", "--best", "--force", &file])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::{Duration, SystemTime};

    #[test]
    fn the_same_content_has_the_same_bytes() {
        let root = std::env::temp_dir().join(format!("tandem-archive-{}", std::process::id()));
        let pack_at = |turn: u64, names: [&str; 2]| {
            let dist = root.join(turn.to_string());
            fs::create_dir_all(dist.join("x/inner")).unwrap();
            for name in names {
                let file = fs::File::create(dist.join("x").join(name)).unwrap();
                fs::write(dist.join("x").join(name), name).unwrap();
                file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 * turn)).unwrap();
            }
            pack(&dist, "x").unwrap();
            fs::read(dist.join("x.tar.gz")).unwrap()
        };
        let (one, other) = (pack_at(1, ["a", "inner/b"]), pack_at(2, ["inner/b", "a"]));
        assert_eq!(one, other);
        assert_ne!(one, pack_at(3, ["a", "inner/c"]));
        fs::remove_dir_all(root).unwrap();
    }
}
