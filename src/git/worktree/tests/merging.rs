//! The work of legs taken over into the branch of their run.

use super::fixture::{Stage, git, order, read, subjects, worked, write};
use crate::git::Error;
use crate::git::testing::{FORMATS, Sandbox};
use crate::git::worktree::{How, MergedBack, OnConflict};

fn is_merged(found: &MergedBack) -> bool {
    matches!(found, MergedBack::Merged { .. })
}

#[test]
fn each_way_takes_the_work_over_once() {
    for format in FORMATS {
        for how in [How::Merge, How::Squash, How::Rebase] {
            let sandbox = Sandbox::born(format);
            let stage = Stage::of(&sandbox);
            let (trees, run, start) = stage.parts();
            let one = worked(&trees, "one", &start, ("one", "1\n"));
            write(&one, "one", "1\n2\n");
            trees.collect(&one, "More: of it").expect("collects");
            let two = worked(&trees, "two", &start, ("two", "2\n"));
            let order = order(how, OnConflict::Abort);
            for leg in [&one, &two] {
                let merged = trees.merge_back(&run, leg, &order).expect("merges");
                assert!(is_merged(&merged), "{merged:?}");
                let again = trees.merge_back(&run, leg, &order).expect("merges");
                assert_eq!(again, MergedBack::UpToDate, "{} {how:?}", sandbox.label);
            }
            assert_eq!(read(&run, "one"), "1\n2\n");
            assert_eq!(git(&sandbox, &run, &["status", "--porcelain"]), "");
            let found = subjects(&sandbox, &format!("{start}..{}", run.branch));
            let taken = "Take the leg over";
            let expected: &[&str] = match how {
                How::Squash => &[taken, taken],
                How::Rebase => &["The work", "More: of it", "The work"],
                _ => &[taken, "The work", taken, "More: of it", "The work"],
            };
            let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
            let mut expected = expected.to_vec();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{} {how:?}", sandbox.label);
            // More work on a leg that was taken over.
            write(&one, "one", "1\n2\n3\n");
            trees.collect(&one, "Still more").expect("collects");
            let merged = trees.merge_back(&run, &one, &order).expect("merges");
            assert!(is_merged(&merged), "{merged:?}");
            assert_eq!(read(&run, "one"), "1\n2\n3\n");
            assert_eq!(sandbox.id("HEAD"), start);
            assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
            sandbox.fsck();
        }
    }
}

#[test]
fn a_leg_can_be_left_for_a_person() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let stage = Stage::of(&sandbox);
    let (trees, run, start) = stage.parts();
    let leg = worked(&trees, "leg", &start, ("x", "x"));
    let left = trees.merge_back(&run, &leg, &order(How::Leave, OnConflict::Abort));
    assert_eq!(left.expect("leaves"), MergedBack::Left);
    assert_eq!(sandbox.git(&["show", &format!("{}:x", leg.branch)]), "x");
    assert_eq!(sandbox.id(&run.branch), start);
}

#[test]
fn a_conflict_changes_nothing_unless_it_is_kept() {
    for format in FORMATS {
        for how in [How::Merge, How::Squash, How::Rebase] {
            let sandbox = Sandbox::born(format);
            let stage = Stage::of(&sandbox);
            let (trees, run, start) = stage.parts();
            let one = worked(&trees, "one", &start, ("a.txt", "one\n"));
            let two = worked(&trees, "two", &start, ("a.txt", "two\n"));
            let three = worked(&trees, "three", &start, ("three", "3\n"));
            let (abort, keep) = (order(how, OnConflict::Abort), order(how, OnConflict::Keep));
            trees.merge_back(&run, &one, &abort).expect("merges");
            let before = sandbox.id(&run.branch);
            let conflict = MergedBack::Conflict {
                paths: vec!["a.txt".to_owned()],
            };
            let found = trees.merge_back(&run, &two, &abort).expect("tries");
            assert_eq!(found, conflict, "{} {how:?}", sandbox.label);
            assert_eq!(git(&sandbox, &run, &["status", "--porcelain"]), "");

            // Kept, and given up.
            for _ in 0..2 {
                let found = trees.merge_back(&run, &two, &keep).expect("tries");
                assert_eq!(found, conflict, "{} {how:?}", sandbox.label);
            }
            assert!(read(&run, "a.txt").contains("<<<<<<<"));
            let other = trees.merge_back(&run, &three, &abort);
            assert!(
                matches!(other, Err(Error::OperationInProgress { .. })),
                "{other:?}"
            );
            write(&run, "attempt", "of somebody");
            trees.abort(&run).expect("aborts");
            assert_eq!(git(&sandbox, &run, &["status", "--porcelain"]), "");
            assert_eq!(
                (sandbox.id(&run.branch), read(&run, "a.txt").as_str()),
                (before.clone(), "one\n")
            );

            // Kept, and solved.
            trees.merge_back(&run, &two, &keep).expect("tries");
            let found = trees.conclude(&run, &two, &keep).expect("looks");
            assert_eq!(found, conflict);
            write(&run, "a.txt", "one and two\n");
            git(&sandbox, &run, &["add", "a.txt"]);
            let found = trees.conclude(&run, &two, &keep).expect("concludes");
            assert!(is_merged(&found), "{found:?}");
            let again = trees.conclude(&run, &two, &keep).expect("concludes");
            assert_eq!(again, MergedBack::UpToDate);
            assert_eq!(git(&sandbox, &run, &["status", "--porcelain"]), "");
            let parents = sandbox.git(&["log", "-1", "--format=%P", &run.branch]);
            let count = if how == How::Merge { 2 } else { 1 };
            assert_eq!(parents.split(' ').count(), count);
            let found = trees.merge_back(&run, &three, &abort).expect("merges");
            assert!(is_merged(&found), "{found:?}");
            assert_eq!(read(&run, "a.txt"), "one and two\n");
            sandbox.fsck();
        }
    }
}

#[test]
fn a_conflict_may_be_ended_with_git_itself() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let stage = Stage::of(&sandbox);
    let (trees, run, start) = stage.parts();
    let one = worked(&trees, "one", &start, ("a.txt", "one\n"));
    let two = worked(&trees, "two", &start, ("a.txt", "two\n"));
    let keep = order(How::Squash, OnConflict::Keep);
    trees.merge_back(&run, &one, &keep).expect("merges");
    trees.merge_back(&run, &two, &keep).expect("tries");
    git(&sandbox, &run, &["merge", "--abort"]);
    let found = trees.conclude(&run, &two, &keep).expect("tries again");
    assert!(matches!(found, MergedBack::Conflict { .. }), "{found:?}");
    write(&run, "a.txt", "both\n");
    git(&sandbox, &run, &["commit", "--quiet", "-a", "-m", "solved"]);
    let found = trees.conclude(&run, &two, &keep).expect("sees it");
    let commit = sandbox.id(&run.branch);
    assert_eq!(found, MergedBack::Merged { commit });
    let found = trees.merge_back(&run, &two, &keep).expect("sees it");
    assert_eq!(found, MergedBack::UpToDate);
}

#[test]
fn changes_in_the_work_tree_of_the_run_are_not_touched() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let stage = Stage::of(&sandbox);
    let (trees, run, start) = stage.parts();
    let leg = worked(&trees, "leg", &start, ("a.txt", "leg\n"));
    write(&run, "untracked", "somebody's");
    let refused = trees.merge_back(&run, &leg, &order(How::Merge, OnConflict::Keep));
    assert!(
        matches!(refused, Err(Error::LocalChanges { .. })),
        "{refused:?}"
    );
    assert_eq!(read(&run, "untracked"), "somebody's");
}

#[test]
fn drivers_and_attributes_of_the_run_count() {
    let sandbox = Sandbox::born(FORMATS[0]);
    sandbox.write(".gitattributes", "a.txt merge=union\n");
    sandbox.commit("attributes");
    let stage = Stage::of(&sandbox);
    let (trees, run, start) = stage.parts();
    for (leg, text) in [("one", "one\n"), ("two", "two\n")] {
        let leg = worked(&trees, leg, &start, ("a.txt", text));
        let order = order(How::Squash, OnConflict::Abort);
        let found = trees.merge_back(&run, &leg, &order).expect("merges");
        assert!(is_merged(&found), "{found:?}");
    }
    assert_eq!(read(&run, "a.txt"), "one\ntwo\n");
}
