//! The table of pages: none without a word on who may ask for it.

use crate::gate::{Passage, pass};
use crate::login;
use crate::{Door, Trouble, Web, assets};
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

/// The largest form without files that is read, in bytes.
const MAX_FORM: usize = 1 << 20;

/// Who may ask for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody: the page for signing in, and what it loads.
    Open,
    /// Whoever is signed in.
    SignedIn,
    /// Administrators.
    Administrator,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: Method,
    /// The path, with `{name}` for what varies.
    pub path: String,
    /// Who may ask for it.
    pub access: Access,
}

/// The pages of a program, gathered one by one. Every handler runs behind the gate: only who may ask gets to it, and a
/// `POST` only with a form of the same session, which the handler takes as [`crate::Posted`].
pub struct Pages<D: Door, S> {
    web: Web<D>,
    router: Router<S>,
    table: Vec<Route>,
}

impl<D: Door, S: Clone + Send + Sync + 'static> Pages<D, S> {
    /// The pages for signing in and out, the choice of language, and the stylesheet.
    pub fn new(web: &Web<D>) -> Self {
        let pages = Self { web: web.clone(), router: Router::new(), table: Vec::new() };
        let of = || web.clone();
        let (show, enter, leave, speak) = (of(), of(), of(), of());
        pages
            .get(&assets::STYLE_PATH, Access::Open, assets::style)
            .get(&assets::ICON_PATH, Access::Open, assets::icon)
            .get("/login", Access::Open, move |arrival| login::show(show.clone(), arrival))
            .post("/login", Access::Open, move |arrival, posted| login::enter(enter.clone(), arrival, posted))
            .post("/logout", Access::SignedIn, move |headers| login::leave(leave.clone(), headers))
            .post("/language", Access::SignedIn, move |headers, posted| {
                login::speak(speak.clone(), headers, posted)
            })
    }

    /// A page.
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &str, access: Access, handler: H) -> Self {
        self.add(Method::GET, path, access, 0, get(handler))
    }

    /// What a form is sent to.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &str, access: Access, handler: H) -> Self {
        self.add(Method::POST, path, access, MAX_FORM, post(handler))
    }

    /// What a form with files is sent to, in all at most `limit` bytes.
    #[must_use]
    pub fn post_files<H: Handler<T, S>, T: 'static>(
        self,
        path: &str,
        access: Access,
        limit: usize,
        handler: H,
    ) -> Self {
        self.add(Method::POST, path, access, limit, post(handler))
    }

    fn add(self, method: Method, path: &str, access: Access, limit: usize, handler: MethodRouter<S>) -> Self {
        let Self { web, router, mut table } = self;
        let passage = Passage { web: web.clone(), access, limit };
        let router = router.route(path, handler.route_layer(from_fn_with_state(passage, pass::<D>)));
        table.push(Route { method, path: path.to_owned(), access });
        Self { web, router, table }
    }

    /// What serves them, and the table. Addresses that are not in it are answered with a page that says so.
    pub fn finish(self) -> (Router<S>, Vec<Route>) {
        let passage = Passage { web: self.web, access: Access::Open, limit: 0 };
        let layer = || from_fn_with_state(passage.clone(), pass::<D>);
        let router =
            self.router.fallback(nothing.layer(layer())).method_not_allowed_fallback(other.layer(layer()));
        (router, self.table)
    }
}

async fn nothing() -> Trouble {
    Trouble::NotFound
}

async fn other() -> Trouble {
    Trouble::Method
}
