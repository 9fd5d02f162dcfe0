//! How a server is reached: address, password, TLS.

use crate::StoreError;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// Longest wait for a connection to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// Longest run of one statement, in milliseconds: a worker must not wait for ever for a lock.
const STATEMENT_MILLIS: u32 = 60_000;

/// Where a store is, and with what right it is opened.
#[derive(Clone)]
pub(super) struct Access {
    /// What tokio-postgres is told.
    pub config: Config,
    /// Whether the way to the server leaves this machine, and so needs TLS.
    pub remote: bool,
    /// What people call it: never with the password.
    pub name: String,
}

impl Access {
    /// Reads `postgresql://user@host:port/database`. The password comes apart from it, for a URL lands in logs and in
    /// process lists.
    pub(super) fn of(url: &str, password: Option<&str>) -> Result<Self, StoreError> {
        let mut config = Config::from_str(url).map_err(|error| refused(url, &error.to_string()))?;
        if config.get_password().is_some() {
            let why = "its address holds a password; put that into a file and name it in connection.store_password_file";
            return Err(refused(url, why));
        }
        let Some(database) = config.get_dbname().map(str::to_owned) else {
            return Err(refused(url, "its address names no database: postgresql://user@host/database"));
        };
        let hosts: Vec<String> = config.get_hosts().iter().map(host_name).collect();
        if hosts.is_empty() {
            return Err(refused(url, "its address names no server: postgresql://user@host/database"));
        }
        let remote = config.get_hosts().iter().any(is_remote);
        if remote {
            config.ssl_mode(SslMode::Require);
        }
        if let Some(password) = password {
            config.password(password);
        }
        let options = format!("-c search_path=tandem -c statement_timeout={STATEMENT_MILLIS}");
        config.connect_timeout(CONNECT).application_name("tandem").options(options);
        Ok(Self { config, remote, name: format!("{database} on {}", hosts.join(", ")) })
    }
}

fn refused(url: &str, why: &str) -> StoreError {
    // Nothing before the last @ is repeated: there may be a password.
    let shown = url.rsplit_once('@').map_or(url, |(_, rest)| rest);
    StoreError::Database { path: shown.to_owned(), action: "opened", why: why.to_owned() }
}

fn host_name(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    }
}

fn is_remote(host: &Host) -> bool {
    match host {
        Host::Unix(_) => false,
        Host::Tcp(name) => {
            name != "localhost" && !name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for (url, remote) in [
            ("postgresql://tandem@localhost/crm", false),
            ("postgresql://tandem@127.0.0.1:5433/crm", false),
            ("postgresql:///crm?host=/var/run/postgresql", false),
            ("postgresql://tandem@db.example.com/crm", true),
            ("postgresql://tandem@db.example.com/crm?sslmode=disable", true),
        ] {
            let access = Access::of(url, None).unwrap();
            assert_eq!(access.remote, remote, "{url}");
            assert_eq!(access.config.get_ssl_mode() == SslMode::Require, remote, "{url}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let told = Access::of("postgresql://tandem:hush@localhost/crm", None).err().unwrap().to_string();
        assert!(told.contains("store_password_file") && !told.contains("hush"), "{told}");
        let told = Access::of("postgresql://tandem@localhost", None).err().unwrap().to_string();
        assert!(told.contains("names no database"), "{told}");
    }
}
