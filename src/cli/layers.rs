//! The plan of a workflow, as `workflow show` and `run -n` show it: jobs in numbered layers, each
//! with its steps, and whether they would run as far as that is known.

use anstyle::Style;
use serde::Serialize;

use crate::base::text::one_line;
use crate::cli::output::Output;
use crate::model::workflow::forecast::{Call, Forecast, ForecastJob, ForecastStep, HOW_IT_GOES};
use crate::model::workflow::forecast::{Handler, Leg, Legs, State};

/// Most legs that are shown one by one.
const LEGS: usize = 20;

/// A job as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct JobJson {
    id: String,
    title: String,
    needs: Vec<String>,
    #[serde(rename = "if")]
    condition: Option<String>,
    state: &'static str,
    reason: Option<String>,
    unknown: Vec<String>,
    handler: Option<&'static str>,
    notes: Vec<String>,
    legs: Option<Vec<LegJson>>,
    legs_unknown: Vec<String>,
    steps: Vec<StepJson>,
}

#[derive(Debug, Serialize)]
struct LegJson {
    key: String,
    title: String,
    steps: Vec<StepJson>,
}

#[derive(Debug, Serialize)]
struct StepJson {
    key: String,
    kind: &'static str,
    title: String,
    #[serde(rename = "if")]
    condition: Option<String>,
    state: &'static str,
    reason: Option<String>,
    unknown: Vec<String>,
    handler: Option<&'static str>,
    notes: Vec<String>,
    call: Option<CallJson>,
}

#[derive(Debug, Serialize)]
struct CallJson {
    workflow: String,
    inputs: Vec<InputJson>,
    layers: Option<Vec<Vec<JobJson>>>,
}

#[derive(Debug, Serialize)]
struct InputJson {
    name: String,
    value: Option<String>,
    unknown: Vec<String>,
}

/// The layers as JSON.
pub(crate) fn json(plan: &Forecast) -> Vec<Vec<JobJson>> {
    let layers = plan.layers.iter();
    layers
        .map(|jobs| jobs.iter().map(job_json).collect())
        .collect()
}

fn job_json(job: &ForecastJob) -> JobJson {
    let (legs, legs_unknown) = match &job.legs {
        None => (None, Vec::new()),
        Some(Legs::Unknown(names)) => (None, names.clone()),
        Some(Legs::Known(legs)) => (Some(legs.iter().map(leg_json).collect()), Vec::new()),
    };
    JobJson {
        id: job.id.clone(),
        title: job.title.clone(),
        needs: job.needs.clone(),
        condition: job.condition.clone(),
        state: job.state.word(),
        reason: job.state.reason().map(str::to_owned),
        unknown: job.state.unknown().to_vec(),
        handler: job.handler.map(handler_json),
        notes: job.notes.clone(),
        legs,
        legs_unknown,
        steps: job.steps.iter().map(step_json).collect(),
    }
}

fn handler_json(handler: Handler) -> &'static str {
    match handler {
        Handler::OnFailure => "on-failure",
        Handler::Ensure => "ensure",
    }
}

fn leg_json(leg: &Leg) -> LegJson {
    LegJson {
        key: leg.key.clone(),
        title: leg.title.clone(),
        steps: leg.steps.iter().map(step_json).collect(),
    }
}

fn step_json(step: &ForecastStep) -> StepJson {
    StepJson {
        key: step.key.clone(),
        kind: step.kind,
        title: step.title.clone(),
        condition: step.condition.clone(),
        state: step.state.word(),
        reason: step.state.reason().map(str::to_owned),
        unknown: step.state.unknown().to_vec(),
        handler: step.handler.map(handler_json),
        notes: step.notes.clone(),
        call: step.call.as_ref().map(|call| CallJson {
            workflow: call.workflow.clone(),
            inputs: call.inputs.iter().map(input_json).collect(),
            layers: call.forecast.as_ref().map(|called| json(called)),
        }),
    }
}

fn input_json((name, value): &(String, Result<String, Vec<String>>)) -> InputJson {
    InputJson {
        name: name.clone(),
        value: value.as_ref().ok().cloned(),
        unknown: value.as_ref().err().cloned().unwrap_or_default(),
    }
}

/// Shows the layers as text.
pub(crate) fn show(output: &mut Output, plan: &Forecast) {
    show_in(output, plan, 0);
}

fn show_in(output: &mut Output, plan: &Forecast, indent: usize) {
    let blank = " ".repeat(indent);
    for note in &plan.notes {
        output.line(format!("{blank}    {}", one_line(note)));
    }
    for (index, layer) in plan.layers.iter().enumerate() {
        // Only the first job of a layer has the number: the others start together with it.
        let mut mark = format!("{:>2}.", index + 1);
        for job in layer {
            show_job(output, (&mark, indent), job);
            "   ".clone_into(&mut mark);
        }
    }
}

fn show_job(output: &mut Output, (mark, indent): (&str, usize), job: &ForecastJob) {
    let blank = " ".repeat(indent);
    let id = output.paint(Style::new().bold(), &job.id);
    let mut line = format!("{blank}{mark} {id}");
    if job.title != job.id && job.handler.is_none() {
        line.push_str(": ");
        line.push_str(&output.paint(Style::new(), &job.title));
    }
    if !job.needs.is_empty() {
        line.extend([" (needs ", &job.needs.join(", "), ")"]);
    }
    let notes: Vec<&str> = notes(job.handler, &job.notes);
    line.push_str(&suffix(
        output,
        &notes,
        (&job.state, job.condition.as_deref()),
    ));
    output.line(line);
    // What does not run needs no steps.
    if matches!(job.state, State::Skipped(_) | State::Fails(_)) {
        return;
    }
    let Some(Legs::Known(legs)) = &job.legs else {
        if let Some(Legs::Unknown(names)) = &job.legs {
            let names = one_line(&names.join(", "));
            output.line(format!("{blank}      legs known when it begins ({names})"));
        }
        show_steps(output, &job.steps, indent);
        return;
    };
    let first = legs.first();
    let alike = legs
        .iter()
        .all(|leg| first.is_some_and(|first| first.steps == leg.steps));
    for leg in legs.iter().take(LEGS) {
        output.line(format!("{blank}      {}", leg_title(leg)));
        if !alike {
            show_steps(output, &leg.steps, indent + 2);
        }
    }
    if legs.len() > LEGS {
        let more = legs.len() - LEGS;
        output.line(format!("{blank}      … and {more} more"));
    }
    if legs.is_empty() {
        output.line(format!("{blank}      no legs: it has nothing to run over"));
    } else if let (true, Some(first)) = (alike, first) {
        show_steps(output, &first.steps, indent);
    }
}

fn leg_title(leg: &Leg) -> String {
    match leg.title.as_str() {
        "" => leg.key.clone(),
        title => format!("{} ({title})", leg.key),
    }
}

fn show_steps(output: &mut Output, steps: &[ForecastStep], indent: usize) {
    let blank = " ".repeat(indent);
    for step in steps {
        let title = output.paint(Style::new(), &step.title);
        let mut notes = notes(step.handler, &step.notes);
        // A name of its own must not hide that somebody will be asked.
        if step.kind == "checkpoint" && !step.title.starts_with("Checkpoint ") {
            notes.insert(0, "checkpoint");
        }
        if let Some(call) = step.call.as_ref().filter(|call| !says(&step.title, call)) {
            notes.insert(0, "workflow");
            notes.insert(1, &call.workflow);
        }
        let suffix = suffix(output, &notes, (&step.state, step.condition.as_deref()));
        output.line(format!("{blank}      - {title}{suffix}"));
        if let Some(call) = &step.call {
            show_call(output, call, indent + 8);
        }
    }
}

/// Whether the title of a step names the workflow that it calls.
fn says(title: &str, call: &Call) -> bool {
    title.strip_prefix("Workflow ") == Some(&call.workflow)
}

fn show_call(output: &mut Output, call: &Call, indent: usize) {
    let blank = " ".repeat(indent);
    for (name, value) in &call.inputs {
        let told = match value {
            Ok(value) => format!("= {}", one_line(value)),
            Err(names) => depends(names),
        };
        output.line(format!("{blank}with {} {told}", one_line(name)));
    }
    match &call.forecast {
        Some(called) => show_in(output, called, indent),
        None => output.line(format!("{blank}(its jobs are too many to show)")),
    }
}

fn notes(handler: Option<Handler>, notes: &[String]) -> Vec<&str> {
    let handler = handler.map(Handler::words);
    handler
        .into_iter()
        .chain(notes.iter().map(String::as_str))
        .collect()
}

/// What is said behind a title: how it is run, and whether.
fn suffix(output: &Output, notes: &[&str], (state, condition): (&State, Option<&str>)) -> String {
    let mut text = String::new();
    if !notes.is_empty() {
        let notes = output.paint(Style::new(), &notes.join("; "));
        text.extend([" (", &notes, ")"]);
    }
    let condition = condition.map(|text| output.paint(Style::new(), text));
    let told = match (state, condition) {
        (State::Runs, None) => return text,
        (State::Runs, Some(condition)) => format!("runs (if: {condition})"),
        (State::Skipped(_), Some(condition)) if is_false(state) => {
            format!("skipped (if: {condition} is false)")
        }
        (State::Skipped(why), _) => format!("skipped ({})", one_line(why)),
        // The handler says so.
        (State::Depends(names), None) if names.as_slice() == [HOW_IT_GOES] => return text,
        (State::Depends(names), None) => depends(names),
        (State::Depends(names), Some(condition)) => {
            format!("{} (if: {condition})", depends(names))
        }
        (State::Fails(why), _) => format!("fails ({})", one_line(why)),
    };
    format!("{text}: {told}")
}

fn depends(names: &[String]) -> String {
    format!("depends on {}", one_line(&names.join(", ")))
}

/// Whether its own condition is why something is skipped.
fn is_false(state: &State) -> bool {
    state.reason() == Some(State::IF_IS_FALSE)
}
