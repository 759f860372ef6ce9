//! What is kept of earlier runs.

use pivotal_sync::State;

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
    // Of a plan that was not applied, only the records are kept that it is about.
    assert_eq!(
        rows("SELECT max(n) FROM (SELECT count(*) n FROM source_rows GROUP BY run)"),
        2
    );
    assert_eq!(rows("SELECT count(*) FROM source_rows WHERE run = 2"), 1);
    assert_eq!(rows("SELECT count(DISTINCT run) FROM matches"), 1);
    world.plan(&mode("upsert"), TWO).await.unwrap();
    assert_eq!(world.state.runs().unwrap().len(), 31);
    assert!(world.state.run(first).unwrap().pruned);
    assert_eq!(rows("SELECT count(*) FROM items WHERE run = 1"), 0);
    let undo = pivotal_sync::undo(&world.client, &world.state, first).await;
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
