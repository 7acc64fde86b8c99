//! Transactions: all or nothing, stopped after every step.

use std::cell::Cell;
use std::path::Path;

use super::recovery::{Recovered, Recovery};
use super::{Expected, Place, Steps, Transaction};
use crate::state::Error;
use crate::state::layout::{Local, StatePath};
use crate::sys::files;

struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let sandbox = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        sandbox.put(".mmm/a.md", "old a");
        sandbox.put(".mmm/b.md", "old b");
        sandbox
    }

    fn top(&self) -> &Path {
        self.folder.path()
    }

    fn place(&self) -> Place {
        self.place_of("main", self.top())
    }

    fn place_of(&self, key: &str, top: &Path) -> Place {
        Place {
            local: Local::new(self.top().join(".git/mmm")),
            top: top.to_owned(),
            key: key.to_owned(),
        }
    }

    fn put(&self, path: &str, content: &str) {
        let path = self.top().join(path);
        files::write_atomic(&path, content.as_bytes()).expect("writes");
    }

    fn get(&self, path: &str) -> Option<String> {
        files::read_text(&self.top().join(path), 1 << 24).ok()
    }

    /// All files below a folder.
    fn files(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.top().join(folder)];
        while let Some(folder) = folders.pop() {
            for path in files::entries(&folder).expect("lists") {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let path = path.strip_prefix(self.top()).expect("inside");
                    found.push(path.display().to_string());
                }
            }
        }
        found.sort();
        found
    }
}

/// What the next writer finishes. It waits for the lock: a process that another test of this
/// program is just starting may hold it for a moment.
fn recover(place: Place) -> Vec<Recovered> {
    Transaction::begin(place)
        .expect("begins")
        .recovered()
        .to_vec()
}

fn path(name: &str) -> StatePath {
    StatePath::new(format!(".mmm/{name}")).expect("a path")
}

fn bytes(text: &str) -> Expected {
    Expected::Bytes(text.as_bytes().to_vec())
}

/// One change of each kind.
fn changes(place: Place) -> Transaction {
    let mut transaction = Transaction::begin(place).expect("begins");
    transaction.write(path("a.md"), bytes("old a"), "new a");
    transaction.delete(path("b.md"), bytes("old b"));
    transaction.write(path("sub/c.md"), Expected::Absent, "new c");
    transaction
}

fn stop_after(transaction: &mut Transaction, steps: usize) {
    transaction.steps = Steps {
        left: Some(Cell::new(steps)),
    };
}

#[test]
fn all_changes_happen_and_nothing_is_left_over() {
    let sandbox = Sandbox::new();
    changes(sandbox.place()).commit().expect("commits");
    assert_eq!(sandbox.files(".mmm"), [".mmm/a.md", ".mmm/sub/c.md"]);
    assert_eq!(sandbox.get(".mmm/a.md").as_deref(), Some("new a"));
    assert_eq!(sandbox.files(".git"), [".git/mmm/redo/main.lock"]);
}

#[test]
fn a_changed_file_stops_everything_up_front() {
    for (file, content) in [
        (".mmm/a.md", "mine"),
        (".mmm/b.md", "mine"),
        (".mmm/sub/c.md", ""),
    ] {
        let sandbox = Sandbox::new();
        let transaction = changes(sandbox.place());
        sandbox.put(file, content);
        let before = sandbox.files(".mmm");
        let refused = transaction.commit();
        assert!(
            matches!(&refused, Err(Error::Changed { path }) if path == file),
            "{refused:?}"
        );
        assert_eq!(sandbox.files(".mmm"), before);
        assert_eq!(sandbox.get(file).as_deref(), Some(content));
    }
}

#[test]
fn a_death_at_any_step_is_before_or_after_never_between() {
    let mut deaths = 0;
    for steps in 0.. {
        let sandbox = Sandbox::new();
        let mut transaction = changes(sandbox.place());
        stop_after(&mut transaction, steps);
        match transaction.commit() {
            Ok(_) => break,
            Err(Error::Stopped) => deaths += 1,
            Err(error) => panic!("step {steps}: {error}"),
        }
        let recorded = sandbox.get(".git/mmm/redo/main.record").is_some();
        let recovered = recover(sandbox.place());
        assert_eq!(
            recovered.len(),
            if recorded { 3 } else { 0 },
            "step {steps}"
        );
        assert!(
            recovered
                .iter()
                .all(|one| !matches!(one.recovery, Recovery::Kept { .. }))
        );
        let expected: &[&str] = if steps == 0 {
            &[".mmm/a.md", ".mmm/b.md"]
        } else {
            &[".mmm/a.md", ".mmm/sub/c.md"]
        };
        assert_eq!(sandbox.files(".mmm"), expected, "step {steps}");
        let a = if steps == 0 { "old a" } else { "new a" };
        assert_eq!(sandbox.get(".mmm/a.md").as_deref(), Some(a), "step {steps}");
        assert_eq!(sandbox.files(".git"), [".git/mmm/redo/main.lock"]);
        assert_eq!(recover(sandbox.place()), []);
    }
    assert_eq!(deaths, 11, "every step was tried");
}

#[test]
fn an_edit_after_the_death_is_left_alone() {
    let sandbox = Sandbox::new();
    let mut transaction = changes(sandbox.place());
    stop_after(&mut transaction, 1);
    assert!(matches!(transaction.commit(), Err(Error::Stopped)));
    sandbox.put(".mmm/a.md", "mine");
    sandbox.put(".mmm/b.md", "mine too");
    let transaction = Transaction::begin(sandbox.place()).expect("begins");
    let found: Vec<_> = transaction
        .recovered()
        .iter()
        .map(|one| &one.recovery)
        .collect();
    let copy = sandbox.top().join(".git/mmm/rescued/1-a.md");
    assert_eq!(
        found,
        [
            &Recovery::Kept { copy: Some(copy) },
            &Recovery::Kept { copy: None },
            &Recovery::Finished
        ]
    );
    assert_eq!(sandbox.get(".mmm/a.md").as_deref(), Some("mine"));
    assert_eq!(sandbox.get(".mmm/b.md").as_deref(), Some("mine too"));
    assert_eq!(
        sandbox.get(".git/mmm/rescued/1-a.md").as_deref(),
        Some("new a")
    );
}

#[test]
fn work_trees_do_not_disturb_one_another() {
    let sandbox = Sandbox::new();
    let other = sandbox.top().join("linked");
    let mut transaction = changes(sandbox.place());
    stop_after(&mut transaction, 1);
    assert!(matches!(transaction.commit(), Err(Error::Stopped)));
    // Another work tree neither waits for the first nor finishes its work.
    let first = Transaction::begin(sandbox.place_of("main", &other));
    let kept = first.expect("begins").recovered().len();
    assert_eq!(
        kept, 3,
        "a place of the same name elsewhere only keeps copies"
    );
    assert_eq!(sandbox.get(".mmm/a.md").as_deref(), Some("old a"));

    let one = changes(sandbox.place());
    let mut two = Transaction::begin(sandbox.place_of("linked", &other)).expect("does not wait");
    assert_eq!(two.recovered(), []);
    two.write(path("a.md"), Expected::Absent, "linked");
    two.commit().expect("commits");
    one.commit().expect("commits");
    assert_eq!(sandbox.get("linked/.mmm/a.md").as_deref(), Some("linked"));
    assert_eq!(sandbox.get(".mmm/a.md").as_deref(), Some("new a"));
}

#[test]
fn a_newer_state_is_not_written() {
    let sandbox = Sandbox::new();
    sandbox.put(".mmm/config.toml", "format = 2\n");
    let refused = changes(sandbox.place()).commit();
    assert!(matches!(
        refused,
        Err(Error::NewerFormat {
            found: 2,
            supported: 1,
            ..
        })
    ));
    assert_eq!(sandbox.get(".mmm/a.md").as_deref(), Some("old a"));
    sandbox.put(".mmm/config.toml", "<<<<<<< broken\n");
    changes(sandbox.place())
        .commit()
        .expect("a broken file does not stop repairs");
}

#[test]
fn links_are_not_written_through() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.top().join("out")).expect("makes");
    std::os::unix::fs::symlink("../out", sandbox.top().join(".mmm/sub")).expect("links");
    assert!(matches!(
        changes(sandbox.place()).commit(),
        Err(Error::LinkInTheWay { .. })
    ));
    assert_eq!(sandbox.files("out"), Vec::<String>::new());
    assert_eq!(sandbox.get(".mmm/a.md").as_deref(), Some("old a"));
}

#[test]
fn a_damaged_or_newer_record_destroys_nothing() {
    let sandbox = Sandbox::new();
    sandbox.put(".git/mmm/redo/main.record", "{\"v\":9}\n");
    assert!(matches!(
        Transaction::begin(sandbox.place()),
        Err(Error::NewerFormat { found: 9, .. })
    ));
    sandbox.put(".git/mmm/redo/main.record", "{\"v\":");
    let recovered = recover(sandbox.place());
    assert_eq!(recovered.len(), 1);
    assert_eq!(
        sandbox.get(".git/mmm/rescued/1-record").as_deref(),
        Some("{\"v\":")
    );
}

#[test]
fn changes_of_one_file_add_up_and_no_change_writes_nothing() {
    let sandbox = Sandbox::new();
    let mut transaction = Transaction::begin(sandbox.place()).expect("begins");
    transaction.write(path("a.md"), bytes("old a"), "middle");
    transaction.write(path("a.md"), bytes("middle"), "old a");
    transaction.delete(path("none.md"), Expected::Absent);
    stop_after(&mut transaction, 0);
    transaction.commit().expect("has nothing to do");
    let mut transaction = Transaction::begin(sandbox.place()).expect("begins");
    transaction.write(path("a.md"), bytes("old a"), "x".repeat(2 * 1024 * 1024));
    assert!(transaction.commit().is_err(), "too large to be read again");
}
