//! One stop of the debugger: commands are read and done until one lets the run go on.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use crate::base::text::one_line;
use crate::model::expression::context::{CONTEXTS, StatusFunctions};
use crate::model::expression::evaluate::evaluate;
use crate::model::expression::memory::Memory;
use crate::model::expression::parser::{self, Names};
use crate::model::expression::{Context, Value, json};
use crate::model::run::event::{StepEnd, StepFinish};
use crate::model::run::schedule::Schedule;
use crate::model::workflow::StepKind;
use crate::proc::command::Invocation;
use crate::proc::typed::Typed;
use crate::workflow::Error;
use crate::workflow::debug::command::{self, Command};
use crate::workflow::debug::{Action, Debugger, Stop, unknown};
use crate::workflow::driver::Driver;
use crate::workflow::left;
use crate::workflow::naming::{job_title, step_title};

/// Lines of a script that are shown.
const SCRIPT_LINES: usize = 10;

/// The variable that names the shell of a person.
const SHELL: &str = "SHELL";

impl Driver<'_> {
    /// Reads commands until one says what is to become of the step.
    pub(super) fn prompt(
        &mut self,
        debugger: &mut Debugger,
        stop: &Stop<'_>,
        schedule: &mut Schedule<'_>,
    ) -> Result<Action, Error> {
        let script = self.told(stop, schedule);
        debugger.console.say(&script);
        loop {
            debugger.console.ask();
            let line = match debugger.lines.next(self.shop.interrupts)? {
                Typed::Line(line) => line,
                Typed::End => {
                    debugger.ended = true;
                    debugger.console.say("end of the commands: the run goes on");
                    return Ok(Action::Go);
                }
                Typed::Interrupted => {
                    // What was typed stands on the line of the prompt.
                    debugger.console.say("\ninterrupted: the run is cancelled");
                    return Ok(Action::Quit);
                }
            };
            let command = match Command::parse(&line) {
                Ok(Some(command)) => command,
                Ok(None) => match debugger.last.clone() {
                    Some(command) => command,
                    None => continue,
                },
                Err(message) => {
                    debugger.console.say(&message);
                    continue;
                }
            };
            debugger.last =
                matches!(command, Command::Step | Command::Continue).then(|| command.clone());
            if let Some(action) = flow(debugger, stop, &command) {
                return Ok(action);
            }
            let said = self.answer(debugger, stop, &command, schedule);
            if !said.is_empty() {
                debugger.console.say(&said);
            }
        }
    }

    /// Where it stands, and what is about to run.
    fn told(&self, stop: &Stop<'_>, schedule: &Schedule<'_>) -> String {
        let read = schedule.step_context(stop.job, stop.step, &self.base);
        let workflow = schedule.workflow(stop.job);
        let place = workflow.map(|workflow| workflow.place(stop.step.span));
        let when = if stop.failed.is_some() {
            "stopped after"
        } else {
            "stopped before"
        };
        let job = one_line(&job_title(
            Some(self.pinned),
            &self.state,
            &stop.attempt.job,
        ));
        let key = (stop.attempt.job.as_str(), stop.step.key.as_str());
        let title = step_title(self.pinned, &self.state, key);
        let mut text = format!("{when} {job} / {title} ({})", place.unwrap_or_default());
        if let (StepKind::Run { script, .. }, None) = (&stop.step.kind, &stop.failed) {
            let script = match script.render(&read.context) {
                Ok(script) => script,
                Err(_) => script.source_text().to_owned(),
            };
            for line in script.lines().take(SCRIPT_LINES) {
                text.push_str("\n  | ");
                text.push_str(line);
            }
            if script.lines().nth(SCRIPT_LINES).is_some() {
                text.push_str("\n  | …");
            }
        }
        self.masker().mask(&text)
    }

    /// Says how a step has failed.
    pub(super) fn say_failed(&mut self, finish: &StepFinish) {
        let how = match &finish.end {
            StepEnd::Code(code) => format!("exit code {code}"),
            StepEnd::Signal(signal) => format!("signal {signal}"),
            StepEnd::NotStarted(why) | StepEnd::Unusable(why) => one_line(why),
            StepEnd::Answered => "rejected".to_owned(),
        };
        if let Some(debugger) = &mut self.debugger {
            debugger.console.say(&format!(
                "the step has failed ({how}): `retry`, `skip`, or go on"
            ));
        }
    }

    /// Does a command that leaves the run where it is; gives what is said.
    fn answer(
        &mut self,
        debugger: &mut Debugger,
        stop: &Stop<'_>,
        command: &Command,
        schedule: &mut Schedule<'_>,
    ) -> String {
        let read = match &stop.failed {
            Some(settled) => schedule.context_after(stop.job, (stop.step, settled), &self.base),
            None => schedule.step_context(stop.job, stop.step, &self.base),
        };
        let masker = self.masker();
        match command {
            Command::Help => command::help(),
            Command::Break(text) => add(debugger, text, self),
            Command::Delete(text) => delete(debugger, text.as_deref()),
            Command::Breakpoints => breakpoints(debugger),
            Command::Where => masker.mask(&self.steps(stop, schedule)),
            Command::Evaluate(text) => masker.mask(&evaluated(text, &read.context)),
            Command::Outputs => masker.mask(&outputs(&read.context)),
            Command::Environment => match read.variables {
                Ok(variables) => {
                    let lines = variables.iter();
                    let lines = lines.map(|(name, value)| format!("{name}={value}"));
                    masker.mask(&lines.collect::<Vec<_>>().join("\n"))
                }
                Err(error) => format!("env: {error}"),
            },
            Command::Set(name, value) => match left::allowed(name, value) {
                Ok(()) => {
                    let named = (name.clone(), value.clone());
                    schedule.set_variable(stop.job, named.clone());
                    debugger.set.push((stop.attempt.job.clone(), named));
                    String::new()
                }
                Err(reason) => reason,
            },
            Command::Shell => self.open_shell(stop, schedule),
            Command::Step | Command::Continue | Command::Retry | Command::Skip | Command::Quit => {
                String::new()
            }
        }
    }

    /// The steps of the job with what became of them.
    fn steps(&self, stop: &Stop<'_>, schedule: &Schedule<'_>) -> String {
        let key = &stop.attempt.job;
        let mut lines = vec![format!(
            "job {}",
            one_line(&job_title(Some(self.pinned), &self.state, key))
        )];
        let steps = schedule.job(stop.job).map(|job| job.steps.as_slice());
        for step in steps.unwrap_or_default() {
            let known = self.state.step(key, &step.key);
            let outcome = known.and_then(|known| known.outcome);
            let here = step.key == stop.attempt.step;
            let mark = if here { ">" } else { " " };
            let told = match outcome {
                Some(outcome) => format!(": {outcome}"),
                None => String::new(),
            };
            let title = step_title(self.pinned, &self.state, (key, &step.key));
            let key = one_line(&step.key);
            lines.push(format!("{mark} {key:<4} {title}{told}"));
        }
        lines.join("\n")
    }

    /// Opens a shell where the step runs, with what it gets.
    fn open_shell(&mut self, stop: &Stop<'_>, schedule: &Schedule<'_>) -> String {
        let start = match self.surroundings(&stop.attempt, (stop.job, stop.step), schedule) {
            Ok(start) => start,
            Err(reason) => return reason.to_string(),
        };
        let shell = self.shop.environment.var_os(SHELL);
        let shell = shell.filter(|shell| !shell.is_empty());
        let shell = shell.map_or_else(|| OsString::from("/bin/sh"), ToOwned::to_owned);
        let folder = PathBuf::from(OsString::from_vec(start.folder));
        let mut invocation = Invocation::new(shell).folder(folder);
        for (name, value) in start.environment.iter() {
            invocation = invocation.env(OsStr::from_bytes(name), OsStr::from_bytes(value));
        }
        let ended = invocation.run_attached();
        // What was typed to stop something in it was not meant for the run.
        self.shop.interrupts.drain();
        match ended {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }
}

/// What stands for every step that has failed, among breakpoints.
const ON_FAILURE: &str = "on-failure";

/// What a command means for the step, if it lets the run go on.
fn flow(debugger: &mut Debugger, stop: &Stop<'_>, command: &Command) -> Option<Action> {
    let action = match command {
        Command::Step | Command::Continue => Action::Go,
        Command::Retry if stop.failed.is_some() => Action::Retry,
        Command::Skip if stop.skippable => Action::Skip,
        Command::Quit => Action::Quit,
        Command::Retry => {
            debugger
                .console
                .say("the step has not run yet: `step` runs it");
            return None;
        }
        Command::Skip => {
            debugger
                .console
                .say("a step that calls a workflow cannot be left out here");
            return None;
        }
        _ => return None,
    };
    // After the others it stops as before.
    match command {
        Command::Step => debugger.stepping = true,
        Command::Continue => debugger.stepping = false,
        _ => {}
    }
    Some(action)
}

fn add(debugger: &mut Debugger, text: &str, driver: &Driver<'_>) -> String {
    if let Some(why) = unknown(text, driver.pinned.bundle()) {
        if text != ON_FAILURE {
            return why;
        }
        debugger.on_failure = true;
        return String::new();
    }
    if !debugger.breakpoints.iter().any(|known| known == text) {
        debugger.breakpoints.push(text.to_owned());
    }
    String::new()
}

fn delete(debugger: &mut Debugger, text: Option<&str>) -> String {
    let before = debugger.breakpoints.len();
    debugger
        .breakpoints
        .retain(|known| text.is_some_and(|text| known != text));
    let named = debugger.breakpoints.len() < before;
    let failures = debugger.on_failure && !named && text.is_none_or(|text| text == ON_FAILURE);
    debugger.on_failure &= text.is_some() && !failures;
    match text {
        Some(text) if !named && !failures => {
            format!("there is no breakpoint `{}`", one_line(text))
        }
        _ => String::new(),
    }
}

fn breakpoints(debugger: &Debugger) -> String {
    let mut lines: Vec<String> = debugger.breakpoints.iter().map(|at| one_line(at)).collect();
    if debugger.on_failure {
        lines.push("every step that has failed".to_owned());
    }
    if lines.is_empty() {
        return "none".to_owned();
    }
    lines.join("\n")
}

/// The value of an expression, or what is wrong with it.
fn evaluated(text: &str, context: &Context) -> String {
    let inner = text
        .strip_prefix("${{")
        .and_then(|text| text.strip_suffix("}}"));
    let contexts: Vec<&str> = CONTEXTS.iter().map(|(name, _)| *name).collect();
    let names = Names {
        contexts: &contexts,
        status_functions: StatusFunctions::OfAll,
        elsewhere: false,
    };
    let parsed = match parser::parse_with(inner.unwrap_or(text), names) {
        Ok(parsed) => parsed,
        Err(errors) => {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            return told.join("; ");
        }
    };
    match evaluate(&parsed, context) {
        Ok(value) => readable(&value),
        Err(error) => error.to_string(),
    }
}

/// A value for people: text as it is, all else as JSON where JSON has it.
fn readable(value: &Value) -> String {
    match value {
        Value::Number(_) | Value::String(_) => value.to_text(),
        // A value is never as large as that.
        _ => json::write(value, &mut Memory::new(usize::MAX)).unwrap_or_default(),
    }
}

/// What the steps before and the needed jobs came to.
fn outputs(context: &Context) -> String {
    let mut lines = Vec::new();
    for name in ["needs", "steps"] {
        let Value::Object(all) = context.get(name) else {
            continue;
        };
        for (id, value) in all.iter() {
            let Value::Object(one) = value else { continue };
            for (what, value) in one.iter() {
                match value {
                    Value::Object(outputs) if what == "outputs" => {
                        for (output, value) in outputs.iter() {
                            let value = readable(value);
                            lines.push(format!("{name}.{id}.outputs.{output} = {value}"));
                        }
                    }
                    value => lines.push(format!("{name}.{id}.{what} = {}", readable(value))),
                }
            }
        }
    }
    lines.join("\n")
}
