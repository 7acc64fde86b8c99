//! Files that Git has and the work tree does not: those of `HEAD` in a repository without a work
//! tree, or one where nothing was checked out yet, and those that a sparse checkout leaves out.

use std::sync::PoisonError;

use crate::base::ids::ObjectId;
use crate::git::library::{database, library_id};
use crate::git::objects::{ObjectKind, Objects, Store};
use crate::git::{Error, Repository};

/// A file as Git keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredFile {
    /// Its path from the top, with `/` between names; it need not be UTF-8.
    pub(crate) path: Vec<u8>,
    /// What it is.
    pub(crate) kind: StoredKind,
    /// Its content.
    pub(crate) blob: ObjectId,
}

/// What a name below a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoredKind {
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// The files of the commit of `HEAD` below a folder; none without a commit.
pub(crate) fn at_head(repository: &Repository, folder: &str) -> Result<Vec<StoredFile>, Error> {
    let Some(commit) = repository.head()?.commit else {
        return Ok(Vec::new());
    };
    let arguments = ["ls-tree", "-r", "-z", "--full-tree", commit.as_str(), "--"];
    let output = repository.git(arguments.into_iter().chain([folder]))?;
    // `<mode> <type> <id>\t<path>`
    parse("ls-tree", &output.stdout, |fields| {
        let [mode, _, id] = fields else { return None };
        Some((mode, id))
    })
}

/// The files below a folder that are in the index and, by the rules of a sparse checkout, not in
/// the work tree. Asks nobody where there is no sparse checkout.
///
/// Without an index nothing was ever checked out here (`git clone --no-checkout`): what `HEAD` has
/// was left out.
pub(crate) fn left_out(repository: &Repository, folder: &str) -> Result<Vec<StoredFile>, Error> {
    if !repository.git_dir().join("index").exists() {
        return at_head(repository, folder);
    }
    let sparse = repository
        .configuration()?
        .get_bool("core.sparseCheckout")?;
    if sparse != Some(true) || repository.work_tree().is_none() {
        return Ok(Vec::new());
    }
    let arguments = ["ls-files", "-z", "-t", "--stage", "--", folder];
    let output = repository
        .command(arguments)
        .env("GIT_LITERAL_PATHSPECS", "1");
    let output = Repository::expect(&output)?;
    // `<tag> <mode> <id> <stage>\t<path>`; `S` stands for skip-worktree.
    let skipped: Vec<u8> = output
        .stdout
        .split_inclusive(|&byte| byte == 0)
        .filter(|line| line.starts_with(b"S "))
        .flatten()
        .copied()
        .collect();
    parse("ls-files", &skipped, |fields| {
        let [_, mode, id, _] = fields else {
            return None;
        };
        Some((mode, id))
    })
}

/// The content of a stored file of at most `limit` bytes; else its size.
pub(crate) fn content(
    repository: &Repository,
    file: &StoredFile,
    limit: u64,
) -> Result<Result<Vec<u8>, u64>, Error> {
    let objects = repository.objects()?;
    if let Some(size) = size(objects, &file.blob)?.filter(|size| *size > limit) {
        return Ok(Err(size));
    }
    let bytes = objects.read_kind(&file.blob, ObjectKind::Blob)?;
    let size = bytes.len() as u64;
    Ok(if size > limit { Err(size) } else { Ok(bytes) })
}

/// The size of a blob in bytes.
pub(crate) fn blob_size(objects: &Objects, id: &ObjectId) -> Result<u64, Error> {
    match size(objects, id)? {
        Some(size) => Ok(size),
        None => Ok(objects.read_kind(id, ObjectKind::Blob)?.len() as u64),
    }
}

/// The size of an object in bytes, where that is cheap to tell.
fn size(objects: &Objects, id: &ObjectId) -> Result<Option<u64>, Error> {
    let Store::Library(library) = &objects.store else {
        return Ok(None);
    };
    let library = library.lock().unwrap_or_else(PoisonError::into_inner);
    let odb = library.odb().map_err(database)?;
    let header = odb.read_header(library_id(id, objects.format)?);
    Ok(header.ok().map(|(size, _)| size as u64))
}

fn parse(
    command: &'static str,
    listing: &[u8],
    fields: impl for<'a> Fn(&[&'a str]) -> Option<(&'a str, &'a str)>,
) -> Result<Vec<StoredFile>, Error> {
    let lines = listing.split(|&byte| byte == 0);
    lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            let read = || {
                let tab = line.iter().position(|&byte| byte == b'\t')?;
                let (front, path) = line.split_at_checked(tab)?;
                let front: Vec<&str> = std::str::from_utf8(front).ok()?.split(' ').collect();
                let (mode, id) = fields(&front)?;
                Some(StoredFile {
                    path: path.get(1..)?.to_vec(),
                    kind: match mode {
                        "120000" => StoredKind::Link,
                        "160000" => StoredKind::Submodule,
                        _ => StoredKind::File,
                    },
                    blob: id.parse().ok()?,
                })
            };
            read().ok_or_else(|| Error::Answer {
                command,
                found: String::from_utf8_lossy(line).chars().take(80).collect(),
            })
        })
        .collect()
}
