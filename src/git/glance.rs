//! Looks at refs without git, where each is a file: to ask git takes a hundred times as long.
//!
//! Only for what git compares again when a ref is updated, or for what does no harm when it is
//! old. Whatever is not as it is as a rule is left to git. The form of the files is that of
//! `gitrepository-layout` and `git pack-refs`.

use crate::base::ids::ObjectId;
use crate::git::Repository;
use crate::sys::files;
use crate::sys::folder::{Folder, Kind};

/// Largest file of a ref that is read, in bytes: an id has 64 at most.
const LOOSE_BYTES: u64 = 128;

/// Largest file of packed refs that is read, in bytes: about ten thousand refs. In a longer one git
/// finds a name faster.
const PACKED_BYTES: u64 = 1024 * 1024;

/// The object in the file of a ref; nothing where git has to be asked.
pub(super) fn object(repository: &Repository, name: &str) -> Option<ObjectId> {
    if !repository.has_ref_files() {
        return None;
    }
    let path = repository.common_dir().join(name);
    let text = files::read_text(&path, LOOSE_BYTES).ok()?;
    let id = text.strip_suffix('\n')?.parse::<ObjectId>().ok();
    id.filter(|id| id.as_str().len() == repository.object_format().hex_length())
}

/// Git has to be asked.
#[derive(Debug)]
pub(super) struct AskGit;

/// The name that sorts last among the refs in a folder, if it has any.
pub(super) fn last_name(repository: &Repository, folder: &str) -> Result<Option<String>, AskGit> {
    if !repository.has_ref_files() {
        return Err(AskGit);
    }
    // A ref that is packed meanwhile is in its file until it is in the other one.
    let loose = last_loose(repository, folder)?;
    let packed = last_packed(repository, folder)?;
    Ok(loose.max(packed).map(|name| format!("{folder}{name}")))
}

fn last_loose(repository: &Repository, folder: &str) -> Result<Option<String>, AskGit> {
    let ask = |_| AskGit;
    let Some(open) = Folder::open(&repository.common_dir().join(folder)).map_err(ask)? else {
        return Ok(None);
    };
    let mut last = None;
    for entry in open.entries().map_err(ask)? {
        let name = entry.name.into_string().map_err(|_| AskGit)?;
        match entry.kind {
            // What git writes before it renames it.
            Kind::File if name.as_bytes().ends_with(b".lock") => {}
            Kind::File => last = last.max(Some(name)),
            Kind::Link | Kind::Other => return Err(AskGit),
        }
    }
    Ok(last)
}

fn last_packed(repository: &Repository, folder: &str) -> Result<Option<String>, AskGit> {
    let path = repository.common_dir().join("packed-refs");
    let bytes = match files::read_bytes(&path, PACKED_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(_) => return Err(AskGit),
    };
    let id = repository.object_format().hex_length();
    let mut last: Option<&[u8]> = None;
    for line in bytes.split(|byte| *byte == b'\n') {
        // `<id> <name>`, or a line about the file (`#`) or about a tag (`^`), which holds no name.
        let name = line.get(id + 1..).unwrap_or_default();
        last = last.max(name.strip_prefix(folder.as_bytes()));
    }
    let last = last.map(|name| String::from_utf8(name.to_vec()));
    last.transpose().map_err(|_| AskGit)
}

#[cfg(test)]
mod tests;
