//! A temporary index, and if wanted a temporary object folder, of a work tree.
//!
//! What the person staged is never touched: git works on a copy of the index, and the objects
//! of a mere look at the work tree go away with the folder.

use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use crate::base::ids::ObjectId;
use crate::git::objects::ObjectKind;
use crate::git::repository::parse_id;
use crate::git::tree;
use crate::git::{Error, Repository};
use crate::proc::command::Invocation;
use crate::sys::{self, files};

/// Largest index that is copied, in bytes: a million files have about 100 MB.
const INDEX_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Nested repositories without a commit that are left out before giving up.
const NESTED: usize = 100;

/// How objects are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// In the repository.
    Lasting,
    /// In the folder, those of one command together.
    Packed,
    /// In the folder, each by itself: to make a pack Git looks for the object first, and would ask
    /// the server of a partial clone for it.
    Loose,
}

/// The folder with the temporary index; gone when dropped.
pub(super) struct Scratch<'r> {
    repository: &'r Repository,
    folder: tempfile::TempDir,
    objects: Kept,
}

impl<'r> Scratch<'r> {
    /// With objects that go away as well.
    pub(super) fn passing(repository: &'r Repository) -> Result<Self, Error> {
        let partial = repository.objects()?.is_partial()?;
        Self::new(repository, if partial { Kept::Loose } else { Kept::Packed })
    }

    /// With objects that go into the repository.
    pub(super) fn lasting(repository: &'r Repository) -> Result<Self, Error> {
        repository.refuse_quarantine()?;
        Self::new(repository, Kept::Lasting)
    }

    fn new(repository: &'r Repository, objects: Kept) -> Result<Self, Error> {
        let place = repository.environment().temporary_folder();
        let folder = tempfile::Builder::new()
            .prefix("git-mmm-")
            .tempdir_in(&place)
            .map_err(|source| Error::TemporaryFolder {
                folder: place.clone(),
                source,
            })?;
        if objects != Kept::Lasting {
            files::create_folder(&folder.path().join("objects"))?;
        }
        Ok(Self {
            repository,
            folder,
            objects,
        })
    }

    /// Starts from the index of the work tree.
    pub(super) fn copy_index(&self) -> Result<(), Error> {
        let from = self.repository.git_dir().join("index");
        let (bytes, known) = match files::read_known(&from, INDEX_BYTES) {
            Ok(read) => read,
            // A repository in which nothing was ever staged.
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let to = self.index();
        files::write_atomic(&to, &bytes)?;
        // Git trusts a file that is older than the index. A copy that is younger than the
        // original would make it trust files that changed in the same instant.
        let fail = |error| sys::Error::file("copy", &from, error);
        let modified = known.modified().map_err(fail)?;
        files::open_for_lock(&to)?
            .set_modified(modified)
            .map_err(fail)?;
        Ok(())
    }

    /// A git command that works on the temporary index.
    pub(super) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Invocation {
        let settings = [
            "core.hooksPath=/dev/null",
            // Git would write a part of the temporary index into the repository.
            "core.splitIndex=false",
            // What a file monitor said belongs to the other index.
            "core.fsmonitor=false",
            "core.safecrlf=false",
            "advice.addEmbeddedRepo=false",
        ];
        let writing: &[&str] = match self.objects {
            // What is kept must be on the disk before a ref stands for it.
            Kept::Lasting => &[
                "core.fsync=committed,loose-object",
                "core.fsyncMethod=batch",
            ],
            // One pack of all files is made in a fifth of the time of a file for each.
            Kept::Packed => &["core.fsync=none", "core.bigFileThreshold=1"],
            Kept::Loose => &["core.fsync=none"],
        };
        let settings = settings.iter().chain(writing);
        let flags = settings.flat_map(|setting| ["-c", *setting]);
        let command = self
            .repository
            .command(flags.chain(arguments))
            .env("GIT_INDEX_FILE", self.index());
        if self.objects == Kept::Lasting {
            return command;
        }
        let shared = self.repository.common_dir().join("objects");
        command
            .env("GIT_OBJECT_DIRECTORY", self.folder.path().join("objects"))
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&shared))
    }

    /// Takes the work tree into the temporary index the way `git add -A` would, without the
    /// paths named.
    pub(super) fn stage(&self, left_out: &[Vec<u8>]) -> Result<(), Error> {
        let mut left_out = left_out.to_vec();
        for _ in 0..NESTED {
            let mut input = b".\0".to_vec();
            for path in &left_out {
                input.extend_from_slice(b":(top,exclude,literal)");
                input.extend_from_slice(path);
                input.push(0);
            }
            let from = ["--pathspec-from-file=-", "--pathspec-file-nul"];
            let arguments = ["add", "--all", "--sparse"].into_iter().chain(from);
            let add = self.command(arguments).input(input);
            let result = Repository::expect(&add);
            let Err(Error::Git { complaint, .. }) = &result else {
                return result.map(drop);
            };
            // Git cannot take a nested repository without a commit, nor the empty folder of a
            // submodule that is in conflict, and takes nothing else then.
            let end = "' does not have a commit checked out";
            let nested = complaint.lines().find_map(|line| {
                line.strip_prefix("error: '")
                    .and_then(|line| line.strip_suffix(end))
            });
            match nested.map(|path| path.strip_suffix('/').unwrap_or(path).as_bytes()) {
                Some(path) => {
                    self.settle_link(path)?;
                    left_out.push(path.to_vec());
                }
                None => return result.map(drop),
            }
        }
        Ok(())
    }

    /// Takes our commit of a submodule that is in conflict, where we have one, or else theirs: there
    /// is nothing in the work tree to be taken, and a tree holds one.
    fn settle_link(&self, path: &[u8]) -> Result<(), Error> {
        let mut asked = b":(top,literal)".to_vec();
        asked.extend_from_slice(path);
        let asked = std::ffi::OsString::from_vec(asked);
        let list = self.command(["ls-files", "--unmerged", "-z", "--"]);
        let stages = Repository::expect(&list.arg(asked))?.text();
        let of = |stage: &str| {
            stages.split('\0').find_map(|line| {
                let (entry, _) = line.split_once('\t')?;
                let entry = entry.strip_suffix(stage)?.trim_end();
                entry.strip_prefix("160000 ")?.parse::<ObjectId>().ok()
            })
        };
        match of(" 2").or_else(|| of(" 3")) {
            Some(commit) => self.put_link(path, &commit),
            None => Ok(()),
        }
    }

    /// Takes these paths, and nothing else, from the work tree. One that is neither there nor in
    /// the index is passed over.
    pub(super) fn stage_only(&self, paths: &[String]) -> Result<(), Error> {
        let top = self.repository.top()?;
        let known = |path: &&String| {
            Ok::<bool, Error>(
                std::fs::symlink_metadata(top.join(path)).is_ok() || {
                    let asked = self.command(["ls-files", "-z", "--", path]);
                    let asked = asked.env("GIT_LITERAL_PATHSPECS", "1");
                    !Repository::expect(&asked)?.stdout.is_empty()
                },
            )
        };
        let mut input = Vec::new();
        for path in paths {
            if known(&path)? {
                input.extend_from_slice(path.as_bytes());
                input.push(0);
            }
        }
        if input.is_empty() {
            return Ok(());
        }
        let from = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        // What is ignored and known all the same is to be taken: the paths are named one by one.
        let arguments = ["add", "--all", "--sparse", "--force"]
            .into_iter()
            .chain(from);
        let add = self
            .command(arguments)
            .env("GIT_LITERAL_PATHSPECS", "1")
            .input(input);
        Repository::expect(&add).map(drop)
    }

    /// Makes Git look at files whose flags in the index keep it from doing so.
    pub(super) fn show_changes(&self, paths: &[Vec<u8>]) -> Result<(), Error> {
        if paths.is_empty() {
            return Ok(());
        }
        // Git heeds one of these flags a call.
        for flag in ["--no-assume-unchanged", "--no-skip-worktree"] {
            let update = self.command(["update-index", flag, "-z", "--stdin"]);
            Repository::expect(&update.input(paths.join(&0)))?;
        }
        Ok(())
    }

    /// Puts the id of some other content in the place of a submodule's commit.
    pub(super) fn put_link(&self, path: &[u8], id: &ObjectId) -> Result<(), Error> {
        let mut line = format!("160000 {id} 0\t").into_bytes();
        line.extend_from_slice(path);
        line.push(0);
        let update = self.command(["update-index", "-z", "--index-info"]);
        Repository::expect(&update.input(line)).map(drop)
    }

    /// Takes these paths, which are files, as they are in `HEAD`.
    pub(super) fn restore(&self, paths: &[Vec<u8>]) -> Result<(), Error> {
        if paths.is_empty() {
            return Ok(());
        }
        let input: Vec<u8> = paths
            .iter()
            .flat_map(|path| [path, &b"\0"[..]].concat())
            .collect();
        let words = [
            "reset",
            "--quiet",
            "--pathspec-from-file=-",
            "--pathspec-file-nul",
        ];
        let reset = self
            .command(words)
            .env("GIT_LITERAL_PATHSPECS", "1")
            .input(input);
        Repository::expect(&reset).map(drop)
    }

    /// Writes the temporary index as a tree.
    pub(super) fn write_tree(&self) -> Result<ObjectId, Error> {
        let output = Repository::expect(&self.command(["write-tree"]))?;
        parse_id("write-tree", &output.text())
    }

    /// The id of a tree, which may be in the temporary object folder only, without one name.
    pub(super) fn tree_without(&self, root: &ObjectId, name: &str) -> Result<ObjectId, Error> {
        let format = self.repository.object_format();
        let bytes = Repository::expect(&self.command(["cat-file", "tree", root.as_str()]))?.stdout;
        let mut entries = tree::parse(&bytes, format).ok_or_else(|| Error::Damaged {
            id: root.clone(),
            kind: "tree",
        })?;
        entries.retain(|entry| entry.name != name.as_bytes());
        let objects = self.repository.objects()?;
        objects.hash(ObjectKind::Tree, &tree::serialize(&entries))
    }

    fn index(&self) -> std::path::PathBuf {
        self.folder.path().join("index")
    }
}

/// A path as git reads it in a list separated by `:`.
fn quoted(path: &Path) -> std::ffi::OsString {
    let mut bytes = vec![b'"'];
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'"' | b'\\' => bytes.extend([b'\\', byte]),
            b'\n' => bytes.extend(b"\\n"),
            byte => bytes.push(byte),
        }
    }
    bytes.push(b'"');
    std::ffi::OsString::from_vec(bytes)
}
