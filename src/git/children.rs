//! The environment of the person's own processes: steps and verify commands.
//!
//! What a hook of ours was given is kept from them, so that git finds by itself what they stand
//! in. Where it would find another repository, or none, they are told which one the run is of.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::git::Repository;
use crate::git::environment;
use crate::sys::environment::Environment;
use crate::sys::files;

/// Longest `.git` file that is read, in bytes: it holds one path.
const LINK_BYTES: u64 = 64 * 1024;

impl Repository {
    /// The environment for steps and verify commands. It points to this repository only where git
    /// would not find it from the top of the work tree.
    pub(crate) fn child_environment(&self) -> Environment {
        let plain = self.plain_environment();
        let Some(top) = self.work_tree() else {
            return plain;
        };
        if *self
            .found_from_top
            .get_or_init(|| self.is_found_from(top, &plain))
        {
            return plain;
        }
        let ours = [("GIT_DIR", self.git_dir()), ("GIT_WORK_TREE", top)];
        let ours = ours.map(|(name, path)| (OsStr::new(name), path.as_os_str()));
        plain.iter().chain(ours).collect()
    }

    /// The environment in which git looks for the repository itself: that of whoever works in a
    /// linked work tree, whose `.git` file leads git there.
    pub(crate) fn plain_environment(&self) -> Environment {
        environment::for_children(self.environment())
    }

    /// Whether git, told nothing, finds this repository from there. Asked for only where the
    /// repository was named, or lies in another place than usual: a process is not for nothing.
    fn is_found_from(&self, top: &Path, plain: &Environment) -> bool {
        if !environment::names_repository(self.environment()) && leads_to(top, self.git_dir()) {
            return true;
        }
        Self::discover(top, plain).is_ok_and(|found| {
            is_same(found.git_dir(), self.git_dir())
                && found.work_tree().is_some_and(|found| is_same(found, top))
        })
    }
}

/// Whether `.git` in this folder is, or names, that folder.
fn leads_to(top: &Path, git_dir: &Path) -> bool {
    let link = top.join(".git");
    if link.is_dir() {
        return is_same(&link, git_dir);
    }
    let bytes = files::read_bytes(&link, LINK_BYTES).unwrap_or_default();
    let named = bytes.strip_prefix(b"gitdir: ").unwrap_or_default();
    let named = named.strip_suffix(b"\n").unwrap_or(named);
    !named.is_empty() && is_same(&top.join(OsStr::from_bytes(named)), git_dir)
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
