//! Which permission a request needs: the table in `data/permissions.tsv`.

use super::roles::Roles;
use serde::Serialize;
use std::sync::LazyLock;

static TABLE: LazyLock<Vec<Permission>> = LazyLock::new(|| {
    let lines = include_str!("../../data/permissions.tsv").lines();
    lines.filter(|line| !line.starts_with('#')).skip(1).filter_map(Permission::read).collect()
});

/// Whose rules decide about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Workload {
    /// Exchange Online: mail, calendars, contacts, settings. RBAC and access policies act here.
    Outlook,
    /// To Do: for the whole tenant or not at all.
    Todo,
    /// The directory.
    Directory,
}

/// A line of the table.
#[derive(Debug)]
pub struct Permission {
    /// `*` stands for any method.
    pub method: &'static str,
    /// Segments; `{}` is any one, `**` any number at the end.
    pub path: &'static str,
    segments: Vec<&'static str>,
    /// Any one of these is enough.
    pub roles: Roles,
    /// Whose rules decide.
    pub workload: Workload,
}

impl Permission {
    /// All lines, in order.
    pub fn all() -> &'static [Self] {
        &TABLE
    }

    /// The line of a request; `None` for one that needs no permission, or that the tenant does not know.
    pub fn of(method: &str, names: &[impl AsRef<str>]) -> Option<&'static Self> {
        TABLE.iter().find(|row| (row.method == "*" || row.method == method) && row.fits(names))
    }

    fn read(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let (method, path, roles) = (columns.next()?, columns.next()?, columns.next()?);
        let workload = match columns.next()? {
            "outlook" => Workload::Outlook,
            "todo" => Workload::Todo,
            "directory" => Workload::Directory,
            _ => return None,
        };
        let segments = path.split('/').collect();
        Some(Self { method, path, segments, roles: roles.split(' ').collect(), workload })
    }

    fn fits(&self, names: &[impl AsRef<str>]) -> bool {
        let mut names = names.iter().map(AsRef::as_ref);
        for wanted in &self.segments {
            match (*wanted, names.next()) {
                ("**", _) => return true,
                (_, None) => return false,
                ("{}", Some(_)) => {}
                (wanted, Some(name)) if wanted.eq_ignore_ascii_case(name) => {}
                _ => return false,
            }
        }
        names.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_names_permissions_that_are_known() {
        let lines = include_str!("../../data/permissions.tsv").lines();
        let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).skip(1).collect();
        assert_eq!(lines.len(), Permission::all().len());
        for (line, row) in lines.iter().zip(Permission::all()) {
            let mut names: Vec<&str> = line.split('\t').nth(2).unwrap().split(' ').collect();
            names.sort_unstable();
            assert_eq!(row.roles.names().collect::<Vec<_>>(), names, "{line}");
        }
    }

    #[test]
    fn functions_and_deeper_segments_belong_to_their_resource() {
        let path = |method, path: &str| {
            Permission::of(method, &path.split('/').collect::<Vec<_>>()).map(|row| row.path)
        };
        assert_eq!(path("GET", "users/ada/messages/1/attachments/2/$value"), Some("users/{}/messages/**"));
        assert_eq!(path("POST", "users/ada/messages/1/move"), Some("users/{}/messages/**"));
        assert_eq!(path("POST", "users/ada/messages/1/reply"), Some("users/{}/messages/{}/reply"));
        assert_eq!(path("GET", "users/delta"), Some("users/{}"));
        assert_eq!(path("GET", "users"), Some("users"));
        assert_eq!(path("GET", "me/messages"), None);
    }
}
