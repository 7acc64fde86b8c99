//! Which part of a run is to run again.

use std::collections::BTreeSet;

use crate::model::run::RunState;
use crate::model::run::event::{AFTER, BEFORE, Event, Outcome, Reset, leg_key, leg_of};
use crate::model::run::state::JobState;
use crate::model::workflow::{Bundle, Job, StepKind, Workflow};

/// What of a run a person wants to run again, seen from one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// It, all after it in its job, and all jobs that need that one, however far.
    From,
    /// It alone.
    Only,
    /// The same as from it, without itself.
    Downstream,
}

/// A job, or a step of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Key of the job.
    pub(crate) job: String,
    /// Key of the step; none is the whole job.
    pub(crate) step: Option<String>,
}

/// Why a text names no job or step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// There is none; these are there.
    Unknown(Vec<String>),
    /// It may mean any of these.
    Several(Vec<String>),
}

impl Target {
    /// What names it on the command line.
    pub(crate) fn name(&self) -> String {
        match &self.step {
            Some(step) => format!("{}.{step}", self.job),
            None => self.job.clone(),
        }
    }
}

/// The job or step that a text names: `<job>`, `<job>.<step>`, or the id of a step that no other
/// job has. A step goes by its id or its number.
pub(crate) fn find(bundle: Bundle<'_>, state: &RunState, text: &str) -> Result<Target, Unclear> {
    let keys = keys(bundle, state);
    if keys.contains(text) {
        let (job, step) = (text.to_owned(), None);
        return Ok(Target { job, step });
    }
    let mut found = Vec::new();
    let mut known = Vec::new();
    for key in &keys {
        let Some((_, job)) = bundle.job(key) else {
            continue;
        };
        let expanded = state
            .jobs
            .get(key)
            .is_some_and(|job| job.expanded.is_some());
        known.push(key.clone());
        if expanded {
            continue;
        }
        let above = leg_of(key).map_or("", |(above, _)| above);
        let wanted = match text.split_once('.') {
            // The step of each leg, when the job of all legs is named.
            Some((named, step)) if named == key || named == above => Some(step),
            Some(_) => None,
            None => Some(text),
        };
        let alone = !text.contains('.');
        for (index, step) in job.steps.iter().enumerate() {
            known.push(format!("{key}.{}", step.key));
            let numbered = (index + 1).to_string();
            let fits =
                wanted.is_some_and(|wanted| wanted == step.key || (!alone && wanted == numbered));
            if fits && !(alone && step.id.is_none()) {
                found.push(Target {
                    job: key.clone(),
                    step: Some(step.key.clone()),
                });
            }
        }
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Unclear::Unknown(known)),
        _ => Err(Unclear::Several(found.iter().map(Target::name).collect())),
    }
}

/// The jobs of a run that can be named: those of its workflow, and all that have grown.
fn keys(bundle: Bundle<'_>, state: &RunState) -> BTreeSet<String> {
    let own = bundle.main.jobs.iter().map(|job| job.id.clone());
    let mut keys: BTreeSet<String> = own.collect();
    let grown = state.job_order.iter();
    keys.extend(grown.filter(|key| *key != BEFORE && *key != AFTER).cloned());
    for (key, job) in &state.jobs {
        let legs = job
            .expanded
            .as_ref()
            .map_or(0, |expanded| expanded.legs.len());
        keys.extend((0..legs).map(|leg| leg_key(key, leg)));
    }
    keys
}

/// What is to be undone so that the chosen part runs again.
pub(crate) fn choose(bundle: Bundle<'_>, state: &RunState, target: &Target, scope: Scope) -> Reset {
    let mut choice = Choice::new(bundle, state);
    match (&target.step, scope) {
        (_, Scope::Downstream) => {}
        (None, _) => choice.job(target.job.clone()),
        (Some(step), _) => choice.step(&target.job, step),
    }
    if scope != Scope::Only {
        if let Some(step) = &target.step {
            choice.later(&target.job, step);
        }
        choice.dependents(&target.job);
    }
    choice.reset()
}

/// What is to be undone so that all that did not succeed runs again, with what needs it. A job
/// that runs several times runs those legs again; one that calls a workflow runs whole.
pub(crate) fn failed(bundle: Bundle<'_>, state: &RunState) -> Reset {
    let mut choice = Choice::new(bundle, state);
    let went_well = |job: Option<&JobState>| {
        job.is_some_and(|job| matches!(job.result, Some(Outcome::Success | Outcome::Skipped)))
    };
    let mut failed = Vec::new();
    for (index, job) in bundle.main.jobs.iter().enumerate() {
        let known = state.jobs.get(&job.id);
        if known.is_none() || went_well(known) {
            continue;
        }
        let expanded = known.and_then(|known| known.expanded.as_ref());
        let legs = expanded.map_or(0, |expanded| expanded.legs.len());
        let legs = (0..legs).map(|leg| leg_key(&job.id, leg));
        let before = choice.jobs.len();
        for leg in legs {
            let known = state.jobs.get(&leg);
            if known.is_none_or(|known| known.result != Some(Outcome::Success)) {
                choice.job(leg);
            }
        }
        if expanded.is_none() || choice.jobs.len() == before {
            choice.job(job.id.clone());
        }
        failed.push(index);
    }
    choice.spread(bundle.main, "", failed);
    choice.reset()
}

/// Jobs that have to end before a job or step can run, and have not.
pub(crate) fn unmet(bundle: Bundle<'_>, state: &RunState, target: &Target) -> Vec<String> {
    let mut found = Vec::new();
    let mut key = target.job.clone();
    loop {
        let Some((workflow, job)) = bundle.job(&key) else {
            return found;
        };
        let above = owner(bundle, &key);
        let prefix = prefix(above.as_ref());
        let needs = job.needs.iter().filter_map(|need| workflow.jobs.get(*need));
        found.extend(
            needs
                .map(|need| format!("{prefix}{}", need.id))
                .filter(|need| {
                    let known = state.jobs.get(need);
                    known.is_none_or(|known| known.result.is_none())
                }),
        );
        match above {
            Some((job, _)) => key = job,
            None => return found,
        }
    }
}

/// The ends of all that has none and does not belong to the one thing that runs.
pub(crate) fn rest(bundle: Bundle<'_>, state: &RunState, target: &Target) -> Vec<Event> {
    let mut rest = Rest {
        bundle,
        state,
        target,
        events: Vec::new(),
    };
    rest.jobs(bundle.main, "");
    rest.events
}

struct Rest<'a> {
    bundle: Bundle<'a>,
    state: &'a RunState,
    target: &'a Target,
    events: Vec<Event>,
}

impl Rest<'_> {
    fn jobs(&mut self, workflow: &Workflow, prefix: &str) {
        for job in &workflow.jobs {
            self.job(&format!("{prefix}{}", job.id), job);
        }
    }

    fn job(&mut self, key: &str, job: &Job) {
        let known = self.state.jobs.get(key);
        if known.is_some_and(|known| known.result.is_some()) {
            return;
        }
        let own = self.target.job == key;
        if own && self.target.step.is_none() {
            return;
        }
        let below = self.target.job.strip_prefix(key);
        let above = below.is_some_and(|rest| rest.starts_with(['@', '+']));
        let begun = known.filter(|known| known.started_ms.is_some());
        let Some(known) = begun else {
            if !own && !above {
                self.events.push(Event::JobFinished {
                    job: key.to_owned(),
                    result: Outcome::Skipped,
                    continued: false,
                    outputs: Vec::new(),
                    reason: None,
                });
            } else {
                self.steps(key, job);
            }
            return;
        };
        match &known.expanded {
            Some(expanded) => {
                for leg in 0..expanded.legs.len() {
                    self.job(&leg_key(key, leg), job);
                }
            }
            None => self.steps(key, job),
        }
    }

    fn steps(&mut self, key: &str, job: &Job) {
        for step in &job.steps {
            let known = self.state.step(key, &step.key);
            let ended = known.is_some_and(|known| known.outcome.is_some());
            let is_target = self.target.job == key && self.target.step.as_ref() == Some(&step.key);
            if ended || is_target {
                continue;
            }
            let below = format!("{key}+{}+", step.key);
            if let (StepKind::Call { workflow, .. }, true) =
                (&step.kind, self.target.job.starts_with(&below))
            {
                if let Some(called) = self.bundle.called.get(workflow) {
                    self.jobs(called, &below);
                }
                continue;
            }
            self.events.push(Event::StepSkipped {
                job: key.to_owned(),
                step: step.key.clone(),
            });
        }
    }
}

/// What is chosen so far; only what is known of the run counts.
struct Choice<'a> {
    bundle: Bundle<'a>,
    state: &'a RunState,
    jobs: BTreeSet<String>,
    steps: BTreeSet<(String, String)>,
}

impl<'a> Choice<'a> {
    fn new(bundle: Bundle<'a>, state: &'a RunState) -> Self {
        Self {
            bundle,
            state,
            jobs: BTreeSet::new(),
            steps: BTreeSet::new(),
        }
    }

    fn job(&mut self, key: String) {
        self.jobs.insert(key);
    }

    fn step(&mut self, job: &str, step: &str) {
        self.steps.insert((job.to_owned(), step.to_owned()));
    }

    /// All steps of a job after one.
    fn later(&mut self, key: &str, after: &str) {
        let steps = self.bundle.job(key).map(|(_, job)| job.steps.iter());
        let later = steps.into_iter().flatten();
        for step in later.skip_while(|step| step.key != after).skip(1) {
            self.step(key, &step.key);
        }
    }

    /// All jobs that need one, however far, also where it belongs to a step of another one.
    fn dependents(&mut self, key: &str) {
        let mut key = key.to_owned();
        loop {
            let Some((workflow, job)) = self.bundle.job(&key) else {
                return;
            };
            let above = owner(self.bundle, &key);
            let prefix = prefix(above.as_ref());
            let place = workflow.job(&job.id).map(|(place, _)| place);
            self.spread(workflow, &prefix, place.into_iter().collect());
            let Some((job, step)) = above else {
                return;
            };
            self.later(&job, &step);
            key = job;
        }
    }

    /// All jobs of a workflow that need one of these, however far.
    fn spread(&mut self, workflow: &Workflow, prefix: &str, mut open: Vec<usize>) {
        let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); workflow.jobs.len()];
        for (at, job) in workflow.jobs.iter().enumerate() {
            for need in &job.needs {
                needed_by
                    .get_mut(*need)
                    .into_iter()
                    .for_each(|by| by.push(at));
            }
        }
        let mut reached = vec![false; workflow.jobs.len()];
        while let Some(at) = open.pop() {
            for by in needed_by.get(at).into_iter().flatten() {
                if let Some(known) = reached.get_mut(*by).filter(|known| !**known) {
                    *known = true;
                    open.push(*by);
                }
            }
        }
        let reached = workflow.jobs.iter().zip(reached);
        for (job, _) in reached.filter(|(_, reached)| *reached) {
            self.jobs.insert(format!("{prefix}{}", job.id));
        }
    }

    fn reset(self) -> Reset {
        let state = self.state;
        let jobs = self.jobs.into_iter();
        let steps = self.steps.into_iter().filter(|(job, step)| {
            let asked = state.checkpoints.iter().any(|known| {
                known.is_open() && known.opened.job == *job && known.opened.step == *step
            });
            asked || state.step(job, step).is_some()
        });
        Reset {
            jobs: jobs.filter(|job| state.jobs.contains_key(job)).collect(),
            steps: steps.collect(),
        }
    }
}

/// What stands before the ids of the jobs that a step calls.
fn prefix(owner: Option<&(String, String)>) -> String {
    owner.map_or_else(String::new, |(job, step)| format!("{job}+{step}+"))
}

/// The step that calls the workflow that a job is part of, with its job.
fn owner(bundle: Bundle<'_>, key: &str) -> Option<(String, String)> {
    let (above, _) = key.rsplit_once('+')?;
    above.rmatch_indices('+').find_map(|(at, _)| {
        let (job, step) = (above.get(..at)?, above.get(at + 1..)?);
        let (_, known) = bundle.step(job, step)?;
        matches!(known.kind, StepKind::Call { .. }).then(|| (job.to_owned(), step.to_owned()))
    })
}

#[cfg(test)]
mod tests;
