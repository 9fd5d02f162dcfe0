//! What stands around the content of a page.

use crate::{Door, Language, Trouble, Visit, Visitor as _, Web, Words, assets};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

/// An entry of the navigation.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it leads; it is marked on pages whose path begins so.
    pub path: &'static str,
    /// The key of its text.
    pub text: &'static str,
    /// Whether it is shown to administrators only.
    pub administrator: bool,
}

#[derive(Template)]
#[template(path = "frame.html")]
struct Frame<'a> {
    t: Words<'a>,
    product: &'a str,
    footer: &'a str,
    style: &'a str,
    icon: &'a str,
    title: &'a str,
    content: &'a str,
    notice: Option<String>,
    inside: Option<Inside<'a>>,
}

/// What only those see who are signed in.
struct Inside<'a> {
    name: &'a str,
    token: &'a str,
    path: &'a str,
    search: Option<&'a str>,
    entries: Vec<Shown<'a>>,
    languages: Vec<Language>,
}

struct Shown<'a> {
    path: &'a str,
    text: &'a str,
    current: bool,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    text: &'a str,
    detail: &'a str,
    back: &'a str,
    sign_in: Option<&'a str>,
}

impl<D: Door> Web<D> {
    /// A page for somebody who is signed in.
    pub fn page(
        &self,
        visit: &Visit<D::Visitor>,
        title: &str,
        content: &impl Template,
    ) -> Result<Response, Trouble> {
        self.page_with(StatusCode::OK, visit, title, content)
    }

    /// The same with another status, as for a form that was refused.
    pub fn page_with(
        &self,
        status: StatusCode,
        visit: &Visit<D::Visitor>,
        title: &str,
        content: &impl Template,
    ) -> Result<Response, Trouble> {
        self.framed(status, self.words(visit), title, &content.render()?, Some(visit))
    }

    /// A page for whoever is not signed in.
    pub(crate) fn bare(
        &self,
        status: StatusCode,
        t: Words<'_>,
        title: &str,
        content: &str,
    ) -> Result<Response, Trouble> {
        self.framed(status, t, title, content, None)
    }

    fn framed(
        &self,
        status: StatusCode,
        t: Words<'_>,
        title: &str,
        content: &str,
        visit: Option<&Visit<D::Visitor>>,
    ) -> Result<Response, Trouble> {
        let product = self.product();
        let page = Frame {
            t,
            product: product.name,
            footer: &product.footer,
            style: &assets::STYLE_PATH,
            icon: &assets::ICON_PATH,
            title,
            content,
            notice: visit.and_then(|visit| self.sessions().take_notice(visit.token())),
            inside: visit.map(|visit| self.inside(t, visit)),
        };
        Ok((status, Html(page.render()?)).into_response())
    }

    fn inside<'a>(&'a self, t: Words<'a>, visit: &'a Visit<D::Visitor>) -> Inside<'a> {
        let product = self.product();
        let open = |entry: &&Entry| !entry.administrator || visit.visitor.is_administrator();
        let shown = |entry: &'a Entry| Shown {
            path: entry.path,
            text: t.say(entry.text),
            current: leads_to(entry.path, &visit.path),
        };
        Inside {
            name: visit.visitor.name(),
            token: visit.token(),
            path: &visit.path,
            search: product.search,
            entries: product.navigation.iter().filter(open).map(shown).collect(),
            languages: Language::ALL.into_iter().filter(|language| *language != t.language).collect(),
        }
    }

    /// The page that says what is wrong.
    pub(crate) fn trouble(
        &self,
        trouble: &Trouble,
        language: Language,
        visit: Option<&Visit<D::Visitor>>,
    ) -> Response {
        let t = self.texts().words(language);
        let (title, text) = (format!("error.{}", trouble.name()), format!("error.{}_text", trouble.name()));
        let number = match trouble {
            Trouble::TooOften(seconds) => seconds.to_string(),
            Trouble::TooLarge(bytes) => (bytes >> 10).to_string(),
            _ => String::new(),
        };
        let page = ErrorPage {
            title: t.say(&title),
            text: &t.fill(&text, number),
            detail: &trouble.detail(),
            back: t.say("error.back"),
            sign_in: (*trouble == Trouble::SignedOut).then(|| t.say("login.title")),
        };
        let page = page.render().map_err(Trouble::from);
        let page = page.and_then(|page| self.framed(trouble.status(), t, t.say(&title), &page, visit));
        page.unwrap_or_else(|_| trouble.status().into_response())
    }
}

fn leads_to(entry: &str, path: &str) -> bool {
    path == entry || (entry != "/" && path.strip_prefix(entry).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::leads_to;

    #[test]
    fn an_entry_is_marked_on_the_pages_below_it() {
        assert!(leads_to("/persons", "/persons/KP:1"));
        assert!(!leads_to("/person", "/persons"));
        assert!(leads_to("/", "/") && !leads_to("/", "/persons"));
    }
}
