//! A plan as a file that people read and edit.

use super::Failure;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use tandem_engine::migrate::{MigrationPlan, PLAN_VERSION};
use tandem_outside::bounded;

/// Room for several hundred thousand pairs.
const LARGEST: u64 = 256 << 20;

/// What stands above every plan.
const HEAD: &str = "\
# What `tandem migrate apply` would take over from an older connector. Nothing has been changed anywhere.
#
# 1. Decide the doubts below. Write into `decision` one of
#      r1=c1      record r1 and copy c1 are the same thing (several: r1=c2, r2=c1; what is not named is left)
#      separate   they are different things, and each is synchronised by itself
#      leave      neither is synchronised
#    An empty decision keeps them from travelling until a later plan.
# 2. Look at the pairs. `take = false` keeps a pair back. Fields under `differ` are settled by the first cycle.
# 3. Set approved = true, and run `tandem migrate apply`.

";

/// Writes a plan. It holds subjects and addresses: on Unix only its owner may read it. The file is whole or as before.
pub(super) fn write(path: &Path, plan: &MigrationPlan) -> Result<(), Failure> {
    let text = toml::to_string_pretty(plan)?;
    let beside = path.with_extension("toml.part");
    let cannot = |error: std::io::Error| format!("the plan cannot be written to {}: {error}", path.display());
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(cannot)?;
    file.write_all(HEAD.as_bytes()).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)?;
    file.sync_all().map_err(cannot)?;
    std::fs::rename(&beside, path).map_err(cannot)?;
    Ok(())
}

/// Reads a plan.
pub(super) fn read(path: &Path) -> Result<MigrationPlan, Failure> {
    let shown = path.display();
    let text = bounded::text(path, LARGEST).map_err(|error| {
        format!("the plan {shown} cannot be read: {error}; `tandem migrate plan` makes one")
    })?;
    let plan: MigrationPlan =
        toml::from_str(&text).map_err(|error| format!("{shown} is no plan: {error}"))?;
    if plan.version != PLAN_VERSION {
        return Err(format!(
            "{shown} has format {}, this program knows {PLAN_VERSION}; make a new plan",
            plan.version
        )
        .into());
    }
    Ok(plan)
}
