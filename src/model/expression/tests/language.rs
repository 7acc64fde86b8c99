//! Tables over what the whole language adds: look-up, order, functions, JSON, limits, what is
//! known.

use crate::model::expression::Context;
use crate::model::expression::JobStatus;
use crate::model::expression::StatusFunctions;
use crate::model::expression::Template;
use crate::model::expression::Value;
use crate::model::expression::evaluate::Known;
use crate::model::expression::evaluate::evaluate;
use crate::model::expression::evaluate::{evaluate_known, known_truth};
use crate::model::expression::json;
use crate::model::expression::memory::Memory;
use crate::model::expression::parser::Expression;
use crate::model::expression::parser::Names;
use crate::model::expression::parser::parse_with;

const NAMES: Names<'static> = Names {
    contexts: &["env", "matrix", "needs", "steps"],
    status_functions: StatusFunctions::OfAll,
    elsewhere: false,
};

const CONTEXTS: &str = r#"{
    "matrix": {"os": ["linux", "Mac"], "version": 1.10, "text": "Hello", "none": []},
    "needs": {"a": {"result": "success", "n": [1, 2]}, "b": {"result": "failure", "n": [3]}},
    "steps": {"one-1": {"outputs": {"json": "{\"k\": [1, {\"x\": null}]}"}}}
}"#;

fn context() -> Context {
    let mut context = Context::new(JobStatus::Success);
    let values = json::parse(CONTEXTS, &mut Memory::new(1_000_000)).expect("it is JSON");
    let Value::Object(values) = values else {
        panic!("it is an object");
    };
    for (name, value) in values.iter() {
        context.set(name, value.clone());
    }
    context
}

fn parsed(text: &str) -> Expression {
    parse_with(text, NAMES).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

/// The value as JSON, or the first error as `kind: message`.
fn outcome(text: &str) -> String {
    let found = parse_with(text, NAMES)
        .map_err(|mut errors| errors.remove(0))
        .and_then(|expression| evaluate(&expression, &context()));
    match found {
        Err(error) => format!("{}: {error}", error.kind().as_str()),
        Ok(value @ Value::Number(_)) => value.to_text(),
        Ok(value) => {
            let text = json::write(&value, &mut Memory::new(1_000_000)).expect("small");
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            lines.join(" ")
        }
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(outcome(text), expected, "{text}");
}

#[test]
fn look_up_by_index() {
    check("matrix['os'][0]", r#""linux""#);
    check("matrix.OS['1']", r#""Mac""#);
    check("matrix.os[1.9]", r#""Mac""#);
    check("matrix.os[true]", r#""Mac""#);
    check("matrix.os[null]", r#""linux""#);
    check("matrix.os[-1]", "null");
    check("matrix.os[2]", "null");
    check("matrix.os['a']", "null");
    check("matrix.os.length", "null");
    check("matrix[matrix.os]", "null");
    check("matrix[format('{0}', 'TEXT')]", r#""Hello""#);
    check("fromJSON('{\"1\":2}')[1]", "2");
    check("('text')[0]", "null");
    check(
        "'text'[0]",
        "parsing: unexpected `[`, expected an operator or the end",
    );
}

#[test]
fn filters_flatten() {
    check("matrix.os.*", r#"[ "linux", "Mac" ]"#);
    check("needs.*.result", r#"[ "success", "failure" ]"#);
    check("needs[*]['result'][0]", "[]");
    check("needs.*.n", "[ [ 1, 2 ], [ 3 ] ]");
    check("needs.*.n.*", "[ 1, 2, 3 ]");
    check("needs.*.n[1]", "[ 2 ]");
    check("(needs.*).result", r#"[ "success", "failure" ]"#);
    check("needs.*.absent", "[]");
    check("matrix.text.*", "[]");
    check("contains(needs.*.result, 'FAILURE')", "true");
    check("join(needs.*.n.*, '')", r#""123""#);
}

#[test]
fn order() {
    check("1 < 2 == true", "true");
    check("2 >= 2 && 1 <= 1", "true");
    check("'B' > 'a'", "true");
    check("'b' > 'A' && 'a' <= 'A'", "true");
    check("'10' > 9", "true");
    check("'10' > '9'", "false");
    check("null < 1", "true");
    check("null >= null", "true");
    check("null > null", "false");
    check("true > false", "true");
    check("NaN >= NaN", "false");
    check("'a' < 1 || 'a' > 1", "false");
    check("matrix >= matrix", "true");
    check("matrix > matrix", "false");
    // By UTF-16, as GitHub's engines: the surrogates of the second come first.
    check("'\u{ff5e}' > '\u{1f600}'", "true");
}

#[test]
fn functions_on_text() {
    check("contains('Hello', 'ELL')", "true");
    check("contains(123, 2)", "true");
    check("contains('', '')", "true");
    check("contains(matrix, 'a')", "false");
    check("contains(matrix.os, 'mac')", "true");
    check("contains('Array', matrix.os)", "false");
    check("startsWith('Hello', 'he')", "true");
    check("endsWith(1.5, '.5')", "true");
    check("startsWith(matrix.os, 'A')", "false");
    check("join(matrix.os)", r#""linux,Mac""#);
    check("join(matrix.os, ' | ')", r#""linux | Mac""#);
    check("join(matrix.os, matrix)", r#""linux,Mac""#);
    check("join('a', 'b')", r#""a""#);
    check("join(matrix)", r#""""#);
    check("format('{0}-{1}-{0}', 'a', 1)", r#""a-1-a""#);
    check("format('{{{0}}}', true)", r#""{true}""#);
    check("format('{0:x}{0abc}', 'a')", r#""aa""#);
    check("format('{00}', 'a')", r#""a""#);
    check("format(1)", r#""1""#);
    check(
        "format('it''s {0}, isn''t {0}', 'it')",
        r#""it's it, isn't it""#,
    );
    check(
        "format('{1}', 'a')",
        "evaluation: `{1}` of `format()` has no value: there are 1",
    );
    for bad in ["{", "}", "{}", "{a}", "{ 0}", "{0", "{-1}", "{0}}"] {
        check(
            &format!("format('{bad}', 'a')"),
            &format!(
                "evaluation: the text of `format()` has a brace that is no placeholder: `{bad}`"
            ),
        );
    }
}

#[test]
fn case_takes_the_first_that_is_true() {
    check("case(false, 1, true, 2, 3)", "2");
    check("case(false, 1, 3)", "3");
    check(
        "case('true', 1, 3)",
        "evaluation: a condition of `case()` is a boolean, not of kind String",
    );
    check("case(true, 1, 'no', 2, 3)", "1");
    check(
        "case(true, 1)",
        "parsing: `case()` takes an odd number of arguments, at least three, not 2",
    );
}

#[test]
fn how_many_arguments() {
    check(
        "contains('a')",
        "parsing: `contains()` takes two arguments, not 1",
    );
    check(
        "JOIN()",
        "parsing: `join()` takes one or two arguments, not 0",
    );
    check(
        "toJSON(1, 2)",
        "parsing: `toJSON()` takes one argument, not 2",
    );
    check("always(1)", "parsing: `always()` takes no argument, not 1");
    // A comma at the end, as GitHub's parser has it.
    check("join('a',)", r#""a""#);
    check("join(,'a')", "parsing: unexpected `,`, expected a value");
}

#[test]
fn json_is_read_and_written_as_on_github() {
    check(
        "fromJSON(steps.one-1.outputs.json).k[1]",
        r#"{ "x": null }"#,
    );
    check("fromJSON('{\"a\":1,\"A\":2,\"a\":3}')", r#"{ "a": 3 }"#);
    check(
        "fromJSON(' [1e2, -0.5, \"\\u00e9\\ud83d\\ude00\\/\"] ')",
        "[ 100, -0.5, \"é😀/\" ]",
    );
    check("fromJSON('1e400')", "Infinity");
    check("fromJSON('\"\\ud800\"')", "\"\u{fffd}\"");
    check(
        "fromJSON(' ')",
        "evaluation: the text of `fromJSON()` is empty",
    );
    for bad in [
        "01",
        "[1,]",
        "{\"a\"}",
        "nul",
        "+1",
        "1.",
        "'",
        "\"\t\"",
        "Array",
        "[1",
        "\u{feff}1",
    ] {
        let found = outcome(&format!("fromJSON('{}')", bad.replace('\'', "''")));
        let start = "evaluation: the text of `fromJSON()` is not JSON: ";
        assert!(found.starts_with(start), "{bad}: {found}");
    }
    let deep = format!("fromJSON('{}1{}')", "[".repeat(501), "]".repeat(501));
    check(
        &deep,
        "evaluation: the text of `fromJSON()` is not JSON: it is nested more than 500 levels deep",
    );
    let expected =
        "\"{\\n  \\\"k\\\": [\\n    1,\\n    {\\n      \\\"x\\\": null\\n    }\\n  ]\\n}\"";
    check("toJSON(fromJSON(steps.one-1.outputs.json))", expected);
    check("toJSON(matrix.none)", r#""[]""#);
    check("toJSON(NaN)", r#""null""#);
    check("toJSON(0.1234567890123456789)", r#""0.12345678901234568""#);
    check(
        "toJSON('\t\u{1}\u{7f}é\"')",
        "\"\\\"\\\\t\\\\u0001\u{7f}é\\\\\\\"\\\"\"",
    );
}

#[test]
fn whole_numbers_of_any_base_are_rounded_once() {
    check("0x20000000000001 == 9007199254740992", "true");
    check("0x20000000000003 == 9007199254740996", "true");
    check(&format!("0x{}", "f".repeat(300)), "Infinity");
    check(&format!("0x1{}1", "0".repeat(40)), "2.3384026197294447e+49");
}

#[test]
fn memory_has_a_limit() {
    let mut text = "'0123456789'".to_owned();
    for _ in 0..6 {
        text = format!("format('{}', {text})", "{0}".repeat(20));
    }
    check(
        &text,
        "evaluation: the result becomes larger than 10485760 bytes",
    );
    check(
        "hashFiles('a')",
        "evaluation: `hashFiles()` has no files to look at here",
    );
}

#[test]
fn a_template_that_is_one_expression_keeps_its_kind() {
    use crate::base::source::Span;
    use crate::model::expression::Scope;
    use crate::model::expression::origin::Origin;
    let scope = Scope {
        contexts: NAMES.contexts,
        status_functions: StatusFunctions::Refused,
    };
    let check = |text: &str, kind: &str, expected: &str| {
        let origin = Origin::at(Span::default());
        let (template, errors) = Template::parse(text, Span::default(), &origin, scope);
        assert_eq!(errors, [], "{text}");
        let value = template.evaluate(&context()).expect("it has a value");
        assert_eq!((value.kind(), &*value.text()), (kind, expected), "{text}");
    };
    check("${{ 1 }}", "Number", "1");
    check(" ${{ matrix.os }}\n", "Array", "Array");
    check("${{ 1 }}${{ 2 }}", "String", "12");
    check("v${{ 1 }}", "String", "v1");
    check("1", "String", "1");
    check("", "String", "");
}

#[test]
fn reads_are_paths_of_fixed_names() {
    let check = |text: &str, expected: &[&str]| {
        let expression = parsed(text);
        let found: Vec<String> = expression
            .reads()
            .iter()
            .map(|read| read.path.join("."))
            .collect();
        assert_eq!(found, expected, "{text}");
    };
    check("steps['a'].outputs.b", &["steps.a.outputs.b"]);
    check("steps[('a')].outputs['b']", &["steps.a.outputs.b"]);
    check("matrix[needs.a.result].x", &["matrix", "needs.a.result"]);
    check("needs.*.result", &["needs"]);
    check(
        "toJSON(env) == ENV.A || !steps.x",
        &["env", "env.A", "steps.x"],
    );
    check("'env'", &[]);
}

/// What is known: everything of `matrix`, and `needs.a.result`.
fn check_known(text: &str, expected: &str) {
    let known = |path: &[&str]| path.first() == Some(&"matrix") || path == ["needs", "a", "result"];
    let found = evaluate_known(&parsed(text), &context(), &known).expect("no error");
    let found = match found {
        Known::Value(value) => format!("= {}", value.text()),
        Known::Missing(names) => names.join(" "),
    };
    assert_eq!(found, expected, "{text}");
}

#[test]
fn one_operand_that_is_known_may_decide_a_condition() {
    let known = |path: &[&str]| path.first() == Some(&"matrix");
    let check = |text: &str, expected: Result<bool, &str>| {
        let found = known_truth(&parsed(text), &context(), &known).expect("no error");
        let found = found.map_err(|missing| missing.join(" "));
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    };
    check("!cancelled() && matrix.nothing", Ok(false));
    check("success() || matrix.text", Ok(true));
    check("!(steps.x || matrix.text)", Ok(false));
    check("steps.x && matrix.text", Err("steps.x"));
    check("steps.x && (failure() || false)", Err("steps.x failure()"));
    check("steps.x && format('{9}') && false", Ok(false));
    check("(steps.x && false) == false", Err("steps.x"));
    let broken = parsed("matrix.text && format('{9}')");
    assert!(known_truth(&broken, &context(), &known).is_err());
}

#[test]
fn what_is_known_decides_where_it_can() {
    check_known("matrix.text", "= Hello");
    check_known("needs.a.result == 'success'", "= true");
    check_known("needs.b.result == 'success'", "needs.b.result");
    check_known("needs['b']['result']", "needs.b.result");
    check_known("false && steps.x", "= false");
    check_known("matrix.text || steps.x", "= Hello");
    check_known("steps.x && false", "steps.x");
    check_known(
        "steps.x || needs.b.result || steps.x",
        "steps.x needs.b.result",
    );
    check_known("!failure()", "failure()");
    check_known("always() || success()", "= true");
    check_known(
        "failure() && steps.x.outcome == 'failure'",
        "failure() steps.x.outcome",
    );
    check_known("contains(needs.*.result, steps.y)", "needs steps.y");
    check_known("matrix[steps.z]", "steps.z");
    check_known("hashFiles('x')", "hashFiles()");
    check_known("toJSON(needs.a)", "needs.a");
}
