//! Tables over expressions and templates: value or error of each text.

mod language;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::origin::Origin;
use super::parser;
use super::*;
use crate::base::source::SourceText;
use crate::base::source::Span;

const ALL: Scope = Scope {
    contexts: &["env", "needs", "project", "run", "spec", "steps"],
    status_functions: StatusFunctions::OfAll,
};

fn context() -> Context {
    let mut spec = Object::new();
    spec.set("title", "Expired tokens");
    spec.set("priority", 2.0);
    spec.set("labels", vec![Value::from("auth")]);
    let mut unit = Object::new();
    unit.set("outcome", "failure");
    let mut steps = Object::new();
    steps.set("unit-1", unit);
    let mut context = Context::new(JobStatus::Success)
        .with("spec", spec)
        .with("steps", steps);
    context.set_env([("Mode".to_owned(), "fast".to_owned())]);
    context
}

/// The value as `Kind text`, or each error as `start-end code message`.
fn outcome(text: &str, context: &Context) -> String {
    match parser::parse(text, ALL) {
        Ok(expression) => match evaluate::evaluate(&expression, context) {
            Ok(value) => format!("{} {}", value.kind(), value.to_text()),
            Err(error) => error.to_string(),
        },
        Err(errors) => errors
            .iter()
            .map(|error| {
                let Span { start, end } = error.span;
                format!("{start}-{end} {} {error}", error.code())
            })
            .collect::<Vec<_>>()
            .join("; "),
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(outcome(text, &context()), expected, "{text}");
}

#[test]
fn literals() {
    check("null", "Null ");
    check(" true ", "Boolean true");
    check("'it''s'", "String it's");
    check("''", "String ");
    check("1", "Number 1");
    check("-0", "Number 0");
    check("+1.50", "Number 1.5");
    check(".5", "Number 0.5");
    check("0xfF", "Number 255");
    check("0o17", "Number 15");
    check("1e21", "Number 1e+21");
    check("123456789012345680000", "Number 123456789012345680000");
    check("0.0000001", "Number 1e-7");
    check("0.1", "Number 0.1");
    check("-1.5e-3", "Number -0.0015");
    // Half-way at the fifteenth decimal.
    check("0.0000152587890625", "Number 0.000015258789063");
    check("-0.0000152587890625", "Number -0.000015258789063");
    check("3.0000457763671875", "Number 3.000045776367188");
    check("0.0000457763671875", "Number 0.000045776367188");
    check("1e-16", "Number 0");
    check("0.1234567890123456789", "Number 0.123456789012346");
    check("NaN", "Number NaN");
    check("Infinity", "Number Infinity");
    check("-Infinity", "Number -Infinity");
}

#[test]
fn look_up_ignores_case_and_missing_is_nothing() {
    check("spec.title", "String Expired tokens");
    check("SPEC.Title", "String Expired tokens");
    check("spec . priority", "Number 2");
    check("spec.absent", "Null ");
    check("spec.absent.deeper", "Null ");
    check("spec.title.length", "Null ");
    check("project.name", "Null ");
    check("spec.labels", "Array Array");
    check("spec", "Object Object");
    check("steps.unit-1.outcome", "String failure");
    check("spec.null", "Null ");
    // The names of variables differ by case on Unix.
    check("env.Mode", "String fast");
    check("env.mode", "Null ");
}

#[test]
fn operators_follow_precedence_and_give_operands() {
    check("'' || 'b'", "String b");
    check("'a' && 'b'", "String b");
    check("0 && 'b'", "Number 0");
    check("null || '' || 0", "Number 0");
    check("true || false && false", "Boolean true");
    check("(true || false) && false", "Boolean false");
    check("!false && true", "Boolean true");
    check("!(false && true)", "Boolean true");
    check("!'' == true", "Boolean true");
    check("!!'x'", "Boolean true");
    check("1 == 1 == true", "Boolean true");
    check("'a' != 'b' && 'c'", "String c");
    check("NaN || 'nan is false'", "String nan is false");
    check("spec && 'objects are true'", "String objects are true");
}

#[test]
fn equality_is_loose() {
    check("'ABC' == 'abc'", "Boolean true");
    check("'É' == 'é'", "Boolean true");
    check("'ı' == 'I'", "Boolean false");
    check("'1' == 1", "Boolean true");
    check("' 0x10 ' == 16", "Boolean true");
    check("'' == 0", "Boolean true");
    check("null == 0", "Boolean true");
    check("null == ''", "Boolean true");
    check("null == false", "Boolean true");
    check("true == 1", "Boolean true");
    check("true == 'true'", "Boolean false");
    check("'inf' == Infinity", "Boolean false");
    check("NaN == NaN", "Boolean false");
    check("NaN != NaN", "Boolean true");
    check("spec == spec", "Boolean true");
    check("spec == steps", "Boolean false");
    check("spec.labels == 'Array'", "Boolean false");
}

#[test]
fn status_functions_read_the_status() {
    let table = [
        (JobStatus::Success, [true, false, false, true]),
        (JobStatus::Failure, [false, true, false, true]),
        (JobStatus::Cancelled, [false, false, true, true]),
    ];
    for (status, expected) in table {
        let functions = ["success()", "failure()", "Cancelled( )", "always()"];
        for (function, expected) in functions.into_iter().zip(expected) {
            let found = outcome(function, &Context::new(status));
            assert_eq!(
                found,
                format!("Boolean {expected}"),
                "{function} {status:?}"
            );
        }
    }
}

#[test]
fn errors_have_a_place() {
    check("", "0-0 expression-syntax the expression is empty");
    check("'a", "0-2 expression-syntax the string is not closed");
    check(
        "\"a\"",
        "0-3 expression-syntax a string is written in single quotes",
    );
    check("1x", "0-2 expression-syntax `1x` is not a number");
    check("a = b", "2-3 expression-syntax unexpected `=`");
    check("true & false", "5-6 expression-syntax unexpected `&`");
    check("é", "0-2 expression-syntax unexpected `é`");
    check(
        "true false",
        "5-10 expression-syntax unexpected `false`, expected an operator or the end",
    );
    check(
        "(true ",
        "5-6 expression-syntax the expression ends where `)` is expected",
    );
    check(
        "true && ",
        "7-8 expression-syntax the expression ends where a value is expected",
    );
    check(
        "spec.",
        "5-5 expression-syntax the expression ends where the name of a property is expected",
    );
    check(
        "spec.'a'",
        "5-8 expression-syntax unexpected `'a'`, expected the name of a property",
    );
    check(
        "spec[",
        "5-5 expression-syntax the expression ends where a value is expected",
    );
    check(
        "spec['a'",
        "8-8 expression-syntax the expression ends where `]` is expected",
    );
    check(
        "'a'[0]",
        "3-4 expression-syntax unexpected `[`, expected an operator or the end",
    );
    check(
        "* == 1",
        "0-1 expression-syntax unexpected `*`, expected a value",
    );
    // White space that is none on GitHub.
    check("1\u{a0}", "1-3 expression-syntax unexpected `\u{a0}`");
}

#[test]
fn unknown_names_are_all_reported() {
    check(
        "spce.title == gone.x && succes()",
        "0-4 unknown-context unknown context `spce`; \
         14-18 unknown-context unknown context `gone`; \
         24-30 unknown-function unknown function `succes`",
    );
    check(
        "success(1, 2)",
        "0-13 expression-syntax `success()` takes no argument, not 2",
    );
    let hints: Vec<Option<String>> = parser::parse("spce.a || succes() || elsewhere", ALL)
        .expect_err("three unknown names")
        .iter()
        .map(Error::hint)
        .collect();
    let known = "known here: `env`, `needs`, `project`, `run`, `spec` or `steps`";
    assert_eq!(
        hints,
        [
            Some(format!("did you mean `spec`? {known}")),
            Some("did you mean `success`?".to_owned()),
            Some(known.to_owned()),
        ]
    );
}

#[test]
fn a_place_limits_what_can_be_read() {
    let scope = Scope {
        contexts: &["run"],
        status_functions: StatusFunctions::Refused,
    };
    let errors = parser::parse("always() && steps.a", scope).expect_err("neither is known here");
    let messages: Vec<String> = errors.iter().map(Error::to_string).collect();
    assert_eq!(
        messages,
        [
            "`always()` can be used in `if` only",
            "`steps` cannot be read here"
        ]
    );
}

#[test]
fn depth_and_length_have_limits() {
    let nested = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    check(&nested(49), "Boolean true");
    check(
        &nested(50),
        "50-54 expression-syntax the expression is nested more than 50 levels deep",
    );
    check(
        &"!".repeat(20_999),
        "50-51 expression-syntax the expression is nested more than 50 levels deep",
    );
    // Chains are not deep.
    check(&vec!["true"; 2000].join("&&"), "Boolean true");
    check(&vec!["true"; 2000].join("=="), "Boolean true");
    check(
        &" ".repeat(21_001),
        "0-21001 expression-syntax the expression has 21001 characters, 21000 are allowed",
    );
    check(&format!("{}1", " ".repeat(20_999)), "Number 1");
}

fn check_template(text: &str, expected: &str) {
    let whole = Span::new(0, text.len());
    let origin = Origin::new(&SourceText::new("w.yaml", text), whole, text);
    let (template, errors) = Template::parse(text, whole, &origin, ALL);
    let found = if errors.is_empty() {
        template.render(&context()).expect("short text")
    } else {
        let errors = errors.iter();
        let lines: Vec<String> = errors
            .map(|error| format!("{} {error}", error.span.start))
            .collect();
        lines.join("; ")
    };
    assert_eq!(found, expected, "{text}");
}

#[test]
fn templates() {
    check_template("", "");
    check_template("plain } ${ {{ }}", "plain } ${ {{ }}");
    check_template("${{ spec.title }}", "Expired tokens");
    check_template("a${{1}}b${{'}}'}}c", "a1b}}c");
    check_template("<${{ spec.absent }}>", "<>");
    check_template("x ${{ spec.title", "2 `${{` is not closed by `}}`");
    check_template("x ${{ 'a }}", "2 `${{` is not closed by `}}`");
    check_template("x ${{ }}", "5 the expression is empty");
    check_template("é ${{ nope }}", "7 unknown context `nope`");
    check_template(
        "${{ nope }} ${{ spec.title }} ${{ 1 + }} ${{ 'x",
        "4 unknown context `nope`; 36 there is no arithmetic: `+` is no operator; \
         41 `${{` is not closed by `}}`",
    );
}

#[test]
fn what_is_known_is_filled_in_and_the_rest_stays() {
    let check = |text: &str, expected: &str| {
        let whole = Span::new(0, text.len());
        let source = SourceText::new("w.yaml", text);
        let origin = Origin::new(&source, whole, text);
        let (template, errors) = Template::parse(text, whole, &origin, ALL);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(template.render_known(&context(), &["spec"]), expected);
    };
    check("no expression", "no expression");
    check("for ${{ Spec.title }}!", "for Expired tokens!");
    check(
        "${{ spec.title }}: ${{ steps.unit-1.outcome }}",
        "Expired tokens: ${{ steps.unit-1.outcome }}",
    );
    check("${{ spec.title || env.Mode }}", "Expired tokens");
    check(
        "${{ spec.absent || env.Mode }}",
        "${{ spec.absent || env.Mode }}",
    );
    check("${{ success() }}", "${{ success() }}");
}

#[test]
fn a_rendered_text_has_a_limit() {
    let text = "${{ spec.long }}".repeat(3);
    let origin = Origin::at(Span::default());
    let (template, errors) = Template::parse(&text, Span::default(), &origin, ALL);
    assert_eq!(errors, []);
    let mut spec = Object::new();
    spec.set("long", "x".repeat(template::RENDERED_BYTES / 2));
    let context = Context::new(JobStatus::Success).with("spec", spec);
    let error = template.render(&context).expect_err("three halves");
    assert_eq!(
        error.to_string(),
        "the text becomes longer than 1048576 bytes"
    );
    assert_eq!(error.kind().as_str(), "evaluation");
}

/// `raw` is YAML; `value` is what it means. Each `@` of the value must be found at an `@`.
fn check_origin(raw: &str, value: &str) {
    let source = SourceText::new("w.yaml", format!("key: {raw}\n"));
    let origin = Origin::new(&source, Span::new(5, 5 + raw.len()), value);
    assert!(value.contains('@'), "nothing to look for in {value:?}");
    for (index, _) in value.match_indices('@') {
        let span = origin.span(Span::new(index, index + 1));
        assert_eq!(source.slice(span), "@", "{raw:?} at {index}");
    }
}

#[test]
fn a_piece_of_a_string_is_found_where_it_was_written() {
    check_origin("a @ b", "a @ b");
    check_origin("'it''s @'", "it's @");
    check_origin(r#""tab\t\u00e9\x41 \" @""#, "tab\té\u{41} \" @");
    check_origin("|\n    one @\n      two @\n", "one @\n  two @\n");
    check_origin("|-\r\n    one\r\n    @", "one\n@");
    check_origin(
        ">\n  folded\n  @ text\n\n  para @\n",
        "folded @ text\npara @\n",
    );
    check_origin("plain\n    and @", "plain and @");
    check_origin("\"a\\\n   b @\"", "ab @");
}

#[test]
fn a_piece_that_cannot_be_found_is_the_whole_string() {
    let source = SourceText::new("w.yaml", "key: *alias\n");
    let whole = Span::new(5, 11);
    let origin = Origin::new(&source, whole, "some text");
    assert_eq!(origin.span(Span::new(5, 9)), whole);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x6d_6d_6d),
        ..ProptestConfig::default()
    })]

    #[test]
    fn token_soup_never_panics(words in proptest::collection::vec(
        prop::sample::select(vec![
            "spec", "steps", ".", "title", "(", ")", "!", "&&", "||", "==", "!=", "<", "[", "]",
            "*", ",", "'", "''", "1", "-", ".5", "0x", "success", "true", "null", " ", "\n", "é",
            "${{", "}}", "\"", "&", "=", "NaN", "format", "fromJSON(", "'[{}]'", "join(", "case(",
            "toJSON(", "labels", "'{0}'", "contains(", ".*", "[*]", "hashFiles(", ">=",
        ]),
        0..24,
    )) {
        let text = words.concat();
        let whole = Span::new(0, text.len());
        match parser::parse(&text, ALL) {
            Ok(expression) => {
                let value = evaluate::evaluate(&expression, &context());
                if let Err(error) = value {
                    prop_assert_eq!(error.kind().as_str(), "evaluation");
                }
                let known = |path: &[&str]| path.len() > 1;
                drop(evaluate::evaluate_known(&expression, &context(), &known));
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(error.span.end <= text.len());
                    prop_assert!(text.get(error.span.range()).is_some());
                }
            }
        }
        let origin = Origin::new(&SourceText::new("w", text.clone()), whole, &text);
        let (template, _) = Template::parse(&text, whole, &origin, ALL);
        drop(template.render(&context()));
        drop(template.evaluate(&context()));
    }

    #[test]
    fn any_text_gets_an_answer(text in "\\PC{0,40}") {
        let outcome = parser::parse(&text, ALL).map(|expression| expression.span.end);
        prop_assert!(outcome.map_or(true, |end| end <= text.len()));
    }
}
