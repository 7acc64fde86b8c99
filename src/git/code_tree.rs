//! The code of a work tree as one id: what a verdict is bound to.
//!
//! It is the tree that `git add --all` and a commit would make, without `.mmm/`, so that it is the
//! id of a commit's code as soon as there is one. Two things that Git passes over on the way to
//! a commit are looked at all the same, for commands see them: files whose flags in the index hide
//! that they were changed, and what was changed inside of a submodule, or of any other repository
//! in the work tree. No commit has such code, so what is proved on it is never noted on one.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::base::ids::ObjectId;
use crate::git::head::Head;
use crate::git::hidden::hidden;
use crate::git::objects::ObjectKind;
use crate::git::repository::parse_id;
use crate::git::scratch::Scratch;
use crate::git::snapshot::STATE_FOLDER;
use crate::git::{Error, Repository};

/// The paths that are code: all but the state.
const CODE: [&str; 2] = [".", ":(top,exclude).mmm"];

/// What `git status` calls a `HEAD` that is on no branch.
const DETACHED: &str = "(detached)";

/// Submodules inside of submodules that are looked into.
const DEPTH: usize = 8;

/// The id of the code in the work tree. Nothing is written into the repository.
///
/// Every look starts from the person's own index and reads all that differs from it: what an earlier
/// look found would be trusted where a file of the same size and time took the place of another.
pub(crate) fn code_tree(repository: &Repository) -> Result<ObjectId, Error> {
    let look = look(repository, &CODE, DEPTH)?;
    look.code_tree(repository)
}

/// A work tree beside its `HEAD`, both of one moment.
#[derive(Debug)]
pub(crate) struct Standing {
    /// Where `HEAD` is.
    pub(crate) head: Head,
    /// The id of the code in the work tree.
    pub(crate) tree: ObjectId,
    /// Whether no commit has this code, as far as `HEAD` tells.
    pub(crate) dirty: bool,
}

/// How the work tree stands. Nothing is written into the repository.
pub(crate) fn standing(repository: &Repository) -> Result<Standing, Error> {
    let look = look(repository, &CODE, DEPTH)?;
    let tree = look.code_tree(repository)?;
    let commit = look.commit()?;
    let dirty = match &commit {
        None => true,
        Some(_) if look.changed.is_none() => false,
        Some(commit) => commit_code_tree(repository, commit)? != tree,
    };
    let branch = match look.header("branch.head").as_str() {
        // Detached, or a branch of this very name.
        DETACHED => repository.head()?.branch,
        name => Some(name.to_owned()),
    };
    Ok(Standing {
        head: Head { branch, commit },
        tree,
        dirty,
    })
}

/// The id of a commit's tree without `.mmm/`. Nothing is written.
pub(crate) fn commit_code_tree(
    repository: &Repository,
    commit: &ObjectId,
) -> Result<ObjectId, Error> {
    let objects = repository.objects()?;
    objects.tree_without(&objects.commit_tree(commit)?, STATE_FOLDER)
}

/// The same without asking a server: nothing where a partial clone left the commit's tree out.
pub(crate) fn commit_code_tree_here(
    repository: &Repository,
    commit: &ObjectId,
) -> Result<Option<ObjectId>, Error> {
    let objects = repository.objects()?;
    if !objects.is_readable_here(commit)? {
        return Ok(None);
    }
    let tree = objects.commit_tree(commit)?;
    if !objects.is_readable_here(&tree)? {
        return Ok(None);
    }
    objects.tree_without(&tree, STATE_FOLDER).map(Some)
}

/// What was found in a work tree.
struct Look<'r> {
    /// What `git status` printed.
    status: Vec<u8>,
    /// The tree of everything, with the temporary objects that it is made of, where the paths are
    /// not as the commit of `HEAD` has them.
    changed: Option<(Scratch<'r>, ObjectId)>,
}

impl Look<'_> {
    /// What `git status` says of `HEAD` in one of its headers.
    fn header(&self, name: &str) -> String {
        let mut records = self.status.split(|&byte| byte == 0);
        let value = records.find_map(|record| {
            let header = record.strip_prefix(b"# ")?.strip_prefix(name.as_bytes())?;
            header.strip_prefix(b" ")
        });
        String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
    }

    /// The commit that the paths were compared with; none where the branch has none yet.
    fn commit(&self) -> Result<Option<ObjectId>, Error> {
        match self.header("branch.oid").as_str() {
            "(initial)" => Ok(None),
            id => parse_id("status", id).map(Some),
        }
    }

    fn code_tree(&self, repository: &Repository) -> Result<ObjectId, Error> {
        match (&self.changed, self.commit()?) {
            (Some((scratch, tree)), _) => scratch.tree_without(tree, STATE_FOLDER),
            (None, Some(commit)) => commit_code_tree(repository, &commit),
            (None, None) => repository.objects()?.hash(ObjectKind::Tree, b""),
        }
    }
}

fn look<'r>(repository: &'r Repository, paths: &[&str], depth: usize) -> Result<Look<'r>, Error> {
    repository.top()?;
    let hidden = hidden(repository)?;
    let status = [
        "status",
        "--porcelain=v2",
        "-z",
        "--untracked-files=all",
        "--ignore-submodules=none",
        // What it compares with; how that stands to other branches would take time to find out.
        "--branch",
        "--no-ahead-behind",
        "--",
    ];
    let status = repository.git(status.iter().chain(paths))?.stdout;
    let is_clean = |record: &[u8]| record.is_empty() || record.starts_with(b"# ");
    if hidden.is_empty() && status.split(|&byte| byte == 0).all(is_clean) {
        return Ok(Look {
            status,
            changed: None,
        });
    }
    let scratch = Scratch::passing(repository)?;
    scratch.copy_index()?;
    scratch.show_changes(&hidden)?;
    scratch.stage(&[])?;
    for path in changed_submodules(&status) {
        if let Some(tree) = submodule_tree(repository, path, depth)? {
            scratch.put_link(path, &tree)?;
        }
    }
    let tree = scratch.write_tree()?;
    Ok(Look {
        status,
        changed: Some((scratch, tree)),
    })
}

/// The submodules with changed or new files inside, and repositories that are no submodules yet, in
/// what `git status` printed.
fn changed_submodules(status: &[u8]) -> Vec<&[u8]> {
    let mut paths = Vec::new();
    let mut records = status.split(|&byte| byte == 0);
    while let Some(record) = records.next() {
        // `? path/`: Git names a folder only where another repository begins.
        if let Some(path) = record
            .strip_prefix(b"? ")
            .and_then(|path| path.strip_suffix(b"/"))
        {
            paths.push(path);
            continue;
        }
        // `1 XY sub mH mI mW hH hI path`, `2 … X<score> path` and then the old path,
        // `u XY sub m1 m2 m3 mW h1 h2 h3 path`.
        let fields = match record.first() {
            Some(b'1') => 9,
            Some(b'2') => 10,
            Some(b'u') => 11,
            _ => continue,
        };
        if fields == 10 {
            records.next();
        }
        let mut parts = record.splitn(fields, |&byte| byte == b' ');
        let (Some(sub), Some(path)) = (parts.nth(2), parts.last()) else {
            continue;
        };
        if sub.first() == Some(&b'S') && (sub.contains(&b'M') || sub.contains(&b'U')) {
            paths.push(path);
        }
    }
    paths
}

/// The tree of everything in a submodule's work tree; nothing where it has no repository of its
/// own, or is too deep.
fn submodule_tree(
    repository: &Repository,
    path: &[u8],
    depth: usize,
) -> Result<Option<ObjectId>, Error> {
    let folder = repository.top()?.join(OsStr::from_bytes(path));
    let Some(depth) = depth.checked_sub(1).filter(|_| folder.is_dir()) else {
        return Ok(None);
    };
    let inner = Repository::discover(&folder, &repository.plain_environment())?;
    let folder = folder.canonicalize();
    if folder.is_ok_and(|folder| inner.work_tree() != Some(&folder)) {
        return Ok(None);
    }
    let look = look(&inner, &["."], depth)?;
    Ok(look.changed.map(|(_, tree)| tree))
}

#[cfg(test)]
mod tests;
