//! `impersonate`: name and value of those in whose name a master user acts.
//!
//! Public (administrator guide of CRM.interface, *Impersonation*): pairs of name and value with semicolons between, of
//! which the first that can log in counts; the names are `user`, `rep` and `email`. Our reading: white space around a
//! pair is layout, and an empty pair is none.

/// How somebody who is impersonated is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Impersonated {
    /// `user`: by login.
    User(String),
    /// `rep`: by the name of the rep.
    Rep(String),
    /// `email`: by the e-mail address of the rep.
    Email(String),
}

impl Impersonated {
    fn pair(&self) -> (&'static str, &str) {
        match self {
            Self::User(value) => ("user", value),
            Self::Rep(value) => ("rep", value),
            Self::Email(value) => ("email", value),
        }
    }
}

/// Reads the attribute; what is wrong with it otherwise.
pub fn read_impersonation(text: &str) -> Result<Vec<Impersonated>, &'static str> {
    let pairs = text.split(';').map(str::trim).filter(|pair| !pair.is_empty());
    let named = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').ok_or("pairs such as user=ann;email=ann@example.com")?;
        let value = value.trim().to_owned();
        match name.trim() {
            "user" => Ok(Impersonated::User(value)),
            "rep" => Ok(Impersonated::Rep(value)),
            "email" => Ok(Impersonated::Email(value)),
            _ => Err("pairs with the names user, rep and email"),
        }
    });
    let named = named.collect::<Result<Vec<_>, _>>()?;
    if named.is_empty() { Err("at least one pair of name and value") } else { Ok(named) }
}

/// The attribute's text; none if a value cannot stand in it, as one with a semicolon cannot.
pub fn write_impersonation(named: &[Impersonated]) -> Option<String> {
    let pairs = named.iter().map(|named| {
        let (name, value) = named.pair();
        let sayable = !value.contains(';') && value.trim() == value;
        sayable.then(|| format!("{name}={value}"))
    });
    Some(pairs.collect::<Option<Vec<_>>>()?.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_in_their_order() {
        let read = read_impersonation(" user=ANN ;rep=Ann A.; email = ann@example.com;").unwrap();
        let [Impersonated::User(user), Impersonated::Rep(rep), Impersonated::Email(email)] = &read[..] else {
            unreachable!("{read:?}")
        };
        assert_eq!((user.as_str(), rep.as_str(), email.as_str()), ("ANN", "Ann A.", "ann@example.com"));
        assert_eq!(write_impersonation(&read).unwrap(), "user=ANN;rep=Ann A.;email=ann@example.com");
        assert_eq!(write_impersonation(&[Impersonated::User("a;user=SU".into())]), None);
        for text in ["", " ; ", "ann", "login=ann"] {
            assert!(read_impersonation(text).is_err(), "{text}");
        }
    }
}
