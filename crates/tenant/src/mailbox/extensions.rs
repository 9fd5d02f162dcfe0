//! Open extensions: what applications hang on items, under names of their own.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The open extensions of an item. Most items have none, and then they take the room of a pointer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extensions(Option<Box<ByName>>);

type ByName = BTreeMap<Box<str>, Map<String, Value>>;

impl Extensions {
    /// What the extension of a name says.
    pub fn get(&self, name: &str) -> Option<&Map<String, Value>> {
        self.0.as_ref()?.get(name)
    }

    /// What the extension of a name says, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        self.0.as_mut()?.get_mut(name)
    }

    /// Puts an extension, in the place of another of its name if there is one.
    pub fn insert(&mut self, name: Box<str>, content: Map<String, Value>) {
        self.0.get_or_insert_default().insert(name, content);
    }

    /// Takes an extension away.
    pub fn remove(&mut self, name: &str) -> Option<Map<String, Value>> {
        let gone = self.0.as_mut()?.remove(name);
        if self.0.as_ref().is_some_and(|map| map.is_empty()) {
            self.0 = None;
        }
        gone
    }

    /// All of them by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        self.0.iter().flat_map(|map| map.iter()).map(|(name, content)| (name.as_ref(), content))
    }
}

impl Extend<(Box<str>, Map<String, Value>)> for Extensions {
    fn extend<I: IntoIterator<Item = (Box<str>, Map<String, Value>)>>(&mut self, news: I) {
        for (name, content) in news {
            self.insert(name, content);
        }
    }
}

impl FromIterator<(Box<str>, Map<String, Value>)> for Extensions {
    fn from_iter<I: IntoIterator<Item = (Box<str>, Map<String, Value>)>>(news: I) -> Self {
        let mut all = Self::default();
        all.extend(news);
        all
    }
}
