//! How checkpoints are named on the command line: `<run>` or `<run>/<number>`.

use crate::app::Error;
use crate::app::project::Project;
use crate::app::runs;
use crate::state::runs::RunSummary;
use crate::state::work_tree::GoesOn;

/// The run and the number that a text names; no text means the only run that waits. `command` is
/// what asks.
pub(crate) fn find(
    project: &Project,
    text: Option<&str>,
    command: &'static str,
) -> Result<(RunSummary, Option<u32>), Error> {
    let Some(text) = text else {
        return Ok((runs::only_waiting(project, command)?, None));
    };
    // The branch of a checkpoint names it too.
    let text = text.strip_prefix("mmm/checkpoint/").unwrap_or(text);
    let (run, number) = match text.split_once('/') {
        None => (text, None),
        Some((run, rest)) => (run, Some(rest.split('-').next().unwrap_or(rest))),
    };
    let number = match number {
        None => None,
        Some(number) => Some(number.parse().map_err(|_| Error::CheckpointName {
            found: text.to_owned(),
        })?),
    };
    Ok((runs::find(project, Some(run))?, number))
}

/// The work tree in which the checkpoints of a run can be answered, when it is another one.
pub(crate) fn elsewhere(summary: &RunSummary) -> Option<String> {
    match &summary.goes_on {
        GoesOn::In(path) => Some(path.to_string_lossy().into_owned()),
        GoesOn::Here | GoesOn::Moved | GoesOn::Gone(_) | GoesOn::OtherClone => None,
    }
}

/// Where a checkpoint is answered that cannot be answered here.
pub(crate) fn where_to(work_tree: Option<&str>) -> String {
    work_tree.map_or_else(
        || "cannot be answered here".to_owned(),
        |path| format!("answer it in {path}"),
    )
}
