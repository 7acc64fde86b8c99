//! `git mmm init`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::project::init::{self, Initialized, Request};
use crate::state::layout::StatePath;
use crate::state::transaction::recovery::{Recovered, Recovery};

/// Make a project of this repository, or add what is missing of it
///
/// Writes `.mmm/` at the top of the work tree: the configuration, and a spec and a workflow `hello`
/// to try. Nothing that is there is overwritten, so it can be run again at any time.
#[derive(Debug, clap::Args)]
pub(crate) struct InitArguments {
    /// The project's name: by default that of the folder
    #[arg(long, value_name = "name")]
    name: Option<String>,
    /// Commit what was written, and nothing else
    #[arg(long)]
    commit: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    project: JsonProject,
    created: Vec<String>,
    completed: Vec<String>,
    commit: Option<String>,
    next: String,
}

#[derive(Debug, Serialize)]
struct JsonProject {
    id: String,
    name: String,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &InitArguments,
) -> Result<ExitCode, Error> {
    let done = init::init(Request {
        environment: &context.environment,
        folder: &context.folder,
        clock: context.clock,
        identifiers: &context.identifiers,
        name: arguments.name.as_deref(),
        commit: arguments.commit,
    })
    .map_err(Error::from)?;
    for recovered in &done.recovered {
        output.note(told(recovered));
    }
    let next = if done.has_hello {
        "git mmm run hello"
    } else {
        "git mmm status"
    };
    if output.is_json() {
        let answer = answer(&done, next);
        output.json("init", answer, &[])?;
        return Ok(ExitCode::Ok);
    }
    for (verb, paths) in [("created", &done.created), ("completed", &done.completed)] {
        for path in paths {
            output.line(format!("{verb} {path}"));
        }
    }
    if done.created.is_empty() && done.completed.is_empty() {
        let name = visible(&done.project.name);
        output.line(format!("nothing to do: the project `{name}` is complete"));
    }
    if let Some(commit) = &done.commit {
        output.line(format!("committed as {}", commit.short()));
    }
    output.line(format!("next: {next}"));
    Ok(ExitCode::Ok)
}

/// What became of a change that another call had begun and not finished.
fn told(recovered: &Recovered) -> String {
    let path = &recovered.path;
    match &recovered.recovery {
        Recovery::Finished | Recovery::AlreadyDone => {
            format!("note: an interrupted change of {path} was finished")
        }
        Recovery::Kept { copy: Some(copy) } => format!(
            "note: {path} was left as it is; an interrupted change of it is kept in {}",
            copy.display()
        ),
        Recovery::Kept { copy: None } => {
            format!("note: {path} was left as it is; an interrupted change wanted to remove it")
        }
    }
}

fn answer(done: &Initialized, next: &str) -> Answer {
    let shown = |paths: &[StatePath]| paths.iter().map(ToString::to_string).collect();
    Answer {
        project: JsonProject {
            id: done.project.id.to_string(),
            name: done.project.name.clone(),
        },
        created: shown(&done.created),
        completed: shown(&done.completed),
        commit: done
            .commit
            .as_ref()
            .map(|commit| commit.as_str().to_owned()),
        next: next.to_owned(),
    }
}
