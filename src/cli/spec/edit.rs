//! `git mmm spec edit`.

use std::io::{self, IsTerminal};

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::base::diagnostic::Problem;
use crate::base::ids::ObjectId;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::saved;
use crate::cli::spec::check::answer;
use crate::model::spec::Spec;
use crate::spec::editor::{self, Prints};
use crate::spec::{Desk, Error as SpecError, check, find};
use crate::state::save;

/// Arguments of `git mmm spec edit`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The spec: its slug, its id, or a unique prefix
    #[arg(value_name = "spec")]
    spec: String,
    #[command(flatten)]
    commit: Commit,
}

/// The answer in JSON.
#[derive(Debug, Serialize)]
struct Data {
    path: String,
    commit: Option<String>,
}

/// What an editor left.
#[derive(Debug)]
pub(crate) struct Edited {
    /// Everything that is wrong with the file now.
    pub(crate) problems: Vec<Problem>,
    /// The commit that holds it, when one was asked for and nothing is wrong.
    pub(crate) commit: Option<ObjectId>,
}

impl Edited {
    /// No when there is an error.
    pub(crate) fn code(&self) -> ExitCode {
        answer(&self.problems)
    }
}

/// Opens a spec in the person's editor and checks it afterwards.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let book = desk.book()?;
    let path = match find::one(&book, &book.graph(), &args.spec) {
        Ok(index) => book
            .specs()
            .get(index)
            .map(|spec: &Spec| spec.source.path().to_owned())
            .unwrap_or_default(),
        // The editor is where such a file is repaired.
        Err(SpecError::Unreadable { path, .. }) => path,
        Err(error) => return Err(error.into()),
    };
    let name = path.rsplit('/').next().unwrap_or(&path);
    let message = format!("mmm: spec edit {}", name.trim_end_matches(".md"));
    let message = args.commit.message(&project.settings, message)?;
    let edited = open(&desk, &path, prints(output), message.as_deref())?;
    let code = edited.code();
    if output.is_json() {
        let commit = edited.commit.as_ref().map(ToString::to_string);
        output.json("spec-edit", Data { path, commit }, &edited.problems)?;
    } else {
        output.problems(&edited.problems);
    }
    saved::committed(output, edited.commit.as_ref());
    if message.is_some() && code == ExitCode::No {
        output.note("not committed: repair it first");
    }
    Ok(code)
}

/// Fails where an editor would have nobody to talk to.
pub(crate) fn require_editor(desk: &Desk<'_>) -> Result<(), Error> {
    let has_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    Ok(editor::require(desk.repository, has_terminal)?)
}

/// Where the editor prints to.
pub(crate) fn prints(output: &Output) -> Prints {
    if output.is_json() {
        Prints::Errors
    } else {
        Prints::Output
    }
}

/// Opens a spec, says what is wrong with it afterwards and, unless that is an error, commits it
/// with this message if there is one.
pub(crate) fn open(
    desk: &Desk<'_>,
    path: &str,
    prints: Prints,
    message: Option<&str>,
) -> Result<Edited, Error> {
    require_editor(desk)?;
    if message.is_some() {
        save::can_commit(desk.repository, &[path.to_owned()])?;
    }
    editor::open(desk, path, prints)?;
    let problems = check::file(desk, &desk.book()?, path)?;
    let commit = match message {
        Some(message) if answer(&problems) == ExitCode::Ok => {
            save::commit(desk.repository, &[path.to_owned()], message)?
        }
        _ => None,
    };
    Ok(Edited { problems, commit })
}
