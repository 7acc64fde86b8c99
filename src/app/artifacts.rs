//! Artifacts as commands see them: found, and written into a folder.

use std::path::Path;

use crate::app::Error;
use crate::app::project::Project;
use crate::app::runs;
use crate::base::ids::RunId;
use crate::git::nested::Leaf;
use crate::state::artifacts::{self, Artifacts};
use crate::state::runs::RunPlace;
use crate::workflow::{Error as WorkflowError, unpack};

/// The artifacts of a run, the newest one where none is named.
pub(crate) fn of(project: &Project, run: Option<&str>) -> Result<(RunId, Artifacts), Error> {
    let summary = runs::find(project, run)?;
    let read = |summary: &_| {
        let state = runs::state(project, summary)?;
        Ok::<_, Error>(artifacts::of(&project.repository, summary, &state)?)
    };
    let found = read(&summary);
    match &summary.place {
        // It ended meanwhile: it is read from its seal.
        RunPlace::Live(folder) if found.is_err() && !folder.exists() => {
            let summary = runs::find(project, Some(&summary.run.to_string()))?;
            Ok((summary.run, read(&summary)?))
        }
        _ => Ok((summary.run, found?)),
    }
}

/// The files of one artifact.
pub(crate) fn one(
    project: &Project,
    run: Option<&str>,
    name: &str,
) -> Result<(RunId, Vec<Leaf>), Error> {
    let (run, mut found) = of(project, run)?;
    match found.remove(name) {
        Some(files) => Ok((run, files)),
        None => Err(WorkflowError::NoArtifact {
            run,
            name: name.to_owned(),
            known: found.into_keys().collect(),
        }
        .into()),
    }
}

/// How many bytes files have together.
pub(crate) fn bytes(project: &Project, files: &[Leaf]) -> Result<u64, Error> {
    Ok(artifacts::bytes(project.repository.objects()?, files)?)
}

/// Writes files into a folder; what is there is replaced only on request.
pub(crate) fn write(
    project: &Project,
    files: &[Leaf],
    folder: &Path,
    replace: bool,
) -> Result<(), Error> {
    let objects = project.repository.objects()?;
    Ok(unpack::write(objects, files, folder, replace)?)
}
