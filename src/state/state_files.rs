//! Where the files under `.mmm/` are read from: the work tree; and where that does not have them,
//! Git itself.
//!
//! A repository without a work tree has the state of its `HEAD`, to read; so has a clone in which
//! nothing was checked out yet. A sparse checkout that leaves out a part of `.mmm/` has that part in
//! its index: without a look there, `init` would make a second project and lists would be silently
//! short.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::base::limits;
use crate::git::Repository;
use crate::git::stored::{self, StoredFile, StoredKind};
use crate::state::Error;
use crate::state::layout::{self, StatePath};
use crate::state::tracked_files::{self, Content, Kind, TrackedFiles};
use crate::sys::{self, files};

/// A project that only `HEAD` has: after `git rm`, or after the first file of ours that was staged
/// in a clone with nothing checked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AtHead {
    /// Whether there are files under `.mmm/` that nothing may overwrite or remove.
    pub(crate) has_others: bool,
}

/// The files under `.mmm/` of one work tree, or of a repository without one.
#[derive(Clone, Debug)]
pub(crate) struct StateFiles {
    repository: Rc<Repository>,
    /// What is to be had from Git only, asked for once.
    stored: OnceCell<Rc<BTreeMap<Vec<u8>, StoredFile>>>,
}

impl StateFiles {
    /// Those of a repository.
    pub(crate) fn of(repository: &Rc<Repository>) -> Self {
        Self {
            repository: Rc::clone(repository),
            stored: OnceCell::new(),
        }
    }

    /// The repository.
    pub(crate) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The content of a file; nothing when there is none.
    pub(crate) fn read(&self, path: &StatePath) -> Result<Option<Vec<u8>>, Error> {
        if let Some(top) = self.repository.work_tree() {
            match files::read_bytes(&path.to_read(top)?, layout::byte_limit(path.as_str())) {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error.into()),
            }
        }
        match self.stored()?.get(path.as_str().as_bytes()) {
            None => Ok(None),
            Some(file) => match self.content(file)? {
                Content::Bytes(bytes) => Ok(Some(bytes)),
                Content::TooLarge(found) => Err(Error::Machine(sys::Error::TooLarge {
                    path: path.as_str().into(),
                    found,
                    limit: layout::byte_limit(path.as_str()),
                })),
                Content::NoFile => Err(Error::NoFile {
                    path: path.to_string(),
                }),
            },
        }
    }

    /// Whether Git has the file and the work tree has not.
    pub(crate) fn has(&self, path: &StatePath) -> Result<bool, Error> {
        Ok(self.stored()?.contains_key(path.as_str().as_bytes()))
    }

    /// Whether `HEAD` has the project, for whoever found no configuration to read: Git is asked
    /// then only.
    pub(crate) fn only_at_head(&self) -> Result<Option<AtHead>, Error> {
        let Some(top) = self.repository.work_tree() else {
            return Ok(None);
        };
        if stored::at_head(&self.repository, layout::CONFIG)?.is_empty() {
            return Ok(None);
        }
        let beside = files::entries(&top.join(layout::FOLDER))?;
        Ok(Some(AtHead {
            has_others: !beside.is_empty(),
        }))
    }

    /// All files of a kind; no folder means no files.
    pub(crate) fn load(&self, kind: Kind) -> Result<TrackedFiles, Error> {
        let mut found = match self.repository.work_tree() {
            Some(top) => tracked_files::load(top, kind)?,
            None => TrackedFiles::default(),
        };
        let prefix = format!("{}/", kind.folder);
        let mut blobs = Vec::new();
        for (path, file) in self.stored()? {
            let Some(name) = path.strip_prefix(prefix.as_bytes()) else {
                continue;
            };
            let name = String::from_utf8_lossy(name).into_owned();
            let shown = format!("{prefix}{name}");
            let known = found.files.iter().any(|known| known.path == shown);
            if !known && !name.contains('/') && name.ends_with(kind.ending) {
                blobs.push((name, self.content(file)?));
            }
        }
        found.add_blobs(kind, blobs);
        Ok(found)
    }

    /// The files in the folders beside specs, or in that of the spec with this name, sorted.
    pub(crate) fn beside_specs(&self, name: Option<&str>) -> Result<Vec<StatePath>, Error> {
        let mut found = Vec::new();
        if let Some(top) = self.repository.work_tree() {
            let folder = StatePath::new(layout::SPECS)?.to_read(top)?;
            let folders = match name {
                Some(name) => vec![folder.join(name)],
                None => files::entries(&folder)?,
            };
            // A link is not followed: it would be a second name for the files of another spec.
            let is_folder = |path: &PathBuf| path.symlink_metadata().is_ok_and(|it| it.is_dir());
            for folder in folders.into_iter().filter(is_folder) {
                for entry in files::entries(&folder)? {
                    let path = entry.strip_prefix(top).ok().and_then(Path::to_str);
                    found.extend(path.and_then(|path| StatePath::new(path).ok()));
                }
            }
        }
        for path in self.stored()?.keys() {
            let path = std::str::from_utf8(path).ok();
            found.extend(path.and_then(|path| StatePath::new(path).ok()));
        }
        let wanted = |path: &StatePath| {
            let spec = path.folder().strip_prefix(layout::SPECS);
            let spec = spec.and_then(|rest| rest.strip_prefix('/'));
            let own = spec
                .is_some_and(|spec| !spec.contains('/') && name.is_none_or(|name| name == spec));
            own && path.file_name().ends_with(tracked_files::SPECS.ending)
        };
        found.retain(wanted);
        found.sort();
        found.dedup();
        found.truncate(limits::SPECS);
        Ok(found)
    }

    /// Puts a file that a checkout left out into the work tree, as Git has it, for whoever is about
    /// to change it; Git takes it for unchanged.
    pub(crate) fn restore(&self, path: &StatePath) -> Result<(), Error> {
        let Some(top) = self.repository.work_tree() else {
            return Ok(());
        };
        let place = path.to_write(top)?;
        if place.symlink_metadata().is_err()
            && self.stored()?.contains_key(path.as_str().as_bytes())
            && let Some(bytes) = self.read(path)?
        {
            files::write_atomic(&place, &bytes)?;
        }
        Ok(())
    }

    /// What Git has and the work tree has not.
    fn stored(&self) -> Result<&BTreeMap<Vec<u8>, StoredFile>, Error> {
        if let Some(known) = self.stored.get() {
            return Ok(known);
        }
        let listed = match self.repository.work_tree() {
            Some(_) => stored::left_out(&self.repository, layout::FOLDER)?,
            None => stored::at_head(&self.repository, layout::FOLDER)?,
        };
        let by_path = listed.into_iter().map(|file| (file.path.clone(), file));
        let listed = Rc::new(by_path.collect());
        Ok(self.stored.get_or_init(|| listed))
    }

    fn content(&self, file: &StoredFile) -> Result<Content, Error> {
        if file.kind != StoredKind::File {
            return Ok(Content::NoFile);
        }
        let limit = layout::byte_limit(&String::from_utf8_lossy(&file.path));
        let read = stored::content(&self.repository, file, limit)?;
        Ok(read.map_or_else(Content::TooLarge, Content::Bytes))
    }
}
