//! The reference is generated: `TANDEM_WRITE_REFERENCE=1 cargo test -p tandem-mapping` writes it anew.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use std::path::Path;

#[test]
fn the_reference_is_what_the_data_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/field-mapping.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mark = "<!-- generated from here on -->\n\n";
    let written = page.split_once(mark).unwrap().0;
    let wanted = format!("{written}{mark}{}", tandem_mapping::reference().trim_end()) + "\n";
    if std::env::var_os("TANDEM_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    } else {
        assert!(page == wanted, "{} is not what the data says", path.display());
    }
}
