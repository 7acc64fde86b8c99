//! A partial clone, whose server may be away.

use crate::support::TestRepo;

#[test]
fn a_run_ends_where_the_files_of_the_past_cannot_be_had() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write("a", "1\n");
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "-m", "one"]);
    repo.write("a", "2\n");
    repo.git(["commit", "--quiet", "-am", "two"]);
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let clone = repo.clone_to("clone", &["--filter=blob:none"]);
    clone.git(["config", "remote.origin.url", "file:///nowhere"]);
    clone.mmm(["run", "hello"]).assert_ok();
    let notes = clone.git(["notes", "--ref", "mmm/runs", "show", "HEAD"]);
    assert!(
        notes.contains("anchor") && !notes.contains("\"patch\""),
        "{notes}"
    );
    assert!(clone.mmm(["spec", "list"]).stdout.contains("verified"));
}
