//! What the keys of the language refuse and warn of, with the place.

use super::load;
use super::problems::{check, check_step};

/// Lines of a job; they start at line 3, column 5.
fn check_job(lines: &str, expected: &str) {
    let lines = lines.replace('\n', "\n    ");
    check(
        &format!("jobs:\n  a:\n    {lines}\n    steps: [run: x]\n"),
        expected,
    );
}

#[test]
fn fanning_out() {
    check_job(
        "for-each: [1]\nstrategy: {matrix: {a: [1]}}",
        "4:5 two-strategies a job has either `for-each` or `strategy`, not both\n",
    );
    check_job(
        "strategy: {matrix: {a: []}}",
        "3:25 empty `a` has no value to run with\n",
    );
    check_job(
        "strategy: {matrix: {}}",
        "3:16 bad-matrix a matrix needs at least one list of values\n",
    );
    check_job(
        "strategy: {matrix: {os: [a], n: 1, exclude: [{oss: a}, b]}, max-parallel: -1}",
        "3:34 wrong-type `n` is a number, expected a list or an expression\n\
         3:51 bad-matrix `oss` is not a list of this matrix [did you mean `os`?]\n\
         3:60 wrong-type an element of `exclude` is a mapping of names to values, not text\n\
         3:79 bad-number `max-parallel` is -1, expected a whole number from 0 or an expression \
         [leave it out, or write 0, for as many as the run allows]\n",
    );
    check_job(
        "strategy: {matrix: 'x ${{ inputs.y }}', fail-fast: maybe}",
        "3:24 wrong-type `matrix` has text around its expression\n\
         3:31 unknown-input the workflow has no input `y` [add `y` to `inputs` of the workflow]\n\
         3:56 wrong-type `fail-fast` is text, expected `true`, `false` or an expression\n",
    );
    check_job(
        "for-each: {items: x}",
        "3:23 wrong-type `items` is text, expected a list or an expression\n",
    );
    let many = (0..17)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    check_job(
        &format!("strategy: {{matrix: {{a: [{many}], b: [{many}]}}}}"),
        "3:16 bad-matrix a matrix has at most 256 combinations, this one has 289\n",
    );
}

#[test]
fn trying_again() {
    check_step(
        "run: x\nretry: {attempts: 0, backoff: exp, initial: 5, max: 1, jitter: 2}",
        "5:27 bad-number `attempts` is 0, expected a whole number from 1 to 100\n\
         5:39 unknown-value `backoff` is `exp`, expected `constant`, `linear` or `exponential`\n\
         5:53 wrong-type `initial` is a number, expected a time with its unit, such as `10s`, `5m` \
         or `1h30m`\n\
         5:61 wrong-type `max` is a number, expected a time with its unit, such as `10s`, `5m` or \
         `1h30m`\n\
         5:72 bad-number `jitter` is 2, expected `true`, `false` or a number from 0 to 1\n",
    );
    check_step(
        "run: x\nretry: {attempts: 2, initial: 10s, max: 1s, budget: soon, on: [256, timeot, '/(/', {output: '['}]}",
        "5:49 bad-retry the longest pause, `max`, is shorter than the first one, `initial`\n\
         5:61 bad-duration `budget` is no time, expected numbers with the units `d`, `h`, `m`, `s` \
         and `ms`, such as `1h30m`\n\
         5:72 bad-retry a failed command has an exit code from 1 to 255, not 256\n\
         5:77 bad-retry `timeot` is neither an exit code, `timeout`, `lost`, `failure` nor a regular \
         expression [did you mean `timeout`?]\n\
         5:85 bad-pattern this is no regular expression: unclosed group\n\
         5:101 bad-pattern this is no regular expression: unclosed character class\n",
    );
    check_step(
        "run: x\nretry: 101",
        "5:16 bad-number `retry` is 101, expected a whole number from 1 to 100\n",
    );
    check_step(
        "checkpoint: x\nretry: 2",
        "5:9 misplaced-key `retry` can stand beside `run`, `notify` or `git` only\n",
    );
}

#[test]
fn handlers() {
    check(
        "jobs:\n  a:\n    steps:\n      - id: x\n        run: x\n        on-failure:\n          \
         - {id: X, run: x, ensure: [run: y]}\n        ensure: []\n",
        "7:18 duplicate-id step id `X` is there already\n\
         7:29 misplaced-key a step of `on-failure` cannot have `ensure`\n\
         8:17 empty `ensure` has no step\n",
    );
}

#[test]
fn keeping_apart() {
    check_job(
        "concurrency: {queue: all, cancel-in-progress: true}",
        "3:5 missing-key `concurrency` needs `group`\n\
         3:26 unknown-value `queue` is `all`, expected `single` or `max`\n",
    );
    check_job(
        "concurrency: {group: g, queue: max, cancel-in-progress: true}",
        "3:29 bad-concurrency `queue: max` keeps all waiting, `cancel-in-progress` lets none wait\n",
    );
    check_job(
        "isolation: worktre",
        "3:16 unknown-value `isolation` is `worktre`, expected `worktree` [did you mean `worktree`?]\n",
    );
    check_job(
        "isolation: {merge: leave, on-conflict: ask}",
        "3:31 misplaced-key `merge: leave` merges nothing, so nothing can conflict\n",
    );
    check(
        "jobs:\n  a:\n    isolation: {on-conflict: [{id: x, run: y}]}\n    steps: [{id: X, run: y}]\n",
        "3:32 duplicate-id step id `x` is there already\n",
    );
    let run =
        |isolation: &str| format!("isolation: {isolation}\njobs: {{a: {{steps: [run: x]}}}}\n");
    check(
        &run("{merge: squash}"),
        "1:1 misplaced-key a run keeps its commits: `squash` and `rebase` are for jobs\n",
    );
    check(
        &run("{on-conflict: ask}"),
        "1:1 misplaced-key nothing is merged into the work tree of a run but jobs with `isolation`: \
         `on-conflict` belongs there\n",
    );
    check(
        &run("{merge: leave, into: main}"),
        "1:1 misplaced-key `merge: leave` merges nothing, `into` names where it is to go\n",
    );
}

#[test]
fn what_runs_elsewhere() {
    check_job(
        "environment: prod\ncontainer: node\nservices: {}\nuses: ./x.yml",
        "3:5 ignored-key `environment` is ignored: there are no environments [let a person approve \
         with a step `checkpoint: <name>`]\n\
         4:5 unsupported-key `container` is not supported [commands run on this machine; start a \
         container under `run:` of a step]\n\
         5:5 unsupported-key `services` is not supported [commands run on this machine; start a \
         container under `run:` of a step]\n\
         6:5 unsupported-key `uses` is not supported [call a workflow of this repository with a step \
         `workflow: <name>`]\n",
    );
    check_step(
        "uses: actions/upload-artifact@v4",
        "4:9 unsupported-key `uses` is not supported [write `artifacts: {<name>: <path>}` beside \
         `run:`]\n",
    );
    check(
        "on: [push, post-comit, issues, 3]\njobs: {a: {steps: [run: x]}}\n",
        "1:6 foreign-event `push` never happens here: it is an event of GitHub [the nearest event \
         here is `post-commit`]\n\
         1:12 unknown-event unknown event `post-comit` [did you mean `post-commit`?]\n\
         1:24 foreign-event `issues` never happens here: it is an event of GitHub [the nearest event \
         here is `spec-changed`]\n\
         1:32 wrong-type `on` holds names of events, not a number\n",
    );
}

#[test]
fn kinds_of_steps() {
    check_step(
        "checkpoint: c\noptions: [reject, a b, reject]\nexpires: 1w\non-timeout: no\napprovers: [me]",
        "5:27 bad-id `a b` is not a valid id [start with a letter or `_`, go on with letters, digits, \
         `_` and `-`]\n\
         5:32 bad-options option `reject` is there already\n\
         6:18 bad-duration `expires` is no time, expected numbers with the units `d`, `h`, `m`, `s` \
         and `ms`, such as `1h30m`\n\
         7:21 unknown-value `on-timeout` is `no`, expected `reject`, `fail` or `approve`\n\
         8:21 bad-address `me` is no address, as Git has it in `user.email`\n",
    );
    check_step(
        "checkpoint: c\noptions: [reject]\non-timeout: fail",
        "5:9 bad-options with `reject` alone nobody can let the run go on\n\
         6:9 misplaced-key `on-timeout` can stand beside `expires` only\n",
    );
    check_step(
        "workflow: .mmm/workflows/x.yaml",
        "4:19 bad-workflow `.mmm/workflows/x.yaml` is a path, expected the name of a workflow [write \
         `workflow: x`]\n",
    );
    check_step(
        "notify: {to: webhook, level: bad, command: x}",
        "4:9 missing-key `notify` needs `message`\n\
         4:9 missing-key `notify` with `to: webhook` needs `url`\n\
         4:38 unknown-value `level` is `bad`, expected `info`, `warning` or `error`\n\
         4:43 misplaced-key `command` can stand beside `to: webhook` only\n"
            .replace("beside `to: webhook` only", "beside `to: command` only")
            .as_str(),
    );
    check_step(
        "git: {commit: {all: true, paths: a, message: m, sign: 3}, tag: x}",
        "4:24 misplaced-key `git` commits either `paths` or `all`\n\
         4:63 wrong-type `sign` is a number, expected `true`, `false` or an expression\n\
         4:67 step-kind `git` does one thing: either `commit` or `tag` [write a step for each]\n",
    );
    check_step(
        "git: {}",
        "4:9 missing-key `git` needs `branch`, `commit`, `tag` or `merge`\n",
    );
}

#[test]
fn inputs() {
    check(
        "inputs:\n  a: {type: choice}\n  b: {type: boolean, default: yes, options: [x]}\n  c: {type: \
         choise, default: '${{ spec.id }}'}\n  A:\njobs: {a: {steps: [{run: x, if: inputs.d}]}}\n",
        "2:3 missing-key input `a` is a choice and needs `options`\n\
         3:31 bad-default the default of input `b` is `yes`, not `true` or `false`\n\
         3:36 misplaced-key `options` can stand beside `type: choice` only\n\
         4:13 unknown-value `type` is `choise`, expected `string`, `boolean`, `number`, `choice` or \
         `environment` [did you mean `choice`?]\n\
         4:30 expression-not-allowed `default` cannot hold an expression\n\
         5:3 duplicate-key input `A` is there already\n\
         6:33 unknown-input the workflow has no input `d` [add `d` to `inputs` of the workflow]\n",
    );
}

#[test]
fn names_below_contexts() {
    check(
        "jobs:\n  a:\n    outputs: {version: '1'}\n    strategy: {matrix: {os: [x], include: [{extra: \
         1}]}}\n    steps:\n      - run: x\n        name: >-\n          ${{ matrix.os }} ${{ \
         matrix.extra }} ${{ matrix.oz }}\n          ${{ item }} ${{ job.state }} ${{ runner.os }} ${{ \
         github.event.x }}\n  b:\n    needs: a\n    if: needs.a.outputs.versoin\n    steps:\n      - {run: x, if: matrix.os}\n      - {run: x, if: \
         checkpoint.c.option}\n      - checkpoint: c\n      - {run: x, if: checkpoint.c.optio}\n",
        "8:52 unknown-property `matrix` has no `oz` [did you mean `os`?]\n\
         9:15 unknown-property `item` is empty: this job has no `for-each`\n\
         9:27 unknown-property `job` has no `state` [known here: `status`]\n\
         9:61 unknown-property `github` has no `event` [what a run is told when it \
         starts is in `inputs`]\n\
         12:9 unknown-output job `a` has no output `versoin` [did you mean `version`?]\n\
         14:22 unknown-property `matrix` is empty: this job has no `strategy.matrix`\n\
         15:22 unknown-checkpoint checkpoint `c` has not been answered here\n\
         17:22 unknown-property a checkpoint has no `optio` [did you mean \
         `option`?]\n",
    );
}

#[test]
fn files_are_hashed_in_steps_only() {
    check(
        "jobs:\n  a:\n    name: ${{ hashFiles('x') }}\n    steps: [{run: x, name: \"${{ hashFiles('x') \
         }}\"}]\n",
        "3:15 unknown-function `hashFiles()` can be called in steps only\n",
    );
    check_step(
        "run: x\nif: vars.LEVEL",
        "5:13 unknown-context `vars` cannot be read here [settings of GitHub are not known here: \
         declare `<name>` under `inputs`, read `inputs.<name>` and give it with `--set \
         <name>=<value>`, or write it under `env` and read `env.<name>` in steps]\n",
    );
}

#[test]
fn warnings() {
    check(
        "jobs:\n  a:\n    if: false\n    outputs: {used: '1', unused: '${{ github.sha }}'}\n    steps: \
         [run: x]\n  b: {needs: a, steps: [{run: x, if: needs.a.outputs.used}]}\n  c: {needs: b, if: \
         always(), env: {KNOWN: 1}, steps: [{run: x, if: env.KNWON}]}\n",
        "2:3 unreachable-job job `a` never runs: its condition is always false\n\
         4:35 unused-output nothing reads output `unused` of job `a`\n\
         6:3 unreachable-job job `b` never runs: it needs `a`, which never does\n\
         7:69 undefined-variable no `env` sets `KNWON`, so it is empty here [did you mean `KNOWN`?]\n",
    );
}

#[test]
fn names_of_other_tools_lead_to_ours() {
    let found = [
        ("timeout: 5", "timeout-minutes"),
        ("workdir: x", "working-directory"),
        ("command: x", "run"),
        ("when: x", "if"),
        ("allow_failure: true", "continue-on-error"),
        ("finally: []", "ensure"),
    ];
    for (key, ours) in found {
        let (_, problems) = load(&format!("jobs: {{a: {{steps: [{{run: x, {key}}}]}}}}\n"));
        let hint = problems.first().and_then(|problem| problem.hint.clone());
        assert_eq!(hint, Some(format!("did you mean `{ours}`?")), "{key}");
    }
}

#[test]
fn a_condition_that_never_holds_is_told_whatever_else_it_asks() {
    for (condition, never) in [
        ("always() && false", true),
        ("${{ !(github.sha || true) }}", true),
        ("'a' == 'b'", true),
        ("github.ref == 'x' && contains('abc', 'd')", true),
        ("github.ref == 'x' || false", false),
        ("success() && true", false),
    ] {
        let text = format!("jobs:\n  a:\n    if: {condition:?}\n    steps: [{{run: x}}]\n");
        let (_, problems) = load(&text);
        let told = problems
            .iter()
            .any(|problem| problem.code == "unreachable-job");
        assert_eq!(told, never, "{condition}");
    }
}
