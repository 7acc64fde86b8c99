//! The runs of a repository: those that live in a folder, and those that were sealed.
//!
//! A sealed run is an annotated tag over a tree, at `refs/mmm/runs/<run>.<seal>`; its subject says
//! how the run stands, so that a list needs the refs only. A run that was parked and went on has
//! several seals; the last one counts.

use std::collections::BTreeMap;
use std::path::Path;

use crate::base::ids::{ObjectId, RecordId, RunId, SpecId};
use crate::git::Repository;
use crate::git::objects::{ObjectKind, Objects};
use crate::git::refs::RefEntry;
use crate::git::tree::TreeEntry;
use crate::model::run::{RecordedEvent, RunState, RunStatus};
use crate::state::Error;
use crate::state::journal;
use crate::state::layout::{Local, SPECS};
use crate::state::run_folder::RunFolder;
use crate::state::work_tree::{self, GoesOn};
use crate::sys::files;

/// Where sealed runs are.
pub(crate) const REFS: &str = "refs/mmm/runs/";

/// Where the details of a run are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RunPlace {
    /// In the folder of a live run.
    Live(RunFolder),
    /// In the tree of this tag.
    Sealed(ObjectId),
}

/// A run as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunSummary {
    /// The run.
    pub(crate) run: RunId,
    /// The workflow's name.
    pub(crate) workflow: String,
    /// Slug and id of the spec.
    pub(crate) spec: Option<String>,
    /// Where it stands.
    pub(crate) status: RunStatus,
    /// From its start to its last event, or up to now while it is under way, in milliseconds.
    pub(crate) elapsed_ms: u64,
    /// Where the details are.
    pub(crate) place: RunPlace,
    /// Where it goes on and its checkpoints are answered.
    pub(crate) goes_on: GoesOn,
}

impl RunSummary {
    /// The id of its spec.
    pub(crate) fn spec_id(&self) -> Option<SpecId> {
        let spec = self.spec.as_deref()?;
        spec.rsplit('-').next()?.parse().ok()
    }

    /// The file of its spec; none of a workflow that runs alone.
    pub(crate) fn spec_paths(&self) -> Vec<String> {
        let spec = self.spec.iter();
        spec.map(|spec| format!("{SPECS}/{spec}.md")).collect()
    }
}

/// A run that cannot be read: shown, never left out.
#[derive(Debug)]
pub(crate) struct BadRun {
    /// The run, when that is known.
    pub(crate) run: Option<RunId>,
    /// The file or ref that is wrong.
    pub(crate) file: String,
    /// The line of the file, where one is.
    pub(crate) line: Option<usize>,
    /// What is wrong with it.
    pub(crate) reason: String,
}

impl BadRun {
    fn new(run: RunId, folder: &RunFolder, error: &Error) -> Self {
        let journal = folder.events().to_string_lossy().into_owned();
        let (line, reason) = match error {
            Error::Journal(journal::Error::Line { line, source, .. }) => {
                (Some(*line), format!("damaged journal ({source})"))
            }
            Error::Journal(journal::Error::Missing { .. }) => {
                (None, "the journal is missing".to_owned())
            }
            Error::Journal(journal::Error::NoStart { .. }) => {
                (Some(1), "the journal has no start".to_owned())
            }
            error => (None, error.to_string()),
        };
        Self {
            run: Some(run),
            file: journal,
            line,
            reason,
        }
    }
}

/// All runs, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    /// Those that can be read.
    pub(crate) runs: Vec<RunSummary>,
    /// Those that cannot.
    pub(crate) bad: Vec<BadRun>,
}

/// Finds all runs.
pub(crate) fn list(repository: &Repository, local: &Local) -> Result<Runs, Error> {
    let found = sealed(repository, REFS)?;
    let (mut runs, mut bad) = (latest(found.sealed), found.bad);
    for path in files::entries(&local.runs())? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Ok(run) = name.parse::<RunId>() else {
            continue;
        };
        // What is sealed as finished needs its folder no more; it is about to be removed.
        let over = runs.get(&run).filter(|known| known.status.is_finished());
        if let Some(over) = over
            && !goes_on_after(repository, over, &RunFolder::at(path.clone()))
        {
            continue;
        }
        match live(repository, RunFolder::at(path.clone()), run) {
            Ok(Some(summary)) => {
                runs.insert(run, summary);
            }
            Ok(None) => {}
            Err(error) => {
                // What was sealed of it is not where it stands.
                runs.remove(&run);
                bad.push(BadRun::new(run, &RunFolder::at(path), &error));
            }
        }
    }
    judge_open(repository, local, runs.values_mut());
    Ok(Runs {
        runs: runs.into_values().rev().collect(),
        bad,
    })
}

/// The newest run that is here or was fetched, by its id.
pub(crate) fn newest(repository: &Repository, local: &Local) -> Result<Option<RunId>, Error> {
    let last = repository.refs().last_name(REFS)?;
    let sealed = last.as_deref().and_then(|name| {
        let (run, _) = name.strip_prefix(REFS)?.split_once('.')?;
        run.parse::<RunId>().ok()
    });
    if last.is_some() && sealed.is_none() {
        // Something else is there, and may hide what sorts before it.
        return Ok(list(repository, local)?.runs.first().map(|known| known.run));
    }
    let live = files::entries(&local.runs())?;
    let live = live.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?;
        name.parse::<RunId>().ok()
    });
    Ok(live.chain(sealed).max())
}

/// Whether this clone has runs that are not over.
pub(crate) fn has_open(local: &Local) -> Result<bool, Error> {
    Ok(!files::entries(&local.runs())?.is_empty()
        || !files::entries(&local.all_parked())?.is_empty())
}

/// Finds out how those runs stand now, and where they go on, that are not over and of which only
/// the seal is here. Whether one was parked in this clone is told by a file beside the runs: refs
/// and branches come from other clones too.
fn judge_open<'a>(
    repository: &Repository,
    local: &Local,
    runs: impl Iterator<Item = &'a mut RunSummary>,
) {
    for summary in runs {
        let is_open = matches!(summary.place, RunPlace::Sealed(_)) && !summary.status.is_finished();
        if !is_open {
            continue;
        }
        // What cannot be read of it cannot go on here.
        let found = from_seal(repository, summary).unwrap_or_default();
        summary.goes_on = GoesOn::OtherClone;
        let Some((goes_on, status)) = found else {
            continue;
        };
        if local.parked(summary.run).exists() {
            summary.goes_on = goes_on;
        }
        if status == RunStatus::Expired {
            summary.status = status;
        }
    }
}

/// Whether a run that was sealed as cancelled has gone on since: its journal has more events.
fn goes_on_after(repository: &Repository, sealed: &RunSummary, folder: &RunFolder) -> bool {
    if !sealed.status.can_go_on() {
        return false;
    }
    let then = events(repository, sealed).map_or(0, |events| events.len());
    match journal::read(&folder.events()) {
        Ok(now) => now.len() > then,
        // It is told as one that cannot be read, unless it has just gone.
        Err(_) => folder.exists(),
    }
}

/// Where a sealed run goes on that can: nowhere in this clone, unless it was sealed here.
pub(crate) fn goes_on(
    repository: &Repository,
    local: &Local,
    summary: &RunSummary,
) -> Result<GoesOn, Error> {
    if !summary.status.can_go_on() || !local.parked(summary.run).exists() {
        return Ok(GoesOn::OtherClone);
    }
    let found = from_seal(repository, summary)?;
    Ok(found.map_or(GoesOn::OtherClone, |(goes_on, _)| goes_on))
}

/// Where a run goes on by what was sealed of it, and how it stands now.
fn from_seal(
    repository: &Repository,
    summary: &RunSummary,
) -> Result<Option<(GoesOn, RunStatus)>, Error> {
    let state = RunState::fold(&events(repository, summary)?);
    let Some(start) = &state.start else {
        return Ok(None);
    };
    let status = state.status_at(false, repository.clock().now_ms());
    Ok(Some((work_tree::of(repository, start)?, status)))
}

fn live(
    repository: &Repository,
    folder: RunFolder,
    run: RunId,
) -> Result<Option<RunSummary>, Error> {
    let path = folder.events();
    if !folder.exists() {
        // Without anything else, it was killed before its first event: nothing happened yet.
        if folder.path().exists() && folder.began()? {
            return Err(journal::Error::Missing { path }.into());
        }
        return Ok(None);
    }
    let events = match journal::read(&path) {
        // It ended and went meanwhile.
        Err(_) if !folder.path().exists() => return Ok(None),
        read => read?,
    };
    let state = RunState::fold(&events);
    let Some(start) = &state.start else {
        if folder.began()? {
            return Err(journal::Error::NoStart { path }.into());
        }
        return Ok(None);
    };
    let now = repository.clock().now_ms();
    let status = status(&state, folder.is_alive()?, now);
    let until = match status {
        RunStatus::Running => state.last_ms.max(now),
        _ => state.last_ms,
    };
    Ok(Some(RunSummary {
        run,
        workflow: start.workflow.clone(),
        spec: start
            .spec
            .as_ref()
            .map(|spec| format!("{}-{}", spec.slug, spec.id)),
        status,
        elapsed_ms: until.saturating_sub(state.started_ms),
        place: RunPlace::Live(folder),
        goes_on: work_tree::of(repository, start)?,
    }))
}

/// Where a run that has a folder stands. One that has ended keeps its folder until all that
/// follows is done: without an engine, that was cut short, and somebody must take it up.
fn status(state: &RunState, alive: bool, now_ms: u64) -> RunStatus {
    match state.status_at(alive, now_ms) {
        RunStatus::Finished(_) if alive => RunStatus::Running,
        RunStatus::Finished(_) => RunStatus::Interrupted,
        status => status,
    }
}

struct Sealed {
    sealed: Vec<(RecordId, RunSummary)>,
    bad: Vec<BadRun>,
}

/// Each run as it was sealed last.
fn latest(sealed: Vec<(RecordId, RunSummary)>) -> BTreeMap<RunId, RunSummary> {
    let mut runs: BTreeMap<RunId, RunSummary> = BTreeMap::new();
    for (_, summary) in sealed {
        // In the order of their seals: the last one stays. That a run is over is true for good,
        // also when the clock was set back before it was sealed as such; unless it was cancelled.
        let known = runs.get(&summary.run);
        if known.is_none_or(|known| known.status.can_go_on()) || summary.status.is_finished() {
            runs.insert(summary.run, summary);
        }
    }
    runs
}

/// The seals below this name, or that match this pattern of git's, in the order that they were made.
fn sealed(repository: &Repository, names: &str) -> Result<Sealed, Error> {
    Ok(read_seals(repository.refs().list(&[names])?))
}

/// The pattern of the seals of one run, as git takes it.
pub(crate) fn seals_of(run: RunId) -> String {
    format!("{REFS}{run}.*")
}

/// Whether all of a run that has ended is in one of these seals of it; its folder is still there.
pub(crate) fn is_sealed(repository: &Repository, seals: Vec<RefEntry>, folder: &RunFolder) -> bool {
    let known = latest(read_seals(seals).sealed).into_values().next();
    known.is_some_and(|known| {
        known.status.is_finished() && !goes_on_after(repository, &known, folder)
    })
}

fn read_seals(entries: Vec<RefEntry>) -> Sealed {
    let mut found = Sealed {
        sealed: Vec::new(),
        bad: Vec::new(),
    };
    for entry in entries {
        let name = entry.name.strip_prefix(REFS).unwrap_or(&entry.name);
        match read_seal(name, &entry.subject, entry.id.clone()) {
            Some(seal) => found.sealed.push(seal),
            None => found.bad.push(BadRun {
                run: None,
                file: entry.name.clone(),
                line: None,
                reason: "the ref is not a sealed run of a known form".to_owned(),
            }),
        }
    }
    found.sealed.sort_by_key(|(seal, _)| *seal);
    found
}

/// A run as it was last sealed, and the id of that seal.
pub(crate) fn last_seal(
    repository: &Repository,
    run: RunId,
) -> Result<Option<(RecordId, RunSummary)>, Error> {
    Ok(sealed(repository, &seals_of(run))?.sealed.pop())
}

/// The subject of a seal: `<workflow> <status> <spec or -> <milliseconds>`.
pub(crate) fn seal_subject(summary: &RunSummary) -> String {
    format!(
        "{} {} {} {}",
        summary.workflow,
        summary.status.as_str(),
        summary.spec.as_deref().unwrap_or("-"),
        summary.elapsed_ms
    )
}

fn read_seal(name: &str, subject: &str, tag: ObjectId) -> Option<(RecordId, RunSummary)> {
    let (run, seal) = name.split_once('.')?;
    let mut words = subject.split(' ');
    let workflow = words.next()?.to_owned();
    let status = RunStatus::from_word(words.next()?)?;
    let spec = words.next()?;
    let elapsed_ms = words.next()?.parse().ok()?;
    let summary = RunSummary {
        run: run.parse().ok()?,
        workflow,
        spec: (spec != "-").then(|| spec.to_owned()),
        status,
        elapsed_ms,
        place: RunPlace::Sealed(tag),
        goes_on: GoesOn::OtherClone,
    };
    Some((seal.parse().ok()?, summary))
}

/// The events of a run.
pub(crate) fn events(
    repository: &Repository,
    summary: &RunSummary,
) -> Result<Vec<RecordedEvent>, Error> {
    match &summary.place {
        RunPlace::Live(folder) => Ok(journal::read(&folder.events())?),
        RunPlace::Sealed(_) => {
            let bytes = read_file(repository, summary, "events.jsonl")?.unwrap_or_default();
            Ok(journal::parse(Path::new("events.jsonl"), &bytes)?)
        }
    }
}

/// A file of a run by its name in the run's folder; none when there is no such file.
pub(crate) fn read_file(
    repository: &Repository,
    summary: &RunSummary,
    name: &str,
) -> Result<Option<Vec<u8>>, Error> {
    match &summary.place {
        RunPlace::Live(folder) => {
            let path = folder.path().join(name);
            match files::read_bytes(&path, journal::JOURNAL_BYTES) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error.into()),
            }
        }
        RunPlace::Sealed(tag) => {
            let objects = repository.objects()?;
            match sealed_entry(objects, summary.run, tag, name)? {
                Some(entry) => Ok(objects.read(&entry.id)?.map(|(_, bytes)| bytes)),
                None => Ok(None),
            }
        }
    }
}

/// The names in a folder of a sealed run; none when there is no such folder or the run is not sealed.
pub(crate) fn sealed_names(
    repository: &Repository,
    summary: &RunSummary,
    folder: &str,
) -> Result<Vec<String>, Error> {
    let Some(tree) = sealed_folder(repository, summary, folder)? else {
        return Ok(Vec::new());
    };
    let entries = repository.objects()?.read_tree(&tree)?.into_iter();
    Ok(entries
        .filter_map(|entry| String::from_utf8(entry.name).ok())
        .collect())
}

/// A folder of a sealed run; none when there is no such folder or the run is not sealed.
pub(crate) fn sealed_folder(
    repository: &Repository,
    summary: &RunSummary,
    name: &str,
) -> Result<Option<ObjectId>, Error> {
    let RunPlace::Sealed(tag) = &summary.place else {
        return Ok(None);
    };
    let found = sealed_entry(repository.objects()?, summary.run, tag, name)?;
    Ok(found.filter(TreeEntry::is_folder).map(|entry| entry.id))
}

/// What a path in the folder of a sealed run stands for.
fn sealed_entry(
    objects: &Objects,
    run: RunId,
    tag: &ObjectId,
    name: &str,
) -> Result<Option<TreeEntry>, Error> {
    let bad = || Error::BadSeal {
        run,
        tag: tag.clone(),
    };
    let tree = target(&objects.read_kind(tag, ObjectKind::Tag)?).ok_or_else(bad)?;
    let path = format!("{}/{run}/{name}", crate::state::layout::RUNS);
    Ok(objects.entry_at(&tree, &path)?)
}

/// What a tag object points at: its first line is `object <id>`.
fn target(tag: &[u8]) -> Option<ObjectId> {
    let line = tag.split(|byte| *byte == b'\n').next()?;
    let id = line.strip_prefix(b"object ")?;
    std::str::from_utf8(id).ok()?.parse().ok()
}
