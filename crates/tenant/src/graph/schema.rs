//! Which properties the resources have, so that a query that names another one is refused as by the service. The
//! names are those of v1.0.

use super::filter::Filter;
use super::query::{Expand, Query};
use crate::error::GraphError;

/// A resource: its properties, what can be expanded, and what its derived types add.
#[derive(Debug)]
pub struct Resource {
    name: &'static str,
    properties: &'static [&'static str],
    navigation: &'static [&'static str],
}

const OUTLOOK: [&str; 5] = ["id", "categories", "changeKey", "createdDateTime", "lastModifiedDateTime"];

/// What items of Outlook can expand.
const EXTENDED: [&str; 3] = ["extensions", "multiValueExtendedProperties", "singleValueExtendedProperties"];

static MESSAGE: Resource = Resource {
    name: "message",
    properties: &[
        "bccRecipients",
        "body",
        "bodyPreview",
        "ccRecipients",
        "conversationId",
        "conversationIndex",
        "flag",
        "from",
        "hasAttachments",
        "importance",
        "inferenceClassification",
        "internetMessageHeaders",
        "internetMessageId",
        "isDeliveryReceiptRequested",
        "isDraft",
        "isRead",
        "isReadReceiptRequested",
        "parentFolderId",
        "receivedDateTime",
        "replyTo",
        "sender",
        "sentDateTime",
        "subject",
        "toRecipients",
        "uniqueBody",
        "webLink",
    ],
    navigation: &["attachments"],
};

static FOLDER: Resource = Resource {
    name: "mailFolder",
    properties: &[
        "childFolderCount",
        "displayName",
        "isHidden",
        "parentFolderId",
        "totalItemCount",
        "unreadItemCount",
    ],
    navigation: &["childFolders", "messages", "messageRules"],
};

static CONTACT: Resource = Resource {
    name: "contact",
    properties: &[
        "assistantName",
        "birthday",
        "businessAddress",
        "businessHomePage",
        "businessPhones",
        "children",
        "companyName",
        "department",
        "displayName",
        "emailAddresses",
        "fileAs",
        "generation",
        "givenName",
        "homeAddress",
        "homePhones",
        "imAddresses",
        "initials",
        "jobTitle",
        "manager",
        "middleName",
        "mobilePhone",
        "nickName",
        "officeLocation",
        "otherAddress",
        "parentFolderId",
        "personalNotes",
        "profession",
        "spouseName",
        "surname",
        "title",
        "yomiCompanyName",
        "yomiGivenName",
        "yomiSurname",
    ],
    navigation: &["photo"],
};

static CONTACT_FOLDER: Resource = Resource {
    name: "contactFolder",
    properties: &["displayName", "parentFolderId"],
    navigation: &["childFolders", "contacts"],
};

static EVENT: Resource = Resource {
    name: "event",
    properties: &[
        "allowNewTimeProposals",
        "attendees",
        "body",
        "bodyPreview",
        "cancelledOccurrences",
        "end",
        "hasAttachments",
        "hideAttendees",
        "iCalUId",
        "importance",
        "isAllDay",
        "isCancelled",
        "isDraft",
        "isOnlineMeeting",
        "isOrganizer",
        "isReminderOn",
        "location",
        "locations",
        "onlineMeeting",
        "onlineMeetingProvider",
        "onlineMeetingUrl",
        "organizer",
        "originalEndTimeZone",
        "originalStart",
        "originalStartTimeZone",
        "recurrence",
        "reminderMinutesBeforeStart",
        "responseRequested",
        "responseStatus",
        "sensitivity",
        "seriesMasterId",
        "showAs",
        "start",
        "subject",
        "transactionId",
        "type",
        "webLink",
    ],
    navigation: &["attachments", "calendar", "exceptionOccurrences", "instances"],
};

static LIST: Resource = Resource {
    name: "todoTaskList",
    properties: &["displayName", "isOwner", "isShared", "wellknownListName"],
    navigation: &["tasks"],
};

static TASK: Resource = Resource {
    name: "todoTask",
    properties: &[
        "body",
        "bodyLastModifiedDateTime",
        "categories",
        "completedDateTime",
        "createdDateTime",
        "dueDateTime",
        "hasAttachments",
        "importance",
        "isReminderOn",
        "lastModifiedDateTime",
        "recurrence",
        "reminderDateTime",
        "startDateTime",
        "status",
        "title",
    ],
    navigation: &["attachments", "attachmentSessions", "checklistItems", "linkedResources"],
};

/// What only file attachments have (`contentBytes`, `contentId`) is refused here as by the service, and is selected by
/// a cast: `microsoft.graph.fileAttachment/contentBytes`.
static ATTACHMENT: Resource = Resource {
    name: "attachment",
    properties: &["contentType", "isInline", "name", "size"],
    navigation: &["microsoft.graph.itemAttachment/item", "item"],
};

static USER: Resource = Resource {
    name: "user",
    properties: &[
        "aboutMe",
        "accountEnabled",
        "assignedLicenses",
        "assignedPlans",
        "businessPhones",
        "city",
        "companyName",
        "country",
        "createdDateTime",
        "deletedDateTime",
        "department",
        "displayName",
        "employeeId",
        "faxNumber",
        "givenName",
        "identities",
        "imAddresses",
        "jobTitle",
        "mail",
        "mailNickname",
        "mailboxSettings",
        "mobilePhone",
        "officeLocation",
        "onPremisesExtensionAttributes",
        "onPremisesImmutableId",
        "onPremisesSamAccountName",
        "onPremisesSyncEnabled",
        "otherMails",
        "postalCode",
        "preferredLanguage",
        "provisionedPlans",
        "proxyAddresses",
        "securityIdentifier",
        "showInAddressList",
        "state",
        "streetAddress",
        "surname",
        "usageLocation",
        "userPrincipalName",
        "userType",
    ],
    navigation: &["manager", "directReports", "memberOf"],
};

impl Resource {
    /// The resource that a path leads to, read from its last collection; `None` when no list is kept of it.
    pub fn at(names: &[&str]) -> Option<&'static Self> {
        let last = names.iter().rev().find_map(|name| match *name {
            "messages" => Some(Some(&MESSAGE)),
            "mailFolders" | "childFolders" => {
                let of_contacts = names.contains(&"contactFolders");
                Some(Some(if of_contacts { &CONTACT_FOLDER } else { &FOLDER }))
            }
            "contacts" => Some(Some(&CONTACT)),
            "contactFolders" => Some(Some(&CONTACT_FOLDER)),
            "events" | "calendarView" | "instances" => Some(Some(&EVENT)),
            "lists" => Some(Some(&LIST)),
            "tasks" => Some(Some(&TASK)),
            "attachments" => Some(Some(&ATTACHMENT)),
            "photo"
            | "photos"
            | "extensions"
            | "linkedResources"
            | "checklistItems"
            | "mailboxSettings"
            | "outlook"
            | "calendars"
            | "calendar"
            | "calendarGroups"
            | "attachmentSessions"
            | "messageRules"
            | "inferenceClassification" => Some(None),
            _ => None,
        });
        match last {
            Some(found) => found,
            // Below `users`, only the user himself is left.
            None if names.first() == Some(&"users") && names.len() <= 2 => Some(&USER),
            None => None,
        }
    }

    fn knows(&self, name: &str) -> bool {
        let is = |known: &&str| known.eq_ignore_ascii_case(name);
        self.properties.iter().any(is) || OUTLOOK.iter().any(is)
    }

    fn expands(&self, name: &str) -> bool {
        let is = |known: &&str| known.eq_ignore_ascii_case(name);
        self.navigation.iter().any(is) || EXTENDED.iter().any(is)
    }

    /// Refuses a query that names what the resource does not have.
    pub fn check(&self, query: &Query) -> Result<(), GraphError> {
        for name in query.select.iter().flatten() {
            self.check_selected(name)?;
        }
        for expand in &query.expand {
            self.check_expanded(expand)?;
        }
        for (path, _) in &query.order {
            if !self.knows(first(path)) {
                return Err(GraphError::bad(format!("Invalid orderby clause: {}", self.missing(path))));
            }
        }
        if let Some(filter) = &query.filter {
            let unknown = filter.paths().into_iter().find(|path| {
                let name = first(path);
                !self.knows(name) && !self.expands(name)
            });
            if let Some(path) = unknown {
                return Err(GraphError::bad(format!("Invalid filter clause: {}", self.missing(path))));
            }
        }
        Ok(())
    }

    fn check_selected(&self, name: &str) -> Result<(), GraphError> {
        // A cast, such as `microsoft.graph.eventMessage/meetingMessageType`, names a derived type's property.
        if name == "*" || name.to_ascii_lowercase().starts_with("microsoft.graph.") {
            return Ok(());
        }
        if self.knows(first(name)) || self.expands(name) {
            return Ok(());
        }
        Err(GraphError::bad(format!("Parsing OData Select and Expand failed: {}", self.missing(name))))
    }

    fn check_expanded(&self, expand: &Expand) -> Result<(), GraphError> {
        let is_cast = expand.name.to_ascii_lowercase().starts_with("microsoft.graph.");
        if is_cast || expand.name == "*" || self.expands(&expand.name) {
            return Ok(());
        }
        Err(GraphError::bad(format!(
            "Parsing OData Select and Expand failed: {}",
            self.missing(&expand.name)
        )))
    }

    fn missing(&self, path: &str) -> String {
        format!("Could not find a property named '{}' on type 'microsoft.graph.{}'.", first(path), self.name)
    }

    /// Refuses an order that the filter does not lead to: what is ordered by must come first in the filter, and in
    /// the same sequence ("List messages", "Using filter and orderby in the same query").
    pub fn check_order(&self, query: &Query) -> Result<(), GraphError> {
        let is_mail = ["message", "event", "contact"].contains(&self.name);
        let Some(filter) = query.filter.as_ref().filter(|_| is_mail && !query.order.is_empty()) else {
            return Ok(());
        };
        let mut filtered: Vec<&str> = Vec::new();
        for path in filter.paths() {
            if !filtered.iter().any(|known| known.eq_ignore_ascii_case(path)) {
                filtered.push(path);
            }
        }
        let ordered = query.order.iter().map(|(path, _)| path.as_str());
        let leads = ordered
            .enumerate()
            .all(|(place, path)| filtered.get(place).is_some_and(|known| known.eq_ignore_ascii_case(path)));
        if leads {
            return Ok(());
        }
        Err(GraphError::new(
            400,
            "InefficientFilter",
            "The restriction or sort order is too complex for this operation.",
        ))
    }
}

fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

impl Filter {
    /// The properties that a filter looks at, in its order; variables of `any` count as their collection.
    pub fn paths(&self) -> Vec<&str> {
        use super::filter::Operand;
        match self {
            Self::And(a, b) | Self::Or(a, b) => [a.paths(), b.paths()].concat(),
            Self::Not(inner) => inner.paths(),
            Self::Compare(a, _, b) | Self::Text(_, a, b) => [a, b]
                .into_iter()
                .filter_map(|one| match one {
                    Operand::Path(path) => Some(path.as_str()),
                    Operand::Value(_) => None,
                })
                .collect(),
            Self::Any(path, ..) | Self::Holds(path) => vec![path],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &[&str], query: &str) -> Result<(), GraphError> {
        let query = Query::parse(Some(query)).unwrap();
        let resource = Resource::at(path).unwrap();
        resource.check(&query).and_then(|()| resource.check_order(&query))
    }

    #[test]
    fn what_a_resource_does_not_have_is_refused_by_name() {
        let messages = ["users", "a", "mailFolders", "inbox", "messages"];
        let error = check(&messages, "$select=subject,colour").unwrap_err();
        assert!(error.message.ends_with("'colour' on type 'microsoft.graph.message'."), "{}", error.message);
        for query in [
            "$select=subject,from/emailAddress",
            "$filter=from/emailAddress/address eq 'a' and categories/any(c:c eq 'x')",
            "$expand=attachments($select=name),singleValueExtendedProperties($filter=id eq 'String 0x1')",
            "$select=microsoft.graph.eventMessage/meetingMessageType",
        ] {
            assert_eq!(check(&messages, query), Ok(()), "{query}");
        }
        assert!(check(&messages, "$expand=events").is_err());
        assert!(check(&messages, "$orderby=weight").is_err());
        assert!(check(&messages, "$filter=weight eq 1").is_err());
        assert!(check(&["users", "a"], "$select=proxyAddresses").is_ok());
        assert!(check(&["users", "a", "contactFolders", "b", "childFolders"], "$select=isHidden").is_err());
        assert!(Resource::at(&["users", "a", "contacts", "b", "photo"]).is_none());
    }

    #[test]
    fn an_order_follows_its_filter() {
        let messages = ["users", "a", "messages"];
        let asked = |query: &str| check(&messages, query).map_err(|error| error.code);
        assert_eq!(asked("$filter=isRead eq true&$orderby=receivedDateTime"), Err("InefficientFilter"));
        let leading = "$filter=receivedDateTime ge 2026-01-01T00:00:00Z and isRead eq true";
        assert_eq!(asked(&format!("{leading}&$orderby=receivedDateTime desc")), Ok(()));
        assert_eq!(asked(&format!("{leading}&$orderby=isRead,receivedDateTime")), Err("InefficientFilter"));
        assert_eq!(asked("$orderby=receivedDateTime"), Ok(()));
    }
}
