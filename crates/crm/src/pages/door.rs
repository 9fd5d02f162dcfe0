//! Who signs in to the pages: the administrators of CRM.interface, and reps by their login with a password of their own.

use super::access_times;
use crate::crm::Crm;
use crate::language::rights::Rights;
use crate::storage::{Author, Reading, Record, StorageError};
use crate::sync;
use tandem_crm_interface::session::Secret;
use tandem_groupware::Rules;
use tandem_web::{Door, Language, Unavailable, Visitor};

/// Who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct User {
    /// How others call him.
    name: String,
    /// As whom he writes: a rep by his `RepID`, an administrator by his login; through no connector, so that every
    /// connector is told of it.
    pub author: Author,
    /// What is particular to a rep; an administrator may do everything.
    rep: Option<Rep>,
}

#[derive(Debug, Clone)]
struct Rep {
    reads_others: bool,
    language: Option<Language>,
}

impl User {
    fn administrator(login: &str) -> Self {
        let author = Author { principal: login.to_owned(), client: String::new() };
        Self { name: login.to_owned(), author, rep: None }
    }

    fn of_rep(reading: &Reading<'_>, rep: &Record) -> Result<Self, StorageError> {
        let reads_others = sync::right(reading, rep)?.reads_others;
        let known = Rep { reads_others, language: Language::of_code(rep.get("Language")) };
        let author = Author { principal: rep.get("RepID").to_owned(), client: String::new() };
        Ok(Self { name: rep.get("Name").to_owned(), author, rep: Some(known) })
    }

    /// What he may see and change.
    pub(crate) fn rights(&self, rules: &Rules) -> Rights {
        match &self.rep {
            Some(rep) => Rights::of_rep(self.author.clone(), rep.reads_others, rules),
            None => Rights::administrator(self.author.clone(), rules),
        }
    }

    /// His `RepID`, if he is a rep.
    pub(crate) fn rep_id(&self) -> Option<&str> {
        self.rep.as_ref().map(|_| self.author.principal.as_str())
    }
}

impl Visitor for User {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_administrator(&self) -> bool {
        self.rep.is_none()
    }

    fn language(&self) -> Option<Language> {
        self.rep.as_ref().and_then(|rep| rep.language)
    }
}

/// Lets reps and administrators in.
#[derive(Clone)]
pub(crate) struct CrmDoor(pub Crm);

impl CrmDoor {
    /// The active rep whom these values name, at a time when he may be here.
    async fn rep(&self, field: &'static str, value: &str) -> Result<Option<(Record, User)>, Unavailable> {
        let (value, now) = (value.to_owned(), self.0.storage.now());
        let found = self.0.storage.read(move |reading| {
            let mut reps = reading.find("ID", &[(field, value.as_str())], 2)?;
            reps.retain(|rep| !rep.is("Inactive"));
            let ([rep], false) = (reps.as_slice(), value.is_empty()) else { return Ok(None) };
            if !access_times::allow(rep, now) {
                return Ok(None);
            }
            Ok(Some((rep.clone(), User::of_rep(reading, rep)?)))
        });
        found.await.map_err(unavailable)
    }
}

impl Door for CrmDoor {
    type Visitor = User;

    async fn admit(&self, login: &str, password: &str) -> Result<Option<User>, Unavailable> {
        let (passwords, password) = (&self.0.passwords, Secret::new(password));
        if passwords.knows(login).await.map_err(unavailable)? {
            let right = passwords.check(login, &password).await.map_err(unavailable)?;
            return Ok(right.then(|| User::administrator(login)));
        }
        let found = self.rep("Login", login).await?;
        let rep = found.as_ref().map(|(rep, _)| rep.get("RepID"));
        let right = passwords.check_rep(rep, &password).await.map_err(unavailable)?;
        Ok(found.filter(|_| right).map(|(_, user)| user))
    }

    async fn renew(&self, visitor: &User) -> Result<Option<User>, Unavailable> {
        match visitor.rep_id() {
            Some(rep) => Ok(self.rep("RepID", rep).await?.map(|(_, user)| user)),
            None => {
                let known = self.0.passwords.knows(&visitor.author.principal).await.map_err(unavailable)?;
                Ok(known.then(|| visitor.clone()))
            }
        }
    }
}

fn unavailable(error: StorageError) -> Unavailable {
    Unavailable(error.to_string())
}
