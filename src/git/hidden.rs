//! Files whose flags in the index keep Git from looking at them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use git2::{Index, IndexEntryExtendedFlag, IndexEntryFlag};

use crate::git::library::{library_format, prepare_library};
use crate::git::{Error, Repository};

/// The paths whose flags in the index (`assume-unchanged`, `skip-worktree`) keep Git from looking
/// at the file, except those that a sparse checkout left out.
pub(super) fn hidden(repository: &Repository) -> Result<Vec<Vec<u8>>, Error> {
    let top = repository.top()?;
    if has_no_flags(repository) {
        return Ok(Vec::new());
    }
    let listing = repository.git(["ls-files", "-v", "-z"])?.stdout;
    let mut paths = Vec::new();
    for line in listing.split(|&byte| byte == 0) {
        let (Some(tag), Some(path)) = (line.first(), line.get(2..)) else {
            continue;
        };
        // Small letters stand for `assume-unchanged`, `S` for `skip-worktree`.
        let skipped = tag.eq_ignore_ascii_case(&b'S');
        let there = || top.join(OsStr::from_bytes(path)).symlink_metadata().is_ok();
        if (tag.is_ascii_lowercase() && !skipped) || (skipped && there()) {
            paths.push(path.to_vec());
        }
    }
    Ok(paths)
}

/// Whether the index is one that libgit2 reads, and has no such flag at all. Most have none, and to
/// ask git costs more than to look. It reads neither a split nor a sparse index.
fn has_no_flags(repository: &Repository) -> bool {
    prepare_library();
    let path = repository.git_dir().join("index");
    let Ok(index) = Index::open_ext(&path, library_format(repository.object_format())) else {
        return false;
    };
    index.iter().all(|entry| {
        let flags = IndexEntryFlag::from_bits_retain(entry.flags);
        let extended = IndexEntryExtendedFlag::from_bits_retain(entry.flags_extended);
        !flags.is_valid() && !extended.is_skip_worktree()
    })
}

#[cfg(test)]
mod tests;
