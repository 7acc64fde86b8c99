//! `git mmm init`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::base::text::visible;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::saved;
use crate::project::init::{self, Initialized, Request};
use crate::state::layout::StatePath;

/// Make a project of this repository, or add what is missing of it
///
/// Writes `.mmm/` at the top of the work tree: the configuration, and for
/// a new project a spec and a workflow `hello` to try. Nothing that is there is overwritten, so it can be run again at any time.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The project's name: by default that of the folder
    #[arg(long, value_name = "name")]
    name: Option<String>,
    #[command(flatten)]
    commit: Commit,
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
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let done = init::init(Request {
        environment: &context.environment,
        folder: &context.folder,
        clock: context.clock,
        identifiers: &context.identifiers,
        name: arguments.name.as_deref(),
        commit: arguments.commit.is_given(),
    })
    .map_err(Error::from)?;
    saved::tell(output, &done.saved);
    let next = if done.has_hello {
        "git mmm run hello"
    } else {
        "git mmm status"
    };
    if output.is_json() {
        let answer = answer(&done, next);
        output.json("init", answer, &done.problems)?;
        return Ok(ExitCode::Ok);
    }
    output.problems(&done.problems);
    // A commit has all of them, also those of an earlier call.
    for (verb, paths) in [
        ("created", &done.created),
        ("completed", &done.completed),
        ("committed", &done.pending),
    ] {
        for path in paths {
            output.line(format!("{verb} {path}"));
        }
    }
    let written = [&done.created, &done.completed, &done.pending];
    if written.iter().all(|paths| paths.is_empty()) {
        let name = visible(&done.project.name);
        output.line(format!("nothing to do: the project `{name}` is complete"));
    }
    output.line(format!("next: {next}"));
    Ok(ExitCode::Ok)
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
        commit: done.saved.commit.as_ref().map(ToString::to_string),
        next: next.to_owned(),
    }
}
