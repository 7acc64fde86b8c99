//! Whose text may become part of a script.

use super::load;

/// The severity and message of each problem of a script, in a workflow that hands text around.
fn check(pasted: &str, expected: &[&str]) {
    let text = format!(
        "inputs: {{free: , flag: {{type: boolean}}}}\nenv: {{SPEC: '${{{{ spec.title }}}}', IN: \
         '${{{{ inputs.free }}}}', SAFE: x}}\njobs:\n  first:\n    outputs: {{title: '${{{{ spec.title \
         }}}}', out: '${{{{ steps.s.outputs.x }}}}', safe: '1', none: x}}\n    steps:\n      - {{id: s, \
         run: x}}\n      - checkpoint: c\n  second:\n    needs: first\n    outputs: {{title: 'by \
         ${{{{ needs.first.outputs.title }}}}'}}\n    steps: [run: x]\n  third:\n    needs: [first, \
         second]\n    strategy:\n      matrix:\n        lit: [a]\n        spec: ['${{{{ spec.id \
         }}}}']\n        list: '${{{{ needs.first.outputs.out }}}}'\n        include: [{{lit: a, more: \
         '${{{{ inputs.free }}}}'}}]\n    steps:\n      - {{id: s, run: x}}\n      - checkpoint: \
         d\n      - run: echo {pasted}\n"
    );
    let (_, problems) = load(&text);
    let shown: Vec<String> = problems
        .iter()
        .filter(|problem| problem.code == "splice-into-run")
        .map(|problem| format!("{}: {}", problem.severity.as_str(), problem.message))
        .collect();
    assert_eq!(shown, expected, "{pasted}");
}

#[test]
fn text_is_followed() {
    let foreign = |path: &str| {
        format!("error: `{path}` holds foreign text, which would become part of the script")
    };
    let direct =
        |path: &str| format!("error: the text of `{path}` would become part of the script");
    let program = |path: &str| {
        format!("warning: `{path}` is text of a program, which becomes part of the script")
    };
    let starter = |path: &str| {
        format!(
            "warning: `{path}` is text of whoever starts the run, which becomes part of the script"
        )
    };
    let one = |pasted: &str, expected: String| check(pasted, &[expected.as_str()]);
    one("${{ spec.title }}", direct("spec.title"));
    one("${{ github.ref_name }}", direct("github.ref_name"));
    one("${{ checkpoint.c.text }}", direct("checkpoint.c.text"));
    one("${{ env.SPEC }}", foreign("env.SPEC"));
    // What chooses between texts is none of them.
    check("${{ spec.title && 'a' || 'b' }}", &[]);
    one("${{ true && spec.title }}", direct("spec.title"));
    check(
        "${{ join(needs.*.result) }} ${{ toJSON(steps.*.outcome) }}",
        &[],
    );
    one("${{ toJSON(needs.*.outputs) }}", program("needs.*.outputs"));
    one("${{ env.IN }}", starter("env.IN"));
    one("${{ inputs.free }}", starter("inputs.free"));
    one("${{ steps.s.outputs.x }}", program("steps.s.outputs.x"));
    one(
        "${{ needs.first.outputs.title }}",
        foreign("needs.first.outputs.title"),
    );
    one(
        "${{ needs.second.outputs.title }}",
        foreign("needs.second.outputs.title"),
    );
    one(
        "${{ needs.first.outputs.out }}",
        program("needs.first.outputs.out"),
    );
    one("${{ matrix.spec }}", foreign("matrix.spec"));
    one("${{ matrix.list }}", program("matrix.list"));
    one("${{ matrix.more }}", starter("matrix.more"));
    one("${{ format('{0}', spec['title']) }}", direct("spec.title"));
    one("${{ toJSON(env) }}", foreign("env"));
    one("${{ matrix[github.sha] }}", foreign("matrix"));
    // The worst of several is told of.
    one("${{ inputs.free || spec.title }}", direct("spec.title"));
    for safe in [
        "${{ env.SAFE }}",
        "${{ inputs.flag }}",
        "${{ needs.first.outputs.safe }}",
        "${{ needs.first.result }}",
        "${{ steps.s.outcome }}",
        "${{ matrix.lit }}",
        "${{ github.sha }} ${{ runner.os }} ${{ strategy.job-index }}",
        "${{ checkpoint.d.option }}",
        "${{ spec.title == 'x' }} ${{ !spec.title }} ${{ contains(spec.title, 'x') }}",
    ] {
        check(safe, &[]);
    }
}

#[test]
fn items_and_files_are_followed() {
    let check = |text: &str, expected: &str| {
        let (_, problems) = load(text);
        let problem = problems
            .iter()
            .find(|problem| problem.code == "splice-into-run");
        let shown = problem.map_or("", |problem| problem.severity.as_str());
        assert_eq!(shown, expected, "{text}");
    };
    for (lines, pasted, expected) in [
        ("for-each: [a]", "item", ""),
        ("for-each: ['${{ spec.id }}']", "item.name", "error"),
        ("for-each: '${{ inputs.x }}'", "item", "warning"),
        ("dotenv: .env", "env.SET_THERE", "error"),
    ] {
        check(
            &format!(
                "inputs: {{x: }}\njobs:\n  a:\n    {lines}\n    steps: [run: 'echo ${{{{ {pasted} }}}}']\n"
            ),
            expected,
        );
    }
    check(
        "jobs:\n  a:\n    steps:\n      - notify: {to: command, command: 'say ${{ spec.title }}'}\n",
        "error",
    );
    check(
        "jobs:\n  a:\n    isolation: {on-conflict: [run: 'echo ${{ spec.title }}']}\n    \
         steps: [run: x]\n",
        "error",
    );
}
