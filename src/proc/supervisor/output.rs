//! What a step prints: masked, capped, kept in a file.

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
    pub(crate) fn take(&mut self, bytes: &[u8], masks: &mut Masks) -> io::Result<()> {
        let mut text = Vec::with_capacity(bytes.len());
        let held = &mut self.held;
        self.watch.feed(bytes, masks, &mut |part, masks| {
            masks.masker().feed_after(held, part, &mut text);
        });
        self.keep(&text)
    }

    /// Writes what was held back.
    pub(crate) fn flush(&mut self, masks: &mut Masks) -> io::Result<()> {
        let mut text = Vec::new();
        let held = &mut self.held;
        self.watch.finish(masks, &mut |part, masks| {
            masks.masker().feed_after(held, part, &mut text);
        });
        masks.masker().finish_after(&mut self.held, &mut text);
        self.keep(&text)
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
