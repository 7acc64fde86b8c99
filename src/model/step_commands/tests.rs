//! Lines and what they say, and whole outputs.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{Reader, Said, Speech, Workplace, lines, read};
use crate::model::problem_matcher::{MatcherConfig, Matchers, PARTS, Part, PatternConfig};

struct Place;

impl Workplace for Place {
    fn top(&self) -> &'static str {
        "/work"
    }

    fn is_file(&self, path: &str) -> bool {
        ["a.c", "sub/b.c"].contains(&path)
    }

    fn matchers(&self, path: &str) -> Result<Vec<MatcherConfig>, String> {
        let mut groups = [None; PARTS];
        groups[Part::File as usize] = Some(1);
        groups[Part::Message as usize] = Some(2);
        match path {
            "cc.json" => Ok(vec![MatcherConfig {
                owner: "cc".to_owned(),
                from_path: "sub/project.xml".to_owned(),
                patterns: vec![PatternConfig {
                    regexp: "^(.+): bad (.+)$".to_owned(),
                    groups,
                    repeats: false,
                }],
                ..MatcherConfig::default()
            }]),
            "odd.json" => Ok(vec![MatcherConfig::default()]),
            _ => Err(format!("there is no `{path}`")),
        }
    }
}

fn speech(text: &str) -> Speech {
    read(text, &mut Matchers::default(), &Place)
}

fn check(text: &str, annotations: &[&str], failed: bool) {
    let found = speech(text);
    let shown = found.annotations.kept.iter();
    let shown: Vec<String> = shown.map(ToString::to_string).collect();
    assert_eq!(shown, annotations, "{text:?}");
    assert_eq!(found.failed.is_some(), failed, "{text:?}");
}

#[test]
fn each_line_says_one_thing() {
    let check = |line: &str, expected: Said<'_>| {
        assert_eq!(Reader::default().line(line), expected, "{line}");
    };
    check("plain", Said::Text("plain"));
    check("std::fmt::Debug", Said::Text("std::fmt::Debug"));
    check("::debug::a%0Ab", Said::Debug("a\nb".to_owned()));
    check("##[group]Build", Said::Group("Build".to_owned()));
    check("::group::", Said::Group(String::new()));
    check("::endgroup::", Said::EndGroup);
    check("::add-mask::***", Said::Mask);
    check("::echo:: ON ", Said::Echo);
    check("::echo::off", Said::Echo);
    check(
        "::set-output name=a::b",
        Said::Output("a".to_owned(), "b".to_owned()),
    );
    check("::save-state name=a::b", Said::State);
    check(
        "::add-matcher::a.json",
        Said::AddMatcher("a.json".to_owned()),
    );
    check(
        "::remove-matcher owner=a::",
        Said::RemoveMatcher("a".to_owned()),
    );
    check(
        "::remove-matcher::a.json",
        Said::RemoveMatchersOf("a.json".to_owned()),
    );
    check("::stop-commands::T", Said::Stopped);
}

#[test]
fn annotations_are_kept() {
    check(
        "::error file=/work/src/a.rs,line=3,col=7,title=T::m\n::warning::w\r\n::notice file=/other/a::n",
        &[
            "error src/a.rs:3:7: T: m",
            "warning: w",
            "notice /other/a: n",
        ],
        false,
    );
    check(
        "::error line=x,endLine=-1::m\r::error line=4,endLine=2::n",
        &["error: m", "error: n"],
        false,
    );
    let many = "::error::e\n".repeat(15);
    let found = speech(&many);
    assert_eq!(
        (found.annotations.kept.len(), found.annotations.more),
        (10, [5, 0, 0])
    );
}

#[test]
fn commands_stop_until_their_token_comes() {
    check(
        "::stop-commands::Tok\n::error::a\n::other::\n::TOK::\n::error::b",
        &["error: b"],
        false,
    );
    check(
        "::stop-commands::t\n##[t]\n::error::b",
        &["error: b"],
        false,
    );
    for token in ["", "error", "pause-logging"] {
        check(
            &format!("::stop-commands::{token}\n::error::b"),
            &[
                &format!("error: `stop-commands` is `{token}`, not a word that is no command"),
                "error: b",
            ],
            true,
        );
    }
}

#[test]
fn what_cannot_be_followed_is_told() {
    let refused = "error: `set-env` is refused: write to `$GITHUB_ENV` instead";
    check("::set-env name=A::b", &[refused], true);
    check(
        "::add-path::/x",
        &["error: `add-path` is refused: write to `$GITHUB_PATH` instead"],
        true,
    );
    check(
        "::set-output::b",
        &["error: `set-output` needs `name=…`"],
        true,
    );
    check(
        "::echo::maybe",
        &["error: `echo` is `maybe`, not `on` or `off`"],
        true,
    );
    check(
        "::add-mask:: ",
        &["warning: `add-mask` needs a value"],
        false,
    );
    check(
        "::add-matcher::",
        &["warning: `add-matcher` needs the path of a file"],
        false,
    );
    let needs = "warning: `remove-matcher` needs either `owner=…` or the path of a file";
    check(
        "::remove-matcher::\n::remove-matcher owner=a::b",
        &[needs, needs],
        false,
    );
    check(
        "::add-matcher::no.json",
        &["error: `add-matcher`: there is no `no.json`"],
        true,
    );
    check(
        "::add-matcher::odd.json",
        &["error: `add-matcher`: a problem matcher has no `owner`"],
        true,
    );
}

#[test]
fn the_old_way_works_and_is_warned_of_once() {
    let found = speech("::set-output name=a::1\n::set-output name=a::2\n::save-state name=s::3");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(found.outputs, [pair("a", "1"), pair("a", "2")]);
    let told: Vec<String> = found
        .annotations
        .kept
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "warning: `set-output` is out of date: write to `$GITHUB_OUTPUT` instead",
            "warning: `save-state` is out of date: write to `$GITHUB_STATE` instead",
        ]
    );
}

#[test]
fn matchers_find_files_below_the_top() {
    check(
        "x: bad a\n::add-matcher::cc.json\n/work/./a.c: bad b\n../a.c: bad c\nb.c: bad d\n\
         /etc/passwd: bad e\n../../b.c: bad f\n::remove-matcher owner=CC::\nb.c: bad g",
        &[
            "error a.c: b",
            "error a.c: c",
            "error sub/b.c: d",
            "error: e",
            "error: f",
        ],
        false,
    );
    // Those of an earlier step of the job are at work.
    let mut matchers = Matchers::default();
    read("::add-matcher::cc.json", &mut matchers, &Place);
    assert_eq!(
        read("b.c: bad x", &mut matchers, &Place)
            .annotations
            .kept
            .len(),
        1
    );
    read("::remove-matcher::cc.json", &mut matchers, &Place);
    assert!(matchers.is_empty());
}

#[test]
fn lines_end_as_on_a_terminal() {
    let all: Vec<&str> = lines("a\r\nb\rc\n\n\r\rd").collect();
    assert_eq!(all, ["a", "b", "c", "", "", "", "d"]);
    assert_eq!(lines("").count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_soup_panics(parts in prop::collection::vec(
        prop::sample::select(vec![
            "::", "##[", "]", "error", "group", "add-matcher", "stop-commands", "T", " ", "=",
            ",", ";", "%", "%25", "%0A", "\n", "\r", "file", "line", "9", "cc.json", "\u{e9}",
            "remove-matcher", "set-output name=a", ": bad ",
        ]),
        0..60,
    )) {
        let text = parts.concat();
        let found = speech(&text);
        prop_assert!(found.annotations.kept.len() <= 30);
    }
}
