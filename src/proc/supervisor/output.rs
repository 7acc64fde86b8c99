//! What a step prints: masked, capped, kept in a file.
//!
//! What cannot be written, on a full disk for one, counts as dropped: the step and its record matter
//! more than what it prints.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::proc::supervisor::commands::{CommandWatch, Masks};
use crate::sys::files;

/// Takes the output of one attempt.
#[derive(Debug)]
pub(crate) struct OutputFile {
    path: PathBuf,
    /// Opened when there is something to write: most steps print nothing.
    file: Option<File>,
    watch: CommandWatch,
    /// What may be the beginning of a masked value.
    held: Vec<u8>,
    limit: u64,
    kept: u64,
    dropped: u64,
}

impl OutputFile {
    /// An output that keeps at most `limit` bytes in `path`.
    pub(crate) fn new(path: PathBuf, limit: u64) -> Self {
        Self {
            path,
            file: None,
            watch: CommandWatch::default(),
            held: Vec::new(),
            limit,
            kept: 0,
            dropped: 0,
        }
    }

    /// Bytes kept.
    pub(crate) fn kept(&self) -> u64 {
        self.kept
    }

    /// Bytes counted and dropped.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Takes the next bytes; what they say is to be masked is so from there on.
    pub(crate) fn take(&mut self, bytes: &[u8], masks: &mut Masks) {
        let mut text = Vec::with_capacity(bytes.len());
        let held = &mut self.held;
        self.watch.feed(bytes, masks, &mut |part, masks| {
            masks.masker().feed_after(held, part, &mut text);
        });
        self.keep(&text);
    }

    /// Writes what was held back.
    pub(crate) fn flush(&mut self, masks: &mut Masks) {
        let mut text = Vec::new();
        let held = &mut self.held;
        self.watch.finish(masks, &mut |part, masks| {
            masks.masker().feed_after(held, part, &mut text);
        });
        masks.masker().finish_after(&mut self.held, &mut text);
        self.keep(&text);
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = usize::try_from(self.limit.saturating_sub(self.kept)).unwrap_or(usize::MAX);
        let wanted = bytes.get(..room.min(bytes.len())).unwrap_or(bytes);
        let written = self.write(wanted);
        self.kept += written as u64;
        self.dropped += (bytes.len() - written) as u64;
    }

    /// Writes as much as can be written, and gives how many bytes that was.
    fn write(&mut self, bytes: &[u8]) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        if self.file.is_none() {
            self.file = files::open_append(&self.path).ok();
        }
        let Some(file) = &mut self.file else { return 0 };
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            match file.write(rest) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::OutputFile;
    use crate::proc::supervisor::commands::Masks;

    fn counts(path: PathBuf) -> (u64, u64) {
        let mut masks = Masks::new(Vec::new());
        let mut output = OutputFile::new(path, 100);
        output.take(b"twelve bytes", &mut masks);
        output.flush(&mut masks);
        (output.kept(), output.dropped())
    }

    #[test]
    fn what_cannot_be_written_is_dropped() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(counts(folder.path().join("log")), (12, 0));
        assert_eq!(counts(folder.path().join("none/log")), (0, 12));
        #[cfg(target_os = "linux")]
        assert_eq!(counts(PathBuf::from("/dev/full")), (0, 12));
    }
}
