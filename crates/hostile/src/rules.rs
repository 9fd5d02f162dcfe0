//! The CRM's rules, which administrators write by hand.

use tandem_groupware::{Rules, with_switch};

/// `forms.xml`.
pub(crate) fn forms(bytes: &[u8]) {
    let _ = Rules::builtin().read_forms(&String::from_utf8_lossy(bytes));
}

/// `settings.xml`, read and edited.
pub(crate) fn settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let readable = Rules::builtin().read_settings(&text).is_ok();
    for (key, value) in [("ContactNewFromOutlook", true), ("No.Such", false)] {
        if let (true, Ok(edited)) = (readable, with_switch(&text, key, value)) {
            let again = Rules::builtin().read_settings(&edited);
            assert!(again.is_ok(), "an edited file can still be read: {again:?}");
        }
    }
}
