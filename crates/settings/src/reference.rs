//! The reference page, made from the table.

use crate::SETTINGS;
use crate::schema::{Preset, Setting, Tab};
use crate::shape::Raw;

const HEAD: &str = "\
# Settings

<!-- Made from the table in crates/settings; a test compares. -->

The connector reads one settings file in [TOML](https://toml.io), named with `--config`. A setting `emails.interval` is
the entry `interval` in the section `[emails]`. Only two settings have no default:

```toml
[connection]
crm_url = \"https://crm.example.com/CRMinterface/xml\"
address_spaces = [\"example.com\"]
```

Relative paths start at the directory of the settings file. Secrets are not settings: they are kept in `users.xml`.
An unknown setting or a value out of range stops the connector from starting, with the line and what is expected.
The headings are the tabs of the configurator.
";

/// The page as Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for tab in Tab::ALL {
        page.push_str(&format!("\n## {}\n", tab.caption()));
        for setting in SETTINGS.iter().filter(|setting| setting.tab == tab) {
            page.push_str(&entry(setting));
        }
    }
    page
}

fn entry(setting: &Setting) -> String {
    let default = match (setting.preset, Raw::of(setting.preset).map(|raw| setting.shape.read(&raw))) {
        (Preset::Required, _) => "none, must be set".to_owned(),
        (_, Some(Ok(value))) => format!("`{}`", value.to_toml()),
        _ => "not set".to_owned(),
    };
    format!(
        "\n### `{}`\n\n{}\n\n- Value: {}\n- Default: {default}\n- Since: {}\n",
        setting.key,
        setting.help,
        setting.shape.expectation(),
        setting.since
    )
}
