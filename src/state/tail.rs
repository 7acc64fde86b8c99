//! The lines that a step prints, read while it runs.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::base::limits::STEP_OUTPUT_BYTES;
use crate::sys::Error;
use crate::sys::files;

/// Reads the output of an attempt from where the last reading ended.
#[derive(Debug)]
pub(crate) struct Tail {
    path: PathBuf,
    /// Bytes given so far.
    offset: u64,
    /// The line after them that has not come to its end.
    rest: Vec<u8>,
    /// Length of the file when it was last read: what has not grown is not read again.
    seen: u64,
}

impl Tail {
    /// Begins with the first byte of the file, which need not be there yet.
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            offset: 0,
            rest: Vec::new(),
            seen: 0,
        }
    }

    /// How many bytes were given so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The lines that came to their end since the last call.
    pub(crate) fn lines(&mut self) -> Result<Vec<u8>, Error> {
        let Some(mut bytes) = self.read()? else {
            return Ok(Vec::new());
        };
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        self.rest = bytes.split_off(whole);
        self.offset += whole as u64;
        Ok(bytes)
    }

    /// What had been printed, at the last call of [`Self::lines`], of a line that has no end yet.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// What follows the lines that were given; nothing when the file has not grown.
    fn read(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut file = match files::open_read(&self.path) {
            Ok(file) => file,
            // A step that has printed nothing has no file.
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let fail = |error| Error::file("read", &self.path, error);
        let length = file.metadata().map_err(fail)?.len();
        if length == self.seen {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(self.offset)).map_err(fail)?;
        file.take(STEP_OUTPUT_BYTES * 2)
            .read_to_end(&mut bytes)
            .map_err(fail)?;
        self.seen = length;
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::Tail;
    use crate::sys::files;
    use std::io::Write;

    #[test]
    fn whole_lines_come_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.1.1.log");
        let mut tail = Tail::new(&path);
        let mut check = |printed: &str, lines: &str| {
            let mut file = files::open_append(&path).expect("opens");
            file.write_all(printed.as_bytes()).expect("writes");
            let found = tail.lines().expect("reads");
            assert_eq!(String::from_utf8_lossy(&found), lines, "after {printed:?}");
        };
        check("", "");
        check("one\ntw", "one\n");
        check("", "");
        check("o\n\nthr", "two\n\n");
        check("ee", "");
        assert_eq!(tail.offset(), 9);
    }

    #[test]
    fn what_is_not_there_is_empty() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut tail = Tail::new(&folder.path().join("a.1.1.log"));
        assert_eq!(tail.lines().expect("nothing to read"), b"");
        assert_eq!(tail.offset(), 0);
    }
}
