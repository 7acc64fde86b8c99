//! The journal of a live run: appending to it and reading it.
//!
//! An append is one `write` to a file opened with `O_APPEND`, so that engine and supervisor can
//! both append; it survives the death of its process. A line that a full disk or a power cut left
//! unfinished is the last one, and is left out by readers. Room for the next lines is kept on the
//! disk, so that the end of a step is recorded even when the step has filled it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::model::run::{Event, RecordedEvent};
use crate::state::format::journal_v1::{self, LineError};
use crate::sys;
use crate::sys::clock::Clock;
use crate::sys::files;

/// Largest journal that is read, in bytes: 100,000 steps.
pub(crate) const JOURNAL_BYTES: u64 = 128 * 1024 * 1024;

/// Room on the disk that is kept for the next lines, in bytes. Engine and supervisor both append, so
/// each sees to it anew when it has written half of that.
const ROOM: u64 = 64 * 1024;

/// What can go wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] sys::Error),
    /// A line is no record.
    #[error("{}:{line}: damaged journal", path.display())]
    Line {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: LineError,
    },
    /// There is no journal where there must be one.
    #[error("{}: the journal is missing", path.display())]
    Missing {
        /// The journal.
        path: PathBuf,
    },
    /// The journal does not begin with the start of its run.
    #[error("{}: the journal has no start", path.display())]
    NoStart {
        /// The journal.
        path: PathBuf,
    },
    /// An event cannot be spelled.
    #[error("cannot spell an event")]
    Encode(#[source] LineError),
}

/// A journal that is open for appending.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    clock: Clock,
    /// Bytes that may be appended before room is made anew.
    room: u64,
}

impl Journal {
    /// Opens or makes the journal at `path`.
    pub(crate) fn open(path: &Path, clock: Clock) -> Result<Self, Error> {
        Ok(Self {
            file: files::open_append(path)?,
            path: path.to_owned(),
            clock,
            room: 0,
        })
    }

    /// Appends one event, with the time, and gives the record.
    pub(crate) fn append(&mut self, event: Event) -> Result<RecordedEvent, Error> {
        let recorded = RecordedEvent {
            at_ms: self.clock.now_ms(),
            event,
        };
        let line = journal_v1::encode(&recorded).map_err(Error::Encode)?;
        let length = line.len() as u64;
        if self.room < length {
            files::reserve(&self.file, ROOM.max(length));
            self.room = (ROOM / 2).max(length);
        }
        self.room -= length;
        self.file
            .write_all(line.as_bytes())
            .map_err(|error| sys::Error::file("append to", &self.path, error))?;
        Ok(recorded)
    }

    /// Puts everything appended so far on the disk.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.file
            .sync_data()
            .map_err(|error| sys::Error::file("sync", &self.path, error).into())
    }
}

/// Cuts off an unfinished last line. Only for who alone writes to the journal.
pub(crate) fn repair(path: &Path) -> Result<(), Error> {
    let bytes = files::read_bytes(path, JOURNAL_BYTES)?;
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    if whole < bytes.len() {
        let file = files::open_for_lock(path)?;
        file.set_len(whole as u64)
            .map_err(|error| sys::Error::file("repair", path, error))?;
    }
    Ok(())
}

/// Reads a whole journal.
pub(crate) fn read(path: &Path) -> Result<Vec<RecordedEvent>, Error> {
    parse(path, &files::read_bytes(path, JOURNAL_BYTES)?)
}

/// Reads the text of a journal; `path` is for messages.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<RecordedEvent>, Error> {
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let text = String::from_utf8_lossy(bytes.get(..whole).unwrap_or(&[]));
    text.lines()
        .enumerate()
        .map(|(index, line)| {
            journal_v1::decode(line).map_err(|source| Error::Line {
                path: path.to_owned(),
                line: index + 1,
                source,
            })
        })
        .collect()
}

/// Reads a journal as it grows.
#[derive(Debug)]
pub(crate) struct Follower {
    path: PathBuf,
    offset: u64,
}

impl Follower {
    /// Begins at the first line.
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            offset: 0,
        }
    }

    /// The events since the last call.
    pub(crate) fn poll(&mut self) -> Result<Vec<RecordedEvent>, Error> {
        let mut file = files::open_read(&self.path)?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(self.offset))
            .and_then(|_| file.take(JOURNAL_BYTES).read_to_end(&mut bytes))
            .map_err(|error| sys::Error::file("read", &self.path, error))?;
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        bytes.truncate(whole);
        self.offset += whole as u64;
        parse(&self.path, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Follower, Journal, read, repair};
    use crate::model::run::Event;
    use crate::sys::clock::Clock;
    use std::io::Write;

    fn job(job: &str) -> Event {
        Event::JobStarted {
            job: job.to_owned(),
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn room_for_the_next_lines_is_kept() {
        use std::os::unix::fs::MetadataExt;

        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("events.jsonl");
        let mut journal = Journal::open(&path, Clock::Fixed(5)).expect("opens");
        let probe = crate::sys::files::open_append(&folder.path().join("probe")).expect("opens");
        let flags = rustix::fs::FallocateFlags::KEEP_SIZE;
        let is_possible = rustix::fs::fallocate(&probe, flags, 0, super::ROOM).is_ok();
        let mut size = 0;
        for _ in 0..2000 {
            journal.append(job("a")).expect("appends");
            let about = std::fs::metadata(&path).expect("is there");
            assert!(about.size() > size);
            size = about.size();
            let ahead = (about.blocks() * 512).saturating_sub(size);
            assert!(
                !is_possible || ahead >= super::ROOM / 4,
                "{ahead} behind {size}"
            );
        }
        assert!(size > super::ROOM, "{size}");
        assert_eq!(read(&path).expect("reads").len(), 2000);
    }

    #[test]
    fn a_torn_last_line_is_left_out_and_cut_off() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("events.jsonl");
        let mut journal = Journal::open(&path, Clock::Fixed(5)).expect("opens");
        let mut follower = Follower::new(&path);
        journal.append(job("a")).expect("appends");
        assert_eq!(follower.poll().expect("reads").len(), 1);
        let mut raw = crate::sys::files::open_append(&path).expect("opens");
        raw.write_all(b"{\"at\":5,\"ev").expect("writes");
        assert_eq!(follower.poll().expect("reads").len(), 0);
        assert_eq!(read(&path).expect("reads").len(), 1);
        repair(&path).expect("repairs");
        journal.append(job("b")).expect("appends");
        let events: Vec<Event> = read(&path)
            .expect("reads")
            .into_iter()
            .map(|recorded| recorded.event)
            .collect();
        assert_eq!(events, [job("a"), job("b")]);
        assert_eq!(follower.poll().expect("reads").len(), 1);
    }

    #[test]
    fn damage_in_the_middle_is_an_error_with_its_line() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("events.jsonl");
        let mut journal = Journal::open(&path, Clock::Fixed(5)).expect("opens");
        journal.append(job("a")).expect("appends");
        crate::sys::files::open_append(&path)
            .expect("opens")
            .write_all(b"garbage\n")
            .expect("writes");
        let error = read(&path).expect_err("damaged");
        assert!(error.to_string().contains("events.jsonl:2"), "{error}");
    }
}
