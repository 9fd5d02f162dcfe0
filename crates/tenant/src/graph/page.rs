//! Lists: filtered, ordered, cut into pages, reduced to what was selected.

use super::Call;
use super::filter::{at, ordering};
use super::query::covers;
use super::render::{MULTI, SINGLE};
use crate::wire::{Response, escaped};
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// Largest page.
const LARGEST: usize = 1000;

impl Call<'_> {
    /// A page of a list whose items need no look before they are shown.
    pub(super) fn list<T>(
        &self,
        context: &str,
        items: Vec<T>,
        render: impl Fn(&T) -> Map<String, Value>,
    ) -> Response {
        self.list_where(context, items, |_| true, render)
    }

    /// A page of a list that has its own idea of how many are on a page.
    pub(super) fn list_of<T>(
        &self,
        context: &str,
        items: Vec<T>,
        page: usize,
        render: impl Fn(&T) -> Map<String, Value>,
    ) -> Response {
        self.page_of(context, items, page, |_| true, render)
    }

    /// A page of a list. `possible` is a cheap test that an item must pass before the filter sees it whole.
    pub(super) fn list_where<T>(
        &self,
        context: &str,
        items: Vec<T>,
        possible: impl Fn(&T) -> bool,
        render: impl Fn(&T) -> Map<String, Value>,
    ) -> Response {
        let top = self.query.top.or(self.prefer.page).unwrap_or(10).clamp(1, LARGEST);
        self.page_of(context, items, top, possible, render)
    }

    /// How many items fulfil the filter, as `/$count` says it.
    pub(super) fn count_of<T>(
        &self,
        items: Vec<T>,
        possible: impl Fn(&T) -> bool,
        render: impl Fn(&T) -> Map<String, Value>,
    ) -> Response {
        let count = match &self.query.filter {
            None => items.len(),
            Some(filter) => items
                .iter()
                .filter(|item| possible(item) && filter.holds(&Value::Object(render(item))))
                .count(),
        };
        super::raw("text/plain", count.to_string().into())
    }

    fn page_of<T>(
        &self,
        context: &str,
        mut items: Vec<T>,
        top: usize,
        possible: impl Fn(&T) -> bool,
        render: impl Fn(&T) -> Map<String, Value>,
    ) -> Response {
        let skip = self.query.skip;
        let ordered = !self.query.order.is_empty();
        let (total, shown): (usize, Vec<Map<String, Value>>) = if self.query.filter.is_some() || ordered {
            items.retain(possible);
            let mut found: Vec<Value> = items
                .iter()
                .map(|item| Value::Object(render(item)))
                .filter(|item| self.query.filter.as_ref().is_none_or(|filter| filter.holds(item)))
                .collect();
            self.order(&mut found);
            let objects = found.into_iter().skip(skip).map(into_object);
            (skip + objects.len(), objects.take(top).collect())
        } else {
            (items.len(), items.iter().skip(skip).take(top).map(render).collect())
        };
        let more = total > skip + shown.len();
        let mut answer = Map::new();
        answer.insert("@odata.context".to_owned(), self.context(context));
        if self.query.count {
            answer.insert("@odata.count".to_owned(), json!(total));
        }
        let value: Vec<Value> =
            shown.into_iter().map(|item| Value::Object(self.projected(self.unexposed(item)))).collect();
        answer.insert("value".to_owned(), Value::Array(value));
        if more {
            answer.insert(
                "@odata.nextLink".to_owned(),
                Value::String(self.next_link(top, skip.saturating_add(top))),
            );
        }
        Response::json(200, Value::Object(answer))
    }

    /// An item without the extended properties that only the filter was to see.
    fn unexposed(&self, mut item: Map<String, Value>) -> Map<String, Value> {
        for name in [SINGLE, MULTI] {
            if self.query.filter.is_some() && self.query.expanded(name).is_none() {
                item.remove(name);
            }
        }
        item
    }

    pub(super) fn order(&self, items: &mut [Value]) {
        items.sort_by(|a, b| {
            self.query.order.iter().fold(Ordering::Equal, |so_far, (path, descending)| {
                so_far.then_with(|| {
                    let order = ordering(&at(a, path), &at(b, path)).unwrap_or(Ordering::Equal);
                    if *descending { order.reverse() } else { order }
                })
            })
        });
    }

    /// The link to the next page: the same query, further on.
    fn next_link(&self, top: usize, skip: usize) -> String {
        let mut parts: Vec<String> = self
            .query
            .all
            .iter()
            .filter(|(name, _)| {
                !matches!(name.trim_start_matches('$').to_ascii_lowercase().as_str(), "top" | "skip")
            })
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        parts.push(format!("$top={top}"));
        parts.push(format!("$skip={skip}"));
        format!("{}{}?{}", self.tenant.graph_url, self.path, parts.join("&"))
    }

    /// An item reduced to what was selected. Ids, annotations and expansions always stay.
    pub(super) fn projected(&self, mut item: Map<String, Value>) -> Map<String, Value> {
        if let Some(names) = &self.query.select {
            item.retain(|name, _| {
                name == "id"
                    || name.contains('@')
                    || names.iter().any(|one| covers(one, name))
                    || self.query.expanded(name).is_some()
            });
        }
        item
    }
}

fn into_object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
