//! What the pages of a program have in common at run time.

use crate::sessions::Sessions;
use crate::throttle::Throttle;
use crate::{Door, Entry, Lifetime, Texts, TextsError, Visit, Words};
use std::sync::Arc;
use tandem_outside::{Chance, Clock};

/// The texts of this crate's own pages.
const TEXTS: &str = include_str!("../texts/web.toml");

/// What one program's pages look like, and for how long one stays signed in.
#[derive(Debug, Clone)]
pub struct Product {
    /// The name at the head of each page.
    pub name: &'static str,
    /// The name of the session's cookie: cookies of one host meet whatever the port, so each program has its own.
    pub cookie: &'static str,
    /// Whether browsers reach it by HTTPS only; cookies are marked so then.
    pub secure: bool,
    /// How long sessions last.
    pub lifetime: Lifetime,
    /// The navigation.
    pub navigation: Vec<Entry>,
    /// Where the search field of the head leads, with the parameter `q`; none means that there is none.
    pub search: Option<&'static str>,
    /// A line at the foot of each page.
    pub footer: String,
    /// Files of texts as [`Texts::read`] takes them.
    pub texts: Vec<&'static str>,
}

/// The pages of a program: sessions, texts, looks. Cheap to clone.
pub struct Web<D: Door>(Arc<Inner<D>>);

struct Inner<D: Door> {
    door: D,
    product: Product,
    texts: Texts,
    sessions: Sessions<D::Visitor>,
    throttle: Throttle,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
}

impl<D: Door> Clone for Web<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: Door> Web<D> {
    /// Pages behind a door.
    pub fn new(
        door: D,
        product: Product,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<Self, TextsError> {
        let files = [TEXTS].into_iter().chain(product.texts.iter().copied()).collect::<Vec<_>>();
        let texts = Texts::read(&files)?;
        let sessions = Sessions::new(product.lifetime);
        Ok(Self(Arc::new(Inner {
            door,
            product,
            texts,
            sessions,
            throttle: Throttle::default(),
            clock,
            chance,
        })))
    }

    /// The texts in the visitor's language.
    pub fn words(&self, visit: &Visit<D::Visitor>) -> Words<'_> {
        self.texts().words(visit.language)
    }

    /// Shows a text on the next page of the visitor's session, such as "Saved".
    pub fn notice(&self, visit: &Visit<D::Visitor>, text: impl Into<String>) {
        self.sessions().notice(visit.token(), text.into());
    }

    /// Ends the sessions of whom it concerns, as when a password was changed; the visitor's own one goes on.
    pub fn end_sessions(&self, visit: &Visit<D::Visitor>, concerned: impl Fn(&D::Visitor) -> bool) {
        self.sessions().end_of(concerned, visit.token());
    }

    pub(crate) fn door(&self) -> &D {
        &self.0.door
    }

    pub(crate) fn product(&self) -> &Product {
        &self.0.product
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.0.texts
    }

    pub(crate) fn sessions(&self) -> &Sessions<D::Visitor> {
        &self.0.sessions
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(crate) fn chance(&self) -> &dyn Chance {
        self.0.chance.as_ref()
    }
}
