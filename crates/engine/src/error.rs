//! What stops a cycle, or the connector.

use tandem_crm_port::PortError;
use tandem_graph::GraphError;
use tandem_model::Kind;
use tandem_store::StoreError;

/// Why a cycle, or the start, came to an end before it was complete. Nothing is lost: the next cycle goes on from the
/// last commit.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The CRM.
    #[error(transparent)]
    Crm(#[from] PortError),
    /// Microsoft 365.
    #[error(transparent)]
    Graph(Box<GraphError>),
    /// The CRM's answer does not fit the question.
    #[error(
        "the CRM's answer to {what} is of the wrong sort; check that the CRM's address is that of its interface"
    )]
    Answer {
        /// What was asked.
        what: &'static str,
    },
    /// One kind of item could not be synchronised; the others went on.
    #[error("{kind}: {source}")]
    Kind {
        /// Which kind.
        kind: Kind,
        /// Why.
        source: Box<EngineError>,
    },
}

impl EngineError {
    /// Whether another worker has the mailbox now, so that this one must let go of it.
    pub fn is_fenced(&self) -> bool {
        match self {
            EngineError::Store(StoreError::Fenced { .. }) => true,
            EngineError::Kind { source, .. } => source.is_fenced(),
            _ => false,
        }
    }

    /// Whether Microsoft 365 does not let us into the mailbox.
    pub fn is_denied(&self) -> bool {
        match self {
            EngineError::Graph(error) => error.class() == tandem_graph::Class::Denied,
            EngineError::Kind { source, .. } => source.is_denied(),
            _ => false,
        }
    }

    /// Whether trying again later, with nothing else changed, may help.
    pub fn is_transient(&self) -> bool {
        match self {
            EngineError::Store(error) => {
                matches!(error, StoreError::Full { .. } | StoreError::Conflict { .. })
            }
            EngineError::Crm(error) => error.is_transient(),
            EngineError::Graph(error) => {
                matches!(error.class(), tandem_graph::Class::Retry { .. } | tandem_graph::Class::Ambiguous)
            }
            EngineError::Answer { .. } => false,
            EngineError::Kind { source, .. } => source.is_transient(),
        }
    }
}

impl From<GraphError> for EngineError {
    fn from(error: GraphError) -> Self {
        EngineError::Graph(Box::new(error))
    }
}
