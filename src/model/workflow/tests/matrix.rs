//! Matrices, by the rules of GitHub's documentation and of its runner.

use super::valid;
use crate::model::expression::{Context, JobStatus, Object, Value};
use crate::model::workflow::matrix::{legs, title};
use crate::model::workflow::policy::Over;

/// The matrix of a job.
fn matrix(text: &str) -> Value {
    let text = text.replace('\n', "\n        ");
    let workflow =
        format!("jobs:\n  a:\n    strategy:\n      matrix:\n        {text}\n    steps: [run: x]\n");
    let workflow = valid(&workflow);
    let job = workflow.jobs.first().expect("a job");
    match &job.strategy.as_ref().expect("it is written").over {
        Over::Matrix(data) => data.literal().expect("it holds no expression"),
        Over::Items(_) | Over::Strategy(_) => panic!("a matrix"),
    }
}

/// What a strategy that one expression gives comes to: its legs, `fail-fast`, `max-parallel`.
fn strategy(given: &str) -> String {
    let text = "inputs: {plan: }\njobs:\n  a:\n    strategy: ${{ fromJSON(inputs.plan) }}\n    \
                steps: [{run: 'echo \"$X\"', env: {X: '${{ matrix.os }}'}}]\n";
    let workflow = valid(text);
    let job = workflow.jobs.first().expect("a job");
    let strategy = job.strategy.as_ref().expect("it is written");
    let mut inputs = Object::new();
    inputs.set("plan", given);
    let mut context = Context::new(JobStatus::Success);
    context.set("inputs", inputs);
    let come_to = || {
        let legs = strategy.over.legs(&context)?;
        let legs = legs.iter().map(|leg| format!("[{}]", title(leg)));
        let legs = legs.collect::<String>();
        let (fail_fast, most) = (
            strategy.fail_fast(&context)?,
            strategy.max_parallel(&context)?,
        );
        Ok(format!("{legs} {fail_fast} {most:?}"))
    };
    let come_to: Result<String, String> = come_to();
    come_to.unwrap_or_else(|reason| reason)
}

#[test]
fn one_expression_gives_all_of_a_strategy() {
    let check = |given: &str, expected: &str| assert_eq!(strategy(given), expected, "{given}");
    check(
        r#"{"matrix": {"os": ["a", "b"]}, "max-parallel": 0}"#,
        "[a][b] true None",
    );
    check(
        r#"{"matrix": {"os": ["a", "b"]}, "fail-fast": false, "max-parallel": 1}"#,
        "[a][b] false Some(1)",
    );
    check(r#"{"matrix": {"os": ["a"]}}"#, "[a] true None");
    check(
        r#"{"fail-fast": true, "max-parallel": null}"#,
        "[] true None",
    );
    check("{}", "[] true None");
    check("[]", "strategy: it is Array, expected an object");
    check(
        r#"{"matrx": {"os": ["a"]}}"#,
        "strategy: unknown key `matrx`",
    );
    check(
        r#"{"matrix": {"os": []}}"#,
        "matrix: `os` has no value to run with",
    );
    check(
        r#"{"fail-fast": "no"}"#,
        "fail-fast: it is of kind String, expected `true` or `false`",
    );
    for most in ["-1", "0.5", "\"\"", "false", "[]"] {
        check(
            &format!("{{\"max-parallel\": {most}}}"),
            "max-parallel: it is no whole number from 0",
        );
    }
}

fn show(leg: &Object) -> String {
    let entries = leg.iter();
    let entries = entries.map(|(name, value)| format!("{name}={}", value.to_text()));
    entries.collect::<Vec<_>>().join(" ")
}

fn check(text: &str, expected: &[&str]) {
    let legs = legs(&matrix(text)).expect("legs");
    let shown: Vec<String> = legs.iter().map(show).collect();
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn every_combination_the_first_list_changing_slowest() {
    check(
        "os: [linux, mac]\nnode: [10, 12, 14]",
        &[
            "os=linux node=10",
            "os=linux node=12",
            "os=linux node=14",
            "os=mac node=10",
            "os=mac node=12",
            "os=mac node=14",
        ],
    );
    check("one: [1]", &["one=1"]);
}

#[test]
fn include_extends_without_overwriting_the_lists() {
    // The example of GitHub's documentation.
    check(
        "fruit: [apple, pear]\nanimal: [cat, dog]\ninclude:\n  - color: green\n  - color: pink\n    \
         animal: cat\n  - fruit: apple\n    shape: circle\n  - fruit: banana\n  - fruit: banana\n    \
         animal: cat",
        &[
            "fruit=apple animal=cat color=pink shape=circle",
            "fruit=apple animal=dog color=green shape=circle",
            "fruit=pear animal=cat color=pink",
            "fruit=pear animal=dog color=green",
            "fruit=banana",
            "fruit=banana animal=cat",
        ],
    );
    // Alone, each element is a leg of its own.
    check(
        "include:\n  - site: production\n    datacenter: site-a\n  - site: staging",
        &["site=production datacenter=site-a", "site=staging"],
    );
    // What was added before does not count as a value of a list.
    check(
        "a: [1]\ninclude: [{b: 1}, {b: 2}, {a: 2, b: 3}, {b: 4}]",
        &["a=1 b=4", "a=2 b=3"],
    );
    check(
        "a: [1, 2]\ninclude: [{b: x, a: 3}]",
        &["a=1", "a=2", "a=3 b=x"],
    );
}

#[test]
fn exclude_names_a_part_or_the_whole() {
    check(
        "os: [mac, windows]\nversion: [12, 14, 16]\nenvironment: [staging, production]\nexclude:\n  \
         - os: mac\n    version: 12\n    environment: production\n  - os: windows\n    version: 16",
        &[
            "os=mac version=12 environment=staging",
            "os=mac version=14 environment=staging",
            "os=mac version=14 environment=production",
            "os=mac version=16 environment=staging",
            "os=mac version=16 environment=production",
            "os=windows version=12 environment=staging",
            "os=windows version=12 environment=production",
            "os=windows version=14 environment=staging",
            "os=windows version=14 environment=production",
        ],
    );
    // Values are compared as `==` does; what was excluded takes no part in `include`.
    check(
        "a: [1, X]\nexclude: [{a: '1'}, {a: x}]\ninclude: [{a: 1, b: 2}]",
        &["a=1 b=2"],
    );
    check("a: [1]\nexclude: [{a: 1}]", &[]);
    // Of lists and mappings in a matrix what is named is compared.
    check(
        "a: [{x: 1, y: 2}, {x: 1, y: 3}]\nexclude: [{a: {y: 3}}]\nb: [[1, 2], [1, 3]]",
        &["a=Object b=Array", "a=Object b=Array"],
    );
}

#[test]
fn titles_are_the_values() {
    let legs = legs(&matrix(
        "os: [linux]\nnode: [{version: 20, lts: true}]\nnone: ['']",
    ))
    .expect("legs");
    assert_eq!(title(&Value::from(legs[0].clone())), "linux, 20, true");
}

#[test]
fn what_no_matrix_can_be() {
    let object = |entries: &[(&str, Value)]| {
        let mut object = Object::new();
        for (name, value) in entries {
            object.set(*name, value.clone());
        }
        Value::from(object)
    };
    let numbers = |count: u32| {
        Value::from(
            (0..count)
                .map(|n| Value::from(f64::from(n)))
                .collect::<Vec<_>>(),
        )
    };
    let table = [
        (
            Value::Null,
            "a matrix is a mapping of names to lists, not nothing",
        ),
        (object(&[]), "a matrix needs at least one list of values"),
        (
            object(&[("include", numbers(0))]),
            "a matrix needs at least one list of values",
        ),
        (object(&[("a", numbers(0))]), "`a` has no value to run with"),
        (
            object(&[("a", Value::from("x"))]),
            "`a` is text, expected a list",
        ),
        (
            object(&[("a", numbers(1)), ("include", numbers(1))]),
            "an element of `include` is a mapping of names to values, not a number",
        ),
        (
            object(&[
                ("a", numbers(1)),
                ("exclude", Value::from(vec![object(&[("b", Value::Null)])])),
            ]),
            "`exclude` names `b`, which is no list of this matrix",
        ),
        (
            object(&[
                ("a", numbers(1)),
                ("exclude", Value::from(vec![object(&[])])),
            ]),
            "an element of `exclude` names no value",
        ),
        (
            object(&[("a", numbers(16)), ("b", numbers(17))]),
            "a matrix has at most 256 combinations, this one has 272",
        ),
        (
            object(&[
                ("a", numbers(1000)),
                ("b", numbers(1000)),
                ("c", numbers(1000)),
            ]),
            "a matrix has at most 256 combinations, this one has 1000000000",
        ),
    ];
    for (matrix, expected) in table {
        let found = legs(&matrix).map(|legs| legs.len());
        assert_eq!(found, Err(expected.to_owned()));
    }
    let most = legs(&object(&[("a", numbers(16)), ("b", numbers(16))]));
    assert_eq!(most.map(|legs| legs.len()), Ok(256));
}
