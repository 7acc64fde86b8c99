//! A branch of the person's brought to what a run made.

use super::fixture::{trees, worked};
use crate::git::Error;
use crate::git::testing::{FORMATS, Sandbox, everywhere};
use crate::git::worktree::{NotMerged, Updated};
use crate::sys::files;

#[test]
fn a_branch_moves_only_where_nothing_is_lost() {
    everywhere(|sandbox| {
        let repository = sandbox.open();
        let trees = trees(&repository);
        let start = sandbox.id("HEAD");
        sandbox.git(&["branch", "idle"]);
        let here = sandbox.git(&["symbolic-ref", "--short", "HEAD"]);
        let leg = worked(&trees, "leg", &start, ("a.txt", "new"));
        let commit = sandbox.id(&leg.branch);
        let update = |branch: &str| trees.update_into(branch, &commit, "m").expect("tries");
        assert_eq!(update("idle"), Updated::Moved, "{}", sandbox.label);
        assert_eq!(update("idle"), Updated::UpToDate);
        assert_eq!(update("made"), Updated::Moved);
        assert_eq!(sandbox.id("idle"), commit);
        assert_eq!(sandbox.id("made"), commit);

        sandbox.write("dir/b.txt", "the person's");
        let dirty = update(&here);
        let Updated::NotMerged(NotMerged::Dirty { path, paths }) = dirty else {
            panic!("{dirty:?}");
        };
        assert_eq!(
            (path.as_path(), paths.as_slice()),
            (sandbox.work(), &["dir/b.txt".to_owned()][..])
        );
        sandbox.git(&["checkout", "--quiet", "dir/b.txt"]);
        sandbox.write("untracked", "stays");
        assert_eq!(update(&here), Updated::Moved, "{}", sandbox.label);
        assert_eq!(sandbox.id("HEAD"), commit);
        assert_eq!(sandbox.git(&["status", "--porcelain"]), "?? untracked");
        assert_eq!(sandbox.git(&["show", "HEAD:a.txt"]), "new");
        sandbox.fsck();
    });
}

#[test]
fn a_branch_that_went_on_is_merged() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        let repository = sandbox.open();
        let trees = trees(&repository);
        let start = sandbox.id("HEAD");
        let leg = worked(&trees, "leg", &start, ("a.txt", "new"));
        let other = worked(&trees, "other", &start, ("dir/b.txt", "theirs"));
        sandbox.write("dir/b.txt", "mine");
        let mine = sandbox.commit("mine");
        let update = |leg: &str, message| {
            let found = trees.update_into("main", &sandbox.id(leg), message);
            found.expect("tries")
        };
        let found = update(&other.branch, "m");
        let paths = vec!["dir/b.txt".to_owned()];
        assert_eq!(found, Updated::NotMerged(NotMerged::Conflict { paths }));
        assert_eq!(sandbox.id("main"), mine);
        let found = update(&leg.branch, "Merge the run");
        assert_eq!(found, Updated::Moved);
        assert_eq!(
            sandbox.git(&["log", "-1", "--format=%s %an"]),
            "Merge the run Grace"
        );
        assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
        sandbox.fsck();
    }
}

#[test]
fn what_is_under_way_or_in_the_way_is_named() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let repository = sandbox.open();
    let trees = trees(&repository);
    let start = sandbox.id("HEAD");
    let leg = worked(&trees, "leg", &start, ("fresh", "new"));
    let commit = sandbox.id(&leg.branch);
    let update = |branch: &str| trees.update_into(branch, &commit, "m");
    for name in ["-x", "a..b", "", "a b"] {
        let refused = update(name);
        assert!(
            matches!(refused, Err(Error::RefName { .. })),
            "{name}: {refused:?}"
        );
    }
    let lock = repository.git_dir().join("index.lock");
    files::write_atomic(&lock, b"").expect("writes");
    let found = update("main").expect("tries");
    let stays = lock.clone();
    assert_eq!(found, Updated::NotMerged(NotMerged::Locked { lock: stays }));
    files::remove_file(&lock).expect("removes");
    sandbox.write("fresh", "unknown to git");
    let found = update("main").expect("tries");
    assert!(
        matches!(found, Updated::NotMerged(NotMerged::Refused { .. })),
        "{found:?}"
    );
    sandbox.git(&["add", "fresh"]);
    sandbox.git(&["commit", "--quiet", "-m", "fresh"]);
    sandbox.git(&["bisect", "start"]);
    sandbox.git(&["reset", "--quiet", "--hard", start.as_str()]);
    let found = update("main").expect("tries");
    assert!(
        matches!(found, Updated::NotMerged(NotMerged::Busy { .. })),
        "{found:?}"
    );
}
