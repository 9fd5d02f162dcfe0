//! Whether a condition holds (W3C, *XML Path Language 1.0*: conversions and comparisons of sections 3.4 and 4).

use super::{Expression, Path, Sign, Step, Test, Value};
use crate::language::{Response, WriteError, write_response};
use crate::xml::{Element, parse};
use std::cell::Cell;
use std::collections::BTreeSet;

/// How many elements a condition may look at before it is given up.
const BUDGET: usize = 5_000_000;

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Place<'e, 'a> {
    /// The element above `root`'s only child, `response`.
    response: &'e Element<'a>,
    /// The element whose predicate is evaluated; none at the top, which is the document.
    node: Option<&'e Element<'a>>,
    /// Its position among those that the step selects, from 1.
    position: usize,
    last: usize,
    /// How many elements may still be looked at.
    budget: &'e Cell<usize>,
}

/// What a value is before it is compared.
enum Found {
    /// Texts of nodes.
    Nodes(Vec<String>),
    Number(f64),
    Text(String),
    Truth(bool),
}

impl Test {
    /// Whether it holds for the answers so far.
    pub fn holds(&self, answers: &Response) -> Result<bool, WriteError> {
        let document = write_response(answers)?;
        let unreadable =
            |_| WriteError::Incomplete("the answers so far cannot be looked at: they are too large");
        let response = parse(&document).map_err(unreadable)?;
        let budget = Cell::new(BUDGET);
        let top = Place { response: &response, node: None, position: 1, last: 1, budget: &budget };
        let holds = self.expression.holds(top);
        if budget.get() == 0 {
            return Err(WriteError::Incomplete(
                "the condition looks at too many elements of the answers so far",
            ));
        }
        Ok(holds)
    }
}

impl Expression {
    fn holds(&self, place: Place<'_, '_>) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.holds(place)),
            Self::And(parts) => parts.iter().all(|part| part.holds(place)),
            Self::Not(inner) => !inner.holds(place),
            Self::Is(value) => value.found(place).is_true(),
            Self::Compare(left, sign, right) => left.found(place).compares(*sign, &right.found(place)),
        }
    }

    /// A number as a predicate is a position.
    fn holds_as_predicate(&self, place: Place<'_, '_>) -> bool {
        match self {
            Self::Is(value @ (Value::Number(_) | Value::Last | Value::Count(_))) => {
                value.found(place).number() == place.position as f64
            }
            other => other.holds(place),
        }
    }
}

impl Value {
    fn found(&self, place: Place<'_, '_>) -> Found {
        match self {
            Self::Path(path) => Found::Nodes(path.texts(place)),
            Self::Count(path) => Found::Number(path.texts(place).len() as f64),
            Self::Last => Found::Number(place.last as f64),
            Self::Number(number) => Found::Number(f64::from(*number)),
            Self::Text(text) => Found::Text(text.clone()),
            Self::Truth(truth) => Found::Truth(*truth),
        }
    }
}

impl Path {
    /// The texts of the nodes to which it leads.
    fn texts(&self, place: Place<'_, '_>) -> Vec<String> {
        let nodes = self.elements(place);
        let Some(attribute) = &self.attribute else { return nodes.into_iter().map(text).collect() };
        let owners = if attribute.deep { with_descendants(place, nodes) } else { nodes };
        owners
            .into_iter()
            .flat_map(Element::attributes)
            .filter(|(name, _)| attribute.name.as_deref().is_none_or(|wanted| wanted == *name))
            .map(|(_, value)| value.to_owned())
            .collect()
    }

    fn elements<'e, 'a>(&self, place: Place<'e, 'a>) -> Vec<&'e Element<'a>> {
        let start = if self.absolute { None } else { place.node };
        let mut steps = self.steps.iter();
        let mut nodes = match start {
            Some(node) => vec![node],
            None => from_the_top(place, &mut steps),
        };
        for step in steps {
            nodes = step.below(place, nodes);
        }
        nodes
    }
}

/// From the document itself, of which `root` is the only child and `response` the only grandchild; both may be left out
/// by `//`.
fn from_the_top<'e, 'a>(
    place: Place<'e, 'a>,
    steps: &mut std::slice::Iter<'_, Step>,
) -> Vec<&'e Element<'a>> {
    let Some(first) = steps.next() else { return Vec::new() };
    if first.deep {
        return first.here_and_below(place);
    }
    if first.name.as_deref().is_some_and(|name| name != "root") {
        return Vec::new();
    }
    match steps.next() {
        Some(second) if second.deep => second.here_and_below(place),
        Some(second) => second.chosen(place, vec![place.response]),
        None => Vec::new(),
    }
}

impl Step {
    fn below<'e, 'a>(&self, place: Place<'e, 'a>, nodes: Vec<&'e Element<'a>>) -> Vec<&'e Element<'a>> {
        let parents = if self.deep { with_descendants(place, nodes) } else { nodes };
        parents.into_iter().flat_map(|node| self.chosen(place, node.children().iter().collect())).collect()
    }

    /// `response` itself, and everything in it.
    fn here_and_below<'e, 'a>(&self, place: Place<'e, 'a>) -> Vec<&'e Element<'a>> {
        let mut found = self.chosen(place, vec![place.response]);
        let deep = Self { deep: true, ..self.clone() };
        found.extend(deep.below(place, vec![place.response]));
        found
    }

    /// Those that have the name and meet the predicates, one after the other.
    fn chosen<'e, 'a>(&self, place: Place<'e, 'a>, nodes: Vec<&'e Element<'a>>) -> Vec<&'e Element<'a>> {
        let named = |node: &&Element<'_>| self.name.as_deref().is_none_or(|name| name == node.local());
        place.spend(nodes.len());
        let mut nodes: Vec<_> = nodes.into_iter().filter(named).collect();
        for predicate in &self.predicates {
            let last = nodes.len();
            let kept = nodes.into_iter().enumerate().filter(|(index, node)| {
                predicate.holds_as_predicate(Place { node: Some(node), position: index + 1, last, ..place })
            });
            nodes = kept.map(|(_, node)| node).collect();
        }
        nodes
    }
}

impl Place<'_, '_> {
    fn spend(&self, elements: usize) {
        self.budget.set(self.budget.get().saturating_sub(elements));
    }
}

/// The nodes and all below them, each once.
fn with_descendants<'e, 'a>(place: Place<'e, 'a>, nodes: Vec<&'e Element<'a>>) -> Vec<&'e Element<'a>> {
    let mut seen = BTreeSet::new();
    let mut found: Vec<&Element<'_>> = Vec::new();
    let mut open = nodes;
    open.reverse();
    while let Some(node) = open.pop().filter(|_| place.budget.get() > 0) {
        if seen.insert(std::ptr::from_ref(node) as usize) {
            place.spend(1);
            found.push(node);
            open.extend(node.children().iter().rev());
        }
    }
    found
}

/// The text in an element and in everything below it.
fn text(node: &Element<'_>) -> String {
    let within: String = node.children().iter().map(text).collect();
    format!("{}{within}", node.text())
}

impl Found {
    fn is_true(&self) -> bool {
        match self {
            Self::Nodes(nodes) => !nodes.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Truth(truth) => *truth,
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Nodes(nodes) => nodes.first().map_or(f64::NAN, |text| number_of(text)),
            Self::Number(number) => *number,
            Self::Text(text) => number_of(text),
            Self::Truth(truth) => f64::from(u8::from(*truth)),
        }
    }

    /// With nodes on a side: whether any of them compares so.
    fn compares(&self, sign: Sign, other: &Self) -> bool {
        match (self, other) {
            (Self::Truth(_), _) | (_, Self::Truth(_)) => {
                sign.of(f64::from(u8::from(self.is_true())), f64::from(u8::from(other.is_true())))
            }
            (Self::Nodes(nodes), other) => {
                nodes.iter().any(|text| Self::Text(text.clone()).compares(sign, other))
            }
            (_, Self::Nodes(nodes)) => {
                nodes.iter().any(|text| self.compares(sign, &Self::Text(text.clone())))
            }
            (Self::Text(left), Self::Text(right)) => match sign {
                Sign::Equal => left == right,
                Sign::NotEqual => left != right,
                _ => sign.of(number_of(left), number_of(right)),
            },
            _ => sign.of(self.number(), other.number()),
        }
    }
}

impl Sign {
    fn of(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

fn number_of(text: &str) -> f64 {
    text.trim().parse().unwrap_or(f64::NAN)
}
