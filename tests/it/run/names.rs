//! What steps and criteria are called, while a run goes on and afterwards.

use crate::run::fixture::{newest, project, spec, workflow};

const JOBS: &str = "  a:
    steps:
      - name: Work on ${{ spec.title }} in ${{ project.name }} after ${{ steps.x.outcome }}
        run: echo out
      - id: second
        run: touch made
";

#[test]
fn steps_keep_the_names_that_the_run_saw() {
    let repo = project();
    workflow(&repo.here(), "main", JOBS);
    let text = repo.read(".mmm/workflows/main.yaml");
    // A step that is not there is an error, so the name reads one that is.
    let text = text.replace("steps:\n", "steps:\n      - {id: x, run: 'true'}\n");
    repo.write(".mmm/workflows/main.yaml", text);
    spec(&repo.here(), &["test -e made"]);
    let run = repo.mmm(["run", "thing"]);
    run.assert_ok();
    let (id, _) = newest(&repo.here());
    let name = "Work on The thing works in t after ${{ steps.x.outcome }}";
    assert!(run.stdout.contains(&format!("a / {name} ")), "{run}");
    // What was written since does not matter.
    workflow(&repo.here(), "main", "  a:\n    steps: [{run: 'false'}]\n");
    let shown = repo.mmm(["show", &id]);
    let lines: Vec<&str> = shown
        .stdout
        .lines()
        .skip_while(|line| !line.starts_with("verified"))
        .map(|line| line.split("  0.").next().unwrap_or(line))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    verified before
      failure   criterion number 0 holds (ac-0aaa)
    job a success
      success   Run true
      success   Work on The thing works in t after ${{ steps.x.outcome }}
      success   Run touch made
    verified after
      success   criterion number 0 holds (ac-0aaa)
    ");
    let json = repo.mmm(["show", &id, "--json"]).json();
    let step = &json["data"]["jobs"][1]["steps"][1];
    assert_eq!((&step["key"], &step["title"]), (&"2".into(), &name.into()));
    let log = repo.mmm(["log", &id]);
    assert!(
        log.stdout.contains(&format!("a / {name}  success")),
        "{log}"
    );
    let json = repo.mmm(["log", &id, "--json", "--job", "a"]).json();
    assert_eq!(json["data"][1]["step"], "2");
    assert_eq!(json["data"][1]["title"], name);
    // In files stands what is written: it is the same from run to run.
    let evidence = repo.read(&format!(".mmm/runs/{id}.toml"));
    let names: Vec<&str> = evidence
        .lines()
        .filter(|line| line.starts_with("name = "))
        .collect();
    insta::assert_snapshot!(names.join("\n"), @r#"
    name = "x"
    name = "Work on ${{ spec.title }} in ${{ project.name }} after ${{ …"
    name = "second"
    "#);
}
