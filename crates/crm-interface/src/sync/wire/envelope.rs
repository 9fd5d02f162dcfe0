//! What a message says about itself, so that its answer can refer to it.

/// How a client addresses a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressing {
    /// Id of the session; a new one for each message, since a message is a session.
    pub session_id: String,
    /// Address of the interface.
    pub target: String,
}

/// The header of a message and the ids of its commands. The client keeps the envelope of what it sent to read the
/// answer; the server keeps that of what it received to write it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// `SessionID`.
    pub session_id: String,
    /// `MsgID`.
    pub message_id: String,
    /// `Target/LocURI` of the header: the server.
    pub target: String,
    /// `Source/LocURI` of the header: the client.
    pub source: String,
    /// The commands that are answered one by one, in their order.
    pub commands: Vec<CommandRef>,
    /// `CmdID` of each `Sync`, which is acknowledged as well.
    pub groups: Vec<u32>,
}

/// A command of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRef {
    /// `CmdID`.
    pub id: u32,
    /// Name of the command's element.
    pub name: &'static str,
    /// `Target/LocURI`.
    pub target: Option<String>,
    /// `Source/LocURI`.
    pub source: Option<String>,
}
