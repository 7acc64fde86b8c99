//! Examples of the pages, put into a repository.

use crate::support::TestRepo;

/// The fenced blocks of a page, as language with what follows it, and text.
pub(crate) fn blocks(page: &str) -> Vec<(&str, String)> {
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
            let first = text.lines().next().and_then(|line| line.strip_prefix("# "));
            let path = first.filter(|path| path.starts_with(".mmm/workflows/"));
            let otherwise = format!(".mmm/workflows/example-{count}.yaml");
            repo.write(path.unwrap_or(&otherwise), &text);
        }
    }
    assert!(count >= 5, "{count} examples");
    let run = repo.mmm(["workflow", "check"]);
    assert_eq!(run.stdout, format!("{count} workflows valid\n"), "{run}");
    assert_eq!((run.stderr.as_str(), run.code), ("", 0), "{run}");
}

/// The pages for people who come from another program.
const COMING_FROM: &[(&str, &str)] = &[
    (
        "github",
        include_str!("../../../docs/coming-from-github-actions.md"),
    ),
    (
        "prodigy",
        include_str!("../../../docs/coming-from-prodigy.md"),
    ),
    ("dagu", include_str!("../../../docs/coming-from-dagu.md")),
];

#[test]
fn the_pages_for_those_who_come_from_elsewhere_hold() {
    for (program, page) in COMING_FROM {
        let repo = TestRepo::new();
        let (mut ours, mut theirs) = (0, 0);
        for (heading, text) in blocks(page) {
            if heading == "yaml" {
                ours += 1;
                let first = text.lines().next().and_then(|line| line.strip_prefix("# "));
                repo.write(first.expect("the file is named"), &text);
            } else if heading == format!("yaml {program}") {
                theirs += 1;
                repo.write("theirs.yml", &text);
                let run = repo.mmm([
                    "workflow",
                    "import",
                    "theirs.yml",
                    "--output",
                    "-",
                    "--json",
                ]);
                run.assert_ok();
                assert_eq!(run.json()["data"]["from"], *program);
            }
        }
        assert_eq!(ours, 1, "{program}");
        assert_eq!(theirs, usize::from(*program != "dagu"), "{program}");
        let run = repo.mmm(["workflow", "check"]);
        assert_eq!((run.stderr.as_str(), run.code), ("", 0), "{run}");
    }
}

#[test]
fn the_refused_example_is_refused() {
    let repo = TestRepo::new();
    let page = include_str!("../../../docs/workflow.md");
    let refused = blocks(page)
        .into_iter()
        .find(|(_, text)| text.starts_with("# refused"))
        .expect("the page has one");
    let steps: Vec<String> = refused
        .1
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    let steps = steps.concat();
    repo.write("a.yaml", format!("jobs:\n  a:\n    steps:\n{steps}"));
    let run = repo.mmm(["workflow", "check", "a.yaml", "--json"]);
    run.assert_code(1);
    assert_eq!(run.json()["problems"][0]["code"], "splice-into-run");
}

#[test]
fn every_file_of_the_formats_page_passes_the_check() {
    let repo = TestRepo::new();
    for (heading, text) in blocks(include_str!("../../../docs/formats.md")) {
        if let Some((_, path)) = heading.split_once(" .mmm/") {
            repo.write(&format!(".mmm/{path}"), text);
        }
    }
    let run = repo.mmm(["check"]);
    run.assert_ok();
    assert_eq!(run.stderr, "", "{run}");
    // All of it is there already: `init` finds a complete project.
    let envelope = repo.mmm(["init", "--json"]).json();
    assert_eq!(envelope["data"]["created"], serde_json::json!([]));
    assert_eq!(envelope["data"]["completed"], serde_json::json!([]));
    assert_eq!(envelope["data"]["project"]["name"], "greeter");
}

#[test]
fn the_example_passes_the_check_and_its_evidence_is_true() {
    let repo = TestRepo::new();
    let sample = repo.outside("sample");
    let folder = sample.to_string_lossy().into_owned();
    repo.mmm(["quickstart", "--into", &folder]).assert_ok();
    let sample = repo.at(&sample);
    sample.git(["checkout", "--quiet", "HEAD~1"]);
    let run = sample.mmm(["check"]);
    run.assert_ok();
    assert_eq!(run.stderr, "", "{run}");
    // At this commit the evidence in the example is about the code that is there.
    insta::assert_snapshot!(sample.mmm(["spec", "list"]), @"
    exit code 0
    --- stdout
    NAME                                 TITLE                                           STATUS   PROVED         OWNER  BLOCKED BY
    greeting-names-the-person-7k3q9x2    The greeting names the person                   failing  0/3, 3 failed  ada
    nobody-is-greeted-too-3fz8m1k        Without a name the world is greeted             done     1/1            ada
    greeting-knows-the-hour-1m4c8tz      The greeting knows the hour                     ready    0/2            grace  greeting-names-the-person-7k3q9x2
    greeting-in-other-languages-9rv4h6c  The greeting speaks the language of the person  draft    0/2            -      greeting-names-the-person-7k3q9x2
    ");
    // And what the run proved is so.
    sample.git(["checkout", "--quiet", "-"]);
    sample.mmm(["check", "--verify"]).assert_ok();
}
