//! The runs of one call: each is committed when it ends, if that is wanted, and all are told.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::ids::ObjectId;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::run::outcome;
use crate::cli::saved;
use crate::state::layout::StatePath;
use crate::state::save;
use crate::workflow::resume::Ended;

/// A run with the commit that it was given.
#[derive(Debug)]
pub(crate) struct Driven {
    /// What became of it.
    pub(crate) ended: Ended,
    /// The commit of what it left.
    pub(crate) commit: Option<ObjectId>,
}

/// The runs so far.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    project: &'a Project,
    commit: bool,
    driven: Vec<Driven>,
    failed: Option<Error>,
}

impl<'a> Session<'a> {
    /// No run yet. What a commit needs is looked at now, before anything runs; only runs of specs
    /// leave something to commit: their files, and evidence beside that of other runs.
    pub(crate) fn begin(
        project: &'a Project,
        commit: Commit,
        specs: &[String],
    ) -> Result<Self, Error> {
        let commit = !specs.is_empty() && commit.is_wanted(&project.settings)?;
        if commit {
            let mut paths = specs.to_vec();
            paths.push(StatePath::in_runs()?.into_string());
            save::can_commit(&project.repository, &paths)?;
        }
        Ok(Self {
            project,
            commit,
            driven: Vec::new(),
            failed: None,
        })
    }

    /// Takes a run; says whether others may follow.
    pub(crate) fn add(&mut self, ended: Ended) -> bool {
        let commit = if self.commit {
            runs::commit(self.project, &ended)
        } else {
            Ok(None)
        };
        let commit = commit.unwrap_or_else(|error| {
            self.failed = Some(error);
            None
        });
        self.driven.push(Driven { ended, commit });
        self.failed.is_none()
    }

    /// How many runs there were.
    pub(crate) fn count(&self) -> usize {
        self.driven.len()
    }

    /// Tells how they stand; the exit code is the worst one.
    pub(crate) fn report(self, context: &Context, output: &mut Output) -> Result<ExitCode, Error> {
        let codes = self.driven.iter();
        let codes = codes.map(|driven| outcome::exit_code(driven.ended.status));
        let code = codes.max().unwrap_or(ExitCode::Ok);
        if output.is_json() {
            let driven = self.driven.iter();
            let data = driven.map(|driven| {
                let ended = &driven.ended;
                let work = runs::left_branch(self.project, ended.run, Some(&ended.pinned))?;
                Ok(outcome::json(driven, work))
            });
            let data = data.collect::<Result<Vec<_>, Error>>()?;
            if let Some(error) = self.failed {
                // The runs are there whatever became of their commit.
                output.json_and_error("run", data, &error)?;
                return Ok(error.kind().into());
            }
            output.json("run", data, &[])?;
        } else {
            for driven in &self.driven {
                outcome::tell(output, &driven.ended)?;
                saved::committed(output, driven.commit.as_ref());
            }
            let next = outcome::next(context, self.project, &self.driven)?;
            if let (Some(next), None) = (next, &self.failed) {
                output.line(format_args!("next: {next}"));
            }
        }
        self.failed.map_or(Ok(code), Err)
    }
}
