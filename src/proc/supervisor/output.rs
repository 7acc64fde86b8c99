//! What a step prints: masked, capped, kept in a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::base::redact::Masker;
use crate::sys::files;

/// Takes the output of one attempt.
#[derive(Debug)]
pub(crate) struct OutputFile {
    path: PathBuf,
    /// Opened when there is something to write: most steps print nothing.
    file: Option<File>,
    masker: Masker,
    limit: u64,
    kept: u64,
    dropped: u64,
}

impl OutputFile {
    /// An output that keeps at most `limit` bytes in `path`.
    pub(crate) fn new(path: PathBuf, masker: Masker, limit: u64) -> Self {
        Self {
            path,
            file: None,
            masker,
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

    /// Takes the next bytes.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.masker.is_empty() {
            return self.keep(bytes);
        }
        let mut masked = Vec::with_capacity(bytes.len());
        self.masker.feed(bytes, &mut masked);
        self.keep(&masked)
    }

    /// Writes what masking held back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        self.masker.finish(&mut rest);
        self.keep(&rest)
    }

    fn keep(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = usize::try_from(self.limit.saturating_sub(self.kept)).unwrap_or(usize::MAX);
        let (kept, dropped) = bytes.split_at(room.min(bytes.len()));
        self.dropped += dropped.len() as u64;
        if kept.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(files::open_append(&self.path).map_err(io::Error::other)?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(kept)?;
        }
        self.kept += kept.len() as u64;
        Ok(())
    }
}
