//! The content types of groupware data (catalog *Content Type (groupware)* of the setup guide, step 1).

use tandem_model::Kind;

/// A content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentType {
    /// `application/x-mmRecord`: e-mails.
    Record,
    /// `text/x-mmAbsences`.
    Absences,
    /// `text/x-mmPerson`: persons and companies.
    Person,
    /// `text/x-mmTasks`: tasks of table A1.
    Tasks,
    /// `text/x-vevent`: appointments.
    Vevent,
}

impl ContentType {
    /// All of them, in the order of the guide's catalog.
    pub const ALL: [ContentType; 5] = [
        ContentType::Record,
        ContentType::Absences,
        ContentType::Person,
        ContentType::Tasks,
        ContentType::Vevent,
    ];

    /// The name on the wire and in the catalog.
    pub fn as_str(self) -> &'static str {
        match self {
            ContentType::Record => "application/x-mmRecord",
            ContentType::Absences => "text/x-mmAbsences",
            ContentType::Person => "text/x-mmPerson",
            ContentType::Tasks => "text/x-mmTasks",
            ContentType::Vevent => "text/x-vevent",
        }
    }

    /// The content type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|content_type| content_type.as_str() == name)
    }

    /// The kind of item that travels under it.
    pub fn kind(self) -> Kind {
        match self {
            ContentType::Record => Kind::Mail,
            ContentType::Absences => Kind::Absence,
            ContentType::Person => Kind::Contact,
            ContentType::Tasks => Kind::Task,
            ContentType::Vevent => Kind::Appointment,
        }
    }
}

impl From<Kind> for ContentType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Mail => ContentType::Record,
            Kind::Absence => ContentType::Absences,
            Kind::Contact => ContentType::Person,
            Kind::Task => ContentType::Tasks,
            Kind::Appointment => ContentType::Vevent,
        }
    }
}
