//! The workflows that the steps of a workflow call, and what is wrong with calling them.

use std::collections::BTreeMap;

use crate::base::diagnostic::Problem;
use crate::base::limits;
use crate::base::source::{SourceText, Span};
use crate::base::text;
use crate::model::expression::template::has_expression;
use crate::model::expression::value::fold;
use crate::model::workflow::resolve::Missing;
use crate::model::workflow::{StepKind, Workflow};
use crate::workflow::sources::Sources;

/// Follows all calls; gives the workflows by name, and every problem.
pub(super) fn check(
    sources: &Sources,
    workflow: &Workflow,
) -> (BTreeMap<String, Workflow>, Vec<Problem>) {
    let mut walk = Walk {
        sources,
        called: BTreeMap::new(),
        problems: Vec::new(),
    };
    let main = workflow.source.path();
    let main = main.rsplit('/').next().unwrap_or(main);
    let main = main.strip_suffix(".yaml").unwrap_or(main);
    walk.follow(workflow, &mut vec![main.to_owned()]);
    (walk.called, walk.problems)
}

struct Walk<'a> {
    sources: &'a Sources,
    called: BTreeMap<String, Workflow>,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn follow(&mut self, workflow: &Workflow, path: &mut Vec<String>) {
        for (name, span) in workflow.calls() {
            if name.trim().is_empty() || text::file_stem(name) != name || has_expression(name) {
                // That was told when it was read.
                continue;
            }
            if path.iter().any(|known| known == name) {
                let from = path.iter().skip_while(|known| *known != name);
                let mut cycle: Vec<&str> = from.map(String::as_str).collect();
                cycle.push(name);
                let message = format!("workflows call one another: {}", cycle.join(" -> "));
                self.error("call-cycle", &workflow.source, span, message, None);
                continue;
            }
            if path.len() > limits::CALL_DEPTH {
                let limit = limits::CALL_DEPTH;
                let message = format!("workflows call one another more than {limit} deep");
                self.error("call-depth", &workflow.source, span, message, None);
                continue;
            }
            if let Some(called) = self.called.remove(name) {
                // All that it calls has been followed.
                self.inputs(workflow, name, &called);
                self.called.insert(name.to_owned(), called);
                continue;
            }
            let Some(called) = self.load(&workflow.source, name, span) else {
                continue;
            };
            self.inputs(workflow, name, &called);
            path.push(name.to_owned());
            self.follow(&called, path);
            path.pop();
            self.called.insert(name.to_owned(), called);
        }
    }

    fn load(&mut self, caller: &SourceText, name: &str, span: Span) -> Option<Workflow> {
        match self.sources.other(name) {
            Some(Ok(sources)) => match sources.alone() {
                Ok(workflow) => Some(workflow),
                Err(problems) => {
                    self.problems
                        .extend(problems.into_iter().filter(Problem::is_error));
                    None
                }
            },
            Some(Err(Missing::Unreadable(problems))) => {
                self.problems.extend(problems.iter().cloned());
                None
            }
            Some(Err(Missing::Absent { known })) => {
                let near = text::suggestion(name, known.iter().map(String::as_str));
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                let message = format!("there is no workflow `{name}`");
                self.error("unknown-workflow", caller, span, message, hint);
                None
            }
            None => {
                let message = format!("there is no workflow `{name}`");
                self.error("unknown-workflow", caller, span, message, None);
                None
            }
        }
    }

    /// Whether the names under `with` are those of inputs, and none is missing that must be there.
    fn inputs(&mut self, caller: &Workflow, name: &str, called: &Workflow) {
        let steps = caller.jobs.iter().flat_map(|job| &job.steps);
        let calls = steps.filter_map(|step| match &step.kind {
            StepKind::Call {
                workflow,
                with,
                span,
            } if workflow == name => Some((with, *span)),
            _ => None,
        });
        for (with, span) in calls {
            let given = |input: &str| with.iter().any(|(name, _)| fold(name) == fold(input));
            for (input, data) in with {
                let known = || called.inputs.iter().map(|known| known.name.as_str());
                let mut all = called.inputs.iter();
                if let Some(known) = all.find(|known| fold(&known.name) == fold(input)) {
                    // What has an expression with an error in it counts as a text.
                    let written = caller.source.slice(data.span);
                    let value = data.literal().filter(|_| !has_expression(written));
                    let error = value.and_then(|value| known.check(&value).err());
                    if let Some(error) = error {
                        let message = format!("the workflow `{name}`: {error}");
                        self.error(
                            "bad-input",
                            &caller.source,
                            data.span,
                            message,
                            error.hint(),
                        );
                    }
                    continue;
                }
                let near = text::suggestion(input, known());
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                let message = format!("the workflow `{name}` has no input `{input}`");
                self.error("unknown-input", &caller.source, data.span, message, hint);
            }
            let missing = called
                .inputs
                .iter()
                .filter(|input| input.required && input.default.is_none() && !given(&input.name));
            for input in missing {
                let message = format!("the workflow `{name}` needs the input `{}`", input.name);
                let hint = format!("set it below `with:`: `{}: …`", input.name);
                self.error("missing-input", &caller.source, span, message, Some(hint));
            }
        }
    }

    fn error(
        &mut self,
        code: &'static str,
        source: &SourceText,
        span: Span,
        message: String,
        hint: Option<String>,
    ) {
        let problem = Problem::error(code, source, span, message);
        let problem = Problem { hint, ..problem };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
