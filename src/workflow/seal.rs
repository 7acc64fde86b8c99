//! Sealing: what a run left becomes an annotated tag over a tree, for good.

use crate::base::ids::{ObjectId, RecordId, RunId};
use crate::base::limits::{RUN_OUTPUT_BYTES, STEP_OUTPUT_BYTES, WORKFLOW_FILE_BYTES};
use crate::git::Repository;
use crate::git::bulk;
use crate::git::nested::{self, Leaf};
use crate::git::objects::{NewTag, ObjectKind};
use crate::git::refs::{Expected, RefUpdate};
use crate::git::tree::{FOLDER, TreeEntry};
use crate::model::run::{Outcome, RunState, RunStatus};
use crate::state::artifacts;
use crate::state::format::run_v1;
use crate::state::journal::JOURNAL_BYTES;
use crate::state::layout;
use crate::state::run_folder::{self, RunFolder};
use crate::state::runs::{self, REFS, RunPlace, RunSummary, seal_subject};
use crate::state::work_tree::GoesOn;
use crate::sys::files;
use crate::workflow::{Error, Workshop};

/// A file of a sealed run: its path below the run's folder, and its content.
type Content = (String, Vec<u8>);

/// Seals a run as it stands now and gives the name of the ref. Objects and ref are on the disk
/// when it returns.
pub(crate) fn seal(
    shop: &Workshop<'_>,
    folder: &RunFolder,
    run: RunId,
    state: &RunState,
    status: RunStatus,
) -> Result<String, Error> {
    let repository = shop.repository;
    repository.refuse_quarantine()?;
    let summary = summary(folder, run, state, status);
    let mut contents = collect(folder, status)?;
    contents.push((
        "run.toml".to_owned(),
        run_v1::render(&summary, state).into_bytes(),
    ));
    let kept = artifacts::to_seal(repository.objects()?, &state.artifacts)?;
    let tree = write_tree(repository, run, contents, kept)?;
    let parked = shop.local.parked(run);
    if parked.exists()
        && let Some((last, _)) = runs::last_seal(repository, run)?
    {
        // What is sealed later counts, also when the clock was set back.
        shop.identifiers.observe(last.timestamp_ms());
    }
    let seal: RecordId = shop.identifiers.record_id();
    let name = format!("{REFS}{run}.{seal}");
    let objects = repository.objects()?;
    let tag = objects.write_tag(&NewTag {
        target: &tree,
        kind: ObjectKind::Tree,
        name: &format!("{run}.{seal}"),
        signature: &repository.recorder()?.signature(shop.clock.now_ms()),
        message: &format!("{}\n", seal_subject(&summary)),
    })?;
    objects.sync()?;
    let update = RefUpdate {
        name: name.clone(),
        new: Some(tag),
        expected: Expected::Absent,
    };
    let goes_on = status.can_go_on();
    if goes_on {
        if let Some(folder) = parked.parent() {
            files::create_folder(folder)?;
        }
        files::write_atomic(&parked, b"")?;
    }
    // In the words of the notes before it, so that one git does both.
    repository.refs().update(&[update], "mmm: record")?;
    if !goes_on {
        files::remove_file(&parked)?;
    }
    Ok(name)
}

fn summary(folder: &RunFolder, run: RunId, state: &RunState, status: RunStatus) -> RunSummary {
    let start = state.start.as_ref();
    let spec = start.and_then(|start| start.spec.as_ref());
    RunSummary {
        run,
        workflow: start
            .map(|start| start.workflow.clone())
            .unwrap_or_default(),
        spec: spec.map(|spec| format!("{}-{}", spec.slug, spec.id)),
        status,
        elapsed_ms: state.last_ms.saturating_sub(state.started_ms),
        place: RunPlace::Live(folder.clone()),
        goes_on: GoesOn::Here,
    }
}

/// Reads everything of the run that is kept, outputs up to the limit of a run.
fn collect(folder: &RunFolder, status: RunStatus) -> Result<Vec<Content>, Error> {
    let mut contents = vec![(
        "events.jsonl".to_owned(),
        files::read_bytes(&folder.events(), JOURNAL_BYTES)?,
    )];
    let mut pinned = vec![
        run_folder::PINNED_WORKFLOW.to_owned(),
        run_folder::PINNED_SPEC.to_owned(),
    ];
    if status == RunStatus::Finished(Outcome::Cancelled) {
        // It may go on; nobody has agreed to what steps may have changed of them.
        pinned.push(run_folder::PROTECTED.to_owned());
    }
    for path in files::entries(&folder.pinned_parents())? {
        let name = path.file_name().and_then(|name| name.to_str());
        pinned.extend(name.map(|name| format!("{}/{name}", run_folder::PINNED_PARENTS)));
    }
    for name in pinned {
        match files::read_bytes(&folder.path().join(&name), WORKFLOW_FILE_BYTES) {
            Ok(bytes) => contents.push((name, bytes)),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut room = RUN_OUTPUT_BYTES;
    for path in files::entries(&folder.outputs())? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        // Twice the limit: the last read before the limit may have gone past it a little.
        let mut bytes = files::read_bytes(&path, STEP_OUTPUT_BYTES * 2)?;
        bytes.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        room -= bytes.len() as u64;
        contents.push((format!("out/{name}"), bytes));
    }
    Ok(contents)
}

/// Writes `.mmm/runs/<run>/…` as a tree, with files whose content is in Git already.
fn write_tree(
    repository: &Repository,
    run: RunId,
    contents: Vec<Content>,
    kept: Vec<Leaf>,
) -> Result<ObjectId, Error> {
    let (names, blobs): (Vec<String>, Vec<Vec<u8>>) = contents.into_iter().unzip();
    let ids = bulk::write_blobs(repository, &blobs)?;
    let objects = repository.objects()?;
    let written = names.into_iter().zip(ids).map(|(path, id)| Leaf {
        path,
        executable: false,
        id,
    });
    let mut tree = nested::write(objects, written.chain(kept))?;
    let run = run.to_string();
    let above = layout::RUNS.split('/').chain([run.as_str()]);
    for name in above.collect::<Vec<_>>().into_iter().rev() {
        tree = objects.write_tree(vec![TreeEntry::new(FOLDER, name, tree)])?;
    }
    Ok(tree)
}
