//! What people call the jobs and steps of a run: legs with their values, names with what is known
//! filled in.

use crate::base::text;
use crate::model::expression::{Context, Value};
use crate::model::run::RunState;
use crate::model::run::event::{JobExpanded, leg_of};
use crate::model::run::schedule::json_value;
use crate::model::workflow::{Job, legs};
use crate::workflow::contexts::BASE;
use crate::workflow::pinned::Pinned;

/// The contexts of the run that hold in a called workflow too.
const OF_RUN: &[&str] = &["project", "run", "spec"];

/// What people call a job: its key, that of a leg with the name that its job gives it, else with
/// its values, as in `test@1 (linux, 1)`.
pub(crate) fn job_title(pinned: Option<&Pinned>, state: &RunState, key: &str) -> String {
    let mut shown = String::new();
    let mut done = 0;
    for (at, _) in key.match_indices('@') {
        let rest = key.get(at + 1..).unwrap_or("");
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let end = at + 1 + digits;
        let whole = key.get(..end).and_then(|leg| leg_value(state, leg));
        if let (Some(value), Some(piece)) = (whole, key.get(done..end)) {
            let name = pinned.and_then(|pinned| leg_name(pinned, state, key.get(..end)?));
            match name {
                Some(name) => shown.extend([piece, " (", &name, ")"]),
                None => shown.push_str(&legs::titled(piece, &value)),
            }
            done = end;
        }
    }
    shown.push_str(key.get(done..).unwrap_or(""));
    shown
}

/// The values of a leg; nothing where the job is none.
fn leg_value(state: &RunState, key: &str) -> Option<Value> {
    leg(state, key).map(|(_, _, value)| value)
}

/// The legs that a leg is one of, its place among them from 0, and its values.
fn leg<'s>(state: &'s RunState, key: &str) -> Option<(&'s JobExpanded, usize, Value)> {
    let (group, place) = leg_of(key)?;
    let expanded = state.jobs.get(group)?.expanded.as_ref()?;
    Some((expanded, place, json_value(expanded.legs.get(place)?)?))
}

/// The name that a job has for a leg of it, with what is known of it filled in.
fn leg_name(pinned: &Pinned, state: &RunState, key: &str) -> Option<String> {
    let bundle = pinned.bundle();
    let (_, job) = bundle.job(key).filter(|(_, job)| job.is_named_by_leg())?;
    let (context, names) = leg_context(pinned, state, (key, job))?;
    let name = job.name.as_ref()?.render_known(&context, &names);
    Some(text::title(&name)).filter(|name| !name.trim().is_empty())
}

/// What is known of a leg when it begins, and under which names.
fn leg_context(
    pinned: &Pinned,
    state: &RunState,
    (key, job): (&str, &Job),
) -> Option<(Context, Vec<&'static str>)> {
    let over = job.strategy.as_ref()?.over.context_name();
    let mut context = pinned.names.clone();
    let (expanded, index, value) = leg(state, key)?;
    context.set(over, value);
    let legs = expanded.legs.len();
    let most = expanded.max_parallel.unwrap_or(legs);
    let strategy = legs::strategy(expanded.fail_fast, [index, legs, most]);
    context.set("strategy", strategy);
    let mut names = if key.contains('+') { OF_RUN } else { BASE }.to_vec();
    names.extend([over, "strategy"]);
    Some((context, names))
}

/// What people call a step, by the key of its job and its own.
pub(crate) fn step_title(pinned: &Pinned, state: &RunState, (job, key): (&str, &str)) -> String {
    let bundle = pinned.bundle();
    let Some((_, step)) = bundle.step(job, key) else {
        return key.to_owned();
    };
    let (Some(name), Some((_, known))) = (&step.name, bundle.job(job)) else {
        return step.title();
    };
    let (context, names) = match leg_context(pinned, state, (job, known)) {
        Some(leg) => leg,
        None if job.contains('+') => (pinned.names.clone(), OF_RUN.to_vec()),
        None => return step.title(),
    };
    step.title_as(Some(&name.render_known(&context, &names)))
}
