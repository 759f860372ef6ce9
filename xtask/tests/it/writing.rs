//! Several files are written all together or not at all, in the tree and nowhere else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use xtask::codegen::{self, GENERATED, Tree};
use xtask::transaction::Transaction;
use xtask::update::{self, Options, Outcome};

use crate::changes::{add_an_operation, with};
use crate::origin_server::{OriginServer, Reply};
use crate::workbench::Workbench;

/// Every file of a tree with its bytes.
fn files(bench: &Workbench) -> BTreeMap<PathBuf, Vec<u8>> {
    let state = bench.state().into_iter();
    let path = |path: PathBuf| path.strip_prefix(bench.root()).unwrap().to_owned();
    state
        .map(|(file, (bytes, _))| (path(file), bytes))
        .collect()
}

/// Begins a transaction and leaves it, as a kill would, once so many files are in their place;
/// `false` when there are not so many.
fn kill_after(steps: usize, transaction: Transaction) -> bool {
    let mut commit = transaction.begin().unwrap();
    (0..steps).all(|_| commit.step().unwrap())
}

#[test]
fn never_did_an_update_that_was_killed_pass_for_one_that_ended() {
    let document = format!("{:#}", with(add_an_operation));
    let server = OriginServer::start(move |request| {
        if request.contains("if-none-match: \"v2\"") {
            return Reply::Whole("304 Not Modified", String::new(), Vec::new());
        }
        let headers = "etag: \"v2\"\r\n".to_owned();
        Reply::Whole("200 OK", headers, document.clone().into_bytes())
    });
    let from = format!("{}/openapi.json", server.address);
    let options = Options {
        from: from.clone(),
        dry_run: true,
        no_check: true,
        date: Some("2026-12-01".to_owned()),
        max_bytes: 1 << 24,
        max_seconds: 30,
    };
    let bench = Workbench::of_update();
    let Outcome::Changed(update) = update::update(&Tree::at(bench.root()), &options).unwrap()
    else {
        panic!("the document is another one");
    };
    assert_eq!(bench.update(&from, &[]).code, 0);
    let whole = files(&bench);
    let before = files(&Workbench::of_update());
    let (origin, lock) = (
        Path::new("openapi/origin.toml"),
        Path::new("openapi/pivotal.lock"),
    );

    for steps in 0.. {
        let killed = || {
            let bench = Workbench::of_update();
            kill_after(steps, update.transaction(bench.root())).then_some(bench)
        };
        let (Some(bench), Some(other)) = (killed(), killed()) else {
            assert!(steps > 8, "only {steps} files are written");
            break;
        };
        // What it leaves is in one folder, which git ignores.
        let mut left = files(&bench);
        left.retain(|path, _| !before.contains_key(path) && !whole.contains_key(path));
        let staging = Path::new(".xtask-staging");
        assert!(left.keys().all(|path| path.starts_with(staging)));
        assert_eq!(left[&staging.join(".gitignore")], b"*\n");
        let again = bench.update(&from, &[]);
        assert_eq!((again.code, again.err.as_str()), (0, ""), "{steps}");
        assert!(
            files(&bench) == whole,
            "killed after {steps}: {}",
            again.out
        );

        // Another command in between generates from the document in place.
        assert_eq!(other.codegen(&[]).code, 0);
        let again = other.update(&from, &[]);
        assert_eq!((again.code, again.err.as_str()), (0, ""), "{steps}");
        let mut mended = files(&other);
        if mended.get(origin) == before.get(origin) {
            // The document was in place, and nothing said where it is from.
            mended.extend([origin, lock].map(|path| (path.to_owned(), whole[path].clone())));
        }
        assert!(mended == whole, "killed after {steps}: {}", again.out);
    }
}

#[test]
fn never_did_a_generation_that_was_killed_pass_for_one_that_ended() {
    let document = crate::elsewhere::pets_3_1().to_string();
    let tree = || {
        let bench = Workbench::of_document(document.as_bytes());
        fs::create_dir_all(bench.root().join(GENERATED)).unwrap();
        bench.write(&format!("{GENERATED}/gone.rs"), b"// generated no more\n");
        bench
    };
    let bench = tree();
    let drift = codegen::check(&Tree::at(bench.root()), false).unwrap();
    assert_eq!(bench.codegen(&[]).code, 0);
    let whole = files(&bench);
    for steps in 0.. {
        let bench = tree();
        if !kill_after(steps, drift.transaction(bench.root())) {
            assert!(steps > 8, "only {steps} files are written");
            break;
        }
        let checked = bench.codegen(&["--check"]).code;
        assert_eq!(checked, i32::from(steps < whole.len() - 3 + 1), "{steps}");
        let again = bench.codegen(&[]);
        assert_eq!((again.code, again.err.as_str()), (0, ""), "{steps}");
        assert!(
            files(&bench) == whole,
            "killed after {steps}: {}",
            again.out
        );
    }
}

#[test]
fn two_runs_do_not_write_at_the_same_time() {
    let bench = Workbench::of_document(crate::elsewhere::pets_3_1().to_string().as_bytes());
    let mut transaction = Transaction::new(bench.root());
    transaction.write("other", "text");
    let running = transaction.begin().unwrap();
    let output = bench.codegen(&[]);
    assert_eq!(output.code, 2);
    assert_eq!(
        output.err,
        "error: TREE/.xtask-staging: another xtask writes in this tree; run the command again when it has ended\n"
    );
    drop(running);
    assert_eq!(bench.codegen(&[]).code, 0);
}

#[test]
fn files_that_took_their_place_are_put_back_when_a_later_one_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("first"), "old").unwrap();
    fs::write(root.join("second"), "old").unwrap();
    let mut transaction = Transaction::new(root);
    transaction.write("first", "new");
    transaction.write("inner/deep/third", "new");
    transaction.remove("second");
    transaction.write("fourth", "new");
    let commit = transaction.begin().unwrap();
    // Somebody puts a folder where the last file is to go.
    fs::create_dir(root.join("fourth")).unwrap();
    fs::write(root.join("fourth/mine"), "mine").unwrap();

    let error = commit.complete().unwrap_err().to_string();
    assert!(error.contains("fourth: cannot be written"), "{error}");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(
        (read("first"), read("second"), read("fourth/mine")),
        ("old".into(), "old".into(), "mine".into())
    );
    assert_eq!(names(root), ["first", "fourth", "second"]);
}

#[test]
fn an_uncommitted_transaction_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut transaction = Transaction::new(folder.path());
    transaction.write("a/b/file", "new");
    drop(transaction);
    assert_eq!(names(folder.path()), [""; 0]);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn never_was_a_file_outside_of_the_tree_written_or_removed() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    let mine = outside.path().join("mine.rs");
    for (link, to) in [
        (GENERATED, outside.path()),
        ("crates/pivotal-api", outside.path()),
        ("crates/pivotal-sdk/src/generated", outside.path()),
        ("openapi/pivotal.json", &mine),
        (".xtask-staging", outside.path()),
        (&format!("{GENERATED}/client.rs"), &mine),
        (&format!("{GENERATED}/other.rs"), &mine),
    ] {
        let bench = Workbench::of_document(crate::elsewhere::pets_3_1().to_string().as_bytes());
        fs::create_dir_all(outside.path().join("src/generated")).unwrap();
        fs::write(&mine, "mine").unwrap();
        let link = bench.root().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(to, &link).unwrap();
        let output = bench.codegen(&[]);
        assert_eq!(output.code, 2, "{}: {}", link.display(), output.out);
        assert!(output.err.contains("link"), "{}", output.err);
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
        assert_eq!(names(outside.path()), ["mine.rs", "src"]);
        assert_eq!(names(&outside.path().join("src/generated")), [""; 0]);
    }
}
