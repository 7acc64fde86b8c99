//! `git mmm workflow graph`.

use std::fmt::Write as _;

use crate::support::TestRepo;

const SHIP: &str = "\
jobs:
  plan: {steps: [{run: x}]}
  test:
    name: 'Test \"all\" #1; <b> \\n _x_'
    needs: plan
    strategy: {matrix: {os: [linux, mac]}}
    steps: [{run: x}]
  each: {needs: plan, for-each: [a], steps: [{run: x}]}
  approve: {needs: [test, each], steps: [{checkpoint: look}]}
  publish: {needs: approve, steps: [{workflow: push}]}
on-failure: [{run: x}]
";

const PUSH: &str = "jobs:\n  one: {steps: [{run: x}]}\n  two: {needs: one, steps: [{run: x}]}\n";

fn repo() -> TestRepo {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    repo.write(".mmm/workflows/ship.yaml", SHIP);
    repo.write(".mmm/workflows/push.yaml", PUSH);
    repo
}

#[test]
fn as_text_jobs_stand_in_layers() {
    let repo = repo();
    insta::assert_snapshot!(repo.mmm(["workflow", "graph", "ship"]), @"
    exit code 0
    --- stdout
    ship
     1. plan
     2. test <- plan  [matrix]
        each <- plan  [for-each]
     3. approve <- test, each  [checkpoint look]
     4. publish <- approve
          step 1: workflow push
           1. one
           2. two <- one
     5. @on-failure  [on failure]
    ");
}

#[test]
fn for_mermaid_calls_are_subgraphs() {
    let repo = repo();
    insta::assert_snapshot!(repo.mmm(["workflow", "graph", "ship", "--format", "mermaid"]), @r#"
    exit code 0
    --- stdout
    flowchart TD
      j0["plan"]
      j1[["test<br/>Test #34;all#34; #35;1#59; #60;b#62; #92;n #95;x#95;<br/>matrix"]]
      j2[["each<br/>for-each"]]
      j3{{"approve<br/>checkpoint look"}}
      j4["publish"]
      subgraph j4_0["step 1: workflow push"]
        j4_0_0["one"]
        j4_0_1["two"]
        j4_0_0 --> j4_0_1
      end
      j4 -.-> j4_0
      j5["@on-failure<br/>on failure"]
      j0 --> j1
      j0 --> j2
      j1 --> j3
      j2 --> j3
      j3 --> j4
      j4 -.-> j5
    "#);
}

#[test]
fn for_graphviz_calls_are_clusters() {
    let repo = repo();
    insta::assert_snapshot!(repo.mmm(["workflow", "graph", "ship", "--format", "dot"]), @r#"
    exit code 0
    --- stdout
    digraph "ship" {
      graph [compound=true];
      node [shape=box];
      j0 [label="plan"];
      j1 [label="test\nTest \"all\" #1; <b> \\n _x_\nmatrix", peripheries=2];
      j2 [label="each\nfor-each", peripheries=2];
      j3 [label="approve\ncheckpoint look", shape=hexagon];
      j4 [label="publish"];
      subgraph cluster_j4_0 {
        label="step 1: workflow push";
        j4_0_0 [label="one"];
        j4_0_1 [label="two"];
        j4_0_0 -> j4_0_1;
      }
      j4 -> j4_0_0 [lhead=cluster_j4_0, style=dashed];
      j5 [label="@on-failure\non failure", style=dashed];
      j0 -> j1;
      j0 -> j2;
      j1 -> j3;
      j2 -> j3;
      j3 -> j4;
      j4 -> j5 [style=dashed];
    }
    "#);
}

#[test]
fn as_json_it_is_the_same_graph() {
    let repo = repo();
    let graph = repo.mmm(["workflow", "graph", "ship", "--format", "json"]);
    assert_eq!(
        graph.stdout,
        repo.mmm(["workflow", "graph", "ship", "--json"]).stdout
    );
    let graph = graph.json();
    assert_eq!(graph["schema"], "mmm/workflow-graph@1");
    let jobs = graph["data"]["jobs"].as_array().expect("jobs");
    assert_eq!(jobs[1]["legs"], "matrix");
    assert_eq!(jobs[3]["needs"], serde_json::json!(["test", "each"]));
    assert_eq!(jobs[4]["calls"][0]["workflow"], "push");
    assert_eq!(jobs[4]["calls"][0]["jobs"][1]["needs"][0], "one");
    assert_eq!(jobs[5]["handler"], "on-failure");
}

#[test]
fn a_directive_of_mermaid_in_a_name_is_text() {
    let repo = repo();
    let name = "50 %%{init: {theme: dark}}%% done";
    let text = format!("jobs:\n  a: {{name: '{name}', steps: [{{run: x}}]}}\n");
    repo.write(".mmm/workflows/odd.yaml", text);
    let drawn = repo.mmm(["workflow", "graph", "odd", "--format", "mermaid"]);
    drawn.assert_ok();
    let label = "50 #37;#37;{init: {theme: dark}}#37;#37; done";
    assert!(
        drawn.stdout.contains(label) && !drawn.stdout.contains('%'),
        "{drawn}"
    );
}

#[test]
fn ten_thousand_jobs_are_drawn() {
    let repo = repo();
    let mut text = "jobs:\n  j0: {steps: [{run: x}]}\n".to_owned();
    for job in 1..10_000 {
        let _ = writeln!(
            text,
            "  j{job}: {{needs: j{}, steps: [{{run: x}}]}}",
            job - 1
        );
    }
    repo.write(".mmm/workflows/long.yaml", text);
    for format in ["text", "mermaid", "dot"] {
        let drawn = repo.mmm(["workflow", "graph", "long", "--format", format]);
        drawn.assert_ok();
        let lines = drawn.stdout.lines().count();
        assert!(lines >= 10_000, "{format}: {lines}");
        let again = repo.mmm(["workflow", "graph", "long", "--format", format]);
        assert_eq!(drawn.stdout, again.stdout);
    }
}

#[test]
fn without_a_name_it_is_the_one_that_runs_use() {
    let repo = TestRepo::new();
    repo.mmm(["init"]).assert_ok();
    let default = repo.mmm(["workflow", "graph"]);
    default.assert_ok();
    assert!(!default.stdout.is_empty());
    repo.mmm(["workflow", "graph", "nope"]).assert_code(128);
}
