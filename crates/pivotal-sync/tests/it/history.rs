//! What is kept of earlier runs.

use pivotal_sync::{Error, Report, State};

use crate::world::{anything, mode, world};

const TWO: &str = "name,slug,mrr\nA,a,1\nB,b,many\n";

#[tokio::test]
async fn plans_of_old_runs_are_dropped_and_the_runs_stay() {
    let world = world(true).await;
    let first = world.import(&mode("upsert"), TWO).await.run.id;
    for _ in 0..29 {
        world.plan(&mode("upsert"), TWO).await.unwrap();
    }
    assert!(!world.state.run(first).unwrap().pruned);
    let rows = |sql: &str| -> i64 {
        world
            .database()
            .query_row(sql, [], |row| row.get(0))
            .unwrap()
    };
    // Of the record that changes nothing, nothing is kept.
    assert_eq!(rows("SELECT count(*) FROM records WHERE run = 2"), 1);
    world.plan(&mode("upsert"), TWO).await.unwrap();
    assert_eq!(world.state.runs().unwrap().len(), 31);
    assert!(world.state.run(first).unwrap().pruned);
    assert_eq!(rows("SELECT count(*) FROM items WHERE run = 1"), 0);
    let undo = world.plan_undo(first).await;
    let apply = world.apply(first, &anything()).await;
    for error in [undo.unwrap_err(), apply.unwrap_err()] {
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("no longer kept"), "{error}");
    }
}

#[tokio::test]
async fn the_file_of_an_older_version_is_refused() {
    let world = world(true).await;
    world.import(&mode("upsert"), TWO).await;
    world
        .database()
        .pragma_update(None, "user_version", 1)
        .unwrap();
    let path = world.folder.path().join("pivotal.db");
    drop(world.state);
    for error in [
        State::open(&path).unwrap_err(),
        State::read(&path).unwrap_err(),
    ] {
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("older version"), "{error}");
    }
}

#[tokio::test]
async fn a_run_without_a_process_is_interrupted() {
    let world = world(false).await;
    let run = world
        .plan(&mode("upsert"), "name,slug\nA,a\n")
        .await
        .unwrap();
    let path = world.folder.path().join("pivotal.db");
    let shown = || State::read(&path).unwrap().runs().unwrap().remove(0);
    for open in ["reading", "applying"] {
        let sql = "UPDATE runs SET state = ?, exit_code = NULL WHERE id = ?";
        world
            .database()
            .execute(sql, rusqlite::params![open, run])
            .unwrap();
        assert_eq!(shown().state, open, "this process holds the lock");
    }
    let database = world.database();
    drop(world.state);
    assert_eq!(shown().state, "interrupted");
    assert_eq!(shown().reason.as_deref(), Some("the process ended"));
    drop(database);
    State::open(&path).unwrap();
    assert_eq!(shown().state, "partial");
}

#[tokio::test]
async fn a_damaged_state_file_is_named() {
    let world = world(false).await;
    world.import(&mode("upsert"), "name,slug\nA,a\n").await;
    let path = world.folder.path().join("pivotal.db");
    drop(world.state);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..].fill(7);
    std::fs::write(&path, bytes).unwrap();
    let read = State::read(&path).and_then(|state| state.runs());
    for error in [State::open(&path).unwrap_err(), read.unwrap_err()] {
        let shown = error.to_string();
        assert_eq!(error.exit_code(), 2, "{shown}");
        assert!(shown.contains(&path.display().to_string()), "{shown}");
        assert!(shown.contains("move it away"), "{shown}");
    }
}

#[tokio::test]
async fn an_unknown_word_in_the_state_file_is_an_error() {
    let world = world(false).await;
    let run = world.plan(&mode("upsert"), TWO).await.unwrap();
    let sql = "UPDATE plans SET action = 'other'";
    world.database().execute(sql, []).unwrap();
    let error = world.apply(run, &anything()).await.unwrap_err();
    assert!(matches!(error, Error::State { .. }), "{error}");
    let shown = error.to_string();
    assert!(shown.contains("the word \"other\" is unknown"), "{shown}");
    assert_eq!(world.customers().await, []);
}

#[tokio::test]
async fn a_plan_takes_the_time_of_the_known_limit() {
    let world = world(false).await;
    let rows: String = (0..90).map(|row| format!("A,a-{row}\n")).collect();
    let run = world
        .plan(&mode("upsert"), &format!("name,slug\n{rows}"))
        .await
        .unwrap();
    let mut report = Report::new(&world.state, run, Vec::new()).unwrap();
    let shown = report.to_string();
    assert!(
        shown.ends_with("requests    90, 2 min at 60 a minute, the documented limit of a live key"),
        "{shown}"
    );
    report.per_minute = Some(30);
    let shown = report.to_string();
    assert!(
        shown.ends_with("requests    90, 3 min at 30 a minute"),
        "{shown}"
    );
}
