//! `git mmm quickstart`.

use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::outcome::{self, RunJson};
use crate::cli::run::progress::Lines;
use crate::cli::run::session::Driven;
use crate::project::quickstart::{self, Sample};
use crate::project::sample::SPEC;
use crate::workflow::resume::Ended;

/// Make a sample repository and drive one spec in it, from failing to proved
///
/// Needs no key and no network, and touches nothing outside of its folder, which stays.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to make it in, empty or new: by default one for temporary files
    #[arg(long, value_name = "folder")]
    into: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Answer {
    folder: String,
    run: RunJson,
    commit: String,
    notes: Vec<Note>,
}

#[derive(Debug, Serialize)]
struct Note {
    name: &'static str,
    commit: &'static str,
    lines: Vec<String>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let into = arguments
        .into
        .as_ref()
        .map(|into| context.folder.join(into));
    let sample = quickstart::make(&context.environment, &context.identifiers, into.as_deref())?;
    let inside = Context::new(sample.environment().clone(), sample.top())?;
    let top = sample.top().to_string_lossy();
    let shown = visible(&top);
    say(
        output,
        "A sample repository, yours to look at and to remove:",
    );
    show(output, &format!("{shown}\n"));
    command(output, &format!("git mmm run {SPEC}"));
    let driven = drive(&inside, output)?;
    let ended = &driven.ended;
    let code = outcome::exit_code(ended.status);
    if !output.is_json() {
        outcome::tell(output, ended)?;
    }
    command(output, "git diff HEAD");
    let difference = sample.difference()?;
    show(output, &visible(&difference));
    command(
        output,
        "git add --all && git commit -m 'Greet people by their name'",
    );
    let commit = sample.commit("Greet people by their name")?;
    // Opening the project notes on the commit what was proved of its code.
    Project::open(&inside, Access::Write)?;
    let notes = sample.notes()?;
    if output.is_json() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        let notes = notes.iter().map(|(name, revision, text)| Note {
            name,
            commit: revision,
            lines: lines(text),
        });
        let answer = Answer {
            folder: sample.top().to_string_lossy().into_owned(),
            run: outcome::json(&driven, None),
            commit: commit.as_str().to_owned(),
            notes: notes.collect(),
        };
        output.json("quickstart", answer, &[])?;
        return Ok(code);
    }
    show(output, &format!("{}\n", commit.short()));
    for (name, revision, text) in &notes {
        command(output, &format!("git notes --ref={name} show {revision}"));
        show(output, &visible(text));
    }
    farewell(output, &sample, ended);
    Ok(code)
}

/// Runs the spec with its own workflow.
fn drive(context: &Context, output: &mut Output) -> Result<Driven, Error> {
    let project = Project::open(context, Access::Write)?;
    let book = project.specs()?;
    let spec = book.specs().iter().find(|spec| spec.slug == SPEC);
    let workflow = spec.and_then(|spec| spec.workflow.as_deref());
    let workflow = workflow.unwrap_or(&project.settings.workflow);
    let mut lines = Lines::new(output);
    let ended = runs::start(context, &project, (workflow, &[]), spec, &mut lines)?;
    lines.finish()?;
    let commit = None;
    Ok(Driven { ended, commit })
}

fn say(output: &mut Output, text: &str) {
    show(output, &format!("{text}\n"));
}

/// A command as if it had been typed.
fn command(output: &mut Output, text: &str) {
    let style = Style::new().fg_color(Some(AnsiColor::Cyan.into()));
    let text = output.paint(style, &format!("$ {text}"));
    show(output, &format!("\n{text}\n"));
}

fn show(output: &mut Output, text: &str) {
    if !output.is_json() {
        output.text(text);
        if !text.is_empty() && !text.ends_with('\n') {
            output.text("\n");
        }
    }
}

/// What to type next, there and at home.
fn farewell(output: &mut Output, sample: &Sample, ended: &Ended) {
    let top = sample.top().to_string_lossy();
    let folder = visible(&top);
    let run = ended.run;
    let lines = [
        String::new(),
        "What to type next, there:".to_owned(),
        format!("  cd {folder}"),
        "  git mmm spec list".to_owned(),
        format!("  git mmm show {run}"),
        "  git mmm workflow show release".to_owned(),
        String::new(),
        "and in a repository of your own:".to_owned(),
        "  git mmm init".to_owned(),
        "  git mmm run hello".to_owned(),
    ];
    for line in lines {
        output.line(line);
    }
}
