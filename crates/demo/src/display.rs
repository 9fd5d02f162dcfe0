//! What one sees: progress bars on a terminal, plain lines otherwise.

use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tandem_model::Kind;
use tandem_outside::terminal;
use tandem_store::KindCounts;

/// Where lines go and whether somebody watches them grow.
pub(crate) struct Display {
    /// Standard output belongs to a document.
    quiet_stdout: bool,
    spinner: Option<ProgressBar>,
    broken: AtomicBool,
}

impl Display {
    pub(crate) fn new(json: bool) -> Self {
        let spinner = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {elapsed:>4} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { quiet_stdout: json, spinner, broken: AtomicBool::new(false) }
    }

    /// A line that stays, whatever line breaks the text has: much of it is what people wrote.
    pub(crate) fn line(&self, text: &str) {
        self.stay(&terminal::line(text));
    }

    /// Lines that stay, of a text whose line breaks are our own.
    pub(crate) fn lines(&self, text: &str) {
        self.stay(&terminal::lines(text));
    }

    /// What is going on right now. Without a terminal it is shown once, when it begins.
    pub(crate) fn now(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => spinner.set_message(terminal::line(text)),
            None => self.write(&terminal::line(text)),
        }
    }

    /// What is going on right now, in numbers that change all the time: for a terminal only.
    pub(crate) fn tick(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(terminal::line(text));
        }
    }

    /// Clears what is going on.
    pub(crate) fn done(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }

    fn stay(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => spinner.suspend(|| self.write(text)),
            None => self.write(text),
        }
    }

    fn write(&self, text: &str) {
        let written = if self.quiet_stdout {
            writeln!(std::io::stderr(), "{text}")
        } else {
            writeln!(std::io::stdout(), "{text}").and_then(|()| std::io::stdout().flush())
        };
        // A reader that went away is no reason to stop, nor to try again.
        if written.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
    }
}

/// One line of counts.
pub(crate) fn summary(totals: &BTreeMap<Kind, KindCounts>) -> String {
    let parts: Vec<String> =
        totals.iter().map(|(kind, counts)| format!("{kind} {}", counts.linked)).collect();
    parts.join(", ")
}

/// The table of the live demonstration.
pub(crate) fn table(totals: &BTreeMap<Kind, KindCounts>) -> String {
    let mut text = format!(
        "{:<12} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "kind", "linked", "waiting", "skipped", "refused", "failed", "deleted"
    );
    for (kind, counts) in totals {
        let sum = |reasons: &BTreeMap<String, u64>| reasons.values().sum::<u64>();
        let _ = write!(
            text,
            "\n{:<12} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
            kind.as_str(),
            counts.linked,
            counts.waiting + counts.held,
            sum(&counts.skipped),
            sum(&counts.refused),
            counts.failed,
            counts.deleted
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_every_kind() {
        let totals = BTreeMap::from([
            (Kind::Mail, KindCounts { linked: 310, ..KindCounts::default() }),
            (Kind::Absence, KindCounts::default()),
        ]);
        insta::assert_snapshot!(table(&totals));
        assert_eq!(summary(&totals), "mail 310, absence 0");
    }
}
