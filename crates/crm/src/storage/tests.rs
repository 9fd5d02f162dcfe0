use super::*;
use tandem_model::Stamp;

fn schema() -> Arc<Schema> {
    Arc::new(Schema::builtin().unwrap())
}

fn author(principal: &str) -> Author {
    Author { principal: principal.into(), client: "c".into() }
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn insert(storage: &Storage, area: &'static str, pairs: &[(&str, &str)]) -> Record {
    let fields = fields(pairs);
    storage
        .write(author("1"), move |writing| writing.step(|writing| writing.insert(area, &fields)))
        .await
        .unwrap()
}

async fn count(storage: &Storage, area: &'static str) -> u64 {
    storage.read(move |reading| reading.count(area, "1", &[])).await.unwrap()
}

#[tokio::test]
async fn a_job_that_fails_or_panics_leaves_nothing_behind() {
    let storage = Storage::open(None, schema()).unwrap();
    let failed = storage.write(author("1"), |writing| {
        writing.insert("FI", &fields(&[("Company", "Acme")]))?;
        Err::<(), _>(StorageError::Invalid("no".into()))
    });
    assert!(matches!(failed.await, Err(StorageError::Invalid(_))));
    let panicked = storage.write(author("1"), |writing| {
        writing.step(|writing| {
            writing.insert("FI", &fields(&[("Company", "Acme")]))?;
            if writing.schema().tables().count() > 0 {
                panic!("a defect");
            }
            Ok::<_, StorageError>(())
        })
    });
    assert!(matches!(panicked.await, Err(StorageError::Interrupted(_))));
    assert_eq!(count(&storage, "FI").await, 0);
    insert(&storage, "FI", &[("Company", "Acme")]).await;
    assert_eq!(count(&storage, "FI").await, 1);
    assert_eq!(storage.read(|reading| reading.writes()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    let connection = layout::connect(&path).unwrap();
    layout::prepare(&connection, &schema(), &path).unwrap();
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    connection.execute_batch(&format!("PRAGMA max_page_count = {}", pages + 8)).unwrap();
    let storage = Storage::over(connection, Some(&path), schema()).unwrap();
    insert(&storage, "FI", &[("Company", "Acme")]).await;
    let big = storage.write(author("1"), |writing| writing.put_blob(&vec![7; 1 << 20]).map(|_| ()));
    assert!(matches!(big.await, Err(StorageError::Full)));
    assert_eq!(count(&storage, "FI").await, 1);
    insert(&storage, "FI", &[("Company", "Bolt")]).await;
    assert_eq!(count(&storage, "FI").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_at_once_share_transactions_and_never_stamps() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::open(Some(&folder.path().join("crm.db")), schema()).unwrap();
    let jobs = (0..200).map(|_| {
        let storage = storage.clone();
        tokio::spawn(async move { insert(&storage, "KP", &[("LastName", "Ann")]).await })
    });
    let mut stamps = Vec::new();
    for job in jobs.collect::<Vec<_>>() {
        stamps.push(job.await.unwrap().stamp);
    }
    stamps.sort();
    stamps.dedup();
    assert_eq!(stamps.len(), 200);
    storage.close();
    let storage = Storage::open(Some(&folder.path().join("crm.db")), schema()).unwrap();
    assert_eq!(storage.read(|reading| reading.last_stamp()).await.unwrap(), *stamps.last().unwrap());
    assert!(insert(&storage, "KP", &[]).await.stamp > *stamps.last().unwrap());
}

#[tokio::test]
async fn what_belongs_to_an_activity_changes_it() {
    let storage = Storage::open(None, schema()).unwrap();
    let activity = insert(&storage, "MA", &[("Contact", "Appointment"), ("RepID", "1")]).await;
    let series = activity.get("SeqNo").to_owned();
    let owner = [("ContactStatNo", "1"), ("ContactSeqNo", series.as_str())];
    let stamp = async |area: &'static str, id| {
        storage.read(move |reading| reading.get(&Target::new(area, id))).await.unwrap().unwrap().stamp
    };
    let participant = insert(&storage, "MB", &[owner[0], owner[1], ("RepID", "2")]).await;
    let second = stamp("MA", activity.target.id).await;
    assert!(second > participant.stamp);
    insert(&storage, "MA", &[owner[0], owner[1], ("IsSerialContact", "true")]).await;
    assert!(stamp("MA", activity.target.id).await > second);
    // Both reps are told of the series, nobody of the exception.
    for rep in ["1", "2"] {
        let concerns = storage.read(move |reading| reading.concerns(rep, "MA", Stamp(0), 10)).await.unwrap();
        assert_eq!(concerns.iter().map(|concern| &concern.target).collect::<Vec<_>>(), [&activity.target]);
    }
}

#[tokio::test]
async fn numbers_that_were_brought_along_are_never_given_again() {
    let storage = Storage::open(None, schema()).unwrap();
    assert_eq!(insert(&storage, "KP", &[]).await.get("PeNo"), "1");
    insert(&storage, "KP", &[("PeNo", "2"), ("PeGrp", "1")]).await;
    insert(&storage, "KP", &[("PeNo", "700"), ("PeGrp", "1")]).await;
    insert(&storage, "KP", &[("PeNo", "9000"), ("PeGrp", "2")]).await;
    let person = insert(&storage, "KP", &[]).await;
    assert_eq!((person.get("PeGrp"), person.get("PeNo"), person.get("SeqNo")), ("1", "702", "702"));
    let taken = fields(&[("PeNo", "2"), ("PeGrp", "1")]);
    let refused =
        storage.write(author("1"), move |writing| writing.step(|writing| writing.insert("KP", &taken)));
    assert!(matches!(refused.await, Err(StorageError::Invalid(_))));
}

#[tokio::test]
async fn an_author_who_knew_the_record_overlooked_nothing() {
    let storage = Storage::open(None, schema()).unwrap();
    let record = insert(&storage, "A1", &[("RepID", "1")]).await;
    let write = async |principal: &str, subject: &str, informed: bool| {
        let (target, changes) = (record.target.clone(), fields(&[("Subject", subject)]));
        let job = storage.write(author(principal), move |writing| {
            writing.step(|writing| {
                if informed {
                    writing.informed();
                }
                writing.update(&target, &changes)
            })
        });
        job.await.unwrap()
    };
    let other = write("2", "b", false).await;
    assert_eq!(other.unseen, record.stamp);
    assert_eq!(write("1", "c", false).await.unseen, other.stamp);
    assert_eq!(write("1", "d", false).await.unseen, other.stamp);
    assert_eq!(write("1", "e", true).await.unseen, Stamp(0));
}

#[tokio::test]
async fn people_are_found_by_every_address_they_have_now() {
    let storage = Storage::open(None, schema()).unwrap();
    let person =
        insert(&storage, "KP", &[("Email", "Ann@Example.com"), ("Email3", "ann@home.example")]).await;
    let find = async |address: &str| {
        let address = tandem_model::EmailAddress::new(address);
        storage.read(move |reading| reading.by_address(&address)).await.unwrap().len()
    };
    assert_eq!((find("ann@example.com").await, find("ANN@home.example").await), (1, 1));
    let target = person.target.clone();
    let moved = storage.write(author("1"), move |writing| {
        writing.step(|writing| writing.update(&target, &fields(&[("Email3", "")])))
    });
    moved.await.unwrap();
    assert_eq!(find("ann@home.example").await, 0);
    let target = person.target;
    storage.write(author("1"), move |writing| writing.step(|writing| writing.delete(&target))).await.unwrap();
    assert_eq!(find("ann@example.com").await, 0);
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    assert!(matches!(Storage::open(Some(&path), schema()), Err(StorageError::Open { .. })));
    std::fs::write(&path, "no database at all, but long enough to look at").unwrap();
    assert!(Storage::open(Some(&path), schema()).is_err());
}

#[test]
fn asking_for_changes_reads_changes_only() {
    let connection = layout::connect_memory().unwrap();
    layout::prepare(&connection, &schema(), Path::new("memory")).unwrap();
    let plan = |sql: &str| -> String {
        connection.query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get(3)).unwrap()
    };
    let feed = plan(
        "SELECT record, stamp FROM feed WHERE rep = '1' AND area = 'MA' AND stamp > 5 ORDER BY stamp LIMIT 9",
    );
    assert!(feed.contains("feed_order (rep=? AND area=? AND stamp>?)"), "{feed}");
    let persons = plan("SELECT _id, _stamp FROM \"KP\" WHERE _stamp > 5 ORDER BY _stamp LIMIT 9");
    assert!(persons.contains("KP_stamp (_stamp>?)"), "{persons}");
    let participants = plan(
        "SELECT * FROM \"MB\" WHERE _deleted = 0 AND \"ContactStatNo\" = '1' AND \"ContactSeqNo\" = '7' ORDER BY _id LIMIT 9",
    );
    assert!(participants.contains("MB_ContactSeqNo_ContactStatNo"), "{participants}");
    let key = plan(
        "SELECT * FROM \"XK\" WHERE _deleted = 0 AND \"Key\" = 'k' AND \"ContentType\" = 'c' AND \"ExtSystem\" = 'e' ORDER BY _id LIMIT 1",
    );
    assert!(key.contains("XK_Key_ContentType_ExtSystem"), "{key}");
}
