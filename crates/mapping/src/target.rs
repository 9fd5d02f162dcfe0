//! A field of Graph that an administrator may map.

use crate::extended;
use crate::properties::{Access, Property};
use crate::value::{Form, ValueType};
use crate::{DefaultPair, DoesNotFit, Flow};
use serde_json::Value;
use tandem_model::{AdditionalValue, Kind};

/// A field of Graph beside those of the default pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The property's name, or the id of an extended property in its one spelling.
    pub id: String,
    /// What its values are.
    pub value: ValueType,
    /// Which way it can travel at most: to the CRM only where Graph lets nobody write it.
    pub flow: Flow,
    form: Form,
}

/// Why a field of Graph cannot be mapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Graph has no place for fields of one's own on this kind.
    #[error(
        "Graph cannot keep additional fields on tasks: To Do has no extended properties, and whether an application may \
         change open extensions is documented in two ways"
    )]
    NoPlace,
    /// It is no property, and no id of an extended property either.
    #[error(
        "\"{0}\" is neither a property of Graph nor reads like \"String {{guid}} Name name\" or \"Integer {{guid}} Id 0x8005\""
    )]
    Malformed(String),
    /// There is no property of that name.
    #[error("Graph has no property \"{name}\" of {kind}s that can be mapped; known are {known}")]
    Unknown {
        /// What was named.
        name: String,
        /// The kind.
        kind: Kind,
        /// What there is.
        known: String,
    },
    /// A default pair uses it.
    #[error(
        "\"{name}\" belongs to the pair of {field}: give another field of the CRM that meaning with as=\"{meaning}\""
    )]
    Default {
        /// What was named.
        name: String,
        /// The field of the item.
        field: &'static str,
        /// The meaning that stands for it.
        meaning: &'static str,
    },
    /// Nobody may map it.
    #[error("\"{0}\" cannot be mapped: {1}")]
    Fixed(String, &'static str),
    /// Values of the type have no place in the CRM.
    #[error(
        "values of the type {0} cannot be mapped; String, Boolean, Integer, Short, Long, Double, Float and SystemTime can"
    )]
    Unmappable(String),
}

impl Target {
    /// Reads what an administrator writes.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if kind == Kind::Task {
            return Err(TargetError::NoPlace);
        }
        // Events stand for absences and have what events have.
        let flow = match kind {
            Kind::Mail => Flow::ToCrm,
            Kind::Absence => Flow::ToM365,
            _ => Flow::Both,
        };
        if text.contains(' ') {
            let (id, value, form) = extended::parse(text)?;
            return Ok(Self { id, value, flow, form });
        }
        if let Some(property) = Property::find(kind, text) {
            return Self::property(property, flow);
        }
        let used = |pair: &&DefaultPair| {
            pair.kind == kind && pair.graph.split(", ").any(|name| name.split('/').next() == Some(text))
        };
        Err(match DefaultPair::all().iter().find(used) {
            Some(DefaultPair { fixed: Some(why), .. }) => TargetError::Fixed(text.to_owned(), why),
            Some(pair) => TargetError::Default {
                name: text.to_owned(),
                field: pair.field,
                meaning: pair.meanings.first().copied().unwrap_or_default(),
            },
            None => TargetError::Unknown { name: text.to_owned(), kind, known: known(kind) },
        })
    }

    fn property(property: &Property, flow: Flow) -> Result<Self, TargetError> {
        let flow = match property.access {
            Access::Both => flow,
            Access::Read => Flow::ToCrm,
            Access::No(why) => return Err(TargetError::Fixed(property.name.to_owned(), why)),
        };
        let value = match property.of {
            "String" => ValueType::Text,
            "Boolean" => ValueType::Boolean,
            "DateTimeOffset" => ValueType::Date,
            other => return Err(TargetError::Unmappable(other.to_owned())),
        };
        Ok(Self { id: property.name.to_owned(), value, flow, form: Form::Json })
    }

    /// Whether it is an extended property.
    pub fn is_extended(&self) -> bool {
        self.form == Form::Text
    }

    /// Whether an id of Graph's answer names this extended property: the type and the set in any case, the name exactly.
    pub fn is(&self, id: &str) -> bool {
        self.id == id || extended::parse(id).is_ok_and(|(id, ..)| id == self.id)
    }

    /// What Graph's value means.
    pub fn read(&self, value: &Value) -> Option<AdditionalValue> {
        self.value.read_graph(value)
    }

    /// How Graph is told a value, or that there is none.
    pub fn write(&self, value: Option<&AdditionalValue>) -> Result<Value, DoesNotFit> {
        self.value.write_graph(value, self.form)
    }
}

fn known(kind: Kind) -> String {
    let all = Property::all().iter().filter(|property| property.kind == kind);
    let mappable = all.filter(|property| !matches!(property.access, Access::No(_)));
    let names: Vec<&str> = mappable.map(|property| property.name).collect();
    if names.is_empty() { "extended properties only".to_owned() } else { names.join(", ") }
}
