//! What of the steps of a job would run.

use crate::base::limits;
use crate::base::text;
use crate::model::expression::tree::Expression;
use crate::model::expression::{Object, Template, Value};
use crate::model::inputs;
use crate::model::workflow::data::Data;
use crate::model::workflow::definition::{Guard, Job, Step, StepKind, Workflow};
use crate::model::workflow::forecast::jobs::{Forecaster, handler};
use crate::model::workflow::forecast::sight::{Going, missing};
use crate::model::workflow::forecast::{Call, ForecastStep, HOW_IT_GOES, Sight, State, words};

impl<'w> Forecaster<'w> {
    /// What of the steps of a job would run, or of one leg of it.
    pub(super) fn steps(
        &mut self,
        (workflow, job): (&'w Workflow, &'w Job),
        mut sight: Sight,
        (runs, depth): (bool, usize),
    ) -> Vec<ForecastStep> {
        let mut steps: Vec<ForecastStep> = Vec::with_capacity(job.steps.len());
        sight.set_going(Going::default());
        let variables = sight
            .set_variables(&workflow.env)
            .and_then(|()| sight.set_variables(&job.env));
        let broken = variables.err().map(|error| format!("env: {error}"));
        let mut ran = false;
        for step in &job.steps {
            let Some(left) = self.left.checked_sub(1) else {
                break;
            };
            self.left = left;
            let mut own = sight.clone();
            own.set_going(Going {
                skipped: false,
                ran,
            });
            let variables = own.set_variables(&step.env).err();
            let broken = broken.clone();
            let broken = broken.or(variables.map(|error| format!("env: {error}")));
            let state = match broken {
                _ if !runs => State::Skipped("its job does not run".to_owned()),
                Some(reason) => State::Fails(reason),
                None => step_state(step, &steps, &own),
            };
            let is_skipped = matches!(state, State::Skipped(_));
            steps.push(self.step(step, state, &own, depth));
            after(step, is_skipped, &mut sight);
            ran |= !is_skipped;
        }
        steps
    }

    fn step(&mut self, step: &'w Step, state: State, sight: &Sight, depth: usize) -> ForecastStep {
        let call = match &step.kind {
            StepKind::Call { workflow, with, .. } if !matches!(state, State::Skipped(_)) => {
                Some(self.call(workflow, with, sight, depth))
            }
            _ => None,
        };
        let name = step.name.as_ref().map(|name| sight.shown(name));
        ForecastStep {
            key: step.key.clone(),
            kind: step.kind.word(),
            title: step.title_as(name.as_deref()),
            condition: step.condition.text().map(str::to_owned),
            state,
            handler: handler(step.guard),
            notes: words::step(step, sight),
            call,
        }
    }

    fn call(
        &mut self,
        name: &str,
        with: &'w [(String, Data)],
        sight: &Sight,
        depth: usize,
    ) -> Call {
        let mut given = Vec::new();
        let mut unknown: Vec<(String, Vec<String>)> = Vec::new();
        for (input, data) in with {
            match sight.data(data) {
                Ok(Ok(value)) => given.push((input.clone(), value)),
                Ok(Err(names)) => unknown.push((input.clone(), names)),
                Err(error) => unknown.push((input.clone(), vec![error.to_string()])),
            }
        }
        let mut call = Call {
            workflow: name.to_owned(),
            inputs: Vec::new(),
            forecast: None,
        };
        let Some(called) = self.bundle.called.get(name) else {
            return call;
        };
        let is = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        let known = called.inputs.iter();
        let known = known.filter(|input| !unknown.iter().any(|(name, _)| is(name, &input.name)));
        let known: Vec<_> = known.cloned().collect();
        let values = match inputs::bind(&known, &given) {
            Ok(bound) => bound.context(),
            Err(errors) => {
                let told = errors.iter().map(ToString::to_string);
                unknown.push(("with".to_owned(), told.collect()));
                Object::new()
            }
        };
        let shown = values.iter();
        call.inputs = shown
            .map(|(name, value)| (name.to_owned(), Ok(value.to_text())))
            .collect();
        let mut inner = sight.called();
        inner.show("inputs", values);
        for (name, names) in unknown {
            inner.hide(&format!("inputs.{name}"));
            call.inputs.push((name, Err(names)));
        }
        if depth < limits::CALL_DEPTH && self.left > 0 {
            call.forecast = Some(Box::new(self.workflow(called, &inner, depth + 1)));
        }
        call
    }
}

/// Whether a step would run, given what is known of those before it.
fn step_state(step: &Step, before: &[ForecastStep], sight: &Sight) -> State {
    let skipped = |of: usize| {
        let of = before.get(of);
        of.is_some_and(|of| matches!(of.state, State::Skipped(_)))
    };
    let mut names = Vec::new();
    match step.guard {
        Guard::AfterFailure(of) | Guard::After(of) if skipped(of) => {
            return State::Skipped("its step is skipped".to_owned());
        }
        Guard::None | Guard::Ensure | Guard::After(_) => {}
        Guard::OnFailure
            if before
                .iter()
                .any(|step| !matches!(step.state, State::Skipped(_))) =>
        {
            names.push(HOW_IT_GOES.to_owned());
        }
        Guard::OnFailure => return State::Skipped("nothing before it runs".to_owned()),
        Guard::AfterFailure(_) | Guard::OnConflict => names.push(HOW_IT_GOES.to_owned()),
    }
    sight.decide(step.condition.expression(), names)
}

/// What is known behind a step.
fn after(step: &Step, is_skipped: bool, sight: &mut Sight) {
    let mut note = |context: &str, name: &str| {
        if !is_skipped {
            sight.hide(&format!("{context}.{name}"));
            return;
        }
        let mut object = Object::new();
        object.set("outputs", Object::new());
        object.set("outcome", "skipped");
        object.set("conclusion", "skipped");
        let mut one = Object::new();
        one.set(name, object);
        sight.add(context, &one);
    };
    if let Some(id) = &step.id {
        note("steps", id);
    }
    if let StepKind::Checkpoint(checkpoint) = &step.kind {
        note("checkpoint", &checkpoint.name);
    }
    if is_skipped {
        return;
    }
    if let StepKind::Run { script, .. } = &step.kind {
        if sets_variables(script) {
            sight.forget_variables();
        }
        sight.open_variables();
    }
}

/// Whether a script sets variables for the steps after it.
fn sets_variables(script: &Template) -> bool {
    let text = script.source_text();
    ["GITHUB_ENV", "MMM_ENV", "set-env"]
        .iter()
        .any(|word| text.contains(word))
}

impl Sight {
    /// What a condition comes to; `names` are missing whatever it says.
    pub(super) fn decide(&self, condition: Option<&Expression>, mut names: Vec<String>) -> State {
        match condition.map(|condition| self.truth(condition)) {
            Some(Err(error)) => return State::Fails(format!("if: {error}")),
            Some(Ok(Ok(false))) => {
                return State::Skipped(State::IF_IS_FALSE.to_owned());
            }
            Some(Ok(Err(found))) => names.extend(found),
            Some(Ok(Ok(_))) | None => {}
        }
        if names.is_empty() {
            return State::Runs;
        }
        State::Depends(missing(names))
    }

    /// Adds to a context what is not in it.
    pub(super) fn add(&mut self, name: &str, more: &Object) {
        let mut object = match self.context().get(name) {
            Value::Object(object) => Object::clone(&object),
            _ => Object::new(),
        };
        for (name, value) in more.iter() {
            object.set(name, value.clone());
        }
        self.set(name, object);
    }
}

impl Step {
    /// What people read, in one line, with this as its name.
    pub(crate) fn title_as(&self, name: Option<&str>) -> String {
        match name.filter(|name| !name.trim().is_empty()) {
            Some(name) => text::title(name),
            None => self.title(),
        }
    }
}
