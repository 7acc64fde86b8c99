//! Matchers over lines of real tools, and configurations that are wrong.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{MatcherConfig, Matchers, PARTS, Part, PatternConfig};

fn pattern(regexp: &str, groups: &[(Part, i64)]) -> PatternConfig {
    let mut all = [None; PARTS];
    for (part, group) in groups {
        all[*part as usize] = Some(*group);
    }
    PatternConfig {
        regexp: regexp.to_owned(),
        groups: all,
        repeats: false,
    }
}

fn matcher(owner: &str, patterns: Vec<PatternConfig>) -> MatcherConfig {
    MatcherConfig {
        owner: owner.to_owned(),
        patterns,
        ..MatcherConfig::default()
    }
}

fn compiler() -> MatcherConfig {
    matcher(
        "cc",
        vec![pattern(
            r"^([^\s:]+):(\d+):(\d+):\s+(warning|error|note):\s+(.*?)(?:\s+\[(.*)\])?$",
            &[
                (Part::File, 1),
                (Part::Line, 2),
                (Part::Column, 3),
                (Part::Severity, 4),
                (Part::Message, 5),
                (Part::Code, 6),
            ],
        )],
    )
}

fn linter() -> MatcherConfig {
    let mut last = pattern(
        r"^\s+(\d+):(\d+)\s+(error|warning)\s+(.*?)\s\s+(.*)$",
        &[
            (Part::Line, 1),
            (Part::Column, 2),
            (Part::Severity, 3),
            (Part::Message, 4),
            (Part::Code, 5),
        ],
    );
    last.repeats = true;
    matcher(
        "lint",
        vec![pattern(r"^([^\s].*)$", &[(Part::File, 1)]), last],
    )
}

fn check(configs: &[MatcherConfig], text: &str, expected: &[&str]) {
    let mut matchers = Matchers::default();
    matchers.add(configs).expect("sound matchers");
    let found = text.lines().filter_map(|line| matchers.line(line));
    let found: Vec<String> = found
        .map(|(mut annotation, found)| {
            annotation.file = found.part(Part::File).map(str::to_owned);
            annotation.to_string()
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn one_line_is_an_annotation() {
    check(
        &[compiler()],
        "a.c:3:7: error: no such thing [E1]\nb.c: fine\n\u{1b}[1;31ma.c:4:1:\u{1b}[0m warning: odd\n\
         a.c:5:1: note: level that is none\na.c:99999999999:1: error: far",
        &[
            "error a.c:3:7: no such thing [E1]",
            "warning a.c:4:1: odd",
            "error a.c: far",
        ],
    );
}

#[test]
fn several_lines_are_one_annotation() {
    let lines = "/src/a.js\n  1:2  error  bad thing  no-bad\n  3:4  warning  odd  no-odd\n\n\
                 /src/b.js\n  5:6  error  worse  no-worse\n  what\n  7:8  error  lost  no-head";
    check(
        &[linter()],
        lines,
        &[
            "error /src/a.js:1:2: bad thing [no-bad]",
            "warning /src/a.js:3:4: odd [no-odd]",
            "error /src/b.js:5:6: worse [no-worse]",
        ],
    );
    // Three lines, of which the first may be the second of another one.
    let three = matcher(
        "three",
        vec![
            pattern("^one (.*)", &[(Part::File, 1)]),
            pattern("^(?:one|two) (.*)", &[(Part::Code, 1)]),
            pattern("^three (.*)", &[(Part::Message, 1)]),
        ],
    );
    check(
        &[three],
        "one a\none b\nthree c\nthree d\none e\nfour\nthree f",
        &["error a: c [b]"],
    );
}

#[test]
fn the_first_that_matches_wins_and_the_others_begin_anew() {
    let loud = matcher(
        "loud",
        vec![pattern("^ *(.*) error", &[(Part::Message, 1)])],
    );
    check(
        &[linter(), loud],
        "/src/a.js\nx error\n  1:2  error  bad thing  no-bad",
        &["error: x", "error: 1:2 "],
    );
    let mut matchers = Matchers::default();
    assert!(matchers.is_empty());
    matchers.add(&[compiler(), linter()]).expect("sound");
    matchers
        .add(&[matcher("CC", vec![pattern("x", &[(Part::Message, 0)])])])
        .expect("sound");
    assert!(matchers.line("a.c:3:7: error: gone").is_none(), "replaced");
    matchers.remove("cc");
    matchers.line("/src/a.js");
    matchers.reset();
    assert!(
        matchers.line("  1:2  error  bad thing  no-bad").is_none(),
        "a new step"
    );
    matchers.remove("Lint");
    assert!(matchers.is_empty());
}

#[test]
fn defaults_fill_what_is_not_told() {
    let mut config = compiler();
    config.severity = "Warning".to_owned();
    config.from_path = "sub/project".to_owned();
    config.patterns[0].regexp = r"^(.+):(\d*):(\d*):( ?)(.*)(x?)$".to_owned();
    let mut matchers = Matchers::default();
    matchers.add(&[config]).expect("sound");
    let (annotation, found) = matchers.line("a.c:::what").expect("an annotation");
    assert_eq!(found.part(Part::FromPath), Some("sub/project"));
    assert_eq!(annotation.to_string(), "warning: what");
    assert!(matchers.line("a.c::: \t").is_none(), "a message of blanks");
    let named = matcher(
        "named",
        vec![pattern(
            "(?<n>a)(b)",
            &[(Part::Message, 2), (Part::Code, 1)],
        )],
    );
    check(&[named], "ab", &["error: a [b]"]);
}

#[test]
fn what_is_wrong_is_told() {
    let check = |config: MatcherConfig, expected: &str| {
        let fault = Matchers::default().add(&[config]).expect_err(expected);
        assert_eq!(fault.to_string(), expected);
    };
    let message = [(Part::Message, 0)];
    check(
        matcher("", vec![pattern("x", &message)]),
        "a problem matcher has no `owner`",
    );
    check(matcher("a", vec![]), "problem matcher `a` has no `pattern`");
    check(
        MatcherConfig {
            severity: "fatal".to_owned(),
            ..compiler()
        },
        "problem matcher `cc`: `severity` is `fatal`, not `error`, `warning` or `notice`",
    );
    check(
        matcher("a", vec![pattern("(", &message)]),
        "problem matcher `a`: the pattern `(` cannot be used: unclosed group",
    );
    check(
        matcher("a", vec![pattern("x(?=y)", &message)]),
        "problem matcher `a`: the pattern `x(?=y)` cannot be used: look-around, including \
         look-ahead and look-behind, is not supported",
    );
    check(
        matcher("a", vec![pattern("(x)", &[(Part::Message, 2)])]),
        "problem matcher `a`: `message` is group 2, and the last group is 1",
    );
    check(
        matcher("a", vec![pattern("(x)", &[(Part::Message, -1)])]),
        "problem matcher `a`: `message` is group -1, and the last group is 1",
    );
    check(
        matcher("a", vec![pattern("x", &message), pattern("y", &message)]),
        "problem matcher `a`: `message` is set twice",
    );
    check(
        matcher("a", vec![pattern("x", &[(Part::Line, 0)])]),
        "problem matcher `a`: no pattern has a `message`",
    );
    let mut repeats = pattern("x", &message);
    repeats.repeats = true;
    let fault = "problem matcher `a`: only the last of several patterns can have `loop`, with a \
                 `message`";
    check(matcher("a", vec![repeats]), fault);
    let twice = Matchers::default().add(&[
        linter(),
        MatcherConfig {
            owner: "LINT".to_owned(),
            ..linter()
        },
    ]);
    let twice = twice.expect_err("two of a name");
    assert_eq!(
        twice.to_string(),
        "two problem matchers have the owner `LINT`"
    );
    let around = Matchers::default().add(&[matcher("a", vec![pattern("x(?=y)", &message)])]);
    assert!(around.expect_err("looks around").hint().is_some());
}

#[test]
fn there_are_limits() {
    let mut matchers = Matchers::default();
    let many: Vec<MatcherConfig> = (0..100)
        .map(|n| matcher(&n.to_string(), vec![pattern("x", &[(Part::Message, 0)])]))
        .collect();
    matchers.add(&many).expect("as many as there may be");
    let fault = matchers.add(&[compiler()]).expect_err("too many");
    assert_eq!(fault.to_string(), "more than 100 problem matchers");
    let huge = pattern(r"(?:\w{900}){900}", &[(Part::Message, 0)]);
    assert!(
        Matchers::default()
            .add(&[matcher("a", vec![huge])])
            .is_err()
    );
    let line = "x".repeat(20_000);
    assert!(matchers.line(&line).is_none(), "a line that nobody reads");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_soup_panics(
        regexp in "[a-c\\[\\]()\\\\^$.*+?{},&~dws0-9<>=!:-]{0,20}",
        lines in prop::collection::vec("[a-c0-9 \u{1b}\\[m;:]{0,20}", 0..6),
        severity in "[a-z]{0,3}",
    ) {
        let mut patterns = vec![pattern(&regexp, &[(Part::File, 0)]), pattern(".", &[(Part::Message, 0)])];
        patterns[1].repeats = true;
        let mut matchers = Matchers::default();
        let config = MatcherConfig { severity, ..matcher("a", patterns) };
        if matchers.add(&[config]).is_ok() {
            for line in &lines {
                matchers.line(line);
            }
        }
    }
}
