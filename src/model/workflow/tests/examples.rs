//! The file that `workflow new` writes and the examples of the documentation are valid.

use super::Others;
use super::load_with;
use super::render;
use super::valid;
use crate::base::limits;
use crate::model::workflow::keys::{self, Place, Shape};
use crate::model::workflow::scopes;

#[test]
fn the_template_is_valid() {
    let workflow = valid(include_str!("../../../../templates/workflow/new.yaml"));
    assert!(workflow.jobs.len() >= 2);
}

/// The ```` ```yaml ```` blocks of a page; those marked as fragments are no whole files.
fn examples(page: &str) -> Vec<&str> {
    page.split("\n```yaml\n")
        .skip(1)
        .map(|rest| {
            rest.split_once("\n```")
                .map_or(rest, |(example, _)| example)
        })
        .collect()
}

#[test]
fn every_example_of_the_documentation_is_valid() {
    let examples = examples(include_str!("../../../../docs/workflow.md"));
    assert!(examples.len() >= 5, "found {}", examples.len());
    // A first line with a path gives a file its name, so that others can extend it.
    let named: Vec<(&str, &str)> = examples
        .iter()
        .filter_map(|example| {
            let first = example.lines().next()?;
            let name = first.strip_prefix("# .mmm/workflows/")?;
            Some((name.strip_suffix(".yaml")?, *example))
        })
        .collect();
    for example in examples {
        let (_, problems) = load_with(example, &mut Others(&named));
        assert_eq!(render(&problems), "", "{example}");
    }
}

/// The places that keys belong to, each once.
fn places() -> Vec<&'static Place> {
    let mut open = vec![
        &keys::WORKFLOW,
        &keys::JOB,
        &keys::STEP,
        &keys::INPUT,
        &keys::EDIT,
    ];
    let mut all: Vec<&Place> = Vec::new();
    while let Some(place) = open.pop() {
        if all.iter().any(|known| known.name == place.name) {
            continue;
        }
        all.push(place);
        let mut shapes: Vec<&Shape> = place.keys.iter().map(|key| &key.shape).collect();
        while let Some(shape) = shapes.pop() {
            match shape {
                Shape::Record(inner) => open.push(inner),
                Shape::Map(inner) | Shape::List(inner) => shapes.push(inner),
                Shape::Either(several) => shapes.extend(several.iter()),
                _ => {}
            }
        }
    }
    all
}

#[test]
fn the_reference_has_every_key_context_and_function() {
    let page = include_str!("../../../../docs/workflow.md");
    let has = |name: &str| {
        let marks = ["`", ": ", " ", "}", ",", "(", ".", "\n", "'"];
        let starts = ["`", " ", "{", "(", ".", ", "];
        starts.iter().any(|start| {
            marks
                .iter()
                .any(|mark| page.contains(&format!("{start}{name}{mark}")))
        })
    };
    let mut missing = Vec::new();
    for place in places() {
        for key in place.keys {
            if !has(key.name) {
                missing.push(format!("{} of {}", key.name, place.name));
            }
        }
    }
    let scopes = [&scopes::STEP, &scopes::RUN_OUTPUTS];
    for context in scopes.iter().flat_map(|scope| scope.contexts) {
        if !page.contains(&format!("`{context}`")) {
            missing.push(format!("the context {context}"));
        }
    }
    for function in FUNCTIONS {
        if !page.contains(&format!("`{function}(")) {
            missing.push(format!("the function {function}"));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// The functions of the language.
const FUNCTIONS: &[&str] = &[
    "always",
    "cancelled",
    "case",
    "contains",
    "endsWith",
    "failure",
    "format",
    "fromJSON",
    "hashFiles",
    "join",
    "startsWith",
    "success",
    "toJSON",
];

#[test]
fn the_reference_has_the_limits_that_hold() {
    let page = include_str!("../../../../docs/workflow.md");
    let said = |text: &str, limit: usize| {
        let digits = limit.to_string();
        let split = digits.len().saturating_sub(3);
        let number = match digits.split_at(split) {
            ("", below) => below.to_owned(),
            (thousands, below) => format!("{thousands},{below}"),
        };
        let text = text.replace("{}", &number);
        assert!(page.contains(&text), "{text}");
    };
    said("{} jobs, ", limits::JOBS);
    said("{} steps; ", limits::STEPS);
    said("{} files that it extends or calls", limits::WORKFLOW_FILES);
    said("{} combinations, ", limits::MATRIX_LEGS);
    said("{} items; the values", limits::ITEMS);
    said("at once | {}, ", limits::PARALLEL_JOBS);
    said("an id | {} characters", limits::ID_BYTES);
    said("| {} in a row", limits::CALL_DEPTH);
    said("| {} in a row", limits::EXTENDS);
    said("{} values with its anchors", limits::REUSED_VALUES);
    said("| {} options", limits::CHECKPOINT_OPTIONS);
    said("{} bytes of message", limits::CHECKPOINT_MESSAGE_BYTES);
    said(
        "artifacts of a run | {} files, 64 MiB",
        limits::ARTIFACT_FILES,
    );
    assert_eq!(limits::ARTIFACT_BYTES, 64 << 20);
}
