//! How inputs get their values, in tables.

use super::{InputDefinition, InputKind, assignment, bind};
use crate::model::expression::value::Value;

fn definition(name: &str, kind: &str) -> InputDefinition {
    let options = ["fast", "slow"].map(str::to_owned).to_vec();
    InputDefinition {
        kind: InputKind::from_name(kind, options).expect("a kind"),
        ..InputDefinition::new(name)
    }
}

fn shown(value: &Value) -> String {
    format!("{} {}", value.kind(), value.to_text())
}

/// What an input of this kind becomes, or what is wrong.
fn check(kind: &str, given: impl Into<Value>, expected: &str) {
    let given = given.into();
    let found = match bind(&[definition("x", kind)], &[("X".to_owned(), given.clone())]) {
        Ok(inputs) => inputs
            .values()
            .iter()
            .map(|(_, value)| shown(value))
            .collect(),
        Err(errors) => format!("{}; {:?}", errors[0], errors[0].hint()),
    };
    assert_eq!(found, expected, "{kind} {given:?}");
}

#[test]
fn each_kind_takes_what_it_is() {
    check("string", "a b", "String a b");
    check("string", "", "String ");
    check("string", 3.0, "String 3");
    check("string", true, "String true");
    check("string", Value::Null, "String ");
    check(
        "string",
        Vec::new(),
        "the input `x` is `Array`, not text; None",
    );
    check("environment", "production", "String production");
    check("boolean", "true", "Boolean true");
    check("boolean", false, "Boolean false");
    check("boolean", Value::Null, "Boolean false");
    check(
        "boolean",
        "True",
        "the input `x` is `True`, not `true` or `false`; Some(\"did you mean `true`?\")",
    );
    check(
        "boolean",
        "yes",
        "the input `x` is `yes`, not `true` or `false`; None",
    );
    check(
        "boolean",
        "",
        "the input `x` is ``, not `true` or `false`; None",
    );
    check(
        "boolean",
        1.0,
        "the input `x` is `1`, not `true` or `false`; None",
    );
    check("number", "1.50", "Number 1.5");
    check("number", " 0x10 ", "Number 16");
    check("number", "-1e3", "Number -1000");
    check("number", 2.0, "Number 2");
    check("number", "", "the input `x` is ``, not a number; None");
    check(
        "number",
        "ten",
        "the input `x` is `ten`, not a number; None",
    );
    check(
        "number",
        "Infinity",
        "the input `x` is `Infinity`, not a number; None",
    );
    check(
        "number",
        true,
        "the input `x` is `true`, not a number; None",
    );
    check("choice", "slow", "String slow");
    check(
        "choice",
        "Slow",
        "the input `x` is `Slow`, not `fast` or `slow`; Some(\"did you mean `slow`?\")",
    );
    check(
        "choice",
        "",
        "the input `x` is ``, not `fast` or `slow`; None",
    );
}

#[test]
fn what_is_not_given_has_its_default() {
    let default = |kind: &str, default: Option<Value>, required: bool| {
        let definition = InputDefinition {
            required,
            default,
            ..definition("x", kind)
        };
        match bind(&[definition], &[]) {
            Ok(inputs) => inputs
                .values()
                .iter()
                .map(|(_, value)| shown(value))
                .collect(),
            Err(errors) => format!("{}; {:?}", errors[0], errors[0].hint()),
        }
    };
    assert_eq!(default("string", None, false), "String ");
    assert_eq!(default("boolean", None, false), "Boolean false");
    assert_eq!(default("number", None, false), "Number 0");
    assert_eq!(default("choice", None, false), "String ");
    assert_eq!(default("choice", Some("fast".into()), false), "String fast");
    assert_eq!(
        default("boolean", Some("true".into()), true),
        "Boolean true"
    );
    assert_eq!(default("number", Some(Value::Null), false), "Number 0");
    assert_eq!(
        default("choice", Some("quick".into()), false),
        "the default of input `x` is `quick`, not `fast` or `slow`; None"
    );
    assert_eq!(
        default("choice", None, true),
        "the input `x` is required and not given; Some(\"give it: `--set x=fast`\")"
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let definitions = [
        definition("target", "string"),
        InputDefinition {
            required: true,
            description: Some("Where\nto".to_owned()),
            ..definition("place", "string")
        },
        definition("fast", "boolean"),
    ];
    let given = [
        ("targe", "x"),
        ("FAST", "maybe"),
        ("fast", "true"),
        ("place", ""),
        ("zzz", ""),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.into()));
    let errors = bind(&definitions, &given).expect_err("is wrong");
    let told: Vec<String> = errors
        .iter()
        .map(|error| format!("{error}; {}", error.hint().unwrap_or_default()))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    there is no input `targe`; did you mean `target`?
    the input `fast` is given twice; 
    there is no input `zzz`; the workflow takes `target`, `place` or `fast`
    the input `place` is required and not given (Where\nto); give it: `--set place=<text>`
    the input `fast` is `maybe`, not `true` or `false`; 
    ");
    let none = bind(&[], &given[..1]).expect_err("is wrong");
    assert_eq!(
        none[0].hint().as_deref(),
        Some("the workflow takes no inputs")
    );
}

#[test]
fn values_keep_the_order_of_the_definitions_and_deprecation_is_told() {
    let definitions = [
        InputDefinition {
            deprecation: Some("use `speed`".to_owned()),
            ..definition("Quick", "boolean")
        },
        definition("speed", "choice"),
    ];
    let given = [
        ("speed".to_owned(), "slow".into()),
        ("quick".to_owned(), "true".into()),
    ];
    let inputs = bind(&definitions, &given).expect("binds");
    let names: Vec<_> = inputs
        .values()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["Quick", "speed"]);
    let context = inputs.context();
    assert!(matches!(context.get("QUICK"), Some(Value::Boolean(true))));
    let told: Vec<_> = inputs
        .deprecated()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told, ["the input `Quick` is deprecated: use `speed`"]);
    let unasked = bind(&definitions, &given[..1]).expect("binds");
    assert!(unasked.deprecated().is_empty());
}

#[test]
fn assignments_are_split_at_the_first_sign() {
    let check = |text: &str, expected: Option<(&str, &str)>| {
        let found = assignment(text).ok();
        let found = found.map(|(name, value)| (name, value.to_text()));
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(found, expected, "{text:?}");
    };
    check("a=b=c", Some(("a", "b=c")));
    check("a=", Some(("a", "")));
    check("=b", None);
    check("a", None);
    let error = assignment(&"x".repeat(100)).expect_err("is none");
    assert!(
        error
            .to_string()
            .ends_with("…` is not of the form `<name>=<value>`")
    );
}

#[test]
fn values_have_a_limit() {
    let given = [("x".to_owned(), "y".repeat(70_000).into())];
    let errors = bind(&[definition("x", "string")], &given).expect_err("is wrong");
    assert_eq!(
        errors[0].to_string(),
        "the input `x` has 70000 bytes, more than 65536"
    );
    for name in InputKind::NAMES {
        assert!(InputKind::from_name(name, Vec::new()).is_some(), "{name}");
    }
    assert!(InputKind::from_name("text", Vec::new()).is_none());
    assert_eq!(definition("x", "environment").kind, InputKind::String);
}
