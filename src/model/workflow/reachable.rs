//! Finds jobs that never run.

use crate::model::expression::Context;
use crate::model::expression::evaluate::known_truth;
use crate::model::expression::tree::Expression;
use crate::model::workflow::condition::Condition;
use crate::model::workflow::definition::{Guard, Workflow};
use crate::model::workflow::plan;
use crate::model::workflow::report::Report;

/// Warns of jobs whose condition is always false, and of those that need one of them and do not
/// ask how it went.
pub(crate) fn check(workflow: &Workflow, report: &mut Report) {
    let jobs = &workflow.jobs;
    if !jobs.iter().any(|job| is_never(&job.condition)) {
        return;
    }
    let mut never = vec![false; jobs.len()];
    for index in plan::layers(jobs).into_iter().flatten() {
        let Some(job) = jobs.get(index).filter(|job| job.guard == Guard::None) else {
            continue;
        };
        let condition = &job.condition;
        let message = if is_never(condition) {
            format!("job `{}` never runs: its condition is always false", job.id)
        } else {
            let is_never = |need: &&usize| never.get(**need).copied().unwrap_or(false);
            let asks = condition.expression().is_some_and(Expression::asks_status);
            let need = job.needs.iter().find(is_never).filter(|_| !asks);
            let Some(need) = need.and_then(|need| jobs.get(*need)) else {
                continue;
            };
            format!(
                "job `{}` never runs: it needs `{}`, which never does",
                job.id, need.id
            )
        };
        if let Some(entry) = never.get_mut(index) {
            *entry = true;
        }
        report.warning("unreachable-job", job.span, message, None);
    }
}

/// Whether a condition counts as false whatever all that it reads is.
fn is_never(condition: &Condition) -> bool {
    let nothing = Context::default();
    let truth = condition
        .expression()
        .map(|expression| known_truth(expression, &nothing, &|_| false));
    matches!(truth, Some(Ok(Ok(false))))
}
