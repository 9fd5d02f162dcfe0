//! Every name on the wire that is our own definition and not public: a field test against a real CRM.interface
//! changes this module and the payloads in [`super::item`], nothing else.
//!
//! Public are the SyncML elements (OMA *SyncML Representation Protocol 1.1*), the content types, the attribute
//! `x-mmPublish`, and that further groupware attributes are named `x-mm…`.

/// Namespace of the payload elements; its end is the version of this definition.
pub const PAYLOAD_NAMESPACE: &str = "urn:x-mm:groupware:1";

/// Element of `SyncHdr/Meta` that holds the values of a master session as attributes.
pub const SESSION: &str = "x-mmSession";
/// Client type of a master session.
pub const SESSION_CLIENT: &str = "client";
/// The rep in whose name a master session acts; one of the names that `forms.xml` lists in `login`.
pub const SESSION_PRINCIPAL: &str = "Principal";
/// The connector's installation; likewise.
pub const SESSION_CLIENT_ID: &str = "ClientID";
/// Language of texts, named like the session attribute of the XML language.
pub const SESSION_LANGUAGE: &str = "lang";

/// Attribute of an item: the appointment's organiser is not synchronised. This one is public.
pub const PUBLISH: &str = "x-mmPublish";
/// Attribute of an item: the record's stamp; in a command: the stamp that it must still have.
pub const STAMP: &str = "x-mmStamp";
/// Attribute of an item: when the record was changed last.
pub const MODIFIED: &str = "x-mmModified";
/// Attribute of an item: the CRM's fields win.
pub const WINS: &str = "x-mmWins";
/// Attribute of an item: what the record is now (`present`, `deleted`, `reassigned`, `unknown`).
pub const STATE: &str = "x-mmState";
/// Element of an item: a further groupware id beside the one in `Target`.
pub const KEY: &str = "x-mmKey";
/// Element of an item: a field that `Replace` takes from the payload.
pub const FIELD: &str = "x-mmField";
/// Element of an item, in place of a payload: one participant's answer.
pub const PARTICIPATION: &str = "x-mmParticipation";
/// Element of an alert's `Meta`: the window of time.
pub const WINDOW: &str = "x-mmWindow";
/// Element of an alert's `Meta`: most changes in one answer.
pub const LIMIT: &str = "x-mmLimit";
/// Attribute of an answered `Sync`: the command that it answers.
pub const ANSWERS: &str = "x-mmCmdRef";
/// Attribute of an answered `Sync`: there are more changes behind the anchor.
pub const MORE: &str = "x-mmMore";
/// Attribute of an item of a status: why it failed, as a stable word.
pub const REASON: &str = "x-mmReason";
/// Element of an item of a status: why it failed, in plain words.
pub const TEXT: &str = "x-mmText";
/// Element of an item of a status: a remark; its word is the attribute `code`.
pub const NOTE: &str = "x-mmNote";
/// Attribute of a note.
pub const NOTE_CODE: &str = "code";

/// Where the device information is (OMA *SyncML Device Information DTD 1.1*); this one is public.
pub const DEVICE_INFORMATION: &str = "./devinf11";
/// Its type, public as well.
pub const DEVICE_INFORMATION_TYPE: &str = "application/vnd.syncml-devinf+xml";
/// Attribute of a property in the device information: which way the field travels (`both`, `to-crm`, `to-m365`, `off`).
pub const DIRECTION: &str = "x-mmDirection";
