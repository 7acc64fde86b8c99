//! Who was writing which refs, so that the lock file of a dead writer can be told from that of
//! a live one.
//!
//! Only refs of ours, only files that belong to one ref, and only when the record of the writer
//! names that ref and both the writer and its git are dead.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::proc::tree;
use crate::sys::files;

/// Refs whose lock files may be removed.
const OURS: &[&str] = &["refs/heads/mmm/checkpoint/", "refs/mmm/", "refs/notes/mmm/"];

/// Lock files of more than one ref. They are not ours alone, so they are never removed.
const SHARED: [&str; 2] = ["packed-refs.lock", "reftable/tables.list.lock"];

/// Where Linux shows a process, in bytes read.
const PROC_BYTES: u64 = 64 * 1024;

/// A process, told from a later one with the same number by when it started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pid: u32,
    /// Clock ticks since boot; `-` where the system does not tell.
    start: String,
}

/// A writer, its git, and what they were about to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    writer: Process,
    git: Process,
    /// When it was written, in seconds since the Unix epoch.
    at: i64,
    /// This boot of this machine, and its view of process numbers.
    place: String,
    names: Vec<String>,
}

/// A lock file as it stands, to see whether it is still the same one later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    path: PathBuf,
    inode: u64,
    modified: (i64, i64),
}

impl Process {
    pub(super) fn of(pid: u32) -> Self {
        Self {
            pid,
            start: started(pid).unwrap_or_else(|| "-".to_owned()),
        }
    }

    fn parse(pid: &str, start: &str) -> Option<Self> {
        Some(Self {
            pid: pid.parse().ok()?,
            start: start.to_owned(),
        })
    }

    fn is_dead(&self) -> bool {
        if Path::new("/proc/self/stat").exists() {
            return started(self.pid).is_none_or(|start| start != self.start);
        }
        // Without start times a number that is in use again counts as alive: nothing is removed.
        !tree::is_alive(self.pid)
    }
}

impl Record {
    /// A record of this process, its git and the refs.
    pub(super) fn new<'a>(git: u32, at: i64, names: impl Iterator<Item = &'a str>) -> Self {
        Self {
            writer: Process::of(std::process::id()),
            git: Process::of(git),
            at,
            place: place(),
            names: names.map(str::to_owned).collect(),
        }
    }

    /// One line of the record file.
    pub(super) fn line(&self) -> String {
        let Self {
            writer,
            git,
            at,
            place,
            names,
        } = self;
        let names = names.join(" ");
        format!(
            "{} {} {} {} {at} {place} {names}\n",
            writer.pid, writer.start, git.pid, git.start
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let mut word = || words.next();
        Some(Self {
            writer: Process::parse(word()?, word()?)?,
            git: Process::parse(word()?, word()?)?,
            at: word()?.parse().ok()?,
            place: word()?.to_owned(),
            names: words.map(str::to_owned).collect(),
        })
    }

    fn is_dead(&self) -> bool {
        // A process number means nothing in another container or on another machine.
        self.place == place() && self.writer.is_dead() && self.git.is_dead()
    }
}

/// How long after its record a writer's git may have made its lock files, in seconds: it does so
/// at once, but the machine may be busy. A lock file of another time is somebody else's.
const DELAY: i64 = 60;

/// What two clocks may differ by: the file system's and ours, in seconds.
const SKEW: i64 = 2;

impl Record {
    /// Whether the writer can have made this lock file.
    fn made(&self, sighting: &Sighting) -> bool {
        let (seconds, _) = sighting.modified;
        (self.at - SKEW..=self.at + DELAY).contains(&seconds)
    }

    /// The number of the writer's process.
    pub(super) fn pid(&self) -> u32 {
        self.writer.pid
    }
}

/// Reads the records of a file; a torn last line is left out.
pub(super) fn parse(text: &str) -> Vec<Record> {
    text.split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
        .filter_map(Record::parse)
        .collect()
}

/// Keeps the records of writers that may have left a lock file which is still there.
pub(super) fn keep_blocking(records: Vec<Record>, common_dir: &Path) -> Vec<Record> {
    let shared: Vec<Sighting> = SHARED
        .iter()
        .filter_map(|path| look(common_dir.join(path)))
        .collect();
    let blocks = |record: &Record| {
        let own = record
            .names
            .iter()
            .filter_map(|name| sight(common_dir, name));
        own.chain(shared.iter().cloned())
            .any(|sighting| record.made(&sighting))
    };
    records.into_iter().filter(blocks).collect()
}

/// The dead writer that left a lock file, if it was one of ours.
pub(super) fn left_by<'a>(lock: &Path, records: &'a [Record]) -> Option<&'a Record> {
    let sighting = look(lock.to_owned())?;
    let mut makers = records.iter().filter(|record| record.made(&sighting));
    makers.find(|record| record.is_dead())
}

/// The lock file of a ref.
pub(super) fn lock_file(common_dir: &Path, name: &str) -> PathBuf {
    common_dir.join(format!("{name}.lock"))
}

/// The lock file of a ref as it stands now.
pub(super) fn sight(common_dir: &Path, name: &str) -> Option<Sighting> {
    look(lock_file(common_dir, name))
}

fn look(path: PathBuf) -> Option<Sighting> {
    let metadata = std::fs::symlink_metadata(&path).ok()?;
    Some(Sighting {
        path,
        inode: metadata.ino(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
    })
}

/// Removes the lock file if a dead writer of ours left it.
pub(super) fn remove_if_dead(
    sighting: &Sighting,
    name: &str,
    records: &[Record],
) -> Result<bool, crate::sys::Error> {
    let ours = OURS.iter().any(|prefix| name.starts_with(prefix));
    let mut naming = records
        .iter()
        .filter(|record| record.names.iter().any(|known| known == name))
        .filter(|record| record.made(sighting))
        .peekable();
    if !ours || naming.peek().is_none() || !naming.all(Record::is_dead) {
        return Ok(false);
    }
    files::remove_file(&sighting.path)?;
    Ok(true)
}

/// When a live process started, in ticks since boot; `None` when it is dead or a zombie.
fn started(pid: u32) -> Option<String> {
    let path = PathBuf::from(format!("/proc/{pid}/stat"));
    let text = files::read_text(&path, PROC_BYTES).ok()?;
    // The name in parentheses may hold anything, blanks and parentheses too.
    let (_, fields) = text.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    // See proc_pid_stat(5): the start time is field 22, the state field 3.
    let start = fields.nth(18)?;
    (!matches!(state, "Z" | "X")).then(|| start.to_owned())
}

/// Names this boot of this machine and its table of processes.
fn place() -> String {
    let boot = Path::new("/proc/sys/kernel/random/boot_id");
    let boot = files::read_text(boot, PROC_BYTES).unwrap_or_default();
    let table = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{}/{}", boot.trim(), table.display())
}

#[cfg(test)]
mod tests {
    use super::{Process, Record, parse};

    #[test]
    fn records_read_back_and_torn_ones_do_not() {
        let record = Record::new(1, 1_790_000_000, ["refs/mmm/a", "refs/mmm/b"].into_iter());
        let text = format!("{}{}", record.line(), "12 3");
        assert_eq!(parse(&text), [record]);
    }

    #[test]
    fn a_number_used_again_is_another_process() {
        let own = Process::of(std::process::id());
        assert!(!own.is_dead());
        let earlier = Process {
            start: "1".to_owned(),
            ..own
        };
        assert!(earlier.is_dead() || !std::path::Path::new("/proc/self/stat").exists());
    }
}
