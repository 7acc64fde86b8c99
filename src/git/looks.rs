//! Looks at the code of a work tree that follow each other.
//!
//! The first one takes every changed file into a temporary index. While somebody says that more
//! looks will follow, that index is kept, and Git reads only the files that changed since. It is
//! left where a fresh one could come out otherwise.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::base::ids::ObjectId;
use crate::git::scratch::{Folder, Scratch};
use crate::git::{Error, Repository};

/// What the person's own index says, as far as it matters for the code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// `<tag> <mode> <id> <stage>\t<path>`, a zero byte behind each.
    listing: Vec<u8>,
    /// The paths whose flags (`assume-unchanged`, `skip-worktree`) keep Git from looking at the
    /// file, except those that a sparse checkout left out.
    pub(super) hidden: Vec<Vec<u8>>,
}

/// An index that was made in a look, and the one that it was made from.
#[derive(Debug)]
struct Look {
    folder: Folder,
    from: Index,
}

/// The looks at one work tree.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// How many want the last one to be kept.
    keepers: usize,
    last: Option<Look>,
}

/// As long as it lives, a look at the code goes on from the one before.
#[derive(Debug)]
pub(crate) struct Keeper<'r> {
    repository: &'r Repository,
}

/// Says that several looks at the code of a work tree will follow each other.
pub(crate) fn keep(repository: &Repository) -> Keeper<'_> {
    repository.looks().keepers += 1;
    Keeper { repository }
}

impl Drop for Keeper<'_> {
    fn drop(&mut self) {
        let mut looks = self.repository.looks();
        looks.keepers -= 1;
        if looks.keepers == 0 {
            looks.last = None;
        }
    }
}

impl Index {
    /// Reads that of a work tree.
    pub(super) fn read(repository: &Repository) -> Result<Self, Error> {
        let top = repository.top()?;
        let listing = repository.git(["ls-files", "-v", "--stage", "-z"])?.stdout;
        let mut hidden = Vec::new();
        for (facts, path) in entries(&listing) {
            let Some(tag) = facts.first() else { continue };
            // Small letters stand for `assume-unchanged`, `S` for `skip-worktree`.
            let skipped = tag.eq_ignore_ascii_case(&b'S');
            let there = || top.join(OsStr::from_bytes(path)).symlink_metadata().is_ok();
            if (tag.is_ascii_lowercase() && !skipped) || (skipped && there()) {
                hidden.push(path.to_vec());
            }
        }
        Ok(Self { listing, hidden })
    }
}

impl Looks {
    /// Keeps the index of a look, when somebody wants it.
    pub(super) fn remember(&mut self, scratch: Scratch<'_>, from: Index) {
        if self.keepers > 0 {
            let folder = scratch.into_folder();
            self.last = Some(Look { folder, from });
        }
    }

    /// The tree of everything in the work tree, made from what the last look left; nothing where
    /// that does not do.
    pub(super) fn again<'r>(
        &mut self,
        repository: &'r Repository,
        index: &Index,
    ) -> Result<Option<(Scratch<'r>, ObjectId)>, Error> {
        let last = self.last.take().filter(|last| last.from == *index);
        let Some(last) = last.filter(|last| last.folder.is_there()) else {
            return Ok(None);
        };
        // A name that differs in case only would keep the case of the last look.
        if repository.configuration()?.get_bool("core.ignoreCase")? == Some(true) {
            return Ok(None);
        }
        let scratch = Scratch::go_on(repository, last.folder);
        // What is below a submodule, or was one, cannot be told from this index.
        let staged = Repository::expect(&scratch.command(["ls-files", "--stage", "-z"]))?.stdout;
        if entries(&staged).any(|(facts, _)| facts.starts_with(b"160000 ")) {
            return Ok(None);
        }
        scratch.stage(&[])?;
        // What was new then and is ignored now is in this index, and is no part of the code.
        let words = [
            "ls-files",
            "--cached",
            "--ignored",
            "--exclude-standard",
            "-z",
        ];
        let ignored = Repository::expect(&scratch.command(words))?.stdout;
        if !ignored.is_empty() {
            let known: BTreeSet<&[u8]> = entries(&index.listing).map(|(_, path)| path).collect();
            let mut ignored = ignored.split(|&byte| byte == 0);
            if ignored.any(|path| !path.is_empty() && !known.contains(path)) {
                return Ok(None);
            }
        }
        let tree = scratch.write_tree()?;
        Ok(Some((scratch, tree)))
    }
}

/// The entries of a listing: what stands before the tab, and the path behind it.
fn entries(listing: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let lines = listing.split(|&byte| byte == 0);
    lines.filter_map(|line| {
        let tab = line.iter().position(|&byte| byte == b'\t')?;
        Some((line.get(..tab)?, line.get(tab + 1..)?))
    })
}

#[cfg(test)]
mod tests;
