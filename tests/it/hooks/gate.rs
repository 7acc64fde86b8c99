//! `hooks/gate.sh` in the shells that may run it, and under Git itself.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Run, TestRepo};

const TEMPLATE: &str = include_str!("../../../hooks/gate.sh");

/// Stands in for the program: writes down how it was called, then ends with the code that the
/// file `code` beside it holds.
const PROGRAM: &str = r#"#!/bin/sh
here=${0%/*}
{
	printf 'active=%s' "$MMM_HOOK_ACTIVE"
	for word; do printf ' <%s>' "$word"; done
	echo
	cat
} >>"$here/log"
exit "$(cat "$here/code")"
"#;

/// A gate that is filled in, with its program beside it, in folders with awkward names.
struct Gate {
    repo: TestRepo,
    event: &'static str,
}

impl Gate {
    fn new(event: &'static str) -> Self {
        let gate = Self {
            repo: TestRepo::new(),
            event,
        };
        gate.repo.write(&gate.file("code"), "0\n");
        gate.repo.write_program(gate.file("program"), PROGRAM);
        gate.repo.write_program(gate.file("gate"), &gate.text());
        gate
    }

    /// A file outside the repository, in a folder whose name needs quotes.
    fn file(&self, name: &str) -> String {
        let folder = self.repo.outside("it's a \"$HOME\" `x` folder");
        folder.join(name).to_str().expect("it is UTF-8").to_owned()
    }

    /// The template filled in as an installer does it.
    fn text(&self) -> String {
        let quoted = |path: String| format!("'{}'", path.replace('\'', "'\\''"));
        TEMPLATE
            .replace("@EVENT@", self.event)
            .replace("@PROGRAM@", &quoted(self.file("program")))
            .replace("@ARMED@", &quoted(self.file("on")))
    }

    fn arm(&self, marker: &str) {
        self.repo.write(&self.file("on"), marker);
    }

    fn answer(&self, code: i32) {
        self.repo.write(&self.file("code"), format!("{code}\n"));
    }

    /// What the program was called with since the last look.
    fn log(&self) -> String {
        let path = self.file("log");
        let log = std::fs::read_to_string(&path).unwrap_or_default();
        if Path::new(&path).exists() {
            std::fs::remove_file(&path).expect("the log is ours");
        }
        log
    }

    /// Runs it in a shell, with one awkward argument and a line on its input.
    fn run(&self, shell: &str, before: &str) -> Run {
        let gate = self.file("gate").replace('\'', "'\\''");
        let line = format!("{before} echo input | {shell} '{gate}' 'an argument' b");
        self.repo.here().command("sh", &["-c", &line])
    }

    fn install(&self) {
        let hook = format!(".git/hooks/{}", self.event);
        self.repo.write_program(hook, &self.text());
    }

    fn commit(&self) -> Run {
        let words = ["commit", "--quiet", "--allow-empty", "-m", "next"];
        self.repo.here().command("git", &words)
    }
}

/// The shells of this machine that can run a hook.
fn shells(repo: &TestRepo) -> Vec<&'static str> {
    let there = |shell: &&str| {
        let look = format!("command -v {shell}");
        repo.here().command("sh", &["-c", &look]).code == 0
    };
    let known = ["sh", "dash", "bash", "busybox"];
    known
        .into_iter()
        .filter(there)
        .map(|shell| {
            if shell == "busybox" {
                "busybox sh"
            } else {
                shell
            }
        })
        .collect()
}

fn check(gate: &Gate, shell: &str, before: &str, code: i32, log: &str) {
    let run = gate.run(shell, before);
    let found = (
        run.code,
        run.stdout.as_str(),
        run.stderr.as_str(),
        gate.log(),
    );
    assert_eq!(found, (code, "", "", log.to_owned()), "{shell} {before}");
}

#[test]
fn the_gate_starts_the_program_only_when_it_should() {
    let gate = Gate::new("pre-commit");
    let called = "active=pre-commit <hook> <pre-commit> <an argument> <b>\ninput\n";
    for shell in shells(&gate.repo) {
        let syntax = format!("{shell} -n '{}'", gate.file("gate").replace('\'', "'\\''"));
        gate.repo.here().command("sh", &["-c", &syntax]).assert_ok();
        // Builtins do: there is no program in this PATH.
        let unarmed = format!(
            "shell=$(command -v {}); PATH=/nonexistent;",
            shell.split(' ').next().unwrap_or(shell)
        );
        let by_path = shell.replacen(shell.split(' ').next().unwrap_or(shell), "\"$shell\"", 1);
        check(&gate, &by_path, &unarmed, 0, "");
        gate.arm("");
        check(&gate, shell, "", 0, called);
        check(&gate, shell, "export MMM_HOOK_ACTIVE=post-commit;", 0, "");
        check(&gate, shell, "export GIT_QUARANTINE_PATH=/q;", 0, "");
        check(&gate, &format!("{shell} -eu"), "", 0, called);
        std::fs::remove_file(gate.file("on")).expect("it was armed");
    }
}

#[test]
fn only_a_required_answer_stops_git() {
    let gate = Gate::new("pre-commit");
    let called = "active=pre-commit <hook> <pre-commit> <an argument> <b>\ninput\n";
    for shell in shells(&gate.repo) {
        for (marker, answer, code) in [
            ("", 1, 0),
            ("optional\n", 3, 0),
            ("required\n", 0, 0),
            ("required\n", 1, 1),
            ("required\nmore\n", 3, 3),
            ("required\n", 126, 0),
            ("required\n", 128, 0),
            ("required\n", 137, 0),
        ] {
            gate.arm(marker);
            gate.answer(answer);
            check(&gate, shell, "", code, called);
        }
    }
    let after = Gate::new("post-checkout");
    after.arm("required\n");
    after.answer(1);
    let called = called.replace("pre-commit", "post-checkout");
    check(&after, "sh", "", 0, &called);
}

#[test]
fn the_gate_fails_open_without_its_program() {
    let gate = Gate::new("pre-commit");
    gate.arm("required\n");
    gate.answer(1);
    let unusable = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(gate.file("program"), unusable).expect("chmod");
    for shell in shells(&gate.repo) {
        check(&gate, shell, "", 0, "");
    }
    gate.repo
        .write_program(gate.file("program"), "#!/no/such/interpreter\n");
    // The shell says what is wrong, and Git goes on.
    assert_eq!(gate.run("sh", "").code, 0);
    std::fs::remove_file(gate.file("program")).expect("it was there");
    check(&gate, "sh", "", 0, "");
    // A marker that is a folder arms the gate and requires nothing.
    gate.repo.write_program(gate.file("program"), PROGRAM);
    std::fs::remove_file(gate.file("on")).expect("it was armed");
    std::fs::create_dir(gate.file("on")).expect("a folder");
    assert_eq!(gate.run("sh", "").code, 0);
    assert_ne!(gate.log(), "");
}

#[test]
fn git_runs_the_gate() {
    let gate = Gate::new("post-commit");
    gate.install();
    gate.commit().assert_ok();
    assert_eq!(gate.log(), "", "nothing is armed");
    gate.arm("");
    gate.answer(1);
    let run = gate.commit();
    run.assert_ok();
    assert_eq!(run.stderr, "");
    assert_eq!(gate.log(), "active=post-commit <hook> <post-commit>\n");
    // From a linked worktree the same gate runs: its paths are absolute.
    let linked = gate.repo.linked_worktree("side");
    linked.git(["commit", "--quiet", "--allow-empty", "-m", "there"]);
    assert_eq!(gate.log(), "active=post-commit <hook> <post-commit>\n");
}

#[test]
fn a_required_gate_stops_a_commit_and_no_other_does() {
    let gate = Gate::new("pre-commit");
    gate.install();
    gate.arm("required\n");
    gate.answer(1);
    let count = || gate.repo.git(["rev-list", "--count", "HEAD"]);
    gate.commit().assert_code(1);
    assert_eq!(count(), "1");
    gate.arm("");
    gate.commit().assert_ok();
    assert_eq!(count(), "2");
}

#[test]
fn the_gate_can_stand_inside_a_foreign_hook() {
    let gate = Gate::new("pre-commit");
    gate.install();
    let block = gate.text().replace("#!/bin/sh\n", "");
    let hook = format!("#!/bin/sh\nset -eu\n{block}\necho own >ran\n");
    gate.repo.write_program(".git/hooks/pre-commit", &hook);
    gate.commit().assert_ok();
    assert_eq!(gate.repo.read("ran"), "own\n");
    std::fs::remove_file(gate.repo.path().join("ran")).expect("it ran");
    gate.arm("required\n");
    gate.answer(1);
    gate.commit().assert_code(1);
    assert!(!gate.repo.path().join("ran").exists());
}

#[test]
fn every_placeholder_is_filled_in_and_no_subshell_is_needed() {
    let gate = Gate::new("post-merge");
    for placeholder in ["@EVENT@", "@PROGRAM@", "@ARMED@"] {
        assert!(TEMPLATE.contains(placeholder) && !gate.text().contains(placeholder));
    }
    let template = TEMPLATE
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    for line in template {
        let forks =
            line.replace("||", "").contains('|') || line.contains("$(") || line.contains('`');
        assert!(!forks, "a process more: {line}");
    }
}
