//! Answers that are signed, with a key of the test's own.

use crate::run::fixture::{assert_sound, newest, project, sealed_events, told, workflow};
use crate::support::TestRepo;

const TWO: &str = "  a:
    steps:
      - checkpoint: first
      - checkpoint: second
";

/// A project of somebody who signs with an SSH key.
fn signing() -> TestRepo {
    let repo = project();
    let key = repo.outside("home/key");
    let key = key.to_str().expect("a plain path");
    repo.here()
        .command(
            "ssh-keygen",
            &["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", key],
        )
        .assert_ok();
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("user.signingKey", &format!("{key}.pub")),
        ("commit.gpgSign", "true"),
    ] {
        repo.git(["config", name, value]);
    }
    workflow(&repo.here(), "main", TWO);
    repo
}

fn park(repo: &TestRepo) -> String {
    let run = repo.mmm(["run", "-w", "main", "--json"]);
    run.assert_code(3);
    told(&run)
}

/// Says to Git whose key it is.
fn allow(repo: &TestRepo) {
    let key = std::fs::read_to_string(repo.outside("home/key.pub")).expect("a key");
    let allowed = repo.outside("home/allowed");
    std::fs::write(&allowed, format!("ada@example.org {key}")).expect("writes");
    let allowed = allowed.to_str().expect("a plain path");
    repo.git(["config", "gpg.ssh.allowedSignersFile", allowed]);
}

fn answers(repo: &TestRepo) -> Vec<String> {
    let refs = repo.git(["for-each-ref", "--format=%(refname)", "refs/mmm/answers/"]);
    refs.lines().map(str::to_owned).collect()
}

#[test]
fn whoever_signs_commits_signs_answers() {
    let repo = signing();
    let run = park(&repo);
    repo.mmm(["checkpoint", "approve", "-m", "fine"])
        .assert_code(3);
    let [answer] = answers(&repo).try_into().expect("one answer");
    assert!(
        answer.starts_with(&format!("refs/mmm/answers/{run}.")),
        "{answer}"
    );
    let message = repo.git(["log", "-1", "--format=%B", &answer]);
    for line in [
        "option: approve",
        "who: Ada Lovelace <ada@example.org>",
        "fine",
    ] {
        assert!(message.lines().any(|known| known == line), "{message}");
    }
    let show = repo.mmm(["checkpoint", "show", &format!("{run}/1")]);
    assert!(show.stdout.contains(" (signed with SHA256:"), "{show}");
    allow(&repo);
    repo.git(["verify-commit", &answer]);
    let show = repo.mmm(["checkpoint", "show", &format!("{run}/1")]);
    let words = "approve by Ada Lovelace <ada@example.org> (signed by ada@example.org)\n  | fine\n";
    assert!(show.stdout.ends_with(words), "{show}");
    // Not signed any more.
    repo.git(["config", "commit.gpgSign", "false"]);
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    let show = repo.mmm(["show", &run]);
    assert!(
        show.stdout.contains(
            "first: approve by Ada Lovelace <ada@example.org> (signed by ada@example.org)\n"
        ),
        "{show}"
    );
    assert!(
        show.stdout
            .contains("second: approve by Ada Lovelace <ada@example.org> (unsigned)\n"),
        "{show}"
    );
    let json = repo.mmm(["show", &run, "--json"]).json();
    let checkpoints = &json["data"]["checkpoints"];
    assert_eq!(checkpoints[0]["signature"]["state"], "good");
    assert!(checkpoints[1]["signature"].is_null());
    let events = sealed_events(&repo.here(), &run);
    let of = |event: &&serde_json::Value| event["kind"] == "checkpoint-answered";
    let commit = events.iter().find(of).expect("an answer")["signed"]["commit"].clone();
    assert_eq!(commit, repo.git(["rev-parse", &answer]));
    assert_sound(&repo.here());
}

#[test]
fn a_signature_is_of_this_answer() {
    let repo = signing();
    let run = park(&repo);
    allow(&repo);
    repo.mmm(["checkpoint", "approve", "-m", "fine"])
        .assert_code(3);
    let journal = format!(".git/mmm/runs/{run}/events.jsonl");
    let events = repo.read(&journal);
    for (was, is) in [
        ("\"option\":\"approve\"", "\"option\":\"reject\""),
        ("\"message\":\"fine\"", "\"message\":\"fine, and more\""),
        (
            "\"who\":\"Ada Lovelace <ada@example.org>\",\"message\":\"fine\"",
            "\"who\":\"Eve <eve@example.org>\",\"message\":\"fine\"",
        ),
    ] {
        assert!(events.contains(was), "{was}");
        repo.write(&journal, events.replace(was, is));
        let show = repo.mmm(["checkpoint", "show", &format!("{run}/1")]);
        assert!(show.stdout.contains("(bad signature)"), "{is}: {show}");
    }
    repo.write(&journal, &events);
    repo.mmm(["checkpoint", "approve"]).assert_ok();
}

#[test]
fn what_cannot_be_signed_is_not_recorded() {
    let repo = signing();
    let run = park(&repo);
    repo.git(["config", "user.signingKey", "/no/such/key"]);
    let journal = format!(".git/mmm/runs/{run}/events.jsonl");
    let before = repo.read(&journal);
    let refused = repo.mmm(["checkpoint", "approve"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: git could not sign the answer, and nothing is recorded: Couldn't load public key /no/such/key: No such file or directory?
    hint: `git config --show-origin commit.gpgsign` tells who asks for a signature; without one: `git -c commit.gpgsign=false mmm …`
    ");
    assert_eq!(repo.read(&journal), before);
    assert_eq!(newest(&repo.here()), (run, "waiting".to_owned()));
    assert_eq!(answers(&repo), Vec::<String>::new());
}
