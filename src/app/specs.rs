//! The spec system at work on the project of a command.

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::{Access, Project};
use crate::app::runs;
use crate::model::run::RunStatus;
use crate::model::spec::verdict::Activity;
use crate::spec::Desk;
use crate::spec::list::Activities;

/// What the spec system works with.
pub(crate) fn desk<'a>(context: &'a Context, project: &'a Project) -> Desk<'a> {
    Desk {
        repository: &project.repository,
        files: &project.files,
        local: &project.local,
        place: project.place().ok(),
        clock: context.clock,
        identifiers: &context.identifiers,
        masked: runs::masked(context, project),
    }
}

/// What the runs of each spec are doing.
pub(crate) fn activities(project: &Project) -> Result<Activities, Error> {
    let mut activities = Activities::default();
    for summary in runs::list(project)?.runs {
        let activity = match summary.status {
            RunStatus::Waiting | RunStatus::Lost => Activity::Waiting,
            RunStatus::Running => Activity::Running,
            _ => continue,
        };
        // Of several runs under way, the newest one tells; it comes first.
        if let Some(spec) = summary.spec_id() {
            activities.entry(spec).or_insert(activity);
        }
    }
    Ok(activities)
}

/// Opens the project that a command on specs works on.
pub(crate) fn open(context: &Context, access: Access) -> Result<Project, Error> {
    let project = Project::open(context, access)?;
    project.require_initialized()?;
    Ok(project)
}
