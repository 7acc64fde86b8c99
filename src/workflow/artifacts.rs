//! Artifacts: the files of the work tree that a step or a job says are to be kept.
//!
//! They are written into Git at once, so that they are there whatever becomes of the work tree, and
//! recorded. As on GitHub, paths in an artifact begin where the fixed parts of its patterns end
//! together, and names that begin with a dot are left out unless a pattern spells them.

use std::path::Path;

use crate::base::ids::ObjectId;
use crate::base::limits::{ARTIFACT_BYTES, ARTIFACT_FILES};
use crate::base::redact::Masker;
use crate::git::nested::{self, Leaf};
use crate::git::{self, Repository, bulk};
use crate::model::expression::{self, Context};
use crate::model::port::{HashFilesError, Links};
use crate::model::run::artifact::{ArtifactStored, is_name, keep};
use crate::model::run::schedule::{Schedule, Settled};
use crate::model::run::{AttemptName, Event, Outcome};
use crate::model::workflow::Step;
use crate::model::workflow::policy::{ArtifactRule, IfNoFiles};
use crate::state::artifacts;
use crate::sys::{self, files};
use crate::workflow::Error;
use crate::workflow::driver::Driver;
use crate::workflow::hash_files::WorkTreeFiles;

/// Why an artifact is not kept.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    /// An expression has no value.
    #[error("{0}")]
    Expression(#[from] expression::Error),
    /// Its name would be none of a folder.
    #[error("that is no name for an artifact")]
    Name,
    /// Its name holds a value that is masked.
    #[error("its name holds a masked value")]
    MaskedName,
    /// A pattern means a place outside.
    #[error("`{pattern}` is outside of the work tree")]
    Outside {
        /// The pattern.
        pattern: String,
    },
    /// The patterns cannot be used, or a folder cannot be read.
    #[error("{0}")]
    Search(#[from] HashFilesError),
    /// There is no file, and there is to be one.
    #[error("no file fits {patterns}")]
    NoFiles {
        /// The patterns.
        patterns: String,
    },
    /// A file holds a value that is masked.
    #[error("{path} holds a masked value")]
    Masked {
        /// Its path.
        path: String,
    },
    /// There are too many files.
    #[error("the artifacts of this run have more than {ARTIFACT_FILES} files")]
    TooMany,
    /// The files are too large together.
    #[error("with {path} the artifacts of this run have more than {ARTIFACT_BYTES} bytes")]
    TooLarge {
        /// The file that was one too many.
        path: String,
    },
    /// Git has no such names.
    #[error("{0}")]
    Path(git::Error),
    /// The machine, or Git, failed us.
    #[error(transparent)]
    Fatal(Error),
}

impl From<git::Error> for Refusal {
    fn from(error: git::Error) -> Self {
        match error {
            git::Error::TreeName { .. } => Self::Path(error),
            error => Self::Fatal(error.into()),
        }
    }
}

/// A file that is to be kept.
struct Found {
    /// The names of its path below the top of the work tree.
    names: Vec<String>,
    executable: bool,
    bytes: Vec<u8>,
}

/// How many more files and bytes a run may keep.
#[derive(Clone, Copy)]
struct Room {
    files: usize,
    bytes: u64,
}

impl Driver<'_> {
    /// Keeps the artifacts of a step that has ended. Where that is not possible it has failed.
    pub(super) fn keep_of_step(
        &mut self,
        (job, step): (usize, &Step),
        attempt: &AttemptName,
        settled: &mut Settled,
        schedule: &Schedule<'_>,
    ) -> Result<(), Error> {
        let ended = matches!(settled.outcome, Outcome::Success | Outcome::Failure);
        if step.artifacts.is_empty() || !ended {
            return Ok(());
        }
        let read = schedule.step_context(job, step, &self.base);
        let of = (schedule.key(job), Some(attempt));
        let top = self.top_of(job, schedule)?;
        let kept = self.keep_all((of, &top), &step.artifacts, &read.context)?;
        match kept {
            Some(reason) => self.spoil(attempt, reason, settled),
            None => Ok(()),
        }
    }

    /// Keeps the artifacts of a job whose steps are over; gives how it ends.
    pub(super) fn keep_of_job(
        &mut self,
        job: usize,
        result: Outcome,
        schedule: &Schedule<'_>,
    ) -> Result<Outcome, Error> {
        let rules = schedule.job(job).map(|job| job.artifacts.as_slice());
        let rules = rules.unwrap_or_default();
        let ended = matches!(result, Outcome::Success | Outcome::Failure);
        // The legs of a job have their own.
        if rules.is_empty() || !ended || schedule.is_group(job) {
            return Ok(result);
        }
        let read = schedule.end_context(job, &self.base);
        let key = schedule.key(job);
        let top = self.top_of(job, schedule)?;
        match self.keep_all(((key, None), &top), rules, &read.context)? {
            None => Ok(result),
            Some(reason) => {
                self.fails_because(key, &reason);
                Ok(Outcome::Failure)
            }
        }
    }

    /// Keeps artifacts; gives what is wrong with some of them.
    fn keep_all(
        &mut self,
        (of, top): ((&str, Option<&AttemptName>), &Path),
        rules: &[ArtifactRule],
        context: &Context,
    ) -> Result<Option<String>, Error> {
        let mut refused = Vec::new();
        for rule in rules {
            match self.keep_one((of, top), rule, context) {
                Ok(()) => {}
                Err(Refusal::Fatal(error)) => return Err(error),
                Err(refusal) => {
                    let name = rule.name.render(context);
                    let name = name.unwrap_or_else(|_| rule.name.source_text().to_owned());
                    let name = self.masker().mask(&name);
                    refused.push(format!("artifact `{name}`: {refusal}"));
                }
            }
        }
        Ok((!refused.is_empty()).then(|| refused.join("; ")))
    }

    fn keep_one(
        &mut self,
        ((job, attempt), top): ((&str, Option<&AttemptName>), &Path),
        rule: &ArtifactRule,
        context: &Context,
    ) -> Result<(), Refusal> {
        let fatal = |error: Error| Refusal::Fatal(error);
        let masker = self.masker();
        let name = rule.name.render(context)?;
        if !is_name(&name) {
            return Err(Refusal::Name);
        }
        if masker.finds(name.as_bytes()) {
            return Err(Refusal::MaskedName);
        }
        let paths = rule.paths.iter().map(|path| path.render(context));
        let paths = paths.collect::<Result<Vec<String>, _>>()?;
        let repository = self.shop.repository;
        let mut stored = ArtifactStored {
            job: job.to_owned(),
            step: attempt.map(|attempt| attempt.step.clone()),
            attempt: attempt.map_or(0, |attempt| attempt.number),
            name,
            tree: repository.objects()?.write_tree(Vec::new())?,
            files: 0,
            bytes: 0,
        };
        let mut all = self.state.artifacts.clone();
        let same = |known: &ArtifactStored| {
            known.is_again(&stored) && known.attempt == stored.attempt && attempt.is_some()
        };
        if all.iter().any(same) {
            // An engine that died has kept it; the work tree may be another one since.
            return Ok(());
        }
        all.retain(|known| !known.is_again(&stored));
        let room = Room {
            files: ARTIFACT_FILES.saturating_sub(count(all.iter().map(|known| known.files))),
            bytes: ARTIFACT_BYTES.saturating_sub(all.iter().map(|known| known.bytes).sum()),
        };
        let (root, found) = find(top, &paths, room, &masker)?;
        if found.is_empty() {
            return self.without_files(rule.if_no_files, &stored.name, &paths);
        }
        stored.files = found.len() as u64;
        stored.bytes = found.iter().map(|file| file.bytes.len() as u64).sum();
        stored.tree = write(repository, root, found)?;
        keep(&mut all, stored.clone());
        let kept = artifacts::keep(repository, self.run, &all);
        kept.map_err(|error| fatal(error.into()))?;
        self.record(Event::ArtifactStored(Box::new(stored)))
            .map_err(fatal)
    }

    fn without_files(
        &mut self,
        if_no_files: IfNoFiles,
        name: &str,
        paths: &[String],
    ) -> Result<(), Refusal> {
        let patterns = paths.iter().flat_map(|path| path.lines());
        let patterns: Vec<String> = patterns.map(|line| format!("`{}`", line.trim())).collect();
        let patterns = patterns.join(", ");
        match if_no_files {
            IfNoFiles::Ignore => Ok(()),
            IfNoFiles::Error => Err(Refusal::NoFiles { patterns }),
            IfNoFiles::Warn => {
                self.observer.note(&format!(
                    "warning: artifact `{name}`: no file fits {patterns}"
                ));
                Ok(())
            }
        }
    }
}

fn count(files: impl Iterator<Item = u64>) -> usize {
    usize::try_from(files.sum::<u64>()).unwrap_or(usize::MAX)
}

/// Reads the files that patterns mean; gives how many names their paths begin with that they do
/// not have in the artifact.
fn find(
    top: &Path,
    paths: &[String],
    room: Room,
    masker: &Masker,
) -> Result<(usize, Vec<Found>), Refusal> {
    let work_tree = WorkTreeFiles::new(top);
    let lines = || paths.iter().flat_map(|path| path.lines()).map(str::trim);
    for pattern in lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if work_tree
            .inside(pattern.trim_start_matches('!').trim())
            .is_none()
        {
            let pattern = pattern.to_owned();
            return Err(Refusal::Outside { pattern });
        }
    }
    let patterns = work_tree.patterns(lines())?;
    let mut found: Vec<Found> = Vec::new();
    let mut left = room;
    let mut refused = None;
    let taken = work_tree.each(&patterns, Links::Followed, &mut |names, path| {
        let hidden = |count: usize| {
            let place = names.get(..count).unwrap_or_default();
            place.last().is_some_and(|name| name.starts_with('.')) && !patterns.names(place)
        };
        if (1..=names.len()).any(hidden) {
            return Ok(());
        }
        match read(names, path, &mut left, masker) {
            Ok(file) => {
                found.push(file);
                Ok(())
            }
            Err(refusal) => {
                // The search ends with it, whatever it is called there.
                let ended = HashFilesError::Unreadable(refusal.to_string());
                refused = Some(refusal);
                Err(ended)
            }
        }
    });
    if let Some(refusal) = refused {
        return Err(refusal);
    }
    taken?;
    Ok((root(&patterns.roots(), &found), found))
}

/// Where the paths of an artifact begin: behind the names that the places searched have in common;
/// a file that is searched for alone has its name.
fn root(searched: &[Vec<String>], found: &[Found]) -> usize {
    let Some((first, rest)) = searched.split_first() else {
        return 0;
    };
    let common = |other: &Vec<String>| {
        let pairs = first.iter().zip(other);
        pairs.take_while(|(one, other)| one == other).count()
    };
    let count = rest.iter().map(common).fold(first.len(), usize::min);
    let shortest = found.iter().map(|file| file.names.len()).min();
    count.min(shortest.unwrap_or(0).saturating_sub(1))
}

fn read(names: &[String], path: &Path, left: &mut Room, masker: &Masker) -> Result<Found, Refusal> {
    let shown = names.join("/");
    left.files = left.files.checked_sub(1).ok_or(Refusal::TooMany)?;
    let (bytes, known) = match files::read_known(path, left.bytes) {
        Ok(read) => read,
        Err(sys::Error::TooLarge { .. }) => return Err(Refusal::TooLarge { path: shown }),
        Err(error) => return Err(HashFilesError::from(error).into()),
    };
    left.bytes -= bytes.len() as u64;
    if !masker.is_empty() && (masker.finds(&bytes) || masker.finds(shown.as_bytes())) {
        let path = masker.mask(&shown);
        return Err(Refusal::Masked { path });
    }
    Ok(Found {
        names: names.to_vec(),
        executable: files::may_run(&known),
        bytes,
    })
}

/// Writes files as a tree of Git.
fn write(repository: &Repository, root: usize, found: Vec<Found>) -> Result<ObjectId, Refusal> {
    let mut contents = Vec::with_capacity(found.len());
    let mut leaves = Vec::with_capacity(found.len());
    for file in found {
        contents.push(file.bytes);
        let names = file.names.get(root..).unwrap_or_default();
        leaves.push((names.join("/"), file.executable));
    }
    let ids = bulk::write_blobs(repository, &contents)?;
    let leaves = leaves.into_iter().zip(ids);
    let leaves = leaves.map(|((path, executable), id)| Leaf {
        path,
        executable,
        id,
    });
    Ok(nested::write(repository.objects()?, leaves)?)
}
