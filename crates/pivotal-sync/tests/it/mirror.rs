//! The mirror is complete, or it is not used.

use pivotal_sdk::CreateCustomer;
use pivotal_sync::{Error, Kind, State, refresh};

use crate::world::{MODES, mode, world};

#[tokio::test]
async fn a_list_that_breaks_off_leads_to_no_plan() {
    for undocumented in MODES {
        let world = world(undocumented).await;
        for row in 0..120 {
            let customer = CreateCustomer::new(format!("C {row}")).slug(format!("c-{row}"));
            world.client.customers().create(customer).await.unwrap();
        }
        refresh(&world.client, &world.state, Kind::Customer)
            .await
            .unwrap();
        world.inject("list-customers:status=503:after=1:count=1");
        world.sandbox.clear_requests();
        // The oldest customers are on the second page.
        let source = "name,slug\nC 0,c-0\nNew,new\n";
        let error = world.plan(&mode("mirror"), source).await.unwrap_err();
        assert!(matches!(error, Error::Mirror { read: 100, .. }), "{error}");
        assert_eq!(error.exit_code(), 5);
        assert_eq!(world.writes(), []);
        let run = &world.state.runs().unwrap()[0];
        assert_eq!((run.state.as_str(), run.exit_code), ("failed", Some(5)));

        let database = world.database();
        let state: String = database
            .query_row(
                "SELECT state FROM walks ORDER BY id DESC LIMIT 1",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(state, "broken");
        let rows: i64 = database
            .query_row("SELECT count(*) FROM customers", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 120, "the last complete copy stays");
    }
}

#[tokio::test]
async fn any_tool_can_read_typed_columns_while_the_file_is_in_use() {
    let world = world(false).await;
    world
        .import(&mode("upsert"), "name,slug,mrr\nAurora,aurora,9950\n")
        .await;
    let row: (String, i64, String) = world
        .database()
        .query_row(
            "SELECT slug, mrr, raw ->> '$.name' FROM customers",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!(row, ("aurora".to_owned(), 9_950, "Aurora".to_owned()));
}

#[tokio::test]
async fn a_second_run_finds_the_lock() {
    let world = world(true).await;
    let path = world.folder.path().join("pivotal.db");
    assert!(matches!(State::open(&path), Err(Error::Locked(_))));
    State::read(&path).unwrap();
    drop(world.state);
    State::open(&path).unwrap();
}

#[test]
fn a_full_disk_may_be_that_of_the_temporary_file() {
    let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
    let error = Error::from(rusqlite::Error::SqliteFailure(full, None));
    let error = error.to_string();
    assert!(
        error.contains(
            "full; free some space on its disk, or on that of its temporary files (SQLITE_TMPDIR)"
        ),
        "{error}"
    );
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = State::open(&folder.path().join("none/pivotal.db")).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    let shown = error.to_string();
    assert!(
        shown.contains("none/pivotal.db") && shown.contains("folder"),
        "{shown}"
    );
    let error = State::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("it is a folder"), "{error}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn another_workspace_is_refused() {
    let ours = world(true).await;
    refresh(&ours.client, &ours.state, Kind::Customer)
        .await
        .unwrap();
    let sandbox = pivotal_sandbox::Sandbox::builder()
        .workspace(pivotal_sandbox::NewWorkspace::new("other").key("pivotal_test_other"))
        .start()
        .await
        .unwrap();
    let client = pivotal_sdk::Client::builder()
        .base_url(sandbox.base_url())
        .api_key("pivotal_test_other")
        .build()
        .unwrap();
    let error = refresh(&client, &ours.state, Kind::Customer)
        .await
        .unwrap_err();
    assert_eq!(error.exit_code(), 2, "{error}");
}

#[test]
fn a_file_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pivotal.db");
    std::fs::write(&path, "name,slug\n".repeat(200)).unwrap();
    assert_eq!(State::open(&path).unwrap_err().exit_code(), 2);
    std::fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE other (id)").unwrap();
    assert_eq!(State::open(&path).unwrap_err().exit_code(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_a_state_file() {
    use std::os::unix::fs::PermissionsExt;
    let world = world(true).await;
    world
        .import(&mode("upsert"), "name,slug,mrr\nA,a,many\n")
        .await;
    world.failed_csv(1);
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        if !name.starts_with("pivotal.db-lock") {
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{name}");
        }
    }
}
