//! A project with specs, for the tests of commands that work on specs.

use crate::support::TestRepo;

/// A repository with a project in it, committed.
pub(crate) fn project() -> TestRepo {
    let repo = TestRepo::new();
    repo.write(
        ".mmm/config.toml",
        "format = 1\n\n[project]\nid = \"0123456789ab\"\nname = \"sample\"\n",
    );
    repo.git(["add", "."]);
    repo.git(["commit", "--quiet", "-m", "a project"]);
    repo
}

/// Writes a spec: keys beyond the required ones, and criteria with their commands.
pub(crate) fn spec(
    repo: &TestRepo,
    name: &str,
    status: &str,
    keys: &str,
    criteria: &[(&str, &str)],
) {
    let (slug, id) = name.rsplit_once('-').expect("slug and id");
    let mut text = format!(
        "---\ntitle: The {slug}\nid: {id}\nstatus: {status}\nformat: 1\n{keys}---\nWhy.\n\n## Acceptance criteria\n"
    );
    for (criterion, command) in criteria {
        text.extend(["\n- ", criterion, "\n"]);
        if !command.is_empty() {
            text.extend(["\n  verify: `", command, "`\n"]);
        }
    }
    repo.write(&format!(".mmm/specs/{name}.md"), text);
}

/// The path of a spec's file.
pub(crate) fn path(name: &str) -> String {
    format!(".mmm/specs/{name}.md")
}
