//! A work tree from its making to its end.

use super::fixture::{Stage, git, order, read, run_id, subjects, trees, worked, write};
use crate::git::Error;
use crate::git::testing::{FORMATS, Sandbox, everywhere};
use crate::git::worktree::remove::Removed;
use crate::git::worktree::{How, Isolated, MergedBack, OnConflict};
use crate::sys::files;

/// Installs a hook that leaves a file when it runs.
fn hook(sandbox: &Sandbox, name: &str) {
    let path = sandbox.git(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"]);
    let path = std::path::Path::new(&path).join(name);
    let script = format!(
        "#!/bin/sh\necho {name} >>'{}/fired'\n",
        sandbox.root().display()
    );
    sandbox.write_program(&path, &script);
}

#[test]
fn a_leg_works_on_a_branch_and_in_a_folder_of_its_own() {
    everywhere(|sandbox| {
        for name in [
            "post-checkout",
            "pre-commit",
            "prepare-commit-msg",
            "post-commit",
            "post-merge",
            "pre-merge-commit",
        ] {
            hook(sandbox, name);
        }
        sandbox.git(&["config", "commit.gpgsign", "true"]);
        sandbox.git(&["config", "gpg.program", "/bin/false"]);
        sandbox.git(&["config", "status.showUntrackedFiles", "no"]);
        sandbox.write(".gitignore", "*.o\n");
        sandbox.git(&["add", ".gitignore"]);
        sandbox.write("a.txt", "changed by the person");
        let before = sandbox.git(&["status", "--porcelain", "-uall"]);
        let repository = sandbox.open();
        let trees = trees(&repository);
        let start = sandbox.id("HEAD");
        let leg = trees
            .create(run_id(), "test@2+call+unit", &start)
            .expect("makes");
        assert_eq!(
            leg.branch,
            format!("mmm/work/{}/test@2+call+unit", run_id())
        );
        assert!(
            leg.path
                .starts_with(repository.common_dir().join("mmm/worktrees"))
        );
        assert_eq!(read(&leg, "a.txt"), "a.txt");
        let again = trees
            .create(run_id(), "test@2+call+unit", &start)
            .expect("finds");
        assert_eq!(again, leg);
        assert_eq!(
            trees
                .find(run_id(), Some("test@2+call+unit"))
                .expect("finds"),
            Some(again)
        );
        assert_eq!(trees.find(run_id(), Some("other")).expect("looks"), None);

        let (commit, changed) = trees.collect(&leg, "nothing").expect("collects");
        assert_eq!((commit, changed), (start.clone(), false));
        write(&leg, "new/deep.txt", "new");
        write(&leg, "x.o", "not ignored here: the rule is not committed");
        write(&leg, ".gitignore", "*.o\n");
        files::remove_file(&leg.path.join("dir/b.txt")).expect("removes");
        let (commit, changed) = trees.collect(&leg, "The work").expect("collects");
        assert!(changed, "{}", sandbox.label);
        assert_eq!(sandbox.id(&leg.branch), commit);
        let listed = sandbox.git(&["ls-tree", "-r", "--name-only", &leg.branch]);
        assert_eq!(
            listed, ".gitignore\n.mmm/c.txt\na.txt\nnew/deep.txt",
            "{}",
            sandbox.label
        );
        assert_eq!(git(sandbox, &leg, &["status", "--porcelain"]), "");
        let author = sandbox.git(&["log", "-1", "--format=%an %cn %s", &leg.branch]);
        assert_eq!(author, "Grace Ada The work");
        let (_, changed) = trees.collect(&leg, "nothing").expect("collects");
        assert!(!changed);

        sandbox.git(&["worktree", "prune", "--expire=now"]);
        assert_eq!(sandbox.git(&["status", "--porcelain", "-uall"]), before);
        assert_eq!(sandbox.id("HEAD"), start);
        assert!(!sandbox.root().join("fired").exists(), "{}", sandbox.label);
        sandbox.git(&["config", "--unset", "commit.gpgsign"]);
        sandbox.fsck();
    });
}

/// Leaves the lock files that a git which is killed in the middle leaves.
fn jam(sandbox: &Sandbox, leg: &Isolated) {
    let state = git(sandbox, leg, &["rev-parse", "--absolute-git-dir"]);
    let state = std::path::PathBuf::from(state);
    let common = sandbox.open().common_dir().to_owned();
    let branch = format!("refs/heads/{}.lock", leg.branch);
    let mut locks = vec![state.join("index.lock"), state.join("ORIG_HEAD.lock")];
    if state.join("reftable").is_dir() {
        locks.push(state.join("reftable/tables.list.lock"));
    } else {
        locks.extend([state.join("HEAD.lock"), common.join(branch)]);
    }
    for lock in locks {
        files::write_atomic(&lock, b"").expect("writes");
    }
}

#[test]
fn locks_of_a_git_that_was_killed_block_nothing() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        let (stage, label) = (Stage::of(&sandbox), &sandbox.label);
        let (trees, run, start) = stage.parts();
        let make = || trees.create(run_id(), "leg", &start).expect("makes");
        let leg = make();
        jam(&sandbox, &leg);
        assert_eq!(make(), leg, "{label}");
        write(&leg, "new", "work");
        git(&sandbox, &leg, &["add", "new"]);
        jam(&sandbox, &leg);
        trees.collect(&leg, "The work").expect("collects");
        assert_eq!(
            git(&sandbox, &leg, &["status", "--porcelain"]),
            "",
            "{label}"
        );
        jam(&sandbox, &run);
        let order = order(How::Merge, OnConflict::Abort);
        let merged = trees.merge_back(&run, &leg, &order).expect("merges");
        assert!(
            matches!(merged, MergedBack::Merged { .. }),
            "{label}: {merged:?}"
        );
        jam(&sandbox, &run);
        trees.discard(&run).expect("discards");
        jam(&sandbox, &leg);
        trees.remove(&leg, false).expect("removes");
        assert!(!leg.path.exists(), "{label}");
        sandbox.fsck();
    }
}

#[test]
fn what_is_half_made_is_made_anew() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        let repository = sandbox.open();
        let trees = trees(&repository);
        let start = sandbox.id("HEAD");
        let make = || trees.create(run_id(), "leg", &start).expect("makes");
        let leg = make();
        let state =
            std::path::PathBuf::from(git(&sandbox, &leg, &["rev-parse", "--absolute-git-dir"]));

        // Killed while files were written: never handed out, so nobody worked in it.
        files::remove_file(&state.join("mmm-base")).expect("removes");
        files::remove_file(&leg.path.join("a.txt")).expect("removes");
        files::write_atomic(&state.join("index.lock"), b"").expect("writes");
        assert_eq!(trees.find(run_id(), Some("leg")).expect("looks"), None);
        assert_eq!(make(), leg);
        assert_eq!(git(&sandbox, &leg, &["status", "--porcelain"]), "");

        // The folder removed by hand, work on the branch.
        write(&leg, "a.txt", "work");
        let (commit, _) = trees.collect(&leg, "The work").expect("collects");
        files::remove_folder(&leg.path).expect("removes");
        let gone = trees.collect(&leg, "nothing");
        assert!(matches!(gone, Err(Error::WorktreeGone { .. })), "{gone:?}");
        assert_eq!(make(), leg);
        assert_eq!(
            (sandbox.id(&leg.branch), read(&leg, "a.txt").as_str()),
            (commit, "work")
        );

        // The link of the folder removed by hand.
        write(&leg, "a.txt", "more work");
        files::remove_file(&leg.path.join(".git")).expect("removes");
        assert_eq!(make(), leg);
        assert_eq!(read(&leg, "a.txt"), "more work");

        // What Git knows removed by hand: what was in the folder is set aside.
        let state =
            std::path::PathBuf::from(git(&sandbox, &leg, &["rev-parse", "--absolute-git-dir"]));
        files::remove_folder(&state).expect("removes");
        assert_eq!(make(), leg);
        assert_eq!(read(&leg, "a.txt"), "work");
        let lost = repository
            .local_folder()
            .join(format!("lost/{}-leg-1/a.txt", run_id()));
        assert_eq!(files::read_text(&lost, 100).expect("reads"), "more work");
        let list = sandbox.git(&["worktree", "list", "--porcelain"]);
        assert_eq!(list.matches("worktree ").count(), 2, "{list}");

        // A branch of this name with something else on it.
        let other = sandbox.commit("elsewhere");
        let taken = trees.create(run_id(), "other", &start).expect("makes");
        trees.clear(&taken.path).expect("clears");
        let refused = trees.create(run_id(), "other", &other);
        assert!(
            matches!(refused, Err(Error::BranchTaken { .. })),
            "{refused:?}"
        );
        sandbox.fsck();
    }
}

#[test]
fn commits_of_the_steps_count_where_they_go_on_from_the_branch() {
    let sandbox = Sandbox::born(FORMATS[0]);
    let repository = sandbox.open();
    let trees = trees(&repository);
    let start = sandbox.commit("second");
    let leg = trees.create(run_id(), "leg", &start).expect("makes");
    git(&sandbox, &leg, &["switch", "--quiet", "-c", "side"]);
    git(
        &sandbox,
        &leg,
        &["commit", "--quiet", "--allow-empty", "-m", "on the side"],
    );
    write(&leg, "b", "b");
    trees.collect(&leg, "The rest").expect("collects");
    let range = format!("{start}..{}", leg.branch);
    assert_eq!(subjects(&sandbox, &range), ["The rest", "on the side"]);
    assert_eq!(
        git(&sandbox, &leg, &["symbolic-ref", "--short", "HEAD"]),
        leg.branch
    );
    git(&sandbox, &leg, &["switch", "--quiet", "--detach", "main~1"]);
    let strayed = trees.remove(&leg, false);
    assert!(matches!(strayed, Err(Error::Strayed { .. })), "{strayed:?}");
    assert!(leg.path.exists());
}

#[test]
fn nothing_is_lost_when_work_trees_are_removed() {
    for format in FORMATS {
        let sandbox = Sandbox::born(format);
        let stage = Stage::of(&sandbox);
        let (trees, run, start) = stage.parts();
        assert_eq!(run.branch, format!("mmm/run/{}", run_id()));
        let merged = worked(&trees, "merged", &start, ("m", "m"));
        let squashed = worked(&trees, "squashed", &start, ("s", "s"));
        let open = worked(&trees, "open", &start, ("o", "o"));
        let idle = trees.create(run_id(), "idle", &start).expect("makes");
        let dirty = trees.create(run_id(), "dirty", &start).expect("makes");
        write(&dirty, "d", "d");
        for (leg, how) in [(&merged, How::Merge), (&squashed, How::Squash)] {
            let order = order(how, OnConflict::Abort);
            trees.merge_back(&run, leg, &order).expect("merges");
        }
        let folders = || files::entries(&trees.folder.join(run_id().to_string()));
        assert_eq!(folders().expect("lists").len(), 6);
        let removed = trees.remove(&merged, true).expect("removes");
        let kept = vec![merged.branch.clone()];
        let held = Vec::new();
        assert_eq!(removed, Removed { kept, held });
        assert!(!merged.path.exists());
        let removed = trees.remove_run(run_id()).expect("removes");
        let expected = [&run, &dirty, &merged, &open].map(|kept| kept.branch.clone());
        assert_eq!(removed.kept, expected, "{}", sandbox.label);
        assert_eq!(sandbox.git(&["show", &format!("{}:d", dirty.branch)]), "d");
        assert!(
            sandbox
                .try_git(&["rev-parse", "--verify", "--quiet", &idle.branch])
                .stdout
                .is_empty()
        );
        let list = sandbox.git(&["worktree", "list", "--porcelain"]);
        assert_eq!(list.matches("worktree ").count(), 1, "{list}");
        assert_eq!(folders().expect("lists").len(), 0);
        let branches = sandbox.git(&["for-each-ref", "refs/heads/mmm"]);
        assert_eq!(branches.lines().count(), 4, "{branches}");
        assert_eq!(files::entries(&trees.folder).expect("lists").len(), 0);
        sandbox.fsck();
    }
}
