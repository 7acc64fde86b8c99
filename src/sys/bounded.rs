//! Reading that ends: nothing is waited for, and nothing is read past a limit.
#![expect(
    clippy::disallowed_methods,
    reason = "what `files` and `folder` read is opened here"
)]

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::OFlags;
use rustix::io::retry_on_intr;

/// Where the files stand that a process has open.
const HANDED_OVER: [&str; 2] = ["/dev", "/proc"];

/// Opens a file to read it, and tells what is known of what was opened. A named pipe is refused: a
/// step can leave one in place of any file, and reading it would wait for a writer for ever. Those
/// that the shell hands over (`<(…)`) are read.
pub(super) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let is_handed_over = HANDED_OVER.iter().any(|folder| path.starts_with(folder));
    let mut options = OpenOptions::new();
    if !is_handed_over {
        let flags = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
        options.custom_flags(flags);
    }
    let file = options.read(true).open(path)?;
    let known = file.metadata()?;
    if !is_handed_over && known.file_type().is_fifo() {
        return Err(io::Error::other("it is a pipe, not a file"));
    }
    Ok((file, known))
}

/// What of a file is in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// All of it.
    Whole,
    /// Its beginning, longer than the limit.
    Part,
}

/// Reads a file to its end, or until the buffer holds more than `limit` bytes. Who knows the size
/// has made room for a byte more than that: two reads do then.
pub(super) fn fill(file: impl AsFd, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Fill> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    while buffer.len() <= limit {
        if buffer.len() == buffer.capacity() {
            buffer.reserve(1);
        }
        let read = || rustix::io::read(&file, spare_capacity(buffer));
        if retry_on_intr(read)? == 0 {
            return Ok(Fill::Whole);
        }
    }
    Ok(Fill::Part)
}

#[cfg(test)]
mod tests {
    use super::{Fill, fill, open};
    use crate::sys::files;
    use std::fs::File;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    #[test]
    fn a_file_is_read_whole_or_told_to_be_longer() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        let text = "0123456789".repeat(10_000);
        files::write_atomic(&path, text.as_bytes()).expect("writes");
        let check = |limit, room, expected| {
            let mut buffer = Vec::with_capacity(room);
            let file = File::open(&path).expect("opens");
            assert_eq!(fill(&file, limit, &mut buffer).expect("reads"), expected);
            let enough = match expected {
                Fill::Whole => buffer.len() == text.len(),
                Fill::Part => buffer.len() as u64 > limit,
            };
            assert!(enough, "limit {limit}, room for {room}");
            assert!(text.as_bytes().starts_with(&buffer));
        };
        for room in [0, 7, 100_001] {
            check(u64::MAX, room, Fill::Whole);
            check(100_000, room, Fill::Whole);
        }
        check(99_999, 0, Fill::Part);
        check(0, 1, Fill::Part);
    }

    #[test]
    fn what_has_no_end_is_not_opened() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = |name: &str| folder.path().join(name);
        let refused = |name: &str| match files::read_bytes(&place(name), 9) {
            Err(crate::sys::Error::File { source, .. }) => source.to_string(),
            other => format!("{other:?}"),
        };
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{CWD, FileType, Mode, mknodat};
            mknodat(CWD, place("pipe"), FileType::Fifo, Mode::RWXU, 0).expect("makes");
            symlink("pipe", place("to-pipe")).expect("links");
            assert_eq!(refused("pipe"), "it is a pipe, not a file");
            assert_eq!(refused("to-pipe"), "it is a pipe, not a file");
        }
        let _bound = UnixListener::bind(place("socket")).expect("binds");
        assert!(files::read_bytes(&place("socket"), 9).is_err());
        files::write_atomic(&place("file"), b"text").expect("writes");
        symlink("file", place("to-file")).expect("links");
        let (_, known) = open(&place("to-file")).expect("opens");
        assert!(known.is_file() && known.len() == 4);
        assert_eq!(
            files::read_bytes(&place("to-file"), 9).expect("reads"),
            b"text"
        );
    }
}
