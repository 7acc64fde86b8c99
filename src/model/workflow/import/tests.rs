//! Whole files are imported, and the result is what it should be and sound.

use crate::base::source::{SourceText, Span};
use crate::model::workflow::import::convert;
use crate::model::workflow::resolve::{self, File, Library, Missing};
use crate::state::format::yaml;

/// No workflow but the one that is looked at.
struct Alone;

impl Library for Alone {
    fn find(&mut self, _: &str) -> Result<File, Missing> {
        Err(Missing::Absent { known: Vec::new() })
    }
}

/// Imports a text: the result without its first comment, then what is said with its places.
fn import(text: &str) -> (String, String) {
    let source = SourceText::new("in.yml", text);
    let root = yaml::read(&source, Span::new(0, text.len())).expect("it is YAML");
    let imported = convert(&source, &root, None, "in").expect("it is known");
    let remarks = imported.remarks.iter().map(|remark| {
        let at = remark.position().expect("it has a place");
        let code = remark.code.trim_start_matches("import-");
        format!("{}:{} {code}: {}\n", at.line, at.column, remark.message)
    });
    let (_, text) = imported.text.split_once('\n').expect("it has a comment");
    let source = SourceText::new("out.yaml", text);
    let root = yaml::read(&source, Span::new(0, text.len())).expect("the result is YAML");
    let reading = resolve::resolve(File { source, root }, &mut Alone).validate();
    let errors: Vec<_> = reading.problems.iter().filter(|it| it.is_error()).collect();
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    (text.to_owned(), remarks.collect())
}

fn check(text: &str, expected: &str, remarks: &str) {
    let (found, said) = import(text);
    assert_eq!(found, expected, "{text}");
    assert_eq!(said, remarks, "{text}");
}

#[test]
fn what_github_has_too_is_the_same() {
    let same = "\
name: a
on:
  workflow_dispatch:
env:
  A: '1'
jobs:
  one:
    if: ${{ github.ref_name == 'main' }}
    timeout-minutes: 3
    outputs:
      x: ${{ steps.s.outputs.x }}
    steps:
      - id: s
        name: do it
        if: always()
        env:
          B: ${{ github.ref_name }}
        continue-on-error: true
        shell: bash
        working-directory: src
        run: echo \"x=$B\" >> \"$GITHUB_OUTPUT\"
  two:
    needs: one
    steps:
      - env:
          X: ${{ needs.one.outputs.x }}
        run: |
          echo \"$X\"
          echo ${{ github.sha }}
";
    check(same, same, "");
}

#[test]
fn text_in_braces_around_a_condition_becomes_one_expression() {
    check(
        "name: a\njobs:\n  a:\n    steps:\n      - if: ${{ github.job == 'a' }} && true\n        run: x\n",
        "name: a\njobs:\n  a:\n    steps:\n      - if: ${{ (github.job == 'a') && true }}\n        run: x\n",
        "5:13 replaced: the condition has text around its `${{ }}`, which makes it true in any case \
         on GitHub; all of it is one expression here\n",
    );
}

#[test]
fn what_cannot_be_read_here_is_nothing() {
    check(
        "name: a\njobs:\n  a:\n    steps:\n      - uses: x/y@v1\n        id: y\n      - run: echo \"${{ steps.y.outputs.z || 'no' }}\"\n",
        "name: a\njobs:\n  a:\n    steps:\n      # import: `x/y@v1` is left out: actions cannot be used\n      \
         #   uses: x/y@v1\n      #   id: y\n      - run: echo \"${{ null || 'no' }}\"\n",
        "5:9 not-taken: `x/y@v1` is left out: actions cannot be used\n\
         7:24 replaced: `steps.y.outputs.z` is replaced by `null`: there is no step `y` before it here\n",
    );
}

#[test]
fn comments_on_the_last_phase_stay_in_it() {
    let (found, _) = import(
        "mode: mapreduce\nmap:\n  input: ./list it\n  agent_template:\n    - shell: work\nreduce:\n  - \
         claude: /sum\n",
    );
    let (map, reduce) = found.split_once("  reduce:\n").expect("it is there");
    assert!(!map.contains("claude"), "{found}");
    assert!(reduce.contains("claude: /sum"), "{found}");
    assert!(found.contains("\nisolation: worktree\n"), "{found}");
}

#[test]
fn conditions_of_stages_keep_their_functions() {
    let (found, _) = import(
        "stages:\n  - name: a\n    steps: [{name: s, command: x}]\n  - name: b\n    condition: \
         always() && contains('ab', 'b')\n    for_each: {items: [1]}\n    steps: [{name: s, command: \
         x}]\n",
    );
    assert!(
        found.contains("if: ${{ always() && contains('ab', 'b') }}"),
        "{found}"
    );
    assert!(
        found.contains("# import: `for_each` is left out"),
        "{found}"
    );
}

#[test]
fn what_asks_for_events_of_github_is_told() {
    let (_, remarks) = import(
        "jobs:\n  a:\n    steps:\n      - if: GitHub.event_name == 'push'\n        run: x\n",
    );
    assert_eq!(
        remarks,
        "4:13 replaced: `GitHub.event_name` is `manual` here, whoever starts a run\n"
    );
}

#[test]
fn names_that_no_shell_has_do_not_stay_in_scripts() {
    let (found, remarks) = import(
        "stages:\n  - name: a\n    steps: [{name: s, command: 'x ${steps.y.z} ${v} ${v-1.5}'}]\n",
    );
    assert!(
        found.contains("run: x ${STEPS_Y_Z} ${v} ${v-1.5}"),
        "{found}"
    );
    assert!(
        remarks.contains("not-taken: `steps.y.z` is empty: there is nothing like it here"),
        "{remarks}"
    );
}

#[test]
fn files_that_are_no_workflow_are_told_what_they_are() {
    let table = [
        (
            "steps:\n  - name: a\n    command: echo\n",
            "neither",
            "docs/coming-from-dagu.md",
        ),
        (
            "name: a\nruns: {using: composite, steps: []}\n",
            "neither",
            "an action is no workflow",
        ),
        ("# nothing\n", "the file is empty", "--from"),
    ];
    for (text, message, hint) in table {
        let source = SourceText::new("in.yml", text);
        let root = yaml::read(&source, Span::new(0, text.len())).expect("it is YAML");
        let problem = convert(&source, &root, None, "in").expect_err("it is not known");
        assert!(problem.message.contains(message), "{problem:?}");
        assert!(problem.hint.is_some_and(|it| it.contains(hint)), "{text}");
    }
}

#[test]
fn a_condition_that_is_no_expression_holds_the_step_back() {
    let (found, said) = import(
        "stages:\n  - name: a\n    condition: exists('f')\n    steps: [{name: s, command: x}]\n  - \
         name: b\n    steps: [{name: s, command: x, condition: '{{ a }} =='}]\n",
    );
    assert!(
        found.contains("    if: ${{ false }}\n    steps:"),
        "{found}"
    );
    assert!(found.contains("        if: ${{ false }}\n"), "{found}");
    assert_eq!(
        said,
        "3:16 not-taken: the condition `exists('f')` is `false`: it is no expression here\n\
         6:46 not-taken: the condition `{{ a }} ==` is `false`: it is no expression here\n\
         6:50 not-taken: `a` is empty: there is nothing like it here\n"
    );
    let (found, said) = import("- shell: x\n  when: '${a} && (b'\n- shell: y\n");
    assert!(found.contains("if: ${{ false }}\n"), "{found}");
    assert!(said.contains("2:9 not-taken: the condition"), "{said}");
}

#[test]
fn values_of_another_shape_are_not_left_out_silently() {
    let table = [
        (
            "jobs: {a: {steps: {}}, b: {steps: [{run: [x]}, {run: x}]}}\n",
            "1:12 not-taken: `steps` is left out: it is a mapping, not a list\n\
             1:37 not-taken: `run` is left out: it is a list, not text\n",
        ),
        (
            "defaults: x\non: {workflow_dispatch: {inputs: [a]}}\njobs: {a: {steps: [{run: x}]}}\n",
            "1:1 not-taken: `defaults` is left out: it is text, not a mapping\n\
             2:26 not-taken: `inputs` is left out: it is a list, not a mapping\n",
        ),
        (
            "- shell: {a: b}\n- shell: x\n  on_failure: y\n  env: [a]\n",
            "1:3 not-taken: `shell` is left out: it is a mapping, not text\n\
             3:3 not-taken: `on_failure` is left out: it is text, not a list or a mapping\n\
             4:3 not-taken: `env` is left out: it is a list, not a mapping\n",
        ),
        (
            "parameters: {a: 5}\ntriggers: x\nstages: [x, {name: a, condition: [b], steps: [{command: \
             y}]}]\n",
            "1:14 not-taken: `a` is left out: it is a number, not a mapping\n\
             2:1 not-taken: `triggers` is left out: it is text, not a list\n\
             3:10 not-taken: text is left out: a mapping is expected\n\
             3:23 not-taken: `condition` is left out: it is a list, not text\n",
        ),
    ];
    for (text, expected) in table {
        let (found, said) = import(text);
        for line in expected.lines() {
            assert!(said.contains(line), "{line}\n{said}");
            let (_, message) = line.split_once(": ").unwrap_or_default();
            assert!(found.contains(&format!("# import: {message}\n")), "{found}");
        }
    }
}
