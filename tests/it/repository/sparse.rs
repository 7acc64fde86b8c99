//! A sparse checkout that leaves `.mmm/` out of the work tree.

use crate::support::{TestRepo, View};

/// A project with a finished run, of which only `src/` is in the work tree.
fn sparse(repo: &TestRepo, arguments: &[&str]) {
    repo.write("src/main.c", "int main;\n");
    repo.mmm(["init"]).assert_ok();
    repo.mmm(["run", "hello"]).assert_ok();
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "state"]);
    let words = ["sparse-checkout", "set"].iter().chain(arguments);
    repo.git(words);
    assert!(!repo.path().join(".mmm").exists());
}

fn list(view: &View<'_>) -> String {
    view.mmm(["spec", "list"]).assert_ok().stdout.clone()
}

#[test]
fn what_was_left_out_is_read_from_the_index() {
    TestRepo::each_format(|repo| {
        for arguments in [
            &["src"][..],
            &["--no-cone", "/*", "!/.mmm/"],
            &["--sparse-index", "src"],
        ] {
            repo.git(["sparse-checkout", "disable"]);
            let has_project = repo.path().join(".mmm").exists();
            if has_project {
                repo.git(["sparse-checkout", "set"].iter().chain(arguments));
            } else {
                sparse(repo, arguments);
            }
            assert!(list(&repo.here()).contains("verified  2/2"));
            repo.mmm(["check"]).assert_ok();
            // Else there would be a second project, with another id.
            let init = repo.mmm(["init"]);
            init.assert_ok();
            assert!(init.stderr.contains("nothing to do") || init.stdout.contains("nothing to do"));
            assert!(!repo.path().join(".mmm").exists(), "{arguments:?}");
            assert_eq!(repo.git(["status", "--porcelain"]), "");
        }
    });
}

#[test]
fn what_is_changed_comes_into_the_work_tree_and_nothing_else() {
    let repo = TestRepo::new();
    sparse(&repo, &["src"]);
    repo.mmm(["spec", "set", "hello", "owner=ada"]).assert_ok();
    let status = repo.git(["status", "--porcelain"]);
    assert!(
        status.trim_start().starts_with("M .mmm/specs/hello-"),
        "{status}"
    );
    assert_eq!(status.lines().count(), 1);
    assert!(list(&repo.here()).contains("ada"));
    repo.mmm(["spec", "done", "hello", "--commit"]).assert_ok();
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    let committed = repo.git(["show", "--format=", "--name-only"]);
    assert!(committed.starts_with(".mmm/specs/hello-"), "{committed}");
    assert_eq!(committed.lines().count(), 1);
}

#[test]
fn a_run_ticks_and_leaves_its_evidence() {
    let repo = TestRepo::new();
    sparse(&repo, &["src"]);
    repo.mmm(["run", "hello"]).assert_ok();
    let status = repo.git(["status", "--porcelain", "-uall"]);
    assert!(status.starts_with("?? .mmm/runs/"), "{status}");
    assert!(list(&repo.here()).contains("verified  2/2"));
    repo.git(["fsck", "--strict"]);
}

#[test]
fn a_partial_clone_fetches_what_it_reads() {
    let repo = TestRepo::new();
    sparse(&repo, &["src"]);
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let clone = repo.clone_to("clone", &["--filter=blob:none", "--sparse"]);
    clone.git(["sparse-checkout", "set", "src"]);
    assert!(!clone.path().join(".mmm").exists());
    assert!(list(&clone).contains("hello-"));
    assert_eq!(clone.git(["status", "--porcelain"]), "");
}
