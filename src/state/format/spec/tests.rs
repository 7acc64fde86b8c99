//! Tests of spec files as they are on disk: every problem with its place, and edits.

use crate::base::source::SourceText;
use crate::state::format::spec::read;

mod criteria;
mod edits;
mod new_files;

const VALID: &str = "---
title: Expired tokens are refused
id: 7k3q9x2
status: ready
kind: feature
owner: ada
format: 1
priority: 2
created: 2026-11-22
workflow: default
labels:
  - auth
depends_on:
  - token-store-1m4c8tz
---
Why it matters, in prose.

## Acceptance criteria

- [ ] an expired token is refused (ac-7k3q)

  verify: `cargo test --locked expired_token_is_refused`

- [ ] the refusal is logged without the token (ac-p0m2)
";

fn source(text: &str) -> SourceText {
    SourceText::new(".mmm/specs/tokens-7k3q9x2.md", text)
}

/// Shows the problems of a file, one a line.
fn problems(text: &str) -> String {
    let (spec, problems) = read(&source(text));
    assert!(
        spec.is_some()
            || problems
                .iter()
                .any(crate::base::diagnostic::Problem::is_error),
        "neither a spec nor an error: {text:?}"
    );
    let shown: Vec<String> = problems
        .iter()
        .map(|problem| {
            let at = problem.position().expect("a place");
            let hint = problem.hint.as_deref().unwrap_or("-");
            let severity = problem.severity.as_str();
            format!(
                "{}:{} {severity} {}: {} | {hint}",
                at.line, at.column, problem.code, problem.message
            )
        })
        .collect();
    shown.join("\n")
}

/// Checks the problems of a valid file after a replacement.
#[track_caller]
fn check(old: &str, new: &str, expected: &str) {
    assert!(VALID.contains(old), "{old:?} is not in the valid file");
    assert_eq!(
        problems(&VALID.replacen(old, new, 1)),
        expected,
        "{old:?} replaced by {new:?}"
    );
}

/// Shows the criteria of a section, one a line.
#[track_caller]
#[test]
fn the_norm_is_valid() {
    let source = source(VALID);
    let (spec, problems) = read(&source);
    assert_eq!(problems, []);
    let spec = spec.expect("a spec");
    assert_eq!(spec.name(), "tokens-7k3q9x2");
    assert_eq!(spec.title, "Expired tokens are refused");
    assert_eq!(
        (spec.priority, spec.created.as_deref()),
        (Some(2), Some("2026-11-22"))
    );
    assert_eq!(spec.labels, ["auth"]);
    assert_eq!(source.slice(spec.depends_on[0].span), "token-store-1m4c8tz");
    assert_eq!(spec.prose, "Why it matters, in prose.");
    assert_eq!(spec.criteria.len(), 2);
    assert_eq!(
        source.slice(spec.criteria[1].span),
        "- [ ] the refusal is logged without the token (ac-p0m2)"
    );
    let crlf = VALID.replace('\n', "\r\n");
    let (windows, problems) = read(&SourceText::new(
        ".mmm/specs/tokens-7k3q9x2.md",
        crlf.as_str(),
    ));
    assert_eq!(problems, []);
    assert_eq!(
        windows.expect("a spec").criteria[0]
            .verify
            .as_ref()
            .map(|verify| verify.command.as_str()),
        Some("cargo test --locked expired_token_is_refused")
    );
    assert_eq!(self::problems(&format!("\u{feff}{VALID}")), "");
}

#[test]
fn files_that_are_no_spec() {
    let check = |text: &str, expected: &str| assert_eq!(problems(text), expected, "{text:?}");
    check(
        "",
        "1:1 error front-matter: the file is empty | start the file with a `---` line, then `title`, `id`, `status` and `format`, then a `---` line",
    );
    check(
        "\u{feff}\n\n",
        "1:1 error front-matter: the file is empty | start the file with a `---` line, then `title`, `id`, `status` and `format`, then a `---` line",
    );
    check(
        "# Title\n",
        "1:1 error front-matter: the front matter is missing: the first line is not `---` | start the file with a `---` line, then `title`, `id`, `status` and `format`, then a `---` line",
    );
    check(
        "---\ntitle: x\n",
        "1:1 error front-matter: the front matter that starts here is never closed | add a `---` line after its last key",
    );
    check(
        "---\n---\n",
        "2:1 error missing-key: the front matter has no `title` | add a line such as `title: Expired tokens are refused`\n2:1 error missing-key: the front matter has no `id` | add the 7 characters at the end of the file name, such as `id: 7k3q9x2`\n2:1 error missing-key: the front matter has no `status` | write `status: ` and one of `draft`, `ready`, `done` or `dropped`\n2:1 error missing-key: the front matter has no `format` | write `format: 1`",
    );
    check(
        "---\n- a\n---\n",
        "2:1 error front-matter: the front matter is a list, not a mapping | write it as `key: value` lines",
    );
    check(
        "---\ntitle: a: b\n---\n",
        "2:9 error yaml-syntax: a `:` stands where no key can be | put a value that holds `: ` in quotes, and check the indentation",
    );
    check(
        "---\ntitle: x\0\n---\n",
        "2:9 error not-text: the file holds a zero byte, so it is no text | -",
    );
    check(
        &VALID.replace(
            "status: ready\n",
            "<<<<<<< HEAD\nstatus: ready\n=======\nstatus: done\n>>>>>>> other\n",
        ),
        "4:1 error conflict-markers: the merge conflict marker `<<<<<<<` was left in the file | keep one side of each conflict, or both, and remove the marker lines",
    );
    check(
        &VALID.replace("in prose.\n", "in prose.\n||||||| base\n"),
        "17:1 error conflict-markers: the merge conflict marker `|||||||` was left in the file | keep one side of each conflict, or both, and remove the marker lines",
    );
    check(
        &VALID.replace("in prose.\n", "in prose.\n\n=======\n"),
        "18:1 error conflict-markers: the merge conflict marker `=======` was left in the file | keep one side of each conflict, or both, and remove the marker lines",
    );
    check(&VALID.replace("in prose.\n", "Heading\n=======\n"), "");
}

#[test]
fn every_wrong_key_is_reported_where_it_stands() {
    check(
        "status: ready",
        "status: redy",
        "4:9 error unknown-status: the status `redy` is unknown | did you mean `ready`?",
    );
    check(
        "status: ready",
        "status: running",
        "4:9 error unknown-status: the status `running` is unknown | `running` is found out, never written: write `draft`, `ready`, `done` or `dropped`",
    );
    check(
        "status: ready",
        "status: [a]",
        "4:9 error wrong-type: `status` is a list, not text | write `status: ` and one of `draft`, `ready`, `done` or `dropped`",
    );
    check(
        "status: ready\n",
        "",
        "2:1 error missing-key: the front matter has no `status` | write `status: ` and one of `draft`, `ready`, `done` or `dropped`",
    );
    check(
        "title: Expired tokens are refused",
        "title: 12",
        "2:8 error wrong-type: `title` is a number, not text | put it in quotes: `title: '12'`",
    );
    check(
        "title: Expired tokens are refused",
        "title:",
        "2:1 error missing-key: the front matter has no `title` | add a line such as `title: Expired tokens are refused`",
    );
    check(
        "title: Expired tokens are refused",
        "title: ''",
        "2:8 error empty-value: `title` is empty | add a line such as `title: Expired tokens are refused`",
    );
    check(
        "title: Expired tokens are refused",
        "title: |\n  a\n  b",
        "2:8 error title-lines: `title` has more than one line | say it in one line; the rest is prose",
    );
}

#[test]
fn unknown_and_repeated_keys_and_wrong_ids() {
    check(
        "owner: ada",
        "ownr: ada",
        "6:1 warning unknown-key: the key `ownr` is unknown | did you mean `owner`?",
    );
    check(
        "owner: ada",
        "owner: ada\nestimate: 3",
        "7:1 warning unknown-key: the key `estimate` is unknown | it is kept as it is; known keys are `title`, `id`, `status`, `kind`, `owner`, `format`, `priority`, `created`, `workflow`, `labels` or `depends_on`",
    );
    check(
        "owner: ada",
        "owner: ada\nstatus: done",
        "7:1 error duplicate-key: `status` stands twice, first in line 4 | remove one of them",
    );
    check(
        "owner: ada",
        "owner: true",
        "6:8 error wrong-type: `owner` is a boolean, not text | put it in quotes: `owner: 'true'`",
    );
    check("owner: ada", "owner:", "");
    check(
        "id: 7k3q9x2",
        "id: 1234567",
        "3:5 error id-mismatch: the id `1234567` is not the one in the file name `tokens-7k3q9x2` | write `id: 7k3q9x2`, or rename the file so that it ends in `-1234567.md`",
    );
    check(
        "id: 7k3q9x2",
        "id: nope",
        "3:5 error spec-id: `nope` is not a spec id (7 characters of lower-case base 32: 0-9 a-z without i l o u) | the file name says `7k3q9x2`",
    );
}

#[test]
fn numbers_days_and_lists_are_checked() {
    check(
        "format: 1",
        "format: 2",
        "7:9 warning newer-format: the file has format 2, and git-mmm 0.1.0 knows format 1 | it is read as far as it is known, and never written; install a git-mmm newer than 0.1.0 that knows format 2",
    );
    check(
        "format: 1",
        "format: 0",
        "7:9 error format: there is no format 0 | write `format: 1`",
    );
    check(
        "format: 1",
        "format: one",
        "7:9 error wrong-type: `format` is text, not a whole number | write `format: 1`",
    );
    check(
        "created: 2026-11-22",
        "created: 2026-02-30",
        "9:10 error created: `2026-02-30` is not a day of the calendar | write the day as `created: 2026-11-22`",
    );
    check(
        "created: 2026-11-22",
        "created: yesterday",
        "9:10 error created: `yesterday` is not a day of the calendar | write the day as `created: 2026-11-22`",
    );
    check(
        "priority: 2",
        "priority: high",
        "8:11 error priority: the priority `high` is not a whole number | write a number such as `priority: 2`; lower comes first",
    );
    check(
        "priority: 2",
        "priority: 1.5",
        "8:11 error priority: the priority `1.5` is not a whole number | write a number such as `priority: 2`; lower comes first",
    );
    check(
        "labels:\n  - auth",
        "labels: auth",
        "11:9 error wrong-type: `labels` is text, not a list | write `labels:` and below it one `  - name` a line",
    );
    check(
        "labels:\n  - auth",
        "labels: [12, '', ok]",
        "11:10 error wrong-type: an item of `labels` is a number, not text | write `labels:` and below it one `  - name` a line\n11:14 error wrong-type: an item of `labels` is empty, not text | write `labels:` and below it one `  - name` a line",
    );
    check("  - token-store-1m4c8tz", "  - 1234567", "");
    let all = "title: 1\nstatus: x\npriority: y\nfoo: 1\n";
    assert_eq!(
        problems(&format!("---\n{all}---\n")),
        "5:1 warning unknown-key: the key `foo` is unknown | it is kept as it is; known keys are `title`, `id`, `status`, `kind`, `owner`, `format`, `priority`, `created`, `workflow`, `labels` or `depends_on`\n2:1 error missing-key: the front matter has no `id` | add the 7 characters at the end of the file name, such as `id: 7k3q9x2`\n2:1 error missing-key: the front matter has no `format` | write `format: 1`\n2:8 error wrong-type: `title` is a number, not text | put it in quotes: `title: '1'`\n3:9 error unknown-status: the status `x` is unknown | write `draft`, `ready`, `done` or `dropped`\n4:11 error priority: the priority `y` is not a whole number | write a number such as `priority: 2`; lower comes first"
    );
    assert_eq!(read(&SourceText::new("a/7k3q9x2.md", VALID)).1, []);
}

#[test]
fn a_hostile_file_gives_a_bounded_number_of_problems() {
    let keys: Vec<String> = (0..60_000)
        .map(|index| format!("k{}: \n", index % 30_000))
        .collect();
    let keys = keys.concat();
    let (_, found) = read(&source(&VALID.replace("owner: ada\n", &keys)));
    assert_eq!(
        (found.len(), found.last().map(|problem| problem.code)),
        (201, Some("too-many-problems"))
    );
    let items = "- [ ] a (ac-1)\n".repeat(60_000);
    let (_, found) = read(&source(&format!("{VALID}{items}")));
    assert_eq!(
        (found.len(), found.last().map(|problem| problem.code)),
        (201, Some("too-many-problems"))
    );
}
