//! What a step prints: masked, capped, kept in a file.
//!
//! What cannot be written, on a full disk for one, counts as dropped: the step and its record matter
//! more than what it prints.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::proc::supervisor::commands::{CommandWatch, Masks};
use crate::proc::supervisor::protocol::Dropped;
use crate::sys::{self, files};

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
    dropped: Dropped,
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
            dropped: Dropped::default(),
        }
    }

    /// Bytes kept.
    pub(crate) fn kept(&self) -> u64 {
        self.kept
    }

    /// What was counted and dropped.
    pub(crate) fn dropped(&self) -> &Dropped {
        &self.dropped
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
        let mut written = 0;
        if let Err(error) = self.write(wanted, &mut written) {
            self.dropped.reason.get_or_insert(error.to_string());
        }
        self.kept += written as u64;
        self.dropped.bytes += (bytes.len() - written) as u64;
    }

    /// Writes as much as can be written, and counts how many bytes that was.
    fn write(&mut self, bytes: &[u8], written: &mut usize) -> io::Result<()> {
        while let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) {
            let file = match &mut self.file {
                Some(file) => file,
                None => self.file.insert(open(&self.path)?),
            };
            match file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => *written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Opens the file of an output. Why it cannot be is told without its path, which is of this machine.
fn open(path: &Path) -> io::Result<File> {
    files::open_append(path).map_err(|error| match error {
        sys::Error::File { source, .. } => source,
        other => io::Error::other(other),
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::OutputFile;
    use crate::proc::supervisor::commands::Masks;

    fn check(path: PathBuf, kept: u64, dropped: u64, reason: Option<&str>) {
        let mut masks = Masks::new(Vec::new());
        let mut output = OutputFile::new(path, 15);
        output.take(b"twelve bytes", &mut masks);
        output.take(b"and more", &mut masks);
        output.flush(&mut masks);
        assert_eq!(output.kept(), kept);
        assert_eq!(output.dropped().bytes, dropped);
        assert_eq!(output.dropped().reason.as_deref(), reason);
    }

    #[test]
    fn what_cannot_be_written_is_dropped_and_why_is_told() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        check(folder.path().join("log"), 15, 5, None);
        let gone = Some("No such file or directory (os error 2)");
        check(folder.path().join("none/log"), 0, 20, gone);
        #[cfg(target_os = "linux")]
        {
            let full = Some("No space left on device (os error 28)");
            check(PathBuf::from("/dev/full"), 0, 20, full);
        }
    }
}
