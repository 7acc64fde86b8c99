//! The one writer of a repository at a time, and its updates of refs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

use crate::base::limits;
use crate::git::refs::{Expected, RefUpdate};
use crate::git::session::{Refusal, Session};
use crate::git::stale::{self, Record, Sighting};
use crate::git::{Error, Repository};
use crate::proc::command::Exit;
use crate::sys;
use crate::sys::clock::Clock;
use crate::sys::files;
use crate::sys::lock::{self, Lock};

/// Tries while another process has a ref locked; git itself waits 0.1 s in each.
const LOCKED_TRIES: u32 = 20;

/// How often the same lock file must be met before its owner is looked up: a live git holds it
/// for milliseconds, and each try waits 0.1 s.
const SIGHTINGS: u32 = 3;

/// Pause of the one waiter that looks for the lock to come free.
const DOOR_PAUSE: Duration = Duration::from_millis(1);

/// Largest record file that is read, in bytes.
const RECORD_BYTES: u64 = 16 * 1024 * 1024;

/// Longest pause between two tries, in milliseconds.
const LONGEST_PAUSE_MS: u64 = 50;

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Writer<'r> {
    repository: &'r Repository,
    lock: Lock,
    /// Whether another one had its turn first.
    waited: bool,
    path: PathBuf,
    /// Earlier writers whose lock files are still there.
    earlier: Vec<Record>,
}

impl<'r> Writer<'r> {
    /// Waits for its turn.
    pub(super) fn take(repository: &'r Repository) -> Result<Self, Error> {
        repository.refuse_quarantine()?;
        let path = repository.local_folder().join("writer");
        let (mut lock, waited) = queue(&path)?;
        // Records that cannot be read name nobody, and nobody's lock file is removed.
        let text = files::read_text(&path, RECORD_BYTES).unwrap_or_default();
        let earlier = stale::keep_blocking(stale::parse(&text), repository.common_dir());
        let kept: String = earlier.iter().map(Record::line).collect();
        if kept != text {
            lock.note(&kept)?;
        }
        Ok(Self {
            repository,
            lock,
            waited,
            path,
            earlier,
        })
    }

    /// Whether another writer was at work when this one's turn came near.
    pub(super) fn waited(&self) -> bool {
        self.waited
    }

    /// Changes refs, all or none; see [`crate::git::refs::Refs::update`].
    pub(crate) fn update(&mut self, updates: &[RefUpdate], message: &str) -> Result<(), Error> {
        if updates.is_empty() {
            return Ok(());
        }
        let lines = self.lines(updates)?;
        let message = message.replace(['\n', '\0'], " ");
        let mut seen: Option<(Sighting, u32)> = None;
        for attempt in 1.. {
            let error = match self.attempt(updates, &message, &lines) {
                Ok(()) => break,
                Err(error) => error,
            };
            let Error::RefLocked { name, .. } = &error else {
                return Err(error);
            };
            if attempt >= LOCKED_TRIES {
                return Err(self.who_left(error));
            }
            if self.is_stale(name, &mut seen)? {
                continue;
            }
            pause(attempt);
        }
        self.strike_record()
    }

    /// Takes our own record back: no git of ours holds a lock any more.
    fn strike_record(&mut self) -> Result<(), Error> {
        let kept: String = self.earlier.iter().map(Record::line).collect();
        Ok(self.lock.note(&kept)?)
    }

    /// Says of a lock file which dead writer of ours left it, where that is known.
    fn who_left(&self, error: Error) -> Error {
        match error {
            Error::RefLocked { name, lock, .. } => {
                let writer = stale::left_by(&lock, &self.earlier).map(Record::pid);
                Error::RefLocked { name, lock, writer }
            }
            other => other,
        }
    }

    fn attempt(&mut self, updates: &[RefUpdate], message: &str, lines: &str) -> Result<(), Error> {
        let repository = self.repository;
        let session = repository.ref_session();
        let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
        let announce = |git| self.record(git, updates);
        match Session::transact(&mut session, repository, message, lines, announce) {
            Ok(()) => Ok(()),
            Err(Refusal::Failed(error)) => Err(error),
            Err(Refusal::Refused(exit, complaint)) => {
                // A git that was killed may have left its lock files; one that refused has not,
                // and the lock it met is another's, which our record must not cover.
                if matches!(exit, Exit::Code(_)) {
                    self.strike_record()?;
                }
                self.explain(updates, &complaint).and_then(|known| {
                    Err(known.unwrap_or_else(|| Error::Git {
                        arguments: "update-ref --stdin".to_owned(),
                        exit,
                        complaint,
                    }))
                })
            }
        }
    }

    /// The commands for git.
    fn lines(&self, updates: &[RefUpdate]) -> Result<String, Error> {
        let zero = "0".repeat(self.repository.object_format().hex_length());
        let mut lines = String::new();
        for RefUpdate {
            name,
            new,
            expected,
        } in updates
        {
            check_name(name)?;
            let old = match expected {
                Expected::Any => "",
                Expected::Absent => zero.as_str(),
                Expected::Is(id) => id.as_str(),
            };
            // A symbolic ref of this name would send what is ours to somebody's branch.
            if name != "HEAD" {
                lines.push_str("option no-deref\n");
            }
            let written = match new {
                Some(new) => writeln!(lines, "update {name} {new} {old}"),
                // Git takes no zeros here: what must not be there is only looked at.
                None if *expected == Expected::Absent => writeln!(lines, "verify {name} {zero}"),
                None => writeln!(lines, "delete {name} {old}"),
            };
            written.expect("a String takes everything");
        }
        // Git reads an old value after a blank; without one there must be none.
        Ok(lines.replace(" \n", "\n"))
    }

    /// Writes down who is about to write what, before any lock file exists.
    fn record(&self, git: u32, updates: &[RefUpdate]) -> Result<(), Error> {
        // Compared with times of files, so a clock that a test has stopped is of no use.
        let now = i64::try_from(Clock::System.now_ms() / 1000).unwrap_or(i64::MAX);
        let record = Record::new(git, now, updates.iter().map(|update| update.name.as_str()));
        let mut file = files::open_append(&self.path)?;
        file.write_all(record.line().as_bytes())
            .map_err(|error| sys::Error::file("write", &self.path, error).into())
    }

    /// Whether the lock file of this ref was left by a dead writer, and is gone now.
    fn is_stale(&self, name: &str, seen: &mut Option<(Sighting, u32)>) -> Result<bool, Error> {
        let Some(sighting) = stale::sight(self.repository.common_dir(), name) else {
            *seen = None;
            return Ok(false);
        };
        let count = match seen {
            Some((before, count)) if *before == sighting => *count + 1,
            _ => 1,
        };
        *seen = Some((sighting.clone(), count));
        if count < SIGHTINGS {
            return Ok(false);
        }
        Ok(stale::remove_if_dead(&sighting, name, &self.earlier)?)
    }

    /// What a refusal means. Git's words are checked against the refs where they can be.
    fn explain(&self, updates: &[RefUpdate], complaint: &str) -> Result<Option<Error>, Error> {
        let first = updates.first().map_or("", |update| update.name.as_str());
        let quoted = |before: &str| {
            let (_, rest) = complaint.split_once(before)?;
            rest.split_once('\'').map(|(text, _)| text.to_owned())
        };
        let name = quoted("cannot lock ref '").unwrap_or_else(|| first.to_owned());
        if let Some(lock) = quoted("Unable to create '").filter(|_| complaint.contains("exists")) {
            let lock = PathBuf::from(lock);
            return Ok(Some(Error::RefLocked {
                name,
                lock,
                writer: None,
            }));
        }
        if let Some((before, after)) = complaint.split_once("' exists; cannot create '") {
            let other = before.rsplit('\'').next().unwrap_or_default().to_owned();
            let name = after.split('\'').next().unwrap_or_default().to_owned();
            return Ok(Some(Error::RefConflict { name, other }));
        }
        for update in updates {
            let found = self.repository.refs().resolve(&update.name)?;
            let moved = match &update.expected {
                Expected::Any => false,
                Expected::Absent => found.is_some(),
                Expected::Is(id) => found.as_ref() != Some(id),
            };
            if moved {
                let name = update.name.clone();
                return Ok(Some(Error::RefMoved { name }));
            }
        }
        if complaint.contains("cannot lock references") {
            let lock = self
                .repository
                .common_dir()
                .join("reftable/tables.list.lock");
            return Ok(Some(Error::RefLocked {
                name,
                lock,
                writer: None,
            }));
        }
        // It moved, and has moved back since.
        let moved = [
            "but expected",
            "already exists",
            "unable to resolve",
            "is missing",
        ];
        if moved.iter().any(|words| complaint.contains(words)) {
            return Ok(Some(Error::RefMoved { name }));
        }
        Ok(None)
    }
}

/// Waits for the lock, one waiter at a time; tells whether it had to.
///
/// A lock that everybody polls goes again and again to the writer that has just given it back,
/// and starves the others (measured: 64 writers, some waited 60 s). Here that writer finds the
/// next one at the door before it.
fn queue(path: &Path) -> Result<(Lock, bool), Error> {
    let door = Lock::take_with_folder(&path.with_extension("next"), limits::LOCK_TIMEOUT)?;
    let start = Instant::now();
    let mut waited = false;
    let lock = loop {
        if let Some(lock) = Lock::try_take(path)? {
            break lock;
        }
        waited = true;
        if start.elapsed() >= limits::LOCK_TIMEOUT {
            return Err(Error::System(sys::Error::Locked {
                path: path.to_owned(),
                waited: limits::LOCK_TIMEOUT,
                holder: lock::holder(path),
            }));
        }
        thread::sleep(DOOR_PAUSE);
    };
    drop(door);
    Ok((lock, waited))
}

/// Waits a little, by chance: writers that met once must not meet again.
pub(super) fn pause(attempt: u32) {
    use std::hash::{BuildHasher, Hasher};
    let longest = (1_u64 << attempt.min(6)).min(LONGEST_PAUSE_MS);
    let chance = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    thread::sleep(Duration::from_millis(1 + chance % longest));
}

/// Refuses what would be read as another command; git checks the rest of the name.
fn check_name(name: &str) -> Result<(), Error> {
    let plain = name.bytes().all(|byte| byte > b' ' && byte != 0x7f);
    if plain && (name.starts_with("refs/") || name == "HEAD") {
        Ok(())
    } else {
        Err(Error::RefName {
            name: name.to_owned(),
        })
    }
}
