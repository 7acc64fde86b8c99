//! What of the jobs of a workflow would run.

use crate::base::limits;
use crate::base::text;
use crate::model::expression::tree::Expression;
use crate::model::expression::{Object, Value};
use crate::model::workflow::bundle::Bundle;
use crate::model::workflow::definition::{Guard, Job, Workflow};
use crate::model::workflow::forecast::sight::Going;
use crate::model::workflow::forecast::{Forecast, ForecastJob, HOW_IT_GOES, Handler, Leg, Legs};
use crate::model::workflow::forecast::{Sight, State, words};
use crate::model::workflow::policy::{Setting, Strategy};
use crate::model::workflow::{legs, plan};

/// Goes through a workflow and those that it calls.
pub(super) struct Forecaster<'w> {
    pub(super) bundle: Bundle<'w>,
    /// Steps that may still be shown.
    pub(super) left: usize,
}

/// What is known of a job that others need.
struct Met {
    state: State,
    /// With all that it needs itself.
    line: Going,
}

impl<'w> Forecaster<'w> {
    pub(super) fn new(bundle: Bundle<'w>) -> Self {
        Self {
            bundle,
            left: limits::FORECAST_STEPS,
        }
    }

    /// What of a workflow would run, `depth` calls below the first one.
    pub(super) fn workflow(
        &mut self,
        workflow: &'w Workflow,
        outer: &Sight,
        depth: usize,
    ) -> Forecast {
        let mut notes = Vec::new();
        notes.extend(words::concurrency(workflow.concurrency.as_ref(), outer));
        notes.extend(words::isolation(workflow.isolation.as_ref()));
        let mut met: Vec<Option<Met>> = Vec::new();
        met.resize_with(workflow.jobs.len(), || None);
        let mut layers = Vec::new();
        for layer in plan::layers(&workflow.jobs) {
            let mut jobs = Vec::with_capacity(layer.len());
            for index in layer {
                let Some(job) = workflow.jobs.get(index) else {
                    continue;
                };
                let (known, line) = self.job((workflow, job), &met, outer, depth);
                if let Some(place) = met.get_mut(index) {
                    let state = known.state.clone();
                    *place = Some(Met { state, line });
                }
                jobs.push(known);
            }
            layers.push(jobs);
        }
        Forecast { notes, layers }
    }

    fn job(
        &mut self,
        (workflow, job): (&'w Workflow, &'w Job),
        met: &[Option<Met>],
        outer: &Sight,
        depth: usize,
    ) -> (ForecastJob, Going) {
        let mut sight = outer.clone();
        let line = needs(workflow, job, met, &mut sight);
        if !workflow.dotenv.is_empty() || !job.dotenv.is_empty() {
            sight.open_variables();
        }
        let mut state = state(workflow, job, met, &sight);
        let mut strategy = None;
        if let (Some(known), false) = (&job.strategy, matches!(state, State::Skipped(_))) {
            match self.legs(known, &sight) {
                Ok(found) => strategy = Some(found),
                Err(reason) => state = State::Fails(reason),
            }
        }
        let inside = inside(job, &sight);
        let title = name_of(job, &inside);
        let runs = !matches!(state, State::Skipped(_) | State::Fails(_));
        let steps = self.steps((workflow, job), inside, (runs, depth));
        let found = strategy.map(|found| match found {
            Err(names) => Legs::Unknown(names),
            Ok(values) => {
                let whole = values.len();
                let values = values.into_iter().enumerate();
                let all = values.map(|(index, value)| {
                    let mut leg = sight.clone();
                    set_leg((job, index, whole), &value, &mut leg);
                    let title = name_of(job, &leg).filter(|_| job.is_named_by_leg());
                    Leg {
                        key: format!("{}@{}", job.id, index + 1),
                        title: title.unwrap_or_else(|| legs::title(&value)),
                        steps: self.steps((workflow, job), leg, (runs, depth)),
                    }
                });
                Legs::Known(all.collect())
            }
        });
        let ran = !matches!(state, State::Skipped(_));
        let going = Going {
            skipped: line.skipped || !ran,
            ran: line.ran || ran,
        };
        let handler = handler(job.guard);
        // A handler waits for all jobs, which goes without saying.
        let needs = job.needs.iter().filter(|_| handler.is_none());
        let needs = needs.filter_map(|need| workflow.jobs.get(*need));
        let known = ForecastJob {
            id: job.id.clone(),
            title: title.map_or_else(|| job.title(), |title| text::title(&title)),
            needs: needs.map(|need| need.id.clone()).collect(),
            condition: job.condition.text().map(str::to_owned),
            state,
            handler,
            notes: words::job(job, &sight),
            legs: found,
            steps,
        };
        (known, going)
    }

    /// The values of the legs, or what is missing, or what is wrong with them.
    #[expect(clippy::unused_self, reason = "it reads as the others do")]
    fn legs(
        &self,
        strategy: &Strategy,
        sight: &Sight,
    ) -> Result<Result<Vec<Value>, Vec<String>>, String> {
        let missing = sight.data_unknown(strategy.over.data());
        let missing = missing.map_err(|error| error.to_string())?;
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        strategy.over.legs(sight.context()).map(Ok)
    }
}

/// Shows a job what it needs; gives how all that went.
fn needs(workflow: &Workflow, job: &Job, met: &[Option<Met>], sight: &mut Sight) -> Going {
    let mut line = Going::default();
    let mut needed = Object::new();
    for need in &job.needs {
        let (Some(known), Some(Some(met))) = (workflow.jobs.get(*need), met.get(*need)) else {
            continue;
        };
        line.skipped |= met.line.skipped;
        line.ran |= met.line.ran;
        if matches!(met.state, State::Skipped(_)) {
            let mut object = Object::new();
            object.set("result", "skipped");
            object.set("outputs", Object::new());
            needed.set(known.id.as_str(), object);
        } else {
            sight.hide(&format!("needs.{}", known.id));
        }
    }
    // What is hidden below it stays so.
    sight.add("needs", &needed);
    sight.set_going(line);
    line
}

/// Whether a job would run.
fn state(workflow: &Workflow, job: &Job, met: &[Option<Met>], sight: &Sight) -> State {
    let expression = job.condition.expression();
    let asks = expression.is_some_and(Expression::asks_status);
    let mut names = Vec::new();
    match job.guard {
        Guard::Ensure => {}
        Guard::None if asks => {}
        Guard::None => {
            let needed = job.needs.iter().filter_map(|need| {
                let met = met.get(*need)?.as_ref()?;
                Some((&workflow.jobs.get(*need)?.id, met))
            });
            for (id, met) in needed {
                if met.line.skipped {
                    let skipped = matches!(met.state, State::Skipped(_));
                    let why = if skipped {
                        format!("needs {id}, which is skipped")
                    } else {
                        format!("needs {id}, above which a job is skipped")
                    };
                    return State::Skipped(why);
                }
                if matches!(met.state, State::Depends(_)) {
                    names.push(format!("needs.{id}.result"));
                }
            }
        }
        _ => names.push(HOW_IT_GOES.to_owned()),
    }
    sight.decide(expression, names)
}

/// What is seen inside of a job whose legs are not looked at one by one.
fn inside(job: &Job, sight: &Sight) -> Sight {
    let mut inside = sight.clone();
    if job.strategy.is_none() {
        inside.show("strategy", legs::strategy_of_one());
        return inside;
    }
    for name in ["matrix", "item", "strategy"] {
        inside.hide(name);
    }
    inside
}

/// Gives a leg its values.
fn set_leg((job, index, whole): (&Job, usize, usize), value: &Value, sight: &mut Sight) {
    let Some(strategy) = &job.strategy else {
        return;
    };
    sight.show(strategy.over.context_name(), value.clone());
    let context = sight.context();
    let fail_fast = strategy.fail_fast(context).unwrap_or(true);
    let most = strategy.max_parallel(context).ok().flatten();
    let most = most.unwrap_or(whole);
    sight.show("strategy", legs::strategy(fail_fast, [index, whole, most]));
    // What is computed may need what is not known.
    if strategy.fail_fast.is_computed() {
        sight.hide("strategy.fail-fast");
    }
    if strategy
        .max_parallel
        .as_ref()
        .is_some_and(Setting::is_computed)
    {
        sight.hide("strategy.max-parallel");
    }
}

/// What a guard makes of a job or a step.
pub(super) fn handler(guard: Guard) -> Option<Handler> {
    match guard {
        Guard::None => None,
        Guard::OnFailure | Guard::AfterFailure(_) | Guard::OnConflict => Some(Handler::OnFailure),
        Guard::Ensure | Guard::After(_) => Some(Handler::Ensure),
    }
}

/// The name of a job as far as it is known.
fn name_of(job: &Job, sight: &Sight) -> Option<String> {
    let name = job.name.as_ref().map(|name| sight.shown(name));
    name.filter(|name| !name.trim().is_empty())
}
