//! The configuration: what is read, refused and edited.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::edit::{Setting, set, unset};
use super::{FORMAT, read, render};
use crate::base::source::SourceText;
use crate::model::project::{Project, ProjectId, RunPolicy};
use crate::state::Error;

const HEAD: &str = "format = 1\n[project]\nid = \"0123456789ab\"\nname = \"x\"\n";

fn source(text: &str) -> SourceText {
    SourceText::new(".mmm/config.toml", text)
}

fn check(text: &str, usable: bool, expected: &[&str]) {
    let read = read(&source(text));
    let found: Vec<String> = read
        .problems
        .iter()
        .map(|problem| {
            let at = problem.position().expect("a place");
            format!(
                "{}:{} {} {}",
                at.line, at.column, problem.code, problem.message
            )
        })
        .collect();
    assert_eq!(found, expected, "{text}");
    assert_eq!(read.project.is_some(), usable, "{text}");
}

#[test]
fn all_problems_are_reported_at_once() {
    check(HEAD, true, &[]);
    check(
        "",
        false,
        &[
            "1:1 missing-key the key `format` is missing",
            "1:1 missing-key the key `project.id` is missing",
            "1:1 missing-key the key `project.name` is missing",
        ],
    );
    check(
        "format = \"1\"\n[project]\nid = 'no'\nname = 7\n[run]\nmask = ['A-B', 3]\nparallel-jobs = 99\n",
        false,
        &[
            "1:10 invalid-format `format` is not 1",
            "3:6 invalid-value `no` is not a project id (12 characters of lower-case base 32: 0-9 a-z without i l o u)",
            "4:8 wrong-type `project.name` is a number, not text",
            "6:9 invalid-value `A-B` is not the name of a variable",
            "6:16 wrong-type `run.mask` is a number, not text",
            "7:17 invalid-value `run.parallel-jobs` is 99, not a number from 1 to 8",
        ],
    );
    check(
        "format = 1\nproject = 3\n",
        false,
        &[
            "2:11 missing-key the key `project.id` is missing",
            "2:11 missing-key the key `project.name` is missing",
            "2:11 wrong-type `project` is a number, not a table",
        ],
    );
}

#[test]
fn unknown_keys_are_warnings_with_a_suggestion() {
    let text = format!("{HEAD}[run]\nworkflows = 'x'\n");
    check(
        &text,
        true,
        &["6:1 unknown-key unknown key `run.workflows`"],
    );
    let read = read(&source(&text));
    let hint = read
        .problems
        .first()
        .and_then(|problem| problem.hint.as_deref());
    assert_eq!(hint, Some("did you mean `workflow`?"));
}

#[test]
fn commit_is_not_for_the_team_to_decide() {
    let text = format!("commit = true\n{HEAD}commit = true\n");
    check(
        &text,
        true,
        &[
            "1:1 ignored-key `commit` is not read from a tracked file",
            "6:1 ignored-key `project.commit` is not read from a tracked file",
        ],
    );
}

#[test]
fn a_newer_format_is_read_and_not_written() {
    let text = HEAD.replace("format = 1", "format = 7\nnew = 1");
    check(
        &text,
        true,
        &["1:10 newer-format the file has format 7, and git-mmm 0.1.0 knows format 1"],
    );
    let refused = read(&source(&text)).writable("c");
    assert!(matches!(
        refused,
        Err(Error::NewerFormat {
            found: 7,
            supported: FORMAT,
            ..
        })
    ));
    assert!(read(&source(HEAD)).writable("c").is_ok());
}

#[test]
fn what_is_rendered_reads_the_same() {
    let project = Project {
        id: ProjectId::from_random(42),
        name: "a \"b\" \\ \u{7} é".to_owned(),
        run: RunPolicy {
            workflow: Some("default".to_owned()),
            mask: vec!["API_TOKEN".to_owned(), "_X".to_owned()],
            parallel_jobs: Some(2),
        },
    };
    let read = read(&source(&render(&project)));
    assert_eq!((read.project, read.problems), (Some(project), vec![]));
}

#[test]
fn new_keys_find_their_place() {
    let text = |value: &str| Setting::Text(value.to_owned());
    let check = |before: &str, table: &str, value: &Setting, after: &str| {
        assert_eq!(
            set(&source(before), table, "k", value).expect("sets"),
            after
        );
    };
    check("", "run", &Setting::Integer(3), "[run]\nk = 3\n");
    check("a = 1", "run", &text("x"), "a = 1\n\n[run]\nk = \"x\"\n");
    check(
        "a = 1\r\n",
        "run",
        &text("x"),
        "a = 1\r\n\r\n[run]\r\nk = \"x\"\r\n",
    );
    check(
        "[run]\n# c\n[b]\n",
        "run",
        &text("x"),
        "[run]\nk = \"x\"\n# c\n[b]\n",
    );
    check(
        "[run]\na = 1 # c\n\n[b]\n",
        "run",
        &text("x"),
        "[run]\na = 1 # c\nk = \"x\"\n\n[b]\n",
    );
    check(
        "run = {a = 1}\r\n",
        "run",
        &Setting::Integer(2),
        "run = {a = 1, k = 2 }\r\n",
    );
    check(
        "[run]\nk = 'a' # c",
        "run",
        &text("b"),
        "[run]\nk = 'b' # c",
    );
    check(
        "[run]\nk = [ 'a',\n 'b' ]\n",
        "run",
        &Setting::Texts(vec!["a".into(), "b".into()]),
        "[run]\nk = [ 'a',\n 'b' ]\n",
    );
    check(
        "[run]\nk = []\n",
        "run",
        &Setting::Texts(vec!["a".into()]),
        "[run]\nk = [\"a\"]\n",
    );
    let refused = set(&source("a = \n"), "run", "k", &Setting::Integer(1));
    assert!(matches!(refused, Err(Error::Invalid { problems, .. }) if problems.len() == 1));
    assert!(set(&source("run = 1\n"), "run", "k", &Setting::Integer(1)).is_err());
    assert_eq!(
        unset(&source("run = {k = 1}\n"), "run", "k").expect("unsets"),
        "run = {}\n"
    );
}

/// A document around the key `k` of `[run]`, with things that a rewriting editor would lose.
fn document() -> impl Strategy<Value = (String, bool)> {
    let blocks = proptest::collection::vec(
        proptest::sample::subsequence((0..6).collect::<Vec<usize>>(), 0..6),
        3,
    );
    (blocks, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(blocks, crlf, present, literal)| {
            let noise = [
                "# a comment",
                "",
                "  unknown.deep = { a = 1,b=2 }",
                "other = '''\nx\n'''  # tail",
                "z   =   0x10",
                "list = [ 1,\n\n  2, # two\n]",
            ];
            let lines = |block: &Vec<usize>| -> String {
                block
                    .iter()
                    .filter_map(|at| noise.get(*at).copied())
                    .flat_map(|line| [line, "\n"])
                    .collect()
            };
            let mut text = blocks.first().map(lines).unwrap_or_default();
            text.push_str("[run] # header\n");
            text.push_str(&blocks.get(1).map(lines).unwrap_or_default());
            if present {
                text.push_str(if literal {
                    "  k\t=  'old'  # why\n"
                } else {
                    "k = \"old\"\n"
                });
            }
            text.push_str("[later]\n");
            text.push_str(&blocks.get(2).map(lines).unwrap_or_default());
            let text = if crlf {
                text.replace('\n', "\r\n")
            } else {
                text
            };
            (text, present)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2),
        ..ProptestConfig::default()
    })]

    #[test]
    fn set_then_set_back_gives_identical_bytes((text, present) in document(), value in "[a-z\"\\\\ é\n']{0,8}") {
        let before = source(&text);
        let changed = set(&before, "run", "k", &Setting::Text(value.clone())).expect("sets");
        let after = source(&changed);
        let read_back: toml_edit::DocumentMut = changed.parse().expect("still TOML");
        prop_assert_eq!(read_back["run"]["k"].as_str(), Some(value.as_str()));
        let back = if present {
            set(&after, "run", "k", &Setting::Text("old".to_owned())).expect("sets back")
        } else {
            unset(&after, "run", "k").expect("unsets")
        };
        // A value that no literal string can hold changes the quotes; nothing else may differ.
        let requoted = value.contains(['\'', '\n']) && text.contains("'old'");
        let back = if requoted { back.replace("\"old\"", "'old'") } else { back };
        prop_assert_eq!(back, text);
    }
}

#[test]
fn what_a_merge_left_is_all_that_is_told() {
    let text = "<<<<<<< HEAD\nformat = 1\n=======\nformat = 1\n>>>>>>> b\n";
    let read = read(&SourceText::new(".mmm/config.toml", text));
    let codes: Vec<_> = read.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["conflict-markers"]);
}
