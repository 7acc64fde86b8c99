//! What a checkpoint may be answered with and by whom, and what follows from it.

use crate::run::fixture::{MORNING, checkpoints, journal, newest, park, project, timed};
use crate::support::TestRepo;

const OPTIONS: &str = "  a:
    steps:
      - id: ask
        checkpoint: ship
        options: [now, later, reject]
      - run: echo \"$A $B $C $D $E\" >>trace
        if: always()
        env:
          A: ${{ steps.ask.outputs.option }}
          B: ${{ steps.ask.outputs.text }}
          C: ${{ steps.ask.outputs.who }}
          D: ${{ steps.ask.outputs.at }}
          E: ${{ checkpoint.ship.option }}
      - run: echo later >>trace
        if: checkpoint.ship.option == 'later'
";

#[test]
fn the_option_and_the_words_reach_the_steps_after_it() {
    let repo = timed();
    let run = park(&repo, OPTIONS);
    let list = repo.mmm(["checkpoint", "list", "--json"]).json();
    assert_eq!(
        list["data"][0]["options"],
        serde_json::json!(["now", "later", "reject"])
    );
    let refused = repo.mmm(["checkpoint", "approve"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: checkpoint [ULID]/1 lets the run go on in 2 ways
    hint: name one, as in `git mmm checkpoint approve [ULID]/1 --option <option>`: `now` or `later`
    ");
    let refused = repo.mmm(["checkpoint", "approve", "-o", "never"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: checkpoint [ULID]/1 cannot be answered with `never`
    hint: choose `now`, `later` or `reject`
    ");
    let refused = repo.mmm(["checkpoint", "approve", "--option", "reject"]);
    insta::assert_snapshot!(refused, @"
    exit code 129
    --- stderr
    error: `--option reject` does not approve checkpoint [ULID]/1
    hint: run `git mmm checkpoint reject [ULID]/1`
    ");
    let show = repo.mmm(["checkpoint", "show"]);
    assert!(
        show.stdout.contains(&format!(
            "next: git mmm checkpoint approve {run}/1 --option now\n  or: git mmm checkpoint \
             approve {run}/1 --option later\n  or: git mmm checkpoint reject {run}/1\n"
        )),
        "{show}"
    );
    repo.mmm([
        "checkpoint",
        "approve",
        "--option",
        "later",
        "-m",
        "not now",
    ])
    .assert_ok();
    assert_eq!(
        repo.read("trace"),
        format!("later not now Ada Lovelace <ada@example.org> {MORNING} later\nlater\n")
    );
    let known = &checkpoints(&repo, &run)[0];
    assert_eq!(known["answer"], "approve");
    assert_eq!(known["option"], "later");
    assert_eq!(known["comment"], "not now");
}

#[test]
fn rejecting_leaves_its_words_too() {
    let repo = timed();
    let run = park(&repo, OPTIONS);
    repo.mmm(["checkpoint", "reject", "-m", "too early"])
        .assert_code(1);
    assert_eq!(
        repo.read("trace"),
        format!("reject too early Ada Lovelace <ada@example.org> {MORNING} reject\n")
    );
    assert_eq!(checkpoints(&repo, &run)[0]["answer"], "reject");
}

#[test]
fn one_whose_failure_does_not_count_can_be_rejected() {
    let repo = timed();
    let jobs = "  a:
    steps:
      - id: ask
        checkpoint: look
        continue-on-error: true
      - run: echo $A $B >>trace
        env:
          A: ${{ steps.ask.outcome }}
          B: ${{ steps.ask.conclusion }}
";
    park(&repo, jobs);
    repo.mmm(["checkpoint", "reject"]).assert_ok();
    assert_eq!(repo.read("trace"), "failure success\n");
}

#[test]
fn what_cannot_be_rejected_is_not() {
    let repo = timed();
    let jobs = "  a:\n    steps:\n      - checkpoint: pick\n        options: [left, right]\n";
    park(&repo, jobs);
    let refused = repo.mmm(["checkpoint", "reject"]);
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: checkpoint [ULID]/1 cannot be answered with `reject`
    hint: choose `left` or `right`
    ");
    repo.mmm(["checkpoint", "approve", "-o", "left"])
        .assert_ok();
}

const WORDS: &str = "  a:
    steps:
      - id: ask
        checkpoint: why
        message: Say why
        text: required
      - run: echo \"$TEXT\" >>trace
        env: {TEXT: \"${{ checkpoint.why.text }}\"}
";

#[test]
fn words_that_are_asked_for_must_be_there() {
    let repo = timed();
    park(&repo, WORDS);
    for words in [
        &["checkpoint", "approve"][..],
        &["checkpoint", "approve", "-m", " \n"],
    ] {
        let refused = repo.mmm(words);
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"
            exit code 128
            --- stderr
            error: checkpoint [ULID]/1 asks for an answer in words
            hint: give them with `--message <text>`
            ");
        }
    }
    repo.mmm(["checkpoint", "approve", "-m", "it is good"])
        .assert_ok();
    assert_eq!(repo.read("trace"), "it is good\n");
}

#[test]
fn words_are_written_in_the_editor_of_a_terminal() {
    let mut repo = project();
    let run = park(&repo, WORDS);
    // It keeps what it was given, for the test to look at.
    repo.set(
        "GIT_EDITOR",
        "f() { cp \"$1\" seen; cat seen >>\"$1\"; }; f",
    );
    let mut terminal = repo
        .here()
        .on_terminal(["checkpoint", "approve"], (100, 40));
    assert_eq!(terminal.end(), 128, "{}", terminal.seen());
    assert!(
        repo.read("seen").contains("\n# Say why\n"),
        "{}",
        repo.read("seen")
    );
    assert_eq!(newest(&repo.here()), (run, "waiting".to_owned()));
    repo.set(
        "GIT_EDITOR",
        "f() { printf 'because\\n# not this\\nof it\\n' >\"$1\"; }; f",
    );
    let mut terminal = repo
        .here()
        .on_terminal(["checkpoint", "approve"], (100, 40));
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert_eq!(repo.read("trace"), "because\nof it\n");
}

/// The files in Git's folder that hold words of answers.
fn kept(repo: &TestRepo) -> usize {
    let all = std::fs::read_dir(repo.path().join(".git")).expect("a folder");
    let names = all.map(|entry| entry.expect("an entry").file_name());
    names
        .filter(|name| name.to_string_lossy().contains("ANSWER"))
        .count()
}

#[test]
fn two_may_write_their_answers_at_once() {
    let mut repo = project();
    let asks = |job: &str| {
        format!(
            "  {job}:\n    steps:\n      - checkpoint: {job}\n        text: required\n      \
             - run: echo \"$TEXT\" >{job}.txt\n        env: {{TEXT: '${{{{ checkpoint.{job}.text }}}}'}}\n"
        )
    };
    let run = park(&repo, &(asks("a") + &asks("b")));
    repo.here().command("mkfifo", &["gate"]).assert_ok();
    repo.set(
        "GIT_EDITOR",
        "f() { echo one >\"$1\"; touch begun; read -r x <gate; }; f",
    );
    let first = format!("{run}/1");
    let mut first = repo
        .here()
        .on_terminal(["checkpoint", "approve", &first], (100, 40));
    first.wait_for(|_| repo.path().join("begun").exists());
    repo.set("GIT_EDITOR", "f() { echo two >\"$1\"; }; f");
    let second = format!("{run}/2");
    let mut second = repo
        .here()
        .on_terminal(["checkpoint", "approve", &second], (100, 40));
    assert_eq!(second.end(), 3, "{}", second.seen());
    repo.write("gate", "go\n");
    assert_eq!(first.end(), 0, "{}", first.seen());
    assert_eq!(
        (repo.read("a.txt"), repo.read("b.txt")),
        ("one\n".to_owned(), "two\n".to_owned())
    );
    assert_eq!(kept(&repo), 0);
}

#[test]
fn words_of_a_refused_answer_are_there_the_next_time() {
    let mut repo = project();
    park(&repo, WORDS);
    repo.set("GIT_EDITOR", "f() { echo because >\"$1\"; }; f");
    let mut terminal = repo
        .here()
        .on_terminal(["checkpoint", "approve", "--hash", "0000"], (100, 40));
    assert_eq!(terminal.end(), 128, "{}", terminal.seen());
    assert_eq!(kept(&repo), 1);
    repo.set("GIT_EDITOR", ":");
    let mut terminal = repo
        .here()
        .on_terminal(["checkpoint", "approve"], (100, 40));
    assert_eq!(terminal.end(), 0, "{}", terminal.seen());
    assert_eq!(repo.read("trace"), "because\n");
    assert_eq!(kept(&repo), 0);
}

#[test]
fn only_those_who_are_named_may_answer() {
    let repo = timed();
    let jobs = "  a:\n    steps:\n      - checkpoint: look\n        approvers: \
                [Grace@Example.org, edsger@example.org]\n";
    let run = park(&repo, jobs);
    let before = journal(&repo, &run);
    for command in ["approve", "reject"] {
        let refused = repo.mmm(["checkpoint", command]);
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"
            exit code 128
            --- stderr
            error: Ada Lovelace <ada@example.org> may not answer checkpoint [ULID]/1
            hint: it is for `Grace@Example.org` or `edsger@example.org`; `git config user.email` says who you are to Git
            ");
        }
    }
    assert_eq!(journal(&repo, &run), before);
    repo.git(["config", "user.email", "grace@example.ORG"]);
    repo.mmm(["checkpoint", "approve"]).assert_ok();
    assert_eq!(
        checkpoints(&repo, &run)[0]["who"],
        "Ada Lovelace <grace@example.ORG>"
    );
}

#[test]
fn what_is_approved_is_what_was_looked_at() {
    let repo = timed();
    park(&repo, "  a:\n    steps:\n      - checkpoint: look\n");
    let show = repo.mmm(["checkpoint", "show", "--json"]).json();
    let text = |key: &str| show["data"][key].as_str().expect("a text").to_owned();
    let (hash, branch) = (text("hash"), text("branch"));
    let refused = repo.mmm(["checkpoint", "approve", "--hash", "0000"]);
    let refused = refused.to_string().replace(&hash, "[HASH]");
    insta::assert_snapshot!(refused, @"
    exit code 128
    --- stderr
    error: checkpoint [ULID]/1 shows [HASH], not `0000`
    hint: run `git mmm checkpoint show [ULID]/1`, and look again
    ");
    // Its snapshot is a branch, and somebody moves it.
    let moved = repo.git(["commit-tree", "HEAD^{tree}", "-p", &branch, "-m", "other"]);
    let shown = repo.git(["rev-parse", &branch]);
    repo.git(["branch", "-f", &branch, &moved]);
    for words in [
        &["checkpoint", "approve"][..],
        &["checkpoint", "approve", "--hash", &hash],
    ] {
        let refused = repo.mmm(words);
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"
            exit code 128
            --- stderr
            error: the snapshot of checkpoint [ULID]/1 was changed: `mmm/checkpoint/[ULID]/1-look` is not what it shows
            hint: `git reflog mmm/checkpoint/[ULID]/1-look` tells what became of it; `git mmm checkpoint reject [ULID]/1` is possible in any case
            ");
        }
    }
    repo.git(["branch", "-f", &branch, &shown]);
    repo.mmm(["checkpoint", "approve", "--hash", &hash[..8].to_uppercase()])
        .assert_ok();
}

#[test]
fn the_hash_is_of_the_terms_too() {
    let repo = timed();
    let hashes: Vec<String> = [
        "",
        "options: [go, reject]",
        "text: required",
        "expires: 1h",
        "approvers: [a@b]",
    ]
    .iter()
    .map(|terms| {
        let jobs = format!("  a:\n    steps:\n      - checkpoint: look\n        {terms}\n");
        // What the workflow is called is not shown; that its file differs is.
        repo.write(".git/info/exclude", ".mmm/\n");
        let run = park(&repo, &jobs);
        let show = repo.mmm(["checkpoint", "show", &run, "--json"]).json();
        let hash = show["data"]["hash"].as_str().expect("a hash").to_owned();
        repo.mmm(["cancel", &run]).assert_ok();
        hash
    })
    .collect();
    let mut unique = hashes.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), hashes.len(), "{hashes:?}");
}

#[test]
fn nothing_that_is_hidden_reaches_a_person_or_a_file() {
    let repo = timed();
    let jobs = "  a:\n    steps:\n      - checkpoint: look\n        message: ${{ env.M }}\n        \
                env: {M: \"a\\e[2Jb\\u202ec\"}\n      - run: printf '%s' \"$T\" >told\n        \
                env: {T: \"${{ checkpoint.look.text }}\"}\n";
    let run = park(&repo, jobs);
    let plain = |text: &str| !text.contains(['\u{1b}', '\u{202e}', '\u{7}']);
    let show = repo.mmm(["checkpoint", "show", "--json"]).json();
    assert_eq!(show["data"]["message"], "a\\u{1b}[2Jb\\u{202e}c");
    let branch = format!("mmm/checkpoint/{run}/1-look");
    assert!(plain(&repo.git(["log", "-1", "--format=%B", &branch])));
    let approve = repo.mmm([
        "checkpoint",
        "approve",
        "-m",
        "x\u{1b}[31m\u{202e}y\u{7}\nz",
    ]);
    approve.assert_ok();
    assert!(
        plain(&approve.stdout) && plain(&approve.stderr),
        "{approve}"
    );
    assert_eq!(repo.read("told"), "x\\u{1b}[31m\\u{202e}y\\u{7}\nz");
    assert_eq!(
        checkpoints(&repo, &run)[0]["comment"],
        "x\\u{1b}[31m\\u{202e}y\\u{7}\nz"
    );
}
