//! The file that `workflow new` writes and the examples of the documentation are valid.

use super::Others;
use super::load_with;
use super::render;
use super::valid;

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
