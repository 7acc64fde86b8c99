//! What `.env` files mean, in tables.

use std::fmt::Write;

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::test_runner::RngSeed;

use super::{VALUE_BYTES, VARIABLES, parse};
use crate::base::diagnostic::Place;
use crate::base::source::SourceText;

/// The variables, and the problems as `line:column code`.
fn read(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let earlier = [("EARLY".to_owned(), "before".to_owned())];
    let parsed = parse(&SourceText::new(".env", text), &earlier);
    let problems = parsed.problems.iter().map(|problem| {
        let place = problem.position().expect("has a place");
        let mark = if problem.is_error() { "" } else { " (warning)" };
        format!("{}:{} {}{mark}", place.line, place.column, problem.code)
    });
    (parsed.variables, problems.collect())
}

fn check(text: &str, expected: &[(&str, &str)]) {
    let (variables, problems) = read(text);
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(variables, expected, "{text:?}");
    assert_eq!(problems, [""; 0], "{text:?}");
}

fn wrong(text: &str, expected: &[&str]) {
    assert_eq!(read(text).1, expected, "{text:?}");
}

#[test]
fn values_without_quotes() {
    check("", &[]);
    check("\u{feff}# a comment\n\n  \n", &[]);
    check("A=1", &[("A", "1")]);
    check("A=\nB=\n", &[("A", ""), ("B", "")]);
    check("A= # nothing\n", &[("A", "")]);
    check(
        " export A = one two \t# c\nB=x#y",
        &[("A", "one two"), ("B", "x#y")],
    );
    check("A=1\r\nB=2\r\n", &[("A", "1"), ("B", "2")]);
    check(r"A=C:\new\$x", &[("A", r"C:\new$x")]);
    check(
        "A=pa$$w0rd$\nexport_=é",
        &[("A", "pa$$w0rd$"), ("export_", "é")],
    );
    check("A=x\nB=${A}y${EARLY}", &[("A", "x"), ("B", "xybefore")]);
    check("export export=1", &[("export", "1")]);
    check("URL=https://a/b?c=d&e", &[("URL", "https://a/b?c=d&e")]);
}

#[test]
fn values_in_quotes() {
    check("A='a # ${X} \\n'  # c", &[("A", "a # ${X} \\n")]);
    check(r#"A="a # \n\t\r\"\\\$\q" "#, &[("A", "a # \n\t\r\"\\$\\q")]);
    check("A=\"one\ntwo\n\"\nB=1", &[("A", "one\ntwo\n"), ("B", "1")]);
    check("A=\"one\r\ntwo\"\r\nB=1", &[("A", "one\ntwo"), ("B", "1")]);
    check("A=\"one \\\ntwo\"", &[("A", "one two")]);
    check("A=\"x${EARLY}\"", &[("A", "xbefore")]);
    check("A=''\nB=\"\"", &[("A", ""), ("B", "")]);
    check("A=it's", &[("A", "it's")]);
}

#[test]
fn problems_have_a_place() {
    wrong(
        "A=1\n1B=2\nC 3\nD",
        &["2:1 bad-variable", "3:3 no-value", "4:2 no-value"],
    );
    wrong("É=1", &["1:1 bad-variable"]);
    wrong("A='x\nB='", &["1:3 open-quote", "2:3 open-quote"]);
    wrong("A=\"é\" x", &["1:7 text-after-quote"]);
    wrong("A=\"x\"#c", &["1:6 text-after-quote"]);
    wrong("A=é${B}", &["1:4 unknown-variable"]);
    wrong(
        "A=${B:-x}\nC=${\nD=${}",
        &[
            "1:3 bad-reference",
            "2:3 bad-reference",
            "3:3 bad-reference",
        ],
    );
    wrong("A=1\nA=2", &["2:1 duplicate-variable (warning)"]);
    wrong("A=$(id)\nB='$(id)'", &["1:3 no-command (warning)"]);
    wrong("A=a\0b", &["1:1 nul-character"]);
    wrong("A=${A}", &["1:3 unknown-variable"]);
    assert_eq!(read("A=1\nA=2").0, [("A".to_owned(), "2".to_owned())]);
    assert_eq!(read("A=$(id)").0, [("A".to_owned(), "$(id)".to_owned())]);
    // What cannot be read sets nothing.
    assert_eq!(read("A='x\nB=1").0, [("B".to_owned(), "1".to_owned())]);
}

#[test]
fn a_near_name_is_offered_and_no_value_is_shown() {
    let text =
        "TOKEN=hunter2\nexport B=hunter2é${TOKN} # hunter2\nhunter2\nC='hunter2\nabc=hunter2";
    let parsed = parse(&SourceText::new(".env", text), &[]);
    let mut told = String::new();
    for problem in &parsed.problems {
        let Place::Span(source, span) = &problem.place else {
            continue;
        };
        let line = source.slice(source.line_span(span.start));
        let (message, hint) = (&problem.message, problem.hint.as_deref().unwrap_or(""));
        writeln!(told, "{line}|{}|{message}|{hint}", source.slice(*span)).expect("writes");
        assert!(!source.text().contains("hunter2"), "{}", source.text());
    }
    insta::assert_snapshot!(told, @r#"
    export B=*************** * *******|*******|`TOKN` is not set above|did you mean `TOKEN`?
    *******||a name has no `=` behind it|write `NAME=value`, and a value of several lines in `"`
    C=********|*|a quote is opened here and not closed|close it with `'` in the same line; a value of several lines goes into `"`
    "#);
}

#[test]
fn limits_hold() {
    let many: Vec<_> = (0..=VARIABLES)
        .map(|number| {
            format!(
                "A{number}=
"
            )
        })
        .collect();
    let (variables, problems) = read(&many.concat());
    assert_eq!((variables.len(), problems.len()), (VARIABLES, 1));
    let long = format!("A={}\n", "x".repeat(VALUE_BYTES + 1));
    wrong(&long, &["1:1 too-long"]);
    let half = "x".repeat(VALUE_BYTES / 2 + 1);
    wrong(
        &format!("A={half}\nB={}", "${A}".repeat(1000)),
        &["2:1 too-long"],
    );
    assert_eq!(read(&"1=\n".repeat(500)).1.len(), 100);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn any_text_is_read_within_limits(text in any::<String>()) {
        let (variables, _) = read(&text);
        assert!(variables.iter().all(|(_, value)| value.len() <= VALUE_BYTES));
    }

    #[test]
    fn what_is_quoted_reads_back(value in "[^'\\n\\x00]{0,40}", other in "[^\\x00\\r]{0,40}") {
        let escaped: String = other
            .chars()
            .flat_map(|character| match character {
                '"' | '\\' | '$' => vec!['\\', character],
                _ => vec![character],
            })
            .collect();
        let text = format!("A='{value}'\nB=\"{escaped}\"\n");
        let expected = [("A".to_owned(), value), ("B".to_owned(), other)];
        assert_eq!(read(&text), (expected.to_vec(), vec![]));
    }
}
