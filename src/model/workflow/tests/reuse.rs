//! Reuse: what becomes of a file and what it extends, and what is wrong in them.

use std::fmt::Write;

use super::Others;
use super::file;
use super::load_with;
use crate::base::diagnostic::Problem;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::resolve;

/// A tree as compact text: `{a: 1, b: [x, y]}`.
fn flat(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Sequence(nodes) => {
            let nodes: Vec<String> = nodes.iter().map(flat).collect();
            format!("[{}]", nodes.join(", "))
        }
        Value::Mapping(entries) => {
            let entries = entries.iter();
            let entries: Vec<String> = entries
                .map(|entry| format!("{}: {}", entry.key, flat(&entry.value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// What a workflow resolves to, without its outermost braces; there is no problem.
fn resolved(main: &str, others: &[(&str, &str)]) -> String {
    let file = file("test", main).expect("it is YAML");
    let resolved = resolve::resolve(file, &mut Others(others));
    assert_eq!(render(&resolved.problems), "", "{main}");
    let text = flat(&resolved.root);
    text.trim_matches(['{', '}']).to_owned()
}

/// One line for each problem: `file:line:column code message`, with its hint.
fn render(problems: &[Problem]) -> String {
    let mut lines = String::new();
    for problem in problems {
        let at = problem.position().expect("every problem has a place");
        let file = problem.file().rsplit('/').next().unwrap_or("");
        let (line, column, code) = (at.line, at.column, problem.code);
        write!(lines, "{file}:{line}:{column} {code} {}", problem.message).expect("memory");
        if let Some(hint) = &problem.hint {
            write!(lines, " [{hint}]").expect("memory");
        }
        lines.push('\n');
    }
    lines
}

/// The problems of a workflow with those it extends.
fn problems(main: &str, others: &[(&str, &str)]) -> String {
    render(&load_with(main, &mut Others(others)).1)
}

#[test]
fn mappings_merge_by_key_and_the_rest_is_replaced() {
    let base = "name: Base\nabstract: true\nenv: {A: 1, B: 2, C: 3}\n\
                jobs:\n  a: {if: always(), needs: [x, y], steps: [run: one]}\n  b: {steps: [run: two]}\n";
    let found = resolved(
        "extends: base\nenv: {B: 9, C: null, D: 4}\n\
         jobs:\n  c: {steps: [run: three]}\n  a: {needs: z, env: {E: 5}}\n  b: null\n",
        &[("base", base)],
    );
    assert_eq!(
        found,
        "env: {A: 1, B: 9, D: 4}, jobs: {a: {if: always(), needs: z, steps: [{run: one}], \
         env: {E: 5}}, c: {steps: [{run: three}]"
    );
}

#[test]
fn steps_of_the_child_replace_those_of_the_parent() {
    let found = resolved(
        "extends: base\njobs: {a: {steps: [run: mine]}}\n",
        &[(
            "base",
            "jobs: {a: {env: {A: 1}, steps: [{run: one}, {run: two}]}}\n",
        )],
    );
    assert_eq!(found, "jobs: {a: {env: {A: 1}, steps: [{run: mine}]");
}

#[test]
fn a_chain_of_files_is_laid_over_from_the_top() {
    let found = resolved(
        "extends: b\nenv: {A: main}\n",
        &[
            (
                "c",
                "env: {A: c, B: c, C: c}\njobs: {x: {steps: [run: c]}}\n",
            ),
            ("b", "extends: c\nenv: {A: b, B: b}\n"),
        ],
    );
    assert_eq!(
        found,
        "env: {A: main, B: b, C: c}, jobs: {x: {steps: [{run: c}]"
    );
}

#[test]
fn overlays_edit_inherited_steps() {
    let base = "jobs:\n  a:\n    steps:\n      - {id: one, run: '1'}\n      \
                - {name: The second, run: '2'}\n      - run: '3'\n";
    let check = |overlay: &str, expected: &str| {
        let main = format!("extends: base\njobs: {{a: {{overlay: [{overlay}]}}}}\n");
        let file = file("test", &main).expect("it is YAML");
        let resolved = resolve::resolve(file, &mut Others(&[("base", base)]));
        assert_eq!(render(&resolved.problems), "", "{overlay}");
        let jobs = resolved.root.get("jobs").and_then(|jobs| jobs.get("a"));
        let steps = jobs.and_then(|job| job.get("steps"));
        let steps = steps.and_then(Node::sequence).unwrap_or_default();
        let runs = steps.iter().filter_map(|step| step.get("run"));
        let runs: Vec<String> = runs.map(flat).collect();
        assert_eq!(runs.join(" "), expected, "{overlay}");
    };
    check("{insert-before: one, steps: [run: x]}", "x 1 2 3");
    check(
        "{insert-after: The second, steps: [{run: x}, {run: y}]}",
        "1 2 x y 3",
    );
    check("{replace: 3, steps: [run: x]}", "1 2 x");
    check("{remove: ONE}", "2 3");
    // All of one overlay name the steps as they are inherited.
    check(
        "{remove: 1}, {insert-after: 2, steps: [run: x]}, {insert-after: 2, steps: [run: y]}, \
         {insert-before: 1, steps: [run: z]}",
        "z 2 x y 3",
    );
}

#[test]
fn overlays_of_several_files_apply_one_after_the_other() {
    let found = resolved(
        "extends: b\njobs: {a: {overlay: [{replace: 2, steps: [run: main]}]}}\n",
        &[
            ("c", "jobs: {a: {steps: [{run: c}]}}\n"),
            (
                "b",
                "extends: c\njobs: {a: {overlay: [{insert-before: 1, steps: [run: b]}]}}\n",
            ),
        ],
    );
    assert_eq!(found, "jobs: {a: {steps: [{run: b}, {run: main}]");
}

#[test]
fn jobs_extend_jobs_and_abstract_ones_do_not_run() {
    let found = resolved(
        "jobs:\n  build: {extends: rust, name: Build, env: {B: 2}}\n  \
         rust: {abstract: true, name: Rust, env: {A: 1}, steps: [{id: fetch, run: get}, {run: go}]}\n  \
         check: {extends: build, overlay: [{replace: fetch, steps: [run: check]}]}\n",
        &[],
    );
    assert_eq!(
        found,
        "jobs: {build: {env: {A: 1, B: 2}, steps: [{id: fetch, run: get}, {run: go}], name: Build}, \
         check: {env: {A: 1, B: 2}, steps: [{run: check}, {run: go}]"
    );
}

#[test]
fn common_steps_take_the_place_of_use() {
    let found = resolved(
        "extends: base\ncommon-steps: {tools: [run: my tools]}\n\
         jobs: {a: {steps: [{use: prepare}, {run: last}]}}\n",
        &[(
            "base",
            "abstract: true\ncommon-steps:\n  prepare: [{run: first}, {use: tools}]\n  tools: [run: tools]\n",
        )],
    );
    assert_eq!(
        found,
        "jobs: {a: {steps: [{run: first}, {run: my tools}, {run: last}]"
    );
}

#[test]
fn use_works_wherever_steps_stand() {
    let main = "\
common-steps: {tidy: [{run: t}], deep: [{run: d, ensure: [{use: tidy}]}]}
on-failure: [{use: tidy}]
ensure: [{run: e}, {use: tidy}]
jobs:
  a:
    steps:
      - {run: x, on-failure: [{use: tidy}], ensure: [{use: tidy}, {run: y}]}
      - use: deep
    on-failure: [{use: tidy}]
    ensure: [{use: tidy}]
    isolation: {on-conflict: [{use: tidy}]}
";
    let expected = "\
on-failure: [{run: t}], ensure: [{run: e}, {run: t}], jobs: {a: {\
steps: [{run: x, on-failure: [{run: t}], ensure: [{run: t}, {run: y}]}, \
{run: d, ensure: [{run: t}]}], on-failure: [{run: t}], ensure: [{run: t}], \
isolation: {on-conflict: [{run: t}]";
    assert_eq!(resolved(main, &[]), expected);
    let alone = "\
jobs: {a: {steps: [{run: x, ensure: [{use: nope}]}]}}
ensure: [{use: nope}]
";
    assert_eq!(
        problems(alone, &[]),
        "\
test.yaml:1:44 unknown-common-steps there are no common steps `nope`
test.yaml:2:16 unknown-common-steps there are no common steps `nope`
"
    );
    let circle = "\
common-steps: {a: [{run: x, ensure: [{use: a}]}]}
jobs: {j: {steps: [{use: a}]}}
";
    assert_eq!(
        problems(circle, &[]),
        "\
test.yaml:1:44 use-cycle common steps use one another: a -> a
"
    );
}

#[test]
fn problems_point_at_the_file_that_their_text_stands_in() {
    let base =
        "# base\njobs:\n  a:\n    steps:\n      - run: echo ${{ spec.titel }}\n      - runn: x\n";
    assert_eq!(
        problems(
            "extends: base\njobs: {b: {needs: c, steps: [run: x]}}\n",
            &[("base", base)]
        ),
        "test.yaml:2:19 unknown-job unknown job `c`\n\
         base.yaml:5:19 splice-into-run the text of `spec.titel` would become part of the script \
         [set `env: { SPEC_TITEL: '${{ spec.titel }}' }` and write `\"$SPEC_TITEL\"`]\n\
         base.yaml:5:23 unknown-property `spec` has no `titel` [did you mean `title`?]\n\
         base.yaml:6:9 unknown-key unknown key `runn` in a step [did you mean `run`?]\n"
    );
}

#[test]
fn chains_that_do_not_end_well_are_told() {
    assert_eq!(
        problems("extends: bsae\n", &[("base", "jobs: {}\n")]),
        "test.yaml:1:1 missing-key a workflow needs `jobs`\n\
         test.yaml:1:10 unknown-workflow there is no workflow `bsae` [did you mean `base`?]\n"
    );
    let jobs = "jobs: {a: {steps: [run: x]}}\n";
    assert_eq!(
        problems(
            &format!("extends: a\n{jobs}"),
            &[("a", "extends: b\n"), ("b", "extends: a\n")]
        ),
        "b.yaml:1:10 extends-cycle workflows extend one another: a -> b -> a\n"
    );
    assert_eq!(
        problems(&format!("extends: test\n{jobs}"), &[("test", jobs)]),
        "test.yaml:1:10 extends-cycle workflows extend one another: test -> test\n"
    );
    assert_eq!(
        problems(&format!("extends: [a]\nabstract: 1\n{jobs}"), &[]),
        "test.yaml:1:10 wrong-type `extends` is a list, expected the name of a workflow\n\
         test.yaml:2:11 wrong-type `abstract` is a number, expected `true` or `false`\n"
    );
    let texts: Vec<(String, String)> = (0..10)
        .map(|number| (format!("w{number}"), format!("extends: w{}\n", number + 1)))
        .collect();
    let others: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        problems(&format!("extends: w0\n{jobs}"), &others),
        "w7.yaml:1:10 extends-depth a workflow extends at most 8 others\n"
    );
    assert_eq!(
        problems(&format!("extends: bad\n{jobs}"), &[("bad", "a: [\n")]),
        "bad.yaml:1:4 yaml-syntax the `[` is never closed\n"
    );
}

#[test]
fn every_wrong_edit_is_told_at_once() {
    let base = "jobs:\n  a:\n    steps:\n      - {id: lint, run: x}\n      - {name: Same, run: y}\n      \
                - {name: Same, run: z}\n";
    assert_eq!(
        problems(
            "extends: base\njobs:\n  a:\n    overlay:\n      - remove: lnt\n      \
             - {replace: 1}\n      - {remove: 9}\n      - {remove: 2, steps: []}\n      \
             - {remove: 2}\n      - {replace: Same, steps: [run: x]}\n      - {steps: [run: x]}\n      \
             - {remove: 3, replace: 3, steps: [run: x]}\n      - what\n      - {removes: 1}\n",
            &[("base", base)]
        ),
        "test.yaml:5:17 unknown-step no inherited step is `lnt` [did you mean `lint`?]\n\
         test.yaml:6:10 missing-key `replace` needs `steps`\n\
         test.yaml:7:18 unknown-step no inherited step is `9` \
         [the job inherits 3 steps; one is named by its id, its name or its number]\n\
         test.yaml:8:21 misplaced-key `steps` cannot stand beside `remove` \
         [to put others in its place, write `replace`]\n\
         test.yaml:9:18 edit-twice this step is replaced or removed already\n\
         test.yaml:10:19 ambiguous-step more than one inherited step has the name `Same` \
         [write its number: 2 or 3]\n\
         test.yaml:11:10 edit-kind an edit needs `insert-before`, `insert-after`, `replace` or `remove`\n\
         test.yaml:12:10 edit-kind an edit has either `replace` or `remove`, not both\n\
         test.yaml:13:9 wrong-type an edit is a mapping, not text\n\
         test.yaml:14:10 unknown-key unknown key `removes` in an edit [did you mean `remove`?]\n"
    );
}

#[test]
fn wrong_jobs_and_common_steps_are_told_at_once() {
    assert_eq!(
        problems(
            "common-steps: {a: [use: b], b: [use: a], c: 1, bad name: []}\njobs:\n  \
             one: {extends: two, steps: [run: x]}\n  two: {extends: one}\n  \
             three: {extends: for, steps: [run: x]}\n  \
             four: {steps: [{use: d}, {use: a, if: always()}, {use: 1}, {run: x}]}\n  \
             five: {overlay: [remove: 1]}\n  six: {abstract: true, steps: [{run: x, id: 9x}]}\n  \
             seven: {needs: [six, four], steps: [run: x], overlay: []}\n",
            &[]
        ),
        "test.yaml:1:38 use-cycle common steps use one another: a -> b -> a\n\
         test.yaml:1:45 wrong-type `c` is a number, expected a list of steps\n\
         test.yaml:1:48 bad-id `bad name` is not a valid id \
         [start with a letter or `_`, go on with letters, digits, `_` and `-`]\n\
         test.yaml:4:3 missing-key a job needs `steps`\n\
         test.yaml:4:18 extends-cycle jobs extend one another: one -> two -> one\n\
         test.yaml:5:20 unknown-job unknown job `for` [did you mean `four`?]\n\
         test.yaml:6:24 unknown-common-steps there are no common steps `d` [known here: `a`, `b` or `bad name`]\n\
         test.yaml:6:37 misplaced-key `if` cannot stand beside `use` \
         [the steps that are used have keys of their own]\n\
         test.yaml:6:58 wrong-type `use` is a number, expected the name of common steps\n\
         test.yaml:7:3 missing-key a job needs `steps`\n\
         test.yaml:7:10 nothing-inherited `overlay` changes inherited steps, and this job inherits none \
         [write `steps`, or name what it inherits from in `extends`]\n\
         test.yaml:8:46 bad-id `9x` is not a valid id \
         [start with a letter or `_`, go on with letters, digits, `_` and `-`]\n\
         test.yaml:9:19 abstract-job job `six` is abstract: it never runs [need a job that extends it]\n\
         test.yaml:9:48 misplaced-key `overlay` changes inherited steps, and this job has `steps` of its own\n"
    );
}

#[test]
fn an_abstract_workflow_may_be_incomplete_and_is_checked_all_the_same() {
    assert_eq!(problems("abstract: true\nenv: {A: 1}\n", &[]), "");
    assert_eq!(
        problems(
            "abstract: true\njobs: {a: {needs: build, steps: [use: later]}, b: {env: {B: 1}}}\n",
            &[]
        ),
        ""
    );
    assert_eq!(
        problems("abstract: true\njobs: {a: {steps: [runn: x]}}\n", &[]),
        "test.yaml:2:20 unknown-key unknown key `runn` in a step [did you mean `run`?]\n"
    );
}

#[test]
fn what_is_never_used_is_checked_too() {
    assert_eq!(
        problems(
            "common-steps: {a: [runn: x]}\njobs:\n  a: {steps: [run: x]}\n  \
             b: {abstract: true, steps: [run: '${{ env. }}']}\n",
            &[]
        ),
        "test.yaml:1:20 unknown-key unknown key `runn` in a step [did you mean `run`?]\n\
         test.yaml:4:45 expression-syntax the expression ends where the name of a property is expected\n"
    );
}

#[test]
fn a_bomb_of_common_steps_is_refused_within_limits() {
    let mut text = "common-steps:\n  s0: [run: x]\n".to_owned();
    for number in 1..8 {
        let uses = vec![format!("{{use: s{}}}", number - 1); 40].join(", ");
        writeln!(text, "  s{number}: [{uses}]").expect("memory");
    }
    text.push_str("jobs: {a: {steps: [use: s7]}}\n");
    let found = problems(&text, &[]);
    assert!(found.contains("reuse-too-large"), "{found}");
    let mut text = "jobs:\n  t: {abstract: true, steps: [".to_owned();
    text.push_str(&vec!["{run: x}"; 1000].join(", "));
    text.push_str("]}\n");
    for number in 0..1000 {
        writeln!(text, "  j{number}: {{extends: t}}").expect("memory");
    }
    let found = problems(&text, &[]);
    assert!(found.contains("reuse-too-large"), "{found}");
}

#[test]
fn anchors_and_merge_keys_work_before_anything_is_merged() {
    let found = resolved(
        "extends: base\njobs:\n  a:\n    env: &env {X: 1}\n    steps: &steps [{run: one}, {run: two}]\n  \
         b:\n    <<: {timeout-minutes: 5}\n    env: {<<: *env, Y: 2}\n    steps: *steps\n",
        &[("base", "env: {A: 1}\n")],
    );
    assert_eq!(
        found,
        "env: {A: 1}, jobs: {a: {env: {X: 1}, steps: [{run: one}, {run: two}]}, \
         b: {timeout-minutes: 5, env: {X: 1, Y: 2}, steps: [{run: one}, {run: two}]"
    );
    // A key of one's own for anchors is unknown, as on GitHub.
    assert_eq!(
        problems(
            "x-env: &env {X: 1}\nenv: *env\njobs: {a: {steps: [run: x]}}\n",
            &[]
        ),
        "test.yaml:1:1 unknown-key unknown key `x-env` in a workflow \
         [known here: `format`, `name`, `run-name`, `description`, `extends`, `abstract`, `common-steps`, \
         `on`, `inputs`, `dotenv`, `env`, `defaults`, `concurrency`, `isolation`, `jobs`, \
         `outputs`, `on-failure` or `ensure`]\n"
    );
}
