//! Refs: compare-and-swap, locks, listing.

use super::{Expected, RefUpdate};
use crate::base::ids::ObjectId;
use crate::git::Error;
use crate::git::stale::Record;
use crate::git::testing::{FORMATS, Sandbox, everywhere};
use crate::proc::command::Invocation;
use crate::sys::clock::Clock;
use crate::sys::files;

fn update(name: &str, new: Option<&ObjectId>, expected: Expected) -> RefUpdate {
    RefUpdate {
        name: name.to_owned(),
        new: new.cloned(),
        expected,
    }
}

#[test]
fn updates_compare_and_swap_all_or_none() {
    everywhere(|sandbox| {
        let first = sandbox.id("HEAD");
        let second = sandbox.commit("second");
        let repository = sandbox.open();
        let refs = repository.refs();
        let moved = |updates: &[RefUpdate], expected: &str| {
            let result = refs.update(updates, "test");
            let fits = matches!(&result, Err(Error::RefMoved { name }) if name == expected);
            assert!(fits, "{} {result:?}", sandbox.label);
        };
        let (a, b) = ("refs/mmm/a", "refs/mmm/b");
        refs.update(&[update(a, Some(&first), Expected::Absent)], "test")
            .expect("creates");
        moved(&[update(a, Some(&second), Expected::Absent)], a);
        moved(&[update(a, Some(&second), Expected::Is(second.clone()))], a);
        moved(&[update(b, Some(&second), Expected::Is(first.clone()))], b);
        moved(
            &[
                update(b, Some(&second), Expected::Absent),
                update(a, None, Expected::Is(second.clone())),
            ],
            a,
        );
        assert_eq!(refs.resolve(b).expect("looks"), None);
        refs.update(
            &[update(a, Some(&second), Expected::Is(first.clone()))],
            "test",
        )
        .expect("changes");
        refs.update(&[update(b, Some(&first), Expected::Any)], "test")
            .expect("creates");
        let listed = refs.list(&["refs/mmm"]).expect("lists");
        let shown: Vec<_> = listed
            .iter()
            .map(|entry| (entry.name.as_str(), &entry.id))
            .collect();
        assert_eq!(shown, [(a, &second), (b, &first)]);
        assert_eq!(listed[0].subject, "second");
        let remove = update(a, None, Expected::Is(second));
        refs.update(&[remove, update(b, None, Expected::Any)], "other")
            .expect("removes");
        assert_eq!(refs.list(&["refs/mmm"]).expect("lists"), []);
        sandbox.fsck();
    });
}

#[test]
fn names_that_are_no_names_are_refused() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let id = sandbox.id("HEAD");
    let repository = sandbox.open();
    let refused = |name: &str| {
        let result = repository
            .refs()
            .update(&[update(name, Some(&id), Expected::Any)], "x");
        result.expect_err(name)
    };
    for name in [
        "main",
        "refs/mmm/a b",
        "refs/mmm/a\ndelete refs/heads/main",
        "-x",
    ] {
        assert!(matches!(refused(name), Error::RefName { .. }), "{name:?}");
    }
    assert!(matches!(refused("refs/mmm/a..b"), Error::Git { .. }));
    assert!(matches!(
        refused("refs/heads/main/below"),
        Error::RefConflict { .. }
    ));
    assert_eq!(sandbox.id("refs/heads/main"), id);
}

#[test]
fn revisions_resolve_or_do_not() {
    everywhere(|sandbox| {
        let repository = sandbox.open();
        let check = |revision: &str, expected: Option<ObjectId>| {
            let found = repository.refs().resolve(revision).expect("looks");
            assert_eq!(found, expected, "{} {revision}", sandbox.label);
        };
        check("HEAD", Some(sandbox.id("HEAD")));
        check("HEAD:dir", Some(sandbox.id("HEAD:dir")));
        check("HEAD:none", None);
        check("none:none", None);
        check("--help", None);
        check("", None);
    });
}

/// Leaves the lock file of a ref and a record of who made it.
fn block(sandbox: &Sandbox, name: &str, record: &str) {
    let common = sandbox.root().join("work/.git");
    files::write_atomic(&common.join(format!("{name}.lock")), b"").expect("writes");
    files::write_atomic(&common.join("mmm/writer"), record.as_bytes()).expect("writes");
}

/// The time that files made now have, in seconds since the Unix epoch.
fn now() -> i64 {
    i64::try_from(Clock::System.now_ms() / 1000).expect("is after 1970")
}

/// A record of a process that has ended, for these refs.
fn dead(names: &[&str]) -> String {
    let gone = Invocation::new("/bin/true").live().expect("starts");
    let pid = gone.pid();
    gone.finish().expect("ends");
    let line = Record::new(pid, now(), names.iter().copied()).line();
    let own = format!("{} ", std::process::id());
    line.strip_prefix(&own)
        .map(|rest| format!("{pid} {rest}"))
        .expect("is our record")
}

#[test]
fn only_the_lock_of_a_dead_writer_of_ours_is_removed() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let id = sandbox.id("HEAD");
    let check = |name: &str, record: &str, expected: bool| {
        block(&sandbox, name, record);
        let repository = sandbox.open();
        let result = repository
            .refs()
            .update(&[update(name, Some(&id), Expected::Any)], "x");
        assert_eq!(result.is_ok(), expected, "{name} {record} {result:?}");
        if !expected {
            assert!(matches!(result, Err(Error::RefLocked { .. })));
            files::remove_file(&sandbox.work().join(format!(".git/{name}.lock")))
                .expect("is there");
        }
    };
    let alive = Record::new(std::process::id(), now(), ["refs/mmm/a"].into_iter()).line();
    check("refs/mmm/a", &dead(&["refs/mmm/a"]), true);
    check(
        "refs/notes/mmm/runs",
        &dead(&["refs/mmm/a", "refs/notes/mmm/runs"]),
        true,
    );
    check(
        "refs/heads/mmm/checkpoint/x/1",
        &dead(&["refs/heads/mmm/checkpoint/x/1"]),
        true,
    );
    check("refs/mmm/a", &alive, false);
    check("refs/mmm/a", &dead(&["refs/mmm/other"]), false);
    check("refs/mmm/a", "", false);
    // Made long after our writer had died: it belongs to somebody else.
    let own = dead(&["refs/mmm/a"]);
    let early = own.replacen(&format!(" {} ", now()), " 1000 ", 1);
    assert_ne!(own, early);
    check("refs/mmm/a", &early, false);
    check("refs/heads/side", &dead(&["refs/heads/side"]), false);
}

#[test]
fn a_record_outlives_writers_of_other_refs() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let id = sandbox.id("HEAD");
    let repository = sandbox.open();
    let set = |name: &str| {
        let refs = repository.refs();
        refs.update(&[update(name, Some(&id), Expected::Any)], "x")
            .expect("updates");
    };
    block(&sandbox, "refs/mmm/a", &dead(&["refs/mmm/a"]));
    set("refs/mmm/b");
    set("refs/mmm/a");
    set("refs/mmm/b");
    let record = files::read_text(&sandbox.work().join(".git/mmm/writer"), 1024).expect("reads");
    assert_eq!(record, "");
}

#[test]
fn a_writer_that_gives_up_does_not_take_the_lock_for_its_own() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let id = sandbox.id("HEAD");
    let lock = sandbox.work().join(".git/refs/mmm/a.lock");
    files::write_atomic(&lock, b"").expect("writes");
    for _ in 0..2 {
        let repository = sandbox.open();
        let refs = repository.refs();
        let result = refs.update(&[update("refs/mmm/a", Some(&id), Expected::Any)], "x");
        assert!(
            matches!(result, Err(Error::RefLocked { writer: None, .. })),
            "{result:?}"
        );
        assert!(lock.exists());
        let record = sandbox.work().join(".git/mmm/writer");
        assert_eq!(files::read_text(&record, 1024).expect("reads"), "");
    }
}

#[test]
fn a_lock_of_all_refs_names_the_dead_writer_that_left_it() {
    let sandbox = Sandbox::born(("sha1", "reftable"));
    let id = sandbox.id("HEAD");
    let common = sandbox.work().join(".git");
    let lock = common.join("reftable/tables.list.lock");
    files::write_atomic(&lock, b"").expect("writes");
    files::write_atomic(&common.join("mmm/writer"), dead(&["refs/mmm/a"]).as_bytes())
        .expect("writes");
    let repository = sandbox.open();
    let refs = repository.refs();
    let result = refs.update(&[update("refs/mmm/b", Some(&id), Expected::Any)], "x");
    let Err(Error::RefLocked {
        writer,
        lock: named,
        ..
    }) = result
    else {
        panic!("it is locked: {result:?}");
    };
    assert!(writer.is_some());
    assert_eq!(named, lock);
    assert!(lock.exists(), "other programs use it too");
}

#[test]
fn a_ref_in_the_way_of_another_is_named() {
    everywhere(|sandbox| {
        let id = sandbox.id("HEAD");
        sandbox.git(&["update-ref", "refs/mmm", "HEAD"]);
        let repository = sandbox.open();
        let refs = repository.refs();
        let result = refs.update(&[update("refs/mmm/a", Some(&id), Expected::Absent)], "x");
        let Err(Error::RefConflict { name, other }) = result else {
            panic!("{}: {result:?}", sandbox.label);
        };
        assert_eq!((name.as_str(), other.as_str()), ("refs/mmm/a", "refs/mmm"));
    });
}
