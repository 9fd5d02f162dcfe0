//! The tables of a query, each below the one to which it is linked.

use super::condition::Condition;
use crate::schema::{LinkEnd, Schema, Table};
use crate::storage::StorageError;
use tandem_crm_interface::language::{self, CursorFlags, TableRef};

/// Tables of a query; the first node is the root.
#[derive(Debug)]
pub(super) struct Tree<'s> {
    schema: &'s Schema,
    nodes: Vec<Node<'s>>,
}

/// A table as it is read in a query.
#[derive(Debug)]
pub(super) struct Node<'s> {
    pub table: &'s Table,
    /// Its alias, or the name of the table.
    pub name: String,
    pub alias: Option<String>,
    pub parent: Option<usize>,
    pub all_fields: bool,
    pub limit: Option<usize>,
    pub skip: usize,
    /// Only this record.
    pub record: Option<u64>,
    pub flags: CursorFlags,
}

/// More tables than this in one query are a mistake.
const MOST_TABLES: usize = 32;

impl<'s> Tree<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        Self { schema, nodes: Vec::new() }
    }

    /// Adds a table and what hangs on it below `parent`.
    pub(super) fn add(
        &mut self,
        wanted: &language::Table,
        parent: Option<usize>,
    ) -> Result<(), StorageError> {
        let table = self
            .schema
            .table(&wanted.name)
            .ok_or_else(|| StorageError::Invalid(format!("there is no table \"{}\"", wanted.name)))?;
        let name = wanted.answer_name().to_owned();
        // Unique is the pair of table and alias: an alias may be the table's own name.
        if self.nodes.iter().any(|node| node.table.area == table.area && node.alias == wanted.alias) {
            return Err(StorageError::Invalid(format!(
                "\"{name}\" is read twice: give one of them an alias"
            )));
        }
        if self.nodes.len() == MOST_TABLES {
            return Err(StorageError::Invalid(format!("a query reads at most {MOST_TABLES} tables")));
        }
        let node = self.nodes.len();
        self.nodes.push(Node {
            table,
            name,
            alias: wanted.alias.clone(),
            parent,
            all_fields: wanted.all_fields,
            limit: wanted.max_records.map(|limit| limit as usize),
            skip: wanted.skip as usize,
            record: wanted.record,
            flags: wanted.flags,
        });
        if let Some(parent) = parent {
            self.link(parent, node)?;
        }
        wanted.linked.iter().try_for_each(|linked| self.add(linked, Some(node)))
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node<'s>> {
        self.nodes.iter()
    }

    pub(super) fn node(&self, node: usize) -> &Node<'s> {
        &self.nodes[node]
    }

    /// The table that is meant: by alias, table name or info area; the first one when nothing is named.
    pub(super) fn find(&self, wanted: &TableRef) -> Result<usize, StorageError> {
        if wanted.name.is_empty() && wanted.alias.is_none() && !self.nodes.is_empty() {
            return Ok(0);
        }
        let named = |node: &Node<'_>| {
            wanted.name.is_empty() || node.table.name == wanted.name || node.table.area == wanted.name
        };
        let exact = self.nodes.iter().position(|node| named(node) && node.alias == wanted.alias);
        let name = wanted.alias.as_deref().unwrap_or(&wanted.name);
        // Some name a table that is read once without its alias, or by its alias alone.
        let found = exact
            .or_else(|| self.nodes.iter().position(|node| node.name == name))
            .or_else(|| self.nodes.iter().position(|node| wanted.alias.is_none() && named(node)));
        found.ok_or_else(|| StorageError::Invalid(format!("\"{name}\" is not among the tables of the query")))
    }

    pub(super) fn children(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(move |child| self.nodes[*child].parent == Some(node))
    }

    /// The equations that link a node to one below it.
    pub(super) fn link(&self, parent: usize, child: usize) -> Result<Vec<(LinkEnd, LinkEnd)>, StorageError> {
        let (from, to) = (self.nodes[parent].table, self.nodes[child].table);
        self.schema.link(&from.area, &to.area).ok_or_else(|| {
            StorageError::Invalid(format!("table \"{}\" is not linked to \"{}\"", from.name, to.name))
        })
    }

    /// The child of `scope` on the way down to `node`.
    pub(super) fn towards(&self, scope: usize, node: usize) -> Option<usize> {
        let mut at = node;
        while let Some(parent) = self.nodes[at].parent {
            if parent == scope {
                return Some(at);
            }
            at = parent;
        }
        None
    }

    /// The child of `scope` below which all of the condition is, if there is one.
    pub(super) fn only_below(&self, scope: usize, condition: &Condition) -> Option<usize> {
        match condition {
            Condition::Compare { node, .. } => self.towards(scope, *node),
            Condition::All(parts) | Condition::Any(parts) => {
                let mut children = parts.iter().map(|part| self.only_below(scope, part));
                let first = children.next()??;
                children.all(|child| child == Some(first)).then_some(first)
            }
        }
    }
}
