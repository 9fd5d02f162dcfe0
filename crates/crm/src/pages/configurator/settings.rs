//! `settings.xml`, one group a page: the options that have an effect, those that have none with the reason, and what else
//! the file holds.

use super::{Around, GROUPS, Stand, page, told, with_files};
use crate::pages::{Site, Visited};
use crate::system::{SaveError, Shown, System, Version};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use tandem_groupware::{AcceptedOnly, OtherGroup, Rules, Switch};
use tandem_web::{Posted, Trouble, Words};

const FILE: &str = "settings.xml";

#[derive(Template)]
#[template(path = "configurator_settings.html")]
struct Page<'a> {
    t: Words<'a>,
    token: &'a str,
    around: Around<'a>,
    slug: &'a str,
    name: &'static str,
    parts: Vec<Part>,
    without_effect: Vec<&'static AcceptedOnly>,
    /// Why the group is not used, besides its switches.
    reason: Option<&'a str>,
    kept: Vec<OtherGroup>,
    /// None where there is no system folder.
    stand: Option<Stand>,
    digest: String,
    versions: Vec<Version>,
    error: Option<String>,
}

impl Page<'_> {
    /// What a switch does, without the signs that the reference prints as type of another kind.
    fn help(&self, switch: &Switch) -> String {
        self.t.find(&format!("switch.{}", switch.key)).unwrap_or(switch.help.trim()).replace('`', "")
    }

    /// Why a switch does nothing.
    fn no_effect(&self, switch: &AcceptedOnly) -> &str {
        self.t.find(&format!("accepted.{}", switch.label)).unwrap_or(switch.reason)
    }
}

/// A part of the group with its switches.
struct Part {
    title: &'static str,
    options: Vec<Choice>,
}

struct Choice {
    switch: &'static Switch,
    on: bool,
}

pub(super) async fn show(site: Site, visit: Visited, group: String) -> Result<Response, Trouble> {
    render(&site, &visit, &group, None).await
}

pub(super) async fn save(
    site: Site,
    visit: Visited,
    group: String,
    posted: Posted,
) -> Result<Response, Trouble> {
    let (slug, name) = known(&group)?;
    let (shown, by) = (posted.text("_shown").to_owned(), visit.visitor.author.principal.clone());
    let wanted: Vec<(&'static str, bool)> = Switch::ALL
        .iter()
        .filter(|switch| switch.page == name)
        .filter_map(|switch| Some((switch.key, posted.get(switch.key)? == "true")))
        .collect();
    let saved = with_files(&site, move |system| store(system, &wanted, &shown, &by)).await?;
    let t = site.web.words(&visit);
    match saved {
        Ok(changed) => {
            let text = if changed { "configurator.saved" } else { "configurator.unchanged" };
            site.web.notice(&visit, t.say(text));
            Ok(Redirect::to(&format!("/configurator/settings/{slug}")).into_response())
        }
        Err(error) => render(&site, &visit, slug, Some(told(&error, t))).await,
    }
}

/// Sets what differs; answers whether anything does.
fn store(system: &System, wanted: &[(&'static str, bool)], shown: &str, by: &str) -> Result<bool, SaveError> {
    let rules = system.rules();
    let now = rules.switches.list();
    let differs = |(key, value): &&(&'static str, bool)| {
        now.iter().any(|(known, _, held)| known == key && held != value)
    };
    let changed: Vec<(String, bool)> =
        wanted.iter().filter(differs).map(|(key, value)| ((*key).to_owned(), *value)).collect();
    if !changed.is_empty() {
        system.set_switches(&changed, Some(shown), by)?;
    }
    Ok(!changed.is_empty())
}

async fn render(
    site: &Site,
    visit: &Visited,
    group: &str,
    error: Option<String>,
) -> Result<Response, Trouble> {
    let (slug, name) = known(group)?;
    let read = with_files(site, |system| (system.rules(), system.shown(FILE), system.versions(FILE)));
    let (rules, shown, versions): (Arc<Rules>, Result<Shown, SaveError>, Vec<Version>) = read.await?;
    let t = site.web.words(visit);
    let (stand, digest) = match shown {
        Ok(shown) => (Some(Stand::of(&shown.state, t)), shown.digest),
        Err(SaveError::NoFolder) => (None, String::new()),
        Err(error) => return Err(Trouble::Failed(error.to_string())),
    };
    let of_group = |other: &&OtherGroup| match name {
        // What the configurator has no page for is shown on its first.
        "General" => other.name == name || !GROUPS.iter().any(|(_, known)| *known == other.name),
        _ => other.name == name,
    };
    let content = Page {
        t,
        token: visit.token(),
        around: Around::of(t, &format!("/configurator/settings/{slug}")),
        slug,
        name,
        parts: parts(&rules, name),
        without_effect: if name == "Groupware" { AcceptedOnly::ALL.iter().collect() } else { Vec::new() },
        reason: OtherGroup::KNOWN
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, reason)| t.find(&format!("unused.{name}")).unwrap_or(reason)),
        kept: rules.other_groups.iter().filter(of_group).cloned().collect(),
        stand,
        digest,
        versions,
        error,
    };
    let status = if content.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(site, visit, status, &content)
}

fn known(group: &str) -> Result<(&'static str, &'static str), Trouble> {
    GROUPS.into_iter().find(|(slug, _)| *slug == group).ok_or(Trouble::NotFound)
}

fn parts(rules: &Rules, name: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (switch, (_, _, on)) in Switch::ALL.iter().zip(rules.switches.list()) {
        if switch.page != name {
            continue;
        }
        if parts.last().is_none_or(|part| part.title != switch.group) {
            parts.push(Part { title: switch.group, options: Vec::new() });
        }
        if let Some(part) = parts.last_mut() {
            part.options.push(Choice { switch, on });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::TEXTS;
    use super::*;
    use tandem_web::{Language, Texts};

    #[test]
    fn every_explanation_is_there_in_german_and_means_what_the_rules_say() {
        let texts = Texts::read(&TEXTS).unwrap();
        let switches =
            Switch::ALL.iter().map(|switch| (format!("switch.{}", switch.key), switch.help.trim()));
        let accepted = AcceptedOnly::ALL.map(|switch| (format!("accepted.{}", switch.label), switch.reason));
        let unused = OtherGroup::KNOWN.map(|(name, reason)| (format!("unused.{name}"), reason));
        let all: Vec<_> = switches.chain(accepted).chain(unused).collect();
        for (key, english) in &all {
            assert_eq!(texts.words(Language::English).find(key), Some(*english), "{key}");
            assert_ne!(texts.words(Language::German).find(key), Some(*english), "{key}");
        }
    }
}
