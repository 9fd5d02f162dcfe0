//! A PostgreSQL server of the tests' own: started once, reached by a socket in a folder of its own, gone with the test
//! process however that ends. Tests of whole processes share this room.

use std::io::Read;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use tandem_store::PostgresStore;
use tokio::sync::OnceCell;

/// Lives as long as the process: when its end of the keeper's standard input closes, the keeper stops the server.
struct Server {
    folder: PathBuf,
    _keeper: Child,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// Starts the server again whenever it ends, until standard input does; then removes what it kept.
const KEEPER: &str = r#"
serve() {
    while [ ! -e "$2/over" ]; do
        "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=300 >>"$2/log" 2>&1
    done
}
serve "$1" "$2" &
serving=$!
cat >/dev/null
touch "$2/over"
while kill -0 $serving 2>/dev/null; do
    kill -QUIT "$(head -n 1 "$2/data/postmaster.pid" 2>/dev/null)" 2>/dev/null
    sleep 0.05
done
rm -rf "$2"
"#;

/// Address of a fresh, empty database.
pub async fn database() -> String {
    let server = SERVER.get_or_init(start).await;
    let name = format!("store_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let (client, connection) =
        tokio_postgres::connect(&address(&server.folder, "postgres"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    address(&server.folder, &name)
}

/// A store in a database of its own.
#[allow(dead_code, reason = "who has processes of his own only needs the address")]
pub async fn store() -> PostgresStore {
    PostgresStore::open(&database().await, None).await.unwrap()
}

/// Ends the server as a crash would, all its connections with it; it starts again by itself.
#[allow(dead_code, reason = "the conformance suite leaves the server alone")]
pub async fn restart() {
    let server = SERVER.get_or_init(start).await;
    let file = std::fs::read_to_string(server.folder.join("data/postmaster.pid")).unwrap();
    let status = Command::new("kill").args(["-QUIT", file.lines().next().unwrap()]).status().unwrap();
    assert!(status.success());
}

fn address(folder: &Path, database: &str) -> String {
    format!("postgresql:///{database}?host={}&user=tandem", folder.display())
}

async fn start() -> Server {
    let programs = programs();
    let folder = tempfile::Builder::new().prefix("tandem-pg").tempdir().unwrap().keep();
    // PostgreSQL refuses to run as root; Debian's package brings a user for it.
    let user = runs_as_root().then(postgres_user);
    let command = |program: &Path| {
        let mut command = Command::new(program);
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        command.current_dir("/");
        command
    };
    if let Some((uid, gid)) = user {
        chown(&folder, Some(uid), Some(gid)).unwrap();
    }
    let made = command(&programs.join("initdb"))
        .args(["--username=tandem", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(folder.join("data"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut keeper = command(Path::new("/bin/sh"));
    keeper.args(["-c", KEEPER, "keeper"]).arg(&programs).arg(&folder).stdin(Stdio::piped());
    // A group of its own: Ctrl-C ends the tests, and their end stops the server.
    let server = Server { _keeper: keeper.process_group(0).spawn().unwrap(), folder: folder.clone() };
    for _ in 0..600 {
        if tokio_postgres::connect(&address(&folder, "postgres"), tokio_postgres::NoTls).await.is_ok() {
            return server;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut log = String::new();
    let _ = std::fs::File::open(folder.join("log")).unwrap().read_to_string(&mut log);
    panic!("the server does not start: {log}");
}

/// Where Debian puts the server's programs: the newest version that is there.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.retain(|programs| programs.join("initdb").exists());
    found.sort();
    found.pop().unwrap_or_else(|| panic!("no PostgreSQL here; `cargo xtask test` installs Debian's package"))
}

fn runs_as_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

fn postgres_user() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with("postgres:")).unwrap();
    let field = |number: usize| line.split(':').nth(number).unwrap().parse().unwrap();
    (field(2), field(3))
}
