//! Examples of the pages, put into a repository.

use crate::support::TestRepo;

/// The fenced blocks of a page, as language with what follows it, and text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(heading)) => open = Some((heading, String::new())),
            (Some(_), Some("")) => found.extend(open.take()),
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert_eq!(open, None, "a block is never closed");
    found
}

#[test]
fn every_workflow_of_the_language_s_page_passes_the_check() {
    let repo = TestRepo::new();
    let page = include_str!("../../../docs/workflow.md");
    let mut count = 0;
    for (heading, text) in blocks(page) {
        if heading == "yaml" {
            count += 1;
            repo.write(&format!(".mmm/workflows/example-{count}.yaml"), text);
        }
    }
    assert!(count >= 5, "{count} examples");
    let run = repo.mmm(["workflow", "check"]);
    assert_eq!(run.stdout, format!("{count} workflows valid\n"), "{run}");
    assert_eq!((run.stderr.as_str(), run.code), ("", 0), "{run}");
}

#[test]
fn the_refused_example_is_refused() {
    let repo = TestRepo::new();
    let page = include_str!("../../../docs/workflow.md");
    let refused = blocks(page)
        .into_iter()
        .find(|(_, text)| text.starts_with("# refused"))
        .expect("the page has one");
    let steps: String = refused
        .1
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    repo.write("a.yaml", format!("jobs:\n  a:\n    steps:\n{steps}"));
    let run = repo.mmm(["workflow", "check", "a.yaml", "--json"]);
    run.assert_code(1);
    assert_eq!(run.json()["problems"][0]["code"], "splice-into-run");
}

#[test]
fn the_workflow_of_the_formats_page_passes_the_check() {
    let repo = TestRepo::new();
    for (heading, text) in blocks(include_str!("../../../docs/formats.md")) {
        if let Some((_, path)) = heading.split_once(" .mmm/") {
            repo.write(&format!(".mmm/{path}"), text);
        }
    }
    repo.mmm(["workflow", "check"]).assert_ok();
    // All of it is there already: `init` finds a complete project.
    let envelope = repo.mmm(["init", "--json"]).json();
    assert_eq!(envelope["data"]["created"], serde_json::json!([]));
    assert_eq!(envelope["data"]["completed"], serde_json::json!([]));
    assert_eq!(envelope["data"]["project"]["name"], "greeter");
}
