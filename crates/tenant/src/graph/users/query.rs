//! What the directory asks of queries, and its `$search`.

use crate::error::GraphError;
use crate::graph::Call;
use crate::graph::filter::{Filter, Operator, TextTest};
use crate::graph::search::words;
use serde_json::{Map, Value};

/// Words of the manual on advanced queries.
const MISSING: &str = "is not supported because the 'ConsistencyLevel:eventual' header is missing. Refer to https://aka.ms/graph-docs/advanced-queries for more information";

impl Call<'_> {
    /// Refuses advanced queries that do not say, by `ConsistencyLevel: eventual` and `$count=true`, that they are
    /// content with what is eventually consistent ("Advanced query capabilities on directory objects").
    pub(super) fn check_directory_query(&self) -> Result<(), GraphError> {
        let refuse = |message: String| Err(GraphError::new(400, "Request_UnsupportedQuery", message));
        if self.query.search.is_some() && !self.eventual {
            return refuse(
                "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'".to_owned(),
            );
        }
        if self.query.skip > 0 && !self.query.all.iter().any(|(name, _)| name == "$top") {
            return refuse("'$skip' is not supported by the service.".to_owned());
        }
        let Some(filter) = &self.query.filter else { return Ok(()) };
        if uses_contains(filter) {
            return refuse("Operator 'contains' is not supported for users.".to_owned());
        }
        let counted = self.query.count || self.path.trim_end_matches('/').ends_with("/$count");
        if self.eventual && counted {
            return Ok(());
        }
        if let Some(operator) = advanced(filter) {
            return refuse(format!("Operator '{operator}' {MISSING}"));
        }
        if !self.query.order.is_empty() {
            return refuse(format!("Sorting a filtered list {MISSING}"));
        }
        Ok(())
    }
}

/// The operator that makes a filter an advanced one.
fn advanced(filter: &Filter) -> Option<&'static str> {
    match filter {
        Filter::And(a, b) | Filter::Or(a, b) => advanced(a).or_else(|| advanced(b)),
        Filter::Not(_) => Some("Not"),
        Filter::Compare(_, Operator::Ne, _) => Some("NotEqual"),
        Filter::Compare(..) | Filter::Holds(_) => None,
        Filter::Text(TextTest::EndsWith, ..) => Some("endsWith"),
        Filter::Text(..) => None,
        Filter::Any(.., inner) => advanced(inner),
    }
}

fn uses_contains(filter: &Filter) -> bool {
    match filter {
        Filter::And(a, b) | Filter::Or(a, b) => uses_contains(a) || uses_contains(b),
        Filter::Not(inner) | Filter::Any(.., inner) => uses_contains(inner),
        Filter::Text(TextTest::Contains, ..) => true,
        Filter::Text(..) | Filter::Compare(..) | Filter::Holds(_) => false,
    }
}

/// `$search` on directory objects: `"property:value"`, joined by `AND` and `OR`.
#[derive(Debug, PartialEq)]
pub struct DirectorySearch(Vec<Vec<(String, String)>>);

impl DirectorySearch {
    /// Reads it: alternatives of conjunctions, for `AND` binds closer.
    pub fn parse(text: &str) -> Result<Self, GraphError> {
        let fault = || {
            GraphError::new(
                400,
                "Request_UnsupportedQuery",
                format!(
                    "Invalid $search '{text}': it reads \"property:value\", and clauses are joined by AND and OR."
                ),
            )
        };
        let mut alternatives = vec![Vec::new()];
        // Every second part stands in quotes.
        for (number, part) in text.trim().split('"').enumerate() {
            if number % 2 == 1 {
                let (property, value) = part.split_once(':').ok_or_else(fault)?;
                let clause = (property.trim().to_owned(), value.trim().to_owned());
                alternatives.last_mut().ok_or_else(fault)?.push(clause);
                continue;
            }
            match part.trim().trim_matches(['(', ')']).trim() {
                "" | "AND" => {}
                "OR" => alternatives.push(Vec::new()),
                _ => return Err(fault()),
            }
        }
        if text.matches('"').count() % 2 == 1 || alternatives.iter().any(Vec::is_empty) {
            return Err(fault());
        }
        Ok(Self(alternatives))
    }

    /// Whether a user has it: words of the display name in any order, beginnings of everything else.
    pub fn finds(&self, user: &Map<String, Value>) -> bool {
        let has = |(property, value): &(String, String)| {
            let known =
                user.iter().find(|(name, _)| name.eq_ignore_ascii_case(property)).map(|(_, value)| value);
            match known {
                Some(Value::String(text)) if property.eq_ignore_ascii_case("displayName") => {
                    let text = words(text);
                    words(value).iter().all(|word| text.iter().any(|known| known.starts_with(word.as_str())))
                }
                Some(Value::String(text)) => text.to_lowercase().starts_with(&value.to_lowercase()),
                Some(Value::Array(list)) => list
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|text| text.to_lowercase().starts_with(&value.to_lowercase())),
                _ => false,
            }
        };
        self.0.iter().any(|clauses| clauses.iter().all(has))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn clauses_are_quoted_and_joined() {
        let user = json!({"displayName": "Anna Maria Berger", "mail": "anna.berger@x.example", "proxyAddresses": ["SMTP:ab@x"]});
        let user = user.as_object().unwrap();
        let finds = |text: &str| DirectorySearch::parse(text).map(|search| search.finds(user));
        assert_eq!(finds("\"displayName:berger anna\""), Ok(true));
        assert_eq!(finds("\"displayName:nobody\" OR \"mail:ANNA\""), Ok(true));
        assert_eq!(finds("\"displayName:anna\" AND \"mail:berger\""), Ok(false));
        assert_eq!(finds("\"proxyAddresses:smtp:ab\""), Ok(true));
        for text in ["displayName:anna", "\"anna\"", "\"displayName:anna", "\"mail:a\" XOR \"mail:b\"", ""] {
            assert!(finds(text).is_err(), "{text}");
        }
    }
}
