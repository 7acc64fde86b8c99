//! Objects: the database of libgit2, or the `git` command where libgit2 must not open.
//!
//! Only objects: libgit2 does not see the refs of a reftable repository, so its refs are never
//! asked for. What is written here is not on the disk until [`Objects::sync`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use git2::{ObjectType, Oid, RepositoryOpenFlags};

use crate::base::ids::ObjectId;
use crate::git::library::{database, library_format, library_id, prepare_library};
use crate::git::repository::{ObjectFormat, parse_id};
use crate::git::tree::{self, TreeEntry};
use crate::git::{Error, Repository};
use crate::proc::command::Invocation;
use crate::sys::files;

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    /// The content of a file.
    Blob,
    /// A folder.
    Tree,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// Git's word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }

    /// The kind that a word of git stands for.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Blob, Self::Tree, Self::Commit, Self::Tag]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }

    fn from_library(kind: ObjectType) -> Option<Self> {
        Self::from_word(kind.str())
    }

    pub(super) fn library(self) -> ObjectType {
        match self {
            Self::Blob => ObjectType::Blob,
            Self::Tree => ObjectType::Tree,
            Self::Commit => ObjectType::Commit,
            Self::Tag => ObjectType::Tag,
        }
    }
}

/// What a new commit holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCommit<'a> {
    /// Its tree.
    pub(crate) tree: &'a ObjectId,
    /// Its parents.
    pub(crate) parents: &'a [ObjectId],
    /// Who made it and when, as [`crate::git::identity::Identity::signature`] spells it.
    pub(crate) signature: &'a str,
    /// Its message.
    pub(crate) message: &'a str,
}

/// What a new annotated tag holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewTag<'a> {
    /// What it stands for.
    pub(crate) target: &'a ObjectId,
    /// The kind of that.
    pub(crate) kind: ObjectKind,
    /// Its name, without `refs/tags/`.
    pub(crate) name: &'a str,
    /// Who made it and when.
    pub(crate) signature: &'a str,
    /// Its message.
    pub(crate) message: &'a str,
}

/// Where objects are kept.
pub(super) enum Store {
    Library(Mutex<git2::Repository>),
    Command,
}

/// A git command that fetches nothing for a partial clone. Git before 2.45 does not know the first
/// variable; it fails, because the second one leaves it no way to its server.
pub(super) fn offline(command: Invocation) -> Invocation {
    command
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "none")
}

/// Objects that are not on the disk yet.
pub(super) type Memory = BTreeMap<ObjectId, (ObjectKind, Vec<u8>)>;

/// The objects of a repository.
pub(crate) struct Objects {
    pub(super) store: Store,
    /// Where what is written is kept, when that is not the disk.
    pub(super) memory: Option<Mutex<Memory>>,
    git: Invocation,
    folder: PathBuf,
    pub(super) format: ObjectFormat,
    /// What was written since the last sync.
    written: Mutex<BTreeSet<ObjectId>>,
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Objects({})", self.folder.display())
    }
}

impl Objects {
    pub(super) fn open(repository: &Repository) -> Self {
        prepare_library();
        let common = repository.common_dir();
        let flags = RepositoryOpenFlags::NO_SEARCH
            | RepositoryOpenFlags::NO_DOTGIT
            | RepositoryOpenFlags::BARE;
        let opened = git2::Repository::open_ext(common, flags, &[] as &[&std::ffi::OsStr]);
        let format = repository.object_format();
        let store = match opened {
            Ok(library) if library.object_format() == library_format(format) => {
                Store::Library(Mutex::new(library))
            }
            // An extension that it does not know, or a format that it mistakes: git knows better.
            Ok(_) | Err(_) => Store::Command,
        };
        Self {
            store,
            memory: None,
            git: repository.command::<&str>([]),
            folder: common.join("objects"),
            format,
            written: Mutex::default(),
        }
    }

    /// The id that some content would have.
    pub(crate) fn hash(&self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, Error> {
        let format = library_format(self.format);
        let id = Oid::hash_object_ext(kind.library(), bytes, format).map_err(database)?;
        parse_id("hash-object", &id.to_string())
    }

    /// The object with this id. One that a partial clone left out is fetched by git.
    pub(crate) fn read(&self, id: &ObjectId) -> Result<Option<(ObjectKind, Vec<u8>)>, Error> {
        if let Some(found) = self.remembered(|memory| memory.get(id).cloned()) {
            return Ok(Some(found));
        }
        let Store::Library(library) = &self.store else {
            return self.read_by_command(id);
        };
        let library = library.lock().unwrap_or_else(PoisonError::into_inner);
        let odb = library.odb().map_err(database)?;
        match odb.read(library_id(id, self.format)?) {
            Ok(object) => {
                let kind = ObjectKind::from_library(object.kind()).ok_or(Error::Damaged {
                    id: id.clone(),
                    kind: "object",
                })?;
                return Ok(Some((kind, object.data().to_vec())));
            }
            Err(error) if error.code() == git2::ErrorCode::NotFound => {}
            Err(error) => return Err(database(error)),
        }
        // Git knows the empty tree without storing it.
        if *id == self.hash(ObjectKind::Tree, b"")? {
            return Ok(Some((ObjectKind::Tree, Vec::new())));
        }
        if self.is_partial()? {
            return self.read_by_command(id);
        }
        Ok(None)
    }

    /// The object with this id, which must be there and of this kind.
    pub(crate) fn read_kind(&self, id: &ObjectId, kind: ObjectKind) -> Result<Vec<u8>, Error> {
        match self.read(id)? {
            Some((found, bytes)) if found == kind => Ok(bytes),
            Some((found, _)) => Err(Error::ObjectKind {
                id: id.clone(),
                found: found.as_str(),
                expected: kind.as_str(),
            }),
            None => Err(Error::MissingObject { id: id.clone() }),
        }
    }

    /// Whether the object is here; nothing is fetched to find out.
    pub(crate) fn exists(&self, id: &ObjectId) -> Result<bool, Error> {
        if self
            .remembered(|memory| memory.contains_key(id).then_some(()))
            .is_some()
        {
            return Ok(true);
        }
        match &self.store {
            Store::Library(library) => {
                let id = library_id(id, self.format)?;
                let library = library.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(library.odb().map_err(database)?.exists(id))
            }
            Store::Command => {
                let asked = offline(self.git.clone());
                Ok(asked
                    .args(["cat-file", "-e", id.as_str()])
                    .run()?
                    .exit
                    .success())
            }
        }
    }

    /// Stores an object.
    pub(crate) fn write(&self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, Error> {
        if let Some(memory) = &self.memory {
            let id = self.hash(kind, bytes)?;
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            memory.insert(id.clone(), (kind, bytes.to_vec()));
            return Ok(id);
        }
        let id = match &self.store {
            Store::Library(library) => {
                let library = library.lock().unwrap_or_else(PoisonError::into_inner);
                let odb = library.odb().map_err(database)?;
                let id = odb.write(kind.library(), bytes).map_err(database)?;
                parse_id("hash-object", &id.to_string())?
            }
            Store::Command => {
                let arguments = ["hash-object", "-w", "--stdin", "-t", kind.as_str()];
                let write = self.git.clone().args(arguments).input(bytes);
                parse_id("hash-object", &Repository::expect(&write)?.text())?
            }
        };
        self.remember(&id);
        Ok(id)
    }

    /// The entries of a tree, in Git's order.
    pub(crate) fn read_tree(&self, id: &ObjectId) -> Result<Vec<TreeEntry>, Error> {
        let bytes = self.read_kind(id, ObjectKind::Tree)?;
        tree::parse(&bytes, self.format).ok_or_else(|| Error::Damaged {
            id: id.clone(),
            kind: "tree",
        })
    }

    /// Stores a tree; sorts the entries and refuses names that Git would refuse.
    pub(crate) fn write_tree(&self, mut entries: Vec<TreeEntry>) -> Result<ObjectId, Error> {
        tree::sort(&mut entries);
        tree::validate(&entries)?;
        self.write(ObjectKind::Tree, &tree::serialize(&entries))
    }

    /// What a path, with `/` between names, stands for in a tree.
    pub(crate) fn entry_at(&self, root: &ObjectId, path: &str) -> Result<Option<TreeEntry>, Error> {
        let mut at = root.clone();
        let mut names = path.split('/').filter(|name| !name.is_empty()).peekable();
        while let Some(name) = names.next() {
            let entries = self.read_tree(&at)?;
            let found = entries
                .into_iter()
                .find(|entry| entry.name == name.as_bytes());
            match found {
                Some(entry) if names.peek().is_none() => return Ok(Some(entry)),
                Some(entry) if entry.is_folder() => at = entry.id,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The id of a tree without one of its names; nothing is written.
    pub(crate) fn tree_without(&self, root: &ObjectId, name: &str) -> Result<ObjectId, Error> {
        let mut entries = self.read_tree(root)?;
        let before = entries.len();
        entries.retain(|entry| entry.name != name.as_bytes());
        if entries.len() == before {
            return Ok(root.clone());
        }
        self.hash(ObjectKind::Tree, &tree::serialize(&entries))
    }

    /// The tree of a commit.
    pub(crate) fn commit_tree(&self, commit: &ObjectId) -> Result<ObjectId, Error> {
        let bytes = self.read_kind(commit, ObjectKind::Commit)?;
        let text = String::from_utf8_lossy(&bytes);
        let line = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("tree "));
        line.and_then(|id| id.parse().ok())
            .ok_or_else(|| Error::Damaged {
                id: commit.clone(),
                kind: "commit",
            })
    }

    /// Stores a commit.
    pub(crate) fn write_commit(&self, commit: &NewCommit<'_>) -> Result<ObjectId, Error> {
        self.require(commit.tree)?;
        let mut text = format!("tree {}\n", commit.tree);
        for parent in commit.parents {
            self.require(parent)?;
            text.push_str("parent ");
            text.push_str(parent.as_str());
            text.push('\n');
        }
        let signature = one_line("signature", commit.signature)?;
        let message = clean("message", commit.message)?;
        text.extend([
            "author ",
            signature,
            "\ncommitter ",
            signature,
            "\n\n",
            message,
        ]);
        self.write(ObjectKind::Commit, text.as_bytes())
    }

    /// Stores an annotated tag, without a ref to it.
    pub(crate) fn write_tag(&self, tag: &NewTag<'_>) -> Result<ObjectId, Error> {
        self.require(tag.target)?;
        let text = format!(
            "object {}\ntype {}\ntag {}\ntagger {}\n\n{}",
            tag.target,
            tag.kind.as_str(),
            one_line("tag name", tag.name)?,
            one_line("signature", tag.signature)?,
            clean("message", tag.message)?,
        );
        self.write(ObjectKind::Tag, text.as_bytes())
    }

    /// Puts what was written since the last call on the disk: contents, then names.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let mut folders = BTreeSet::new();
        for id in written.iter() {
            let (front, rest) = id.as_str().split_at(2);
            let folder = self.folder.join(front);
            match files::sync_file(&folder.join(rest)) {
                Ok(()) => {
                    folders.insert(folder);
                }
                // It was in a pack already, or has been packed since.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error.into()),
            }
        }
        for folder in &folders {
            files::sync_folder(folder)?;
        }
        if !folders.is_empty() {
            files::sync_folder(&self.folder)?;
        }
        written.clear();
        Ok(())
    }

    /// Length of an id in hex digits.
    pub(super) fn id_length(&self) -> usize {
        self.format.hex_length()
    }

    /// Looks for objects that another process has stored.
    pub(super) fn refresh(&self) -> Result<(), Error> {
        if let Store::Library(library) = &self.store {
            let library = library.lock().unwrap_or_else(PoisonError::into_inner);
            library
                .odb()
                .and_then(|odb| odb.refresh())
                .map_err(database)?;
        }
        Ok(())
    }

    /// What is known of the objects that are not on the disk yet.
    fn remembered<T>(&self, find: impl FnOnce(&Memory) -> Option<T>) -> Option<T> {
        let memory = self.memory.as_ref()?;
        find(&memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn remember(&self, id: &ObjectId) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(id.clone());
    }

    /// Whether the object can be read without asking a server; git knows the empty tree without
    /// storing it.
    pub(super) fn is_readable_here(&self, id: &ObjectId) -> Result<bool, Error> {
        Ok(self.exists(id)? || *id == self.hash(ObjectKind::Tree, b"")?)
    }

    /// Libgit2 and `hash-object` store a reference to nothing without a word.
    fn require(&self, id: &ObjectId) -> Result<(), Error> {
        if self.is_readable_here(id)? {
            Ok(())
        } else {
            Err(Error::MissingObject { id: id.clone() })
        }
    }

    fn read_by_command(&self, id: &ObjectId) -> Result<Option<(ObjectKind, Vec<u8>)>, Error> {
        let input = format!("{id}\n");
        let ask = self.git.clone().args(["cat-file", "--batch"]).input(input);
        let output = Repository::expect(&ask)?;
        let answer = output.stdout;
        let unexpected = || Error::Answer {
            command: "cat-file --batch",
            found: String::from_utf8_lossy(answer.get(..80).unwrap_or(&answer)).into_owned(),
        };
        let end = answer
            .iter()
            .position(|&byte| byte == b'\n')
            .ok_or_else(unexpected)?;
        let header = String::from_utf8_lossy(answer.get(..end).unwrap_or(&[])).into_owned();
        let mut words = header.split(' ').skip(1);
        match (
            words.next(),
            words.next().and_then(|size| size.parse::<usize>().ok()),
        ) {
            (Some("missing"), _) => Ok(None),
            (Some(word), Some(size)) => {
                let kind = ObjectKind::from_word(word).ok_or_else(unexpected)?;
                let bytes = answer.get(end + 1..end + 1 + size).ok_or_else(unexpected)?;
                Ok(Some((kind, bytes.to_vec())))
            }
            _ => Err(unexpected()),
        }
    }

    /// Whether some objects were left out when the repository was cloned.
    pub(super) fn is_partial(&self) -> Result<bool, Error> {
        let packs = files::entries(&self.folder.join("pack"))?;
        Ok(packs
            .iter()
            .any(|path| path.extension().is_some_and(|end| end == "promisor")))
    }
}

fn clean<'a>(part: &'static str, text: &'a str) -> Result<&'a str, Error> {
    if text.contains('\0') {
        return Err(Error::ObjectText { part });
    }
    Ok(text)
}

fn one_line<'a>(part: &'static str, text: &'a str) -> Result<&'a str, Error> {
    if text.contains('\n') {
        return Err(Error::ObjectText { part });
    }
    clean(part, text)
}

#[cfg(test)]
mod tests;
