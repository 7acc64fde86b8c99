//! Criteria and their commands, as people write them.

use crate::state::format::spec::read;
use crate::state::format::spec::tests::VALID;
use crate::state::format::spec::tests::problems;
use crate::state::format::spec::tests::source;

fn check_criteria(section: &str, criteria: &str, expected: &str) {
    let (head, _) = VALID.split_once("- [ ] an").expect("a criterion");
    let text = format!("{head}{section}");
    let source = source(&text);
    let (spec, _) = read(&source);
    let spec = spec.expect("a spec");
    let shown: Vec<String> = spec
        .criteria
        .iter()
        .map(|criterion| {
            assert!(matches!(source.slice(criterion.tick), " " | "x" | "X"));
            let box_ = if criterion.ticked { "x" } else { " " };
            let verify = criterion.verify.as_ref().map_or(String::new(), |verify| {
                let timeout = verify
                    .timeout
                    .map_or(String::new(), |time| format!(" {}s", time.as_secs()));
                format!(" => {:?}{timeout}", verify.command)
            });
            format!("[{box_}] {} {}{verify}", criterion.id, criterion.text)
        })
        .collect();
    assert_eq!(shown.join("\n"), criteria, "{section}");
    assert_eq!(problems(&text), expected, "{section}");
}

#[test]
fn criteria_are_read_as_written() {
    check_criteria(
        "- [x] a\n  b\n  c (ac-1)\n* [X] d (ac-2)\n+ [ ] e (ac-3)\n",
        "[x] ac-1 a b c\n[x] ac-2 d\n[ ] ac-3 e",
        "",
    );
    check_criteria(
        "- [ ] a (ac-1)\n\n  verify: ``echo `x` ``(timeout 90s)\n\n- [ ] b (ac-2)\n  verify: `x` (timeout 2h)\n",
        "[ ] ac-1 a => \"echo `x` \" 90s\n[ ] ac-2 b => \"x\" 7200s",
        "",
    );
    check_criteria(
        "- [ ] a (ac-1)\n\n  verify: (timeout 20m)\n\n  ```sh\n  one\n    two\n\n  - [ ] x (ac-9)\n  ```\n\n- [ ] b (ac-2)\n",
        "[ ] ac-1 a => \"one\\n  two\\n\\n- [ ] x (ac-9)\" 1200s\n[ ] ac-2 b",
        "",
    );
    check_criteria(
        "```\n- [ ] a (ac-1)\n```\n<!-- - [ ] b (ac-2)\n-->\n- [ ] c (ac-3)\n\n  - note\n  - [ ] sub\n\n    code\n\nText after.\n\n### Sub\n\n- [ ] d (ac-4)\n\n## Notes\n\n- [ ] e (ac-5)\n",
        "[ ] ac-3 c\n[ ] ac-4 d",
        "28:3 warning nested-box: a box inside a criterion is not counted | make it a criterion of its own with an id\n40:1 warning criterion-outside: this is no criterion: it does not stand under `## Acceptance criteria` | move it there, or take its box or its id away",
    );
}

#[test]
fn commands_are_found_where_people_write_them() {
    check_criteria(
        "- [ ] a (ac-1)\n\n  verify: (timeout 20m) `x`\n\n- [ ] b (ac-2)\n\n  verify:\n  `y` (timeout 2s)\n\n- [ ] c (ac-3)\n  - note\n\n  verify: `z`\n",
        "[ ] ac-1 a => \"x\" 1200s\n[ ] ac-2 b => \"y\" 2s\n[ ] ac-3 c => \"z\"",
        "",
    );
    check_criteria(
        "- [ ] a (ac-1)\n\n  verify: (timeout 2) `x`\n\n- [ ] b (ac-2)\n\n  verify: (timeout 2s) `x` (timeout 3s)\n",
        "[ ] ac-1 a\n[ ] ac-2 b",
        "22:3 error verify-timeout: `(timeout 2)` beside the command is no timeout | write it as `(timeout 20m)`: a number of s, m or h, at most 24h\n26:3 error verify-timeout: `(timeout 3s)` beside the command says too much | write one timeout, such as `(timeout 20m)`",
    );
}

/// What proves the inner one says nothing about the outer one, and the other way round.
#[test]
fn a_criterion_inside_of_another_is_an_error() {
    let hint = "make it a criterion of its own: begin it as far to the left as the one around it";
    let error = format!(
        "error nested-criterion: a criterion inside of another list item is not counted | {hint}"
    );
    check_criteria(
        "- [ ] a (ac-1)\n  - [ ] b (ac-2)\n\n    verify: `inner`\n",
        "[ ] ac-1 a",
        &format!("21:3 {error}"),
    );
    check_criteria(
        "- [ ] a (ac-1)\n\n  - [x] b\n\n    verify:\n\n    ```\ninner\n    ```\n\n  verify: `outer`\n",
        "[ ] ac-1 a => \"outer\"",
        &format!("22:3 {error}"),
    );
    check_criteria(
        "- [ ] a (ac-1)\n  1. [ ] b\n     - [ ] deep (ac-3)\n\n  verify: `outer`\n- [ ] c (ac-4)\n",
        "[ ] ac-1 a => \"outer\"\n[ ] ac-4 c",
        &format!(
            "21:3 warning nested-box: a box inside a criterion is not counted | make it a criterion of its own with an id\n22:6 {error}"
        ),
    );
}

/// The codes of the errors and warnings, with their lines; the first line is 20.
fn codes(section: &str) -> String {
    let (head, _) = VALID.split_once("- [ ] an").expect("a criterion");
    let (spec, problems) = read(&source(&format!("{head}{section}")));
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let spec = spec.expect("a spec");
    let proved = spec.criteria.iter().filter(|it| it.verify.is_some());
    let lost = spec.unreadable.len();
    assert_eq!(errors > 0, proved.count() == 0 || lost > 0, "{section}");
    let shown = problems.iter().map(|problem| {
        let line = problem.position().expect("a place").line;
        format!("{line} {}", problem.code)
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn nothing_inside_of_an_inner_item_is_lent_to_the_outer_one() {
    for (inner, expected) in [
        ("  - b (ac-2)\n\n    verify: `true`", "21 nested-criterion"),
        ("  - b (ac-2)", "21 nested-criterion"),
        ("  - b\n    c (ac-2)", "21 nested-criterion"),
        (
            "  - [y] b (ac-2)\n\n    verify: `true`",
            "21 nested-criterion",
        ),
        ("  - [] b (ac-2)", "21 nested-criterion"),
        ("  - [ ]b (ac-2)", "21 nested-criterion"),
        ("  - [ ]\tb (ac-2)", "21 nested-criterion"),
        ("  - [ ] b (ac-2).", "21 nested-criterion"),
        ("  - [ ] b\n  c (ac-2)", "21 nested-criterion"),
        (
            "  - [ ]\n    b (ac-2)\n\n    verify: `true`",
            "21 nested-criterion",
        ),
        (
            "  - - [ ] b (ac-2)\n\n      verify: `true`",
            "21 nested-criterion",
        ),
        ("  > - [ ] b (ac-2)", "21 nested-criterion"),
        (
            "  > - [ ] b\n  >\n  >   verify: `true`",
            "21 nested-criterion",
        ),
        (
            "  - [ ] b\n    - c\n\n    verify: `true`",
            "21 nested-criterion",
        ),
        ("  - b\n\n    verify: `true`", "23 nested-verify"),
        ("  - b\n\n\tverify: `true`", "23 nested-verify"),
        ("\t-\tb\n\n\t\tverify: `true`", "23 nested-verify"),
        ("  10. b\n\n      verify: `true`", "23 nested-verify"),
        ("  - verify: `true`", "21 nested-verify"),
    ] {
        assert_eq!(
            codes(&format!("- [ ] a (ac-1)\n{inner}\n")),
            expected,
            "{inner}"
        );
        let outer = format!("- [ ] a (ac-1)\n{inner}\n\n  verify: `outer`\n");
        assert_eq!(codes(&outer), expected, "{inner}");
        let group = codes(&format!("- group\n{inner}\n"));
        assert_eq!(group, format!("{expected}, 20 item-without-box"), "{inner}");
    }
    for (inner, expected) in [
        ("  - b\n  - [c](d)\n", ""),
        ("  - b (ac-2)\n    is only named\n", ""),
        ("  - b\n    - c\n\n    d\n", ""),
        ("  10. b\n\n     c\n", ""),
        ("  > - b\n", ""),
        ("  - [] b\n", "21 nested-box"),
    ] {
        let text = format!("- [ ] a (ac-1)\n{inner}\n  verify: `outer`\n");
        assert_eq!(codes(&text), expected, "{inner}");
    }
}

#[test]
fn nothing_beside_the_command_is_dropped() {
    for (verify, expected) in [
        ("verify: `a`\n  `b`", "23 verify-command"),
        ("verify: `a`\n  && `b`", "23 verify-command"),
        ("verify: `a`\nwords", "23 verify-command"),
        ("verify: `a` and `b`", "22 verify-command"),
        ("verify: (see below) `a`", "22 verify-command"),
        ("verify: see `a`", "22 verify-command"),
        ("verify:\n  a", "23 verify-command"),
        ("verify: `a`\n  (timeout 1)", "23 verify-timeout"),
        (
            "verify: `a` (timeout 1s)\n  (timeout 2s)",
            "23 verify-timeout",
        ),
        ("verify: `a`\n\n  (timeout 2s)", "24 verify-timeout"),
        ("verify: `a`\n  ```\n  b\n  ```", "23 verify-command"),
        ("verify: `a`\n\n  ```\n  b\n  ```", "24 verify-command"),
        ("verify:\n  ```\n  a\n  ```\n  `b`", "26 verify-command"),
        ("verify: `a`\n\n  `b`", "24 verify-command"),
        ("verify: `a`\n  - note\n", ""),
        ("verify: `a`\n\n  `b` is tested\n\n  ```\n  b\n  ```", ""),
        ("verify: `a`\n---", ""),
    ] {
        let text = format!("- [ ] x (ac-1)\n\n  {verify}\n");
        assert_eq!(codes(&text), expected, "{verify}");
    }
    check_criteria(
        "- [ ] a (ac-1)\n\n  verify: `x`\n  (timeout 1s)\n\n- [ ] b (ac-2)\n\n  verify:\n  (timeout 2s)\n  `y`\n\n- [ ] c (ac-3)\n\n  verify:\n  (timeout 3s)\n\n  ```\n  z\n  ```\n",
        "[ ] ac-1 a => \"x\" 1s\n[ ] ac-2 b => \"y\" 2s\n[ ] ac-3 c => \"z\" 3s",
        "",
    );
    check_criteria(
        "- [ ] a (ac-1)\n\n  verify:\n\n  `x`\n",
        "[ ] ac-1 a",
        "22:3 error verify-command: `verify:` names no command | take away the blank line between `verify:` and its command",
    );
}

#[test]
fn wrong_criteria_are_reported() {
    check_criteria(
        "- [ ] (ac-1)\n- [ ] no id\n- [ ] bad (AC-1)\n- [ ] mid (ac-1) x\n- [] f (ac-2)\n- [ ]g (ac-3)\n- plain\n1. one\n- [link](x)\n- [ ] a (ac-4)\n- [ ] b (ac-4)\n",
        "[ ] ac-4 a\n[ ] ac-4 b",
        "20:1 error criterion-without-text: the criterion has no text | say what must be true, before the id\n21:1 error criterion-without-id: the criterion has no id at its end | add an id that no other criterion here has: `no id (ac-1a2b)`\n22:1 error criterion-id: `AC-1` is not a criterion id (`ac-` and up to 32 characters of a-z, 0-9 and `-`) | write it in lower case, such as `(ac-1a2b)`\n23:1 error criterion-without-id: the criterion has no id at its end | put the id at the very end of the text\n24:3 error criterion-box: the box of this criterion is neither `[ ]` nor `[x]` | write `- [ ] text (ac-1a2b)`, with a space after the box\n25:3 error criterion-box: the box of this criterion is neither `[ ]` nor `[x]` | write `- [ ] text (ac-1a2b)`, with a space after the box\n26:1 warning item-without-box: this list item is no criterion: it has no box | write `- [ ] text (ac-1a2b)`, or move it out of this section\n27:1 warning item-without-box: this list item is no criterion: it has no box | write `- [ ] text (ac-1a2b)`, or move it out of this section\n28:1 warning item-without-box: this list item is no criterion: it has no box | write `- [ ] text (ac-1a2b)`, or move it out of this section\n30:1 error duplicate-criterion: the criterion id `ac-4` stands twice, first in line 29 | give one of them another id, such as `(ac-1a2b)`",
    );
    check_criteria(
        "- [ ] a (ac-1)\n\n  verify: cargo test\n\n- [ ] b (ac-2)\n\n  verify:\n\n- [ ] c (ac-3)\n\n  verify: `x\n\n- [ ] d (ac-4)\n\n  verify: `x` soon\n\n- [ ] e (ac-5)\n\n  verify: `x` (timeout 0s)\n\n- [ ] f (ac-6)\n\n  verify: `x`\n\n  verify: `y`\n\n- [ ] g (ac-7)\n\n  verify: ` `\n",
        "[ ] ac-1 a\n[ ] ac-2 b\n[ ] ac-3 c\n[ ] ac-4 d\n[ ] ac-5 e\n[ ] ac-6 f\n[ ] ac-7 g",
        "22:3 error verify-command: the command after `verify:` is not in back quotes | write verify: `cargo test`\n26:3 error verify-command: `verify:` names no command | write verify: `cargo test`, or a fenced block below it in the same list item\n30:3 error verify-command: the code span with the command is never closed on its line | use a fenced block for a command of several lines\n34:3 error verify-command: beside the command stands what is not run: soon | join commands with `&&` inside of the back quotes; other words go in another paragraph\n38:3 error verify-timeout: `(timeout 0s)` beside the command is no timeout | write it as `(timeout 20m)`: a number of s, m or h, at most 24h\n44:1 error second-verify: the criterion has a second `verify:` | join the commands with `&&`, or make two criteria of it\n48:3 error verify-command: `verify:` names no command | write verify: `cargo test`, or a fenced block below it in the same list item",
    );
}

#[test]
fn sections_and_blocks_have_ends() {
    check_criteria(
        "- [ ] a (ac-1)\n\n  verify:\n\n  ```\n  x\n\n- [ ] b (ac-2)\n",
        "[ ] ac-1 a",
        "24:3 error verify-command: the fenced block with the command is never closed | -",
    );
    check_criteria(
        "```\nopen\n\n- [ ] b (ac-2)\n",
        "",
        "20:1 error unclosed-block: the block that starts here is never closed | everything below it counts as code: close it",
    );
    check_criteria(
        "nothing\n",
        "",
        "4:9 warning no-criteria: the spec is ready without acceptance criteria | add a list item such as `- [ ] what must be true (ac-1a2b)` under `## Acceptance criteria`",
    );
    check_criteria(
        "- [ ] a (ac-1)\n\n## ACCEPTANCE criteria ##\n\n- [ ] b (ac-2)\n",
        "[ ] ac-1 a\n[ ] ac-2 b",
        "22:1 warning second-section: the file has a second section of acceptance criteria | move its criteria under the first one",
    );
}

#[test]
fn what_is_nearly_a_criterion_is_told() {
    let codes = |body: &str| -> Vec<String> {
        let (head, _) = VALID.split_once("## Acceptance").expect("a heading");
        let source = source(&format!("{head}{body}"));
        let (_, problems) = read(&source);
        let near = problems
            .iter()
            .filter(|problem| problem.code != "no-criteria");
        near.map(|problem| {
            let line = problem.position().expect("a place").line;
            format!("{line} {}", problem.code)
        })
        .collect()
    };
    let item = "- [ ] a (ac-1)\n\n  verify: `true`\n";
    assert_eq!(codes(&format!("## Acceptance criteria\n\n{item}")), [""; 0]);
    for heading in [
        "# Acceptance criteria",
        "### Acceptance criteria",
        "## Acceptance criteria:",
        "## Acceptance Criterion",
        "## Acceptance criteria (must)",
        "Acceptance criteria\n---",
        "## **Acceptance criteria**",
    ] {
        let line = 20 + heading.matches('\n').count();
        let expected = [
            "18 near-heading".to_owned(),
            format!("{line} criterion-outside"),
        ];
        assert_eq!(
            codes(&format!("{heading}\n\n{item}")),
            expected,
            "{heading}"
        );
    }
    for (verify, expected) in [
        ("verify: `true`", "22 verify-outside"),
        (" verify: `true`", "22 verify-outside"),
        ("  **verify:** `true`", "22 near-verify"),
        ("  verify : `true`", "22 near-verify"),
        ("  - verify: `true`", "22 nested-verify"),
        ("  - **verify:** `true`", "22 near-verify"),
        ("  > verify: `true`", "22 near-verify"),
    ] {
        let text = format!("## Acceptance criteria\n\n- [ ] a (ac-1)\n\n{verify}\n");
        assert_eq!(codes(&text), [expected], "{verify}");
    }
}
