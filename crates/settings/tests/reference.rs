//! The committed reference page is what the table says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use std::path::Path;
use tandem_settings::{SETTINGS, reference};

#[test]
fn the_reference_page_is_up_to_date() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/settings.md");
    if std::env::var_os("TANDEM_WRITE_REFERENCE").is_some() {
        std::fs::create_dir_all(page.parent().unwrap()).unwrap();
        std::fs::write(&page, reference()).unwrap();
    }
    let written = std::fs::read_to_string(&page).unwrap_or_default().replace("\r\n", "\n");
    assert!(written == reference(), "run: TANDEM_WRITE_REFERENCE=1 cargo test -p tandem-settings");
}

#[test]
fn every_setting_is_explained() {
    let page = reference();
    for setting in SETTINGS {
        assert_eq!(page.matches(&format!("### `{}`\n", setting.key)).count(), 1, "{}", setting.key);
        assert!(setting.help.ends_with('.') && setting.help.len() > 20, "{}", setting.key);
    }
}
