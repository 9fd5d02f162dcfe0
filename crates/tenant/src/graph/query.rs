//! OData query options and preferences.

use super::filter::Filter;
use crate::calendar::Zone;
use crate::error::GraphError;
use crate::mailbox::content::BodyType;
use crate::wire::{Request, pairs};

/// The options of a query.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// `$select`.
    pub select: Option<Vec<String>>,
    /// `$expand`.
    pub expand: Vec<Expand>,
    /// `$filter`.
    pub filter: Option<Filter>,
    /// `$orderby`: paths, and whether they descend.
    pub order: Vec<(String, bool)>,
    /// `$top`.
    pub top: Option<usize>,
    /// `$skip`.
    pub skip: usize,
    /// `$count=true`.
    pub count: bool,
    /// `$search`, as it came.
    pub search: Option<String>,
    /// All of it, as it came.
    pub all: Vec<(String, String)>,
}

/// One member of `$expand`.
#[derive(Debug, Clone, Default)]
pub struct Expand {
    /// The navigation property.
    pub name: String,
    /// Its `$filter`.
    pub filter: Option<Filter>,
    /// Its `$select`.
    pub select: Option<Vec<String>>,
    /// What is expanded below it.
    pub expand: Vec<Expand>,
}

impl Query {
    /// Reads a query.
    pub fn parse(text: Option<&str>) -> Result<Self, GraphError> {
        let mut query = Self { all: pairs(text.unwrap_or_default()), ..Self::default() };
        for (name, value) in query.all.clone() {
            match name.trim_start_matches('$').to_ascii_lowercase().as_str() {
                "select" => query.select = Some(names(&value)),
                "expand" => query.expand = expansions(&value, 0)?,
                "filter" => query.filter = Some(Filter::parse(&value)?),
                "orderby" => query.order = order(&value)?,
                "top" => query.top = Some(number(&name, &value)?),
                "skip" => query.skip = number(&name, &value)?,
                "count" => query.count = value == "true",
                "search" => query.search = Some(value),
                _ => {}
            }
        }
        Ok(query)
    }

    /// The value of a parameter, its name in any case.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.all.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The expansion of a navigation property.
    pub fn expanded(&self, name: &str) -> Option<&Expand> {
        self.expand.iter().find(|expand| expand.name.eq_ignore_ascii_case(name))
    }

    /// Whether a property is selected by name.
    pub fn selects(&self, name: &str) -> bool {
        self.select.as_ref().is_some_and(|names| names.iter().any(|one| covers(one, name)))
    }
}

/// Whether a term of `$select` covers a property: by its name, by a path into it, or by the name behind a cast such as
/// `microsoft.graph.fileAttachment/contentId`.
pub fn covers(term: &str, property: &str) -> bool {
    // Nearly all terms are plain names, and each is compared with each property.
    if !term.bytes().any(|byte| byte == b'/') {
        return term == "*" || term.eq_ignore_ascii_case(property);
    }
    let mut parts = term.split('/');
    let first = parts.next().unwrap_or_default();
    let is_cast = first.get(..16).is_some_and(|start| start.eq_ignore_ascii_case("microsoft.graph."));
    let named = if is_cast { parts.next().unwrap_or_default() } else { first };
    named == "*" || named.eq_ignore_ascii_case(property)
}

fn names(value: &str) -> Vec<String> {
    value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn number(name: &str, value: &str) -> Result<usize, GraphError> {
    value
        .parse()
        .map_err(|_| GraphError::bad(format!("Invalid value '{value}' for {name} query option found.")))
}

fn order(value: &str) -> Result<Vec<(String, bool)>, GraphError> {
    names(value)
        .iter()
        .map(|term| match term.split_whitespace().collect::<Vec<_>>()[..] {
            [path] => Ok((path.to_owned(), false)),
            [path, direction] if direction.eq_ignore_ascii_case("asc") => Ok((path.to_owned(), false)),
            [path, direction] if direction.eq_ignore_ascii_case("desc") => Ok((path.to_owned(), true)),
            _ => Err(GraphError::bad(format!("Invalid $orderby term '{term}'."))),
        })
        .collect()
}

/// Splits at a separator outside of parentheses and quotes.
fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    let mut parts = Vec::new();
    for (at, next) in text.char_indices() {
        match next {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if next == separator && depth == 0 && !quoted => {
                parts.push(&text[start..at]);
                start = at + next.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn expansions(value: &str, depth: usize) -> Result<Vec<Expand>, GraphError> {
    if depth > 3 {
        return Err(GraphError::bad("$expand nests too deeply."));
    }
    split_outside(value, ',')
        .into_iter()
        .map(str::trim)
        .filter(|term| !term.is_empty())
        .map(|term| {
            let Some((name, rest)) = term.split_once('(') else {
                return Ok(Expand { name: term.to_owned(), ..Expand::default() });
            };
            let inner = rest.strip_suffix(')').ok_or_else(|| {
                GraphError::bad(format!("Unbalanced parentheses in $expand term '{term}'."))
            })?;
            let mut expand = Expand { name: name.trim().to_owned(), ..Expand::default() };
            for option in split_outside(inner, ';') {
                match option.trim().split_once('=') {
                    Some(("$filter", filter)) => expand.filter = Some(Filter::parse(filter)?),
                    Some(("$select", select)) => expand.select = Some(names(select)),
                    Some(("$expand", inner)) => expand.expand = expansions(inner, depth + 1)?,
                    Some(("$top", _)) => {}
                    _ => return Err(GraphError::bad(format!("Unknown $expand option '{option}'."))),
                }
            }
            Ok(expand)
        })
        .collect()
}

/// The `Prefer` headers.
#[derive(Debug, Clone, Default)]
pub struct Prefer {
    /// `IdType="ImmutableId"`.
    pub immutable: bool,
    /// `outlook.timezone`.
    pub zone: Option<Zone>,
    /// `outlook.body-content-type`.
    pub body: Option<BodyType>,
    /// `outlook.allow-unsafe-html`.
    pub unsafe_html: bool,
    /// `odata.maxpagesize`.
    pub page: Option<usize>,
    /// What was taken notice of, for `Preference-Applied`.
    pub applied: Vec<String>,
}

impl Prefer {
    /// Reads the preferences: one comma list or several lines.
    pub fn of(request: &Request) -> Result<Self, GraphError> {
        let mut prefer = Self::default();
        for line in request.header_values("prefer") {
            for part in line.split([',', ';']) {
                let (name, value) = part.trim().split_once('=').unwrap_or((part.trim(), ""));
                let value = value.trim().trim_matches('"');
                let known = match name.trim().to_ascii_lowercase().as_str() {
                    "idtype" => {
                        prefer.immutable = value.eq_ignore_ascii_case("ImmutableId");
                        prefer.immutable
                    }
                    "outlook.timezone" => {
                        prefer.zone = Some(Zone::named(value).ok_or_else(|| unknown_zone(value))?);
                        true
                    }
                    "outlook.body-content-type" => {
                        prefer.body = match value.to_ascii_lowercase().as_str() {
                            "text" => Some(BodyType::Text),
                            "html" => Some(BodyType::Html),
                            _ => None,
                        };
                        prefer.body.is_some()
                    }
                    "outlook.allow-unsafe-html" => {
                        prefer.unsafe_html = true;
                        true
                    }
                    "odata.maxpagesize" => {
                        prefer.page = value.parse().ok().filter(|size| *size > 0);
                        prefer.page.is_some()
                    }
                    _ => false,
                };
                if known {
                    prefer.applied.push(part.trim().to_owned());
                }
            }
        }
        Ok(prefer)
    }
}

fn unknown_zone(name: &str) -> GraphError {
    GraphError::new(
        400,
        "TimeZoneNotSupportedException",
        format!(
            "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansions_keep_what_stands_in_parentheses_together() {
        let text = "$expand=attachments($select=id,name),singleValueExtendedProperties($filter=id%20eq%20'a,b'%20or%20id%20eq%20'c')&$top=5";
        let query = Query::parse(Some(text)).unwrap();
        assert_eq!(query.expand.len(), 2);
        assert_eq!(query.expanded("attachments").unwrap().select.as_deref().unwrap(), ["id", "name"]);
        assert!(query.expanded("SingleValueExtendedProperties").unwrap().filter.is_some());
        assert_eq!(query.top, Some(5));
    }

    #[test]
    fn preferences_come_in_one_line_or_several() {
        let headers =
            ["IdType=\"ImmutableId\", outlook.timezone=\"W. Europe Standard Time\"", "odata.maxpagesize=7"];
        let request = Request {
            headers: headers.iter().map(|value| ("prefer".to_owned(), (*value).to_owned())).collect(),
            ..Request::default()
        };
        let prefer = Prefer::of(&request).unwrap();
        assert!(prefer.immutable && prefer.page == Some(7));
        assert_eq!(prefer.zone.unwrap().name(), "W. Europe Standard Time");
    }
}
