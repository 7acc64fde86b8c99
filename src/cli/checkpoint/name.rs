//! How checkpoints are named on the command line: `<run>` or `<run>/<number>`.

use crate::app::Error;
use crate::app::project::Project;
use crate::app::runs;
use crate::state::runs::RunSummary;

/// The run and the number that a text names; no text means the only run that waits.
pub(crate) fn find(
    project: &Project,
    text: Option<&str>,
) -> Result<(RunSummary, Option<u32>), Error> {
    let Some(text) = text else {
        return Ok((runs::only_waiting(project)?, None));
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
