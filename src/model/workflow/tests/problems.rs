//! Every problem, with its exact place.

use super::load;
use super::render;
use crate::base::diagnostic::Problem;

pub(super) fn check(text: &str, expected: &str) {
    let (workflow, problems) = load(text);
    assert_eq!(render(&problems), expected, "{text}");
    let failed = problems.iter().any(Problem::is_error);
    assert_eq!(workflow.is_none(), failed, "{text}");
}

/// One step in one job; lines start at 4, columns at 9.
pub(super) fn check_step(step: &str, expected: &str) {
    let step = step.replace('\n', "\n        ");
    check(
        &format!("jobs:\n  a:\n    steps:\n      - {step}\n"),
        expected,
    );
}

#[test]
fn top_level() {
    check(
        "",
        "1:1 missing-key the file is empty: a workflow needs `jobs`\n",
    );
    check(
        "- a\n",
        "1:1 wrong-type a workflow is a mapping, not a list\n",
    );
    check("name: x\n", "1:1 missing-key a workflow needs `jobs`\n");
    check(
        "jobs:\n",
        "1:1 wrong-type `jobs` has no value, expected a mapping of ids to jobs\n",
    );
    check("jobs: {}\n", "1:1 empty `jobs` has no job\n");
    check(
        "jobs: [a]\n",
        "1:7 wrong-type `jobs` is a list, expected a mapping of ids to jobs [leave out the `- `: a job is its id with a `:`, and its keys below it]\n",
    );
    check(
        "name: ${{ spec.title }}\nname: b\njobs: {a: {steps: [run: x]}}\n",
        "1:7 expression-not-allowed `name` cannot hold an expression\n\
         2:1 duplicate-key `name` is there already\n",
    );
}

#[test]
fn keys_that_are_not_known() {
    check(
        "job:\n  a: {}\n",
        "1:1 unknown-key unknown key `job` in a workflow [did you mean `jobs`?]\n\
         1:1 missing-key a workflow needs `jobs`\n",
    );
    check(
        "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    strategy: {}\n    \
         step: []\n    steps:\n      - uses: actions/checkout@v4\n      - runn: x\n      - claude: x\n",
        "1:5 foreign-event `push` never happens here: it is an event of GitHub [the nearest event \
         here is `post-commit`]\n\
         2:1 ignored-key `permissions` is ignored: there is no token whose rights it could set\n\
         5:5 ignored-key `runs-on` is ignored: jobs run on this machine\n\
         6:5 no-matrix `strategy` changes nothing without `matrix`\n\
         7:5 unknown-key unknown key `step` in a job [did you mean `steps`?]\n\
         9:9 unsupported-key `uses` is not supported [leave it out: the work tree is here]\n\
         10:9 unknown-key unknown key `runn` in a step [did you mean `run`?]\n\
         11:9 unknown-key `claude` is not known in this version\n",
    );
    check_step(
        "run: x\nzzzzzzz: 1",
        "5:9 unknown-key unknown key `zzzzzzz` in a step [known here: `name`, `id`, `if`, `env`, \
         `run`, `shell`, `working-directory`, `timeout-minutes`, `continue-on-error`, `retry`, \
         `artifacts`, `problem-matchers`, `on-failure`, `ensure`, `checkpoint`, `message`, \
         `options`, `text`, `expires`, `on-timeout`, `approvers`, `workflow`, `with`, `notify`, \
         `git` or `use`]\n",
    );
}

#[test]
fn warnings_leave_the_workflow_usable() {
    check(
        "jobs:\n  a:\n    runs-on: x\n    steps: [run: x]\n",
        "3:5 ignored-key `runs-on` is ignored: jobs run on this machine\n",
    );
}

#[test]
fn jobs_and_ids() {
    check(
        "jobs:\n  1a: {steps: [run: x]}\n  b: 3\n  c:\n  d: {steps: []}\n  B: {steps: [run: x]}\n  \
         e: {name: x}\n",
        "2:3 bad-id `1a` is not a valid id [start with a letter or `_`, go on with letters, digits, \
         `_` and `-`]\n\
         3:6 wrong-type a job is a mapping, not a number\n\
         4:3 wrong-type a job is a mapping, not nothing [what belongs to it stands below it, further to the right]\n\
         5:14 empty `steps` has no step\n\
         6:3 duplicate-key job `B` is there already [ids are the same in upper and lower case]\n\
         7:3 missing-key a job needs `steps`\n",
    );
    check(
        "jobs:\n  a:\n    steps:\n      - {id: x, run: x}\n      - {id: X, run: x}\n      \
         - {id: a b, run: x}\n",
        "5:14 duplicate-id step id `X` is there already\n\
         6:14 bad-id `a b` is not a valid id [start with a letter or `_`, go on with letters, \
         digits, `_` and `-`]\n",
    );
}

#[test]
fn needs() {
    check(
        "jobs:\n  build: {steps: [run: x]}\n  a: {needs: biuld, steps: [run: x]}\n  \
         b: {needs: [build, a, BUILD, b, 3], steps: [run: x]}\n  c: {needs: {}, steps: [run: x]}\n",
        "3:14 unknown-job unknown job `biuld` [did you mean `build`?]\n\
         4:25 duplicate-need job `BUILD` is in `needs` already\n\
         4:32 self-need job `b` needs itself\n\
         4:35 wrong-type `needs` holds ids of jobs, not a number\n\
         5:14 wrong-type `needs` is a mapping, expected the id of a job or a list of ids\n",
    );
}

#[test]
fn cycles_are_reported_once_with_their_path() {
    check(
        "jobs:\n  c: {needs: b, steps: [run: x]}\n  b: {needs: a, steps: [run: x]}\n  \
         a: {needs: c, steps: [run: x]}\n  d: {needs: a, steps: [run: x]}\n  \
         e: {needs: f, steps: [run: x]}\n  f: {needs: [d, e], steps: [run: x]}\n",
        "2:14 cycle jobs wait for one another: c -> b -> a -> c\n\
         6:14 cycle jobs wait for one another: e -> f -> e\n",
    );
    check(
        "jobs:\n  a: {needs: b, steps: [run: x]}\n  b: {needs: [a, c], steps: [run: x]}\n  \
         c: {needs: b, steps: [run: x]}\n",
        "2:14 cycle jobs wait for one another: a -> b -> a\n\
         3:18 cycle jobs wait for one another: b -> c -> b\n",
    );
}

#[test]
fn kinds_of_steps() {
    check_step(
        "name: x",
        "4:9 step-kind a step needs `run`, `checkpoint`, `workflow`, `notify` or `git`\n",
    );
    check_step(
        "message: x",
        "4:9 step-kind a step needs `run`, `checkpoint`, `workflow`, `notify` or `git`\n",
    );
    check_step(
        "run: x\ncheckpoint: y",
        "5:9 step-kind a step has either `run` or `checkpoint`, not both\n",
    );
    check_step(
        "run: x\nmessage: y",
        "5:9 misplaced-key `message` can stand beside `checkpoint` only\n",
    );
    check_step(
        "checkpoint: y\nshell: sh\ntimeout-minutes: 1",
        "5:9 misplaced-key `shell` can stand beside `run` only\n\
         6:9 misplaced-key `timeout-minutes` can stand beside `run`, `notify`, `git` or \
         `workflow` only\n",
    );
    let message = |text: &str| format!("checkpoint: y\nmessage: {text}");
    let long = |bytes: usize| message(&"m".repeat(bytes));
    check_step(&long(10_000), "");
    check_step(
        &long(10_001),
        "5:9 long-message a message has at most 10000 bytes, this one has 10001 \
         [write it to a file and name the file]\n",
    );
    check_step(
        &message(&format!("${{{{ run.id }}}} {}", "m".repeat(10_000))),
        "5:9 long-message a message has at most 10000 bytes, this one has 10001 \
         [write it to a file and name the file]\n",
    );
    check_step(
        "checkpoint: look here",
        "4:21 bad-id `look here` is not a valid id [start with a letter or `_`, go on with \
         letters, digits, `_` and `-`]\n",
    );
    check_step(
        "just text",
        "4:9 wrong-type a step is a mapping, not text [a command stands behind `run:`: `- run: just text`]\n",
    );
    check_step("run:", "4:9 wrong-type `run` has no value, expected text\n");
    check_step(
        "run: [x]",
        "4:14 wrong-type `run` is a list, expected text\n",
    );
}

#[test]
fn values() {
    for (minutes, column) in [("-1", 9), ("525601", 9), (".nan", 9), ("1e-300", 9)] {
        check_step(
            &format!("run: x\ntimeout-minutes: {minutes}"),
            &format!(
                "5:{} bad-timeout `timeout-minutes` is a number of minutes from 0 to 525600 [leave \
                 it out, or write 0, for no limit of its own]\n",
                column + 17
            ),
        );
    }
    check_step(
        "run: x\ntimeout-minutes: '5'",
        "5:26 wrong-type `timeout-minutes` is text, expected a number of minutes or an \
         expression\n",
    );
    check_step(
        "run: x\nenv:\n  a-b: 1\n  C: 2\n  C: 3\n  D: [1]",
        "6:11 bad-variable a shell cannot read `a-b`: its name is not one of a variable there [use \
         letters, digits and `_`; expressions and programs can read it]\n\
         8:11 duplicate-key variable `C` is there already\n\
         9:14 wrong-type `D` is a list, expected text\n",
    );
    check_step(
        "run: x\nenv: a ${{ github }}",
        "5:14 wrong-type `env` has text around its expression [put all of it inside one `${{ }}`]\n",
    );
    check_step(
        "run: x\nenv: {'a=b': 1, '': 2, '${{ github.ref }}': 3}",
        "5:15 bad-variable `a=b` is not a name of a variable [start with a letter or `_`, go on \
         with letters, digits and `_`]\n\
         5:25 bad-variable `` is not a name of a variable [start with a letter or `_`, go on with \
         letters, digits and `_`]\n\
         5:32 bad-variable `${{ github.ref }}` is not a name of a variable [start with a letter or \
         `_`, go on with letters, digits and `_`]\n",
    );
    check_step(
        "run: x\nshell: bsh",
        "5:16 bad-shell `bsh` is neither a known shell nor a command with `{0}` [did you mean \
         `bash`?]\n",
    );
    check_step(
        "run: x\nshell: zsh",
        "5:16 bad-shell `zsh` is neither a known shell nor a command with `{0}` [`{0}` stands for \
         the file of the script: `zsh {0}`]\n",
    );
    check_step(
        "run: x\nshell: wat",
        "5:16 bad-shell `wat` is neither a known shell nor a command with `{0}` [known shells: \
         bash, sh, python, pwsh; or a command such as `perl {0}`]\n",
    );
    check_step(
        "run: \"a\\0b\"",
        "4:14 nul-character no program can be given text with a NUL character\n",
    );
}

const STEP_CONTEXTS: &str = "known here: `checkpoint`, `env`, `github`, `inputs`, `item`, `job`, \
    `matrix`, `needs`, `project`, `run`, `runner`, `secrets`, `spec`, `steps` or `strategy`";

#[test]
fn expressions_are_shown_inside_their_text() {
    check_step(
        "run: echo ${{ envv.A }} ${{ 1 + }}",
        &format!(
            "4:23 unknown-context unknown context `envv` [did you mean `env`? {STEP_CONTEXTS}]\n\
             4:39 expression-syntax there is no arithmetic: `+` is no operator\n"
        ),
    );
    check_step(
        "run: |\n  one\n    ${{ env. }}",
        "6:21 expression-syntax the expression ends where the name of a property is expected\n",
    );
    check_step(
        "run: 'it''s ${{ success() }}'",
        "4:25 unknown-function `success()` can be used in `if` only\n",
    );
    check_step(
        "run: x\nif: sucess()",
        "5:13 unknown-function unknown function `sucess` [did you mean `success`?]\n",
    );
    check_step(
        "run: x\nif: \"${{ true }} && \\u0066alse\"",
        "5:14 expression-syntax text around `${{ }}` makes this condition always true [put the \
         whole condition inside one `${{ }}`, or leave it out]\n",
    );
    check_step(
        "run: x\nif: ${{ }}",
        "5:16 expression-syntax the expression is empty\n",
    );
    check(
        "env: {A: '${{ env.B }}'}\njobs:\n  a:\n    if: steps.x.outcome\n    steps: [run: x]\n",
        "1:15 unknown-context `env` cannot be read here [only what belongs to a step can read it; \
         known here: `github`, `inputs`, `project`, `run`, \
         `secrets` or `spec`]\n\
         4:9 unknown-context `steps` cannot be read here [only what belongs to a step can read it; \
         known here: `github`, `inputs`, `needs`, `project`, \
         `run` or `spec`]\n",
    );
    check(
        "env: {A: x}\njobs:\n  a:\n    if: env.A == 'x'\n    steps: [run: x]\n",
        "4:9 unknown-context `env` cannot be read here [only what belongs to a step can read it; \
         known here: `github`, `inputs`, `needs`, `project`, \
         `run` or `spec`]\n",
    );
}

#[test]
fn names_below_steps_and_needs() {
    check(
        "jobs:\n  a: {steps: [run: x]}\n  b:\n    needs: a\n    if: needs.a.outcome && needs.c.result\n    \
         steps:\n      - {id: unit, run: x, if: steps.unit.outcome}\n      - run: |\n          \
         ${{ steps.unti.outcome }}\n          ${{ steps.last.outcome }}\n          \
         ${{ steps.unit.outputs.x }}\n          ${{ needs.bb.result }}\n      - {id: last, run: x}\n  \
         c: {steps: [run: x]}\n",
        "5:9 unknown-property a job has no `outcome` [known here: `result`, \
         `outputs` or `results`]\n\
         5:28 unknown-job job `c` is not in `needs` of this job [add `c` to `needs`]\n\
         7:32 unknown-step step `unit` has not ended while it is evaluated itself\n\
         9:15 unknown-step no step of this job has the id `unti` [did you mean `unit`?]\n\
         10:15 unknown-step step `last` comes later\n\
         11:11 splice-into-run `steps.unit.outputs.x` is text of a program, which becomes part of \
         the script [set `env: { STEPS_UNIT_OUTPUTS_X: '${{ steps.unit.outputs.x }}' }` and write \
         `\"$STEPS_UNIT_OUTPUTS_X\"`]\n\
         12:15 unknown-job unknown job `bb` [did you mean `b`?]\n",
    );
}

#[test]
fn foreign_text_stays_out_of_scripts() {
    check_step(
        "run: echo ${{ spec.title }}",
        "4:19 splice-into-run the text of `spec.title` would become part of the script [set `env: \
         { SPEC_TITLE: '${{ spec.title }}' }` and write `\"$SPEC_TITLE\"`]\n",
    );
    check_step(
        "run: echo ${{ run.id && Project.name || 'none' }}",
        "4:19 splice-into-run the text of `project.name` would become part of the script [set \
         `env: { PROJECT_NAME: \"${{ run.id && Project.name || 'none' }}\" }` and write \
         `\"$PROJECT_NAME\"`]\n",
    );
    // The way round through variables.
    check(
        "env: {A: '${{ spec.title }}', B: safe}\njobs:\n  a:\n    env: {C: '${{ project.name }}'}\n    \
         steps:\n      - run: echo ${{ env.A }} ${{ env.B }}\n      - env: {D: 'x${{ env.C }}', A: x}\n        \
         run: echo ${{ env.A }} ${{ env.D }}\n",
        "6:19 splice-into-run `env.A` holds foreign text, which would become part of the script \
         [write `\"$A\"`: the script has the variable]\n\
         8:32 splice-into-run `env.D` holds foreign text, which would become part of the script \
         [write `\"$D\"`: the script has the variable]\n",
    );
    check_step(
        "name: ${{ spec.title }}\nenv: {T: '${{ spec.title }}'}\nworking-directory: ${{ spec.slug }}\n\
         run: echo \"$T\"",
        "",
    );
}

#[test]
fn text_of_files_and_answers_stays_out_of_scripts() {
    check(
        "dotenv: .env\njobs:\n  a:\n    steps:\n      - {id: ask, checkpoint: ask}\n      \
         - run: echo ${{ env.NAME }}\n      - run: echo ${{ steps.ask.outputs.text }}\n      \
         - run: echo ${{ steps.ask.outputs.option }} ${{ steps.tag.outputs.changed }}\n        \
         if: always()\n      - {id: tag, git: {tag: v1}}\n      \
         - run: echo ${{ steps.tag.outputs.commit }}\n",
        "6:19 splice-into-run `env.NAME` is text of a file, which would become part of the script \
         [write `\"$NAME\"`: the script has the variable]\n\
         7:19 splice-into-run the text of `steps.ask.outputs.text` would become part of the script \
         [set `env: { STEPS_ASK_OUTPUTS_TEXT: '${{ steps.ask.outputs.text }}' }` and write \
         `\"$STEPS_ASK_OUTPUTS_TEXT\"`]\n\
         8:55 unknown-step step `tag` comes later\n",
    );
}

#[test]
fn an_error_hides_no_output_that_nothing_reads() {
    check(
        "jobs:\n  a:\n    outputs: {o: \"${{ runner.os }}\", p: \"${{ runner.os }}\"}\n    \
         steps: [{runn: x}]\n  b:\n    needs: a\n    \
         steps: [{runn: 'echo ${{ needs.a.outputs.p }}'}]\n",
        "3:19 unused-output nothing reads output `o` of job `a`\n\
         4:14 unknown-key unknown key `runn` in a step [did you mean `run`?]\n\
         7:14 unknown-key unknown key `runn` in a step [did you mean `run`?]\n",
    );
}

#[test]
fn ids_have_an_end() {
    let long = "x".repeat(101);
    check(
        &format!("jobs: {{{long}: {{steps: [{{run: x}}]}}}}\n"),
        "1:8 bad-id an id has at most 100 characters, not 101\n",
    );
}

#[test]
fn all_problems_at_once_but_not_without_end() {
    let steps = "      - runn: x\n".repeat(1000);
    let (_, problems) = load(&format!("jobs:\n  a:\n    steps:\n{steps}"));
    assert_eq!(problems.len(), 201);
    assert_eq!(
        problems.last().map(|problem| problem.message.as_str()),
        Some("200 problems are shown, 800 more are not")
    );
}

#[test]
fn one_bad_expression_hides_no_other() {
    check(
        "jobs:\n  a:\n    steps:\n      - run: echo ${{ steps.nope.outcome }} ${{ unknown.x }} \
         ${{ needs.zz.result }} ${{ spec.title }}\n      - run: |\n          ${{ spec.title }}\n          \
         ${{ bad\n",
        &format!(
            "4:23 unknown-step no step of this job has the id `nope` [give the step a key `id: nope`]\n\
             4:49 unknown-context unknown context `unknown` [{STEP_CONTEXTS}]\n\
             4:66 unknown-job unknown job `zz`\n\
             4:85 splice-into-run the text of `spec.title` would become part of the script [set \
             `env: {{ SPEC_TITLE: '${{{{ spec.title }}}}' }}` and write `\"$SPEC_TITLE\"`]\n\
             6:11 splice-into-run the text of `spec.title` would become part of the script [set \
             `env: {{ SPEC_TITLE: '${{{{ spec.title }}}}' }}` and write `\"$SPEC_TITLE\"`]\n\
             7:11 expression-syntax `${{{{` is not closed by `}}}}` [put `}}}}` behind the \
             expression]\n"
        ),
    );
}

#[test]
fn hints_that_work() {
    check_step(
        "run: ${{ 'open }}",
        "4:14 expression-syntax `${{` is not closed by `}}` [close the string with `'` before the \
         `}}`]\n",
    );
    check_step(
        "run: x\nif: always",
        "5:13 unknown-context unknown context `always` [it is a function: write `always()`]\n",
    );
    check_step(
        "run: x\nname: ${{ always }}",
        &format!("5:19 unknown-context unknown context `always` [{STEP_CONTEXTS}]\n"),
    );
}

#[test]
fn names_below_spec_project_and_run() {
    check(
        "env: {A: '${{ spec.titel }}'}\njobs:\n  a:\n    if: run.branch == 'main'\n    steps:\n      \
         - {name: '${{ Project.nam }} ${{ SPEC.Path }}', run: x}\n",
        "1:15 unknown-property `spec` has no `titel` [did you mean `title`?]\n\
         4:9 unknown-property `run` has no `branch` [known here: `id` or \
         `workflow`]\n\
         6:21 unknown-property `project` has no `nam` [did you mean `name`?]\n",
    );
}

#[test]
fn formats() {
    check("format: 1\njobs: {a: {steps: [run: x]}}\n", "");
    let version = env!("CARGO_PKG_VERSION");
    check(
        "format: 2\nfuture: true\n",
        &format!(
            "1:9 newer-format the file has format 2, and git-mmm {version} knows format 1 [install a \
             git-mmm newer than {version} that knows format 2]\n"
        ),
    );
    for bad in ["0", "-1", "'1'", "1.5", "x"] {
        let (workflow, problems) = load(&format!(
            "format: {bad}\njobs: {{a: {{steps: [run: x]}}}}\n"
        ));
        assert!(workflow.is_none());
        assert_eq!(problems.len(), 1, "{bad}");
        assert!(
            problems[0].message.ends_with("expected the number 1"),
            "{bad}"
        );
    }
}

#[test]
fn what_aliases_repeat_is_wrong_once() {
    check(
        "jobs:\n  a:\n    steps: &s\n      - runn: x\n  b: {steps: *s}\n  c: {steps: *s}\n",
        "4:9 unknown-key unknown key `runn` in a step [did you mean `run`?]\n",
    );
}

#[test]
fn a_byte_order_mark_has_no_column() {
    check(
        "\u{feff}jbos: {}\njobs: {a: {steps: [run: x]}}\n",
        "1:1 unknown-key unknown key `jbos` in a workflow [did you mean `jobs`?]\n",
    );
}
