//! Keeps foreign text out of scripts.
//!
//! A title such as `"; rm -rf ~ #` that is pasted into a script becomes part of the script. In a
//! variable it stays text. So a script may not paste what comes from a spec or the project, nor
//! a variable that holds such text.

use std::collections::HashMap;

use crate::model::expression::Template;
use crate::model::expression::parser::Expression;
use crate::model::expression::template::Embedded;
use crate::model::workflow::definition::Job;
use crate::model::workflow::definition::StepKind;
use crate::model::workflow::definition::Variable;
use crate::model::workflow::report::Report;

/// Contexts whose text was written by somebody else than the workflow's author.
const FOREIGN: &[&str] = &["project", "spec"];

/// The variables of one level, and whether each holds foreign text.
type Level<'a> = HashMap<&'a str, bool>;

/// Checks every script of the jobs.
pub(crate) fn check(env: &[Variable], jobs: &[Job], report: &mut Report) {
    let top = level(env, &[]);
    for job in jobs {
        let outer = level(&job.env, &[&top]);
        for step in &job.steps {
            let own = level(&step.env, &[&outer, &top]);
            let StepKind::Run { script, .. } = &step.kind else {
                continue;
            };
            for embedded in script.expressions() {
                if let Some(path) = foreign(&embedded.expression, &[&own, &outer, &top]) {
                    describe(&path, embedded, report);
                }
            }
        }
    }
}

/// The variables of one level; `outer` are the levels around it, the nearest first.
fn level<'a>(env: &'a [Variable], outer: &[&Level]) -> Level<'a> {
    env.iter()
        .map(|variable| {
            let tainted = holds_foreign(&variable.value, outer);
            (variable.name.as_str(), tainted)
        })
        .collect()
}

fn holds_foreign(template: &Template, levels: &[&Level]) -> bool {
    template
        .expressions()
        .any(|embedded| foreign(&embedded.expression, levels).is_some())
}

/// The first path in an expression that gives foreign text.
fn foreign<'a>(expression: &'a Expression, levels: &[&Level]) -> Option<Vec<&'a str>> {
    let mut paths = expression.reads().into_iter().map(|read| read.path);
    paths.find(|path| match path.as_slice() {
        // All of them, or one whose name is not fixed.
        ["env"] => levels.iter().any(|level| level.values().any(|held| *held)),
        ["env", name, ..] => levels
            .iter()
            .find_map(|level| level.get(name).copied())
            .unwrap_or(false),
        [context, ..] => FOREIGN.contains(context),
        [] => false,
    })
}

fn describe(path: &[&str], embedded: &Embedded, report: &mut Report) {
    let dotted = path.join(".");
    let (message, hint) = if let ["env", name, ..] = path {
        (
            format!("`{dotted}` holds foreign text, which would become part of the script"),
            format!("write `\"${name}\"`: the script has the variable"),
        )
    } else {
        let name = dotted.to_ascii_uppercase().replace(['.', '-'], "_");
        let written = report.source().slice(embedded.span);
        (
            format!("the text of `{dotted}` would become part of the script"),
            format!("set `env: {{ {name}: {written} }}` and write `\"${name}\"`"),
        )
    };
    report.error_with_hint("splice-into-run", embedded.span, message, Some(hint));
}
