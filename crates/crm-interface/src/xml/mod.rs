//! XML as both halves of the language need it: a reader that trusts nobody and a writer that cannot write nonsense.
//!
//! The reader takes UTF-8 only, refuses document types and every entity but the five of XML and numeric ones, and
//! bounds size, depth, number of elements and length of attributes. Text may stand on both sides of child elements,
//! but its place among them is not kept: neither half of the language has mixed content.
//!
//! XML 1.0 cannot hold most control characters, U+FFFE and U+FFFF, not even escaped (W3C, *Extensible Markup
//! Language 1.0*, production `Char`). The writer replaces each of them by U+FFFD; see [`clean`].

mod element;
mod error;
mod reader;
mod text;
mod writer;

pub use element::Element;
pub use error::{Problem, ReadError};
pub use reader::{Limits, parse, parse_within, root_name};
pub use text::{clean, is_name};
pub use writer::Writer;
