//! What every store does, whatever it is made of: each case runs against each implementation.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

mod alike;
mod commits;
mod fixture;
mod health;
mod lookups;
mod postgres;
mod server;
mod stories;

/// One test per case and store.
macro_rules! conformance {
    ($($room:ident :: $case:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() {
                crate::$room::$case(&tandem_store::MemoryStore::new()).await;
            })+
        }
        mod in_postgres {
            $(#[tokio::test]
            async fn $case() {
                crate::$room::$case(&crate::server::store().await).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                let directory = tempfile::tempdir().unwrap();
                let store = tandem_store::SqliteStore::open(&directory.path().join("store.db")).unwrap();
                crate::$room::$case(&store).await;
            })+
        }
        mod sqlite_here {
            $(#[tokio::test]
            async fn $case() {
                let directory = tempfile::tempdir().unwrap();
                let store = tandem_store::SqliteStore::open_here(&directory.path().join("store.db")).unwrap();
                crate::$room::$case(&store).await;
            })+
        }
    };
}

conformance!(
    commits::a_link_comes_back_as_it_was_written,
    commits::only_the_newest_claim_writes,
    commits::an_unknown_mailbox_is_told,
    commits::a_changed_version_is_a_conflict,
    commits::a_key_or_record_belongs_to_one_object_of_a_kind,
    commits::a_copy_has_one_link_in_a_mailbox,
    commits::a_link_of_another_mailbox_is_out_of_reach,
    commits::a_link_needs_its_object_and_itself,
    commits::a_failed_commit_leaves_nothing,
    commits::objects_come_before_links,
    commits::the_outbox_is_settled_with_what_was_made,
    commits::a_link_can_let_go_of_everything,
    lookups::links_are_found_by_copy_and_by_record,
    lookups::objects_are_found_by_key_and_by_record,
    lookups::ids_that_differ_by_case_are_different,
    lookups::copies_are_those_of_all_mailboxes,
    lookups::pages_follow_each_other,
    lookups::what_is_due_or_undone_comes_up,
    lookups::what_was_put_off_beyond_the_horizon_comes_up,
    lookups::cursors_are_kept_and_forgotten,
    health::the_list_of_mailboxes_is_as_registered,
    health::cycles_and_errors_are_counted,
    health::links_are_counted_by_state_and_reason,
    stories::a_story_spans_mailboxes_and_names,
    stories::a_story_has_the_order_of_commits,
    stories::old_lines_are_forgotten,
    stories::links_are_found_by_any_name,
);
