//! Huge fields, at every entrance: what a reader takes beside the document it was given is measured and bounded.
//! In a program of its own, for the counting allocator counts everybody's memory, and in one test, for the same reason.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop at the first surprise")]

use peak_alloc::PeakAlloc;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;
use tandem_credentials::{Protection, Users};
use tandem_outside::{Limits, Network, Transport};
use tandem_settings::SettingsFile;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;

/// A document with one huge field, and how many MiB its reader may take at most beside the document.
struct Giant {
    entrance: &'static str,
    /// What the field holds again and again, between what comes before and after it.
    text: [&'static str; 3],
    /// The size of the field in MiB.
    size: usize,
    most: usize,
}

const fn giant(entrance: &'static str, text: [&'static str; 3], size: usize, most: usize) -> Giant {
    Giant { entrance, text, size, most }
}

/// 100 MiB where a limit has to refuse them, less where a reader has to cope with what passes the limits before it; it may
/// take a few copies then. Where 101 is allowed, the entrance itself copies the document, as the network would.
const GIANTS: [Giant; 19] = [
    giant("xml_language", ["<request><query><text>", "A", "</text></query></request>"], 100, 1),
    giant("xml_language", ["<request><query><text>", "A", "</text></query></request>"], 60, 1),
    giant("xml_language", ["<request><query a=\"", "&amp;", "\"/></request>"], 60, 1),
    giant("syncml", ["<SyncML><SyncBody><Data>", "<a/>", "</Data></SyncBody></SyncML>"], 100, 1),
    giant("syncml", ["<SyncML><SyncBody><Data>", "<a/>", "</Data></SyncBody></SyncML>"], 8, 200),
    giant("session", ["user=", "A", ";rep=b"], 100, 101),
    giant("forms_xml", ["<forms><form type=\"", "A", "\"/></forms>"], 100, 1),
    giant("settings_xml", ["<settings><a>", "&lt;", "</a></settings>"], 100, 1),
    giant("tandem_toml", ["[connection]\na = \"", "A", "\""], 100, 1),
    giant("users_xml", ["<users><a>", "A", "</a></users>"], 100, 1),
    giant("graph_json", ["{\"value\": [{\"id\": \"", "A", "\"}]}"], 100, 101),
    giant("graph_json", ["{\"id\": \"a\", \"subject\": \"", "A", "\"}"], 8, 21),
    giant("graph_json", ["{\"value\": ", "[", ""], 8, 25),
    giant("mime", ["Subject: ", "A", "\r\n\r\ntext"], 8, 33),
    giant("mime", ["Subject: x\r\n\r\n", "A", ""], 32, 97),
    giant("icalendar", ["BEGIN:VEVENT\r\nSUMMARY:", "A", "\r\nEND:VEVENT"], 8, 25),
    giant("recurrence", ["FREQ=DAILY;BYDAY=", "MO,", ""], 100, 201),
    giant("html", ["<p>", "&lt;", "</p>"], 8, 24),
    giant("html", ["<", "a", ""], 8, 35),
];

/// The MiB that something took at its peak, beside what there was before.
fn taken<T>(doing: impl FnOnce() -> T) -> (T, usize) {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let done = doing();
    (done, (MEMORY.peak_usage() - before).div_ceil(MIB))
}

fn document(giant: &Giant) -> Vec<u8> {
    let [before, filling, after] = giant.text;
    [before, &filling.repeat(giant.size * MIB / filling.len()), after].concat().into_bytes()
}

#[test]
fn a_giant_takes_no_more_memory_than_its_reader_may() {
    let mut excess = Vec::new();
    for giant in GIANTS {
        let document = document(&giant);
        let ((), took) = taken(|| tandem_hostile::enter(giant.entrance, &document));
        let told = format!("{}, {} MiB after {:?}: {took} MiB", giant.entrance, giant.size, giant.text[0]);
        println!("{told}");
        if took > giant.most {
            excess.push(told);
        }
    }
    assert!(excess.is_empty(), "{excess:#?}");
    files_are_read_to_their_limit();
    answers_are_read_to_their_limit();
}

/// A sparse file costs nobody anything and is as long as one likes.
fn files_are_read_to_their_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("giant");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    let (read, took) = taken(|| SettingsFile::load(&path));
    assert!(read.is_err() && took <= 3, "tandem.toml of a TiB: {took} MiB");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let (read, took) = taken(|| Users::load(&path, Protection::AllowPlain));
    assert!(read.is_err() && took <= 1, "users.xml of a TiB: {took} MiB");
}

/// A service that sends for ever is listened to as far as the limit goes.
fn answers_are_read_to_their_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let speaker = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        let part = [b'A'; 1 << 16];
        while stream.write_all(&part).is_ok() {}
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limits = Limits { deadline: Duration::from_secs(60), max_body: 8 * MIB };
    let request = http::Request::get(format!("http://{address}/")).body(bytes::Bytes::new()).unwrap();
    let network = Network::new().unwrap();
    let (answer, took) = taken(|| runtime.block_on(network.send(request, limits)));
    // The buffer grows by doubling, and both are there while it moves.
    assert!(answer.is_err() && took <= 4 * 8, "an answer without end: {took} MiB");
    drop((network, runtime));
    speaker.join().unwrap();
}
