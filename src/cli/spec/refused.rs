//! Why specs are not accepted, and what to do about it.

use anstyle::Style;
use serde::Serialize;

use crate::app::Error;
use crate::base::diagnostic::Problem;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::spec::close::Refusal;

/// A refusal in JSON.
#[derive(Debug, Serialize)]
struct Data {
    name: String,
    accepted: bool,
    open: Vec<OpenData>,
}

/// A criterion that is not proved, in JSON.
#[derive(Debug, Serialize)]
struct OpenData {
    criterion: String,
    text: String,
    standing: &'static str,
    has_command: bool,
}

/// Says which criteria are not proved and how to prove them; the answer is no, for all that were
/// asked for.
pub(crate) fn answer(
    output: &mut Output,
    kind: &str,
    refusals: &[Refusal],
    asked: usize,
) -> Result<ExitCode, Error> {
    if output.is_json() {
        let data: Vec<Data> = refusals.iter().map(data).collect();
        let errors = refusals.iter().flat_map(|refusal| &refusal.errors);
        let errors: Vec<Problem> = errors.cloned().collect();
        output.json(kind, data, &errors)?;
        return Ok(ExitCode::No);
    }
    let plain = Style::new();
    for refusal in refusals {
        let spec = &refusal.spec;
        if refusal.open.is_empty() && refusal.errors.is_empty() {
            output.line(format_args!("{spec} has no acceptance criteria"));
            output.send()?;
            output.note(format!(
                "hint: add criteria with `git mmm spec edit {spec}`"
            ));
            continue;
        }
        output.line(format_args!("{spec} is not proved on this code:"));
        for open in &refusal.open {
            let missing = if open.has_command {
                ""
            } else {
                ", has no command"
            };
            let text = format!(
                "{} {}: {}{missing}",
                open.id,
                open.text,
                open.standing.as_str()
            );
            let text = output.paint(plain, &text);
            output.line(format_args!("  {text}"));
        }
        for error in &refusal.errors {
            let line = error.position().map(|position| position.line);
            let place = line.map(|line| format!("line {line}: "));
            let text = format!("{}{}", place.unwrap_or_default(), error.message);
            let text = output.paint(plain, &text);
            output.line(format_args!("  {text}"));
        }
        // What the hint is about stands above it.
        output.send()?;
        // A command can be run; where there is none, somebody has to write it first.
        let way = if !refusal.errors.is_empty() {
            format!("repair it with `git mmm spec edit {spec}`")
        } else if refusal.open.iter().any(|open| open.has_command) {
            format!("run `git mmm spec verify {spec}`")
        } else {
            format!("give it a command with `git mmm spec edit {spec}`")
        };
        output.note(format!(
            "hint: {way}, or accept it all the same with `git mmm spec done --force {spec}`"
        ));
    }
    if asked > refusals.len() {
        output.note("nothing was accepted: name the proved specs alone to accept them");
    }
    Ok(ExitCode::No)
}

fn data(refusal: &Refusal) -> Data {
    let open = refusal.open.iter();
    Data {
        name: refusal.spec.clone(),
        accepted: false,
        open: open
            .map(|open| OpenData {
                criterion: open.id.to_string(),
                text: open.text.clone(),
                standing: open.standing.as_str(),
                has_command: open.has_command,
            })
            .collect(),
    }
}
