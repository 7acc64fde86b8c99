//! What people call the jobs and steps of a run: legs with their values, names with what is known
//! filled in.

use crate::model::expression::Value;
use crate::model::run::RunState;
use crate::model::run::event::leg_of;
use crate::model::run::schedule::json_value;
use crate::model::workflow::legs;
use crate::workflow::contexts::BASE;
use crate::workflow::pinned::Pinned;

/// The contexts of the run that hold in a called workflow too.
const OF_RUN: &[&str] = &["project", "run", "spec"];

/// What people call a job: its key, that of a leg with its values, as in `test@1 (linux, 1)`.
pub(crate) fn job_title(state: &RunState, key: &str) -> String {
    let mut shown = String::new();
    let mut done = 0;
    for (at, _) in key.match_indices('@') {
        let rest = key.get(at + 1..).unwrap_or("");
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let end = at + 1 + digits;
        let whole = key.get(..end).and_then(|leg| leg_value(state, leg));
        if let (Some(value), Some(piece)) = (whole, key.get(done..end)) {
            shown.push_str(&legs::titled(piece, &value));
            done = end;
        }
    }
    shown.push_str(key.get(done..).unwrap_or(""));
    shown
}

/// The values of a leg; nothing where the job is none.
fn leg_value(state: &RunState, key: &str) -> Option<Value> {
    let (group, place) = leg_of(key)?;
    let expanded = state.jobs.get(group)?.expanded.as_ref()?;
    json_value(expanded.legs.get(place)?)
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
    let leg = known.strategy.as_ref().zip(leg_value(state, job));
    let is_called = job.contains('+');
    if leg.is_none() && !is_called {
        return step.title();
    }
    let mut names = if is_called { OF_RUN } else { BASE }.to_vec();
    let mut context = pinned.names.clone();
    if let Some((strategy, value)) = leg {
        let name = strategy.over.context_name();
        context.set(name, value);
        names.push(name);
    }
    step.title_as(Some(&name.render_known(&context, &names)))
}
