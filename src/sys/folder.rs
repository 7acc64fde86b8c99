//! One folder whose files are read one after another: their names, what they are, their bytes.
//!
//! It is opened once, so the way to it is walked once and not for each of thousands of files, and
//! what a file is comes with its name: reading one asks nothing else of the machine than to open,
//! read and close it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::sys::Error;
use crate::sys::bounded::{self, Fill};

/// What the entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file with bytes in it.
    File,
    /// A symbolic link, to whatever it leads.
    Link,
    /// A folder, a device or the like: nothing that may be opened.
    Other,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The name, without the path.
    pub(crate) name: OsString,
    /// What it is.
    pub(crate) kind: Kind,
}

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    handle: OwnedFd,
}

impl Folder {
    /// Opens a folder; nothing when it is not there.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Error> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match retry_on_intr(|| rustix::fs::openat(CWD, path, flags, Mode::empty())) {
            Ok(handle) => Ok(Some(Self {
                path: path.to_owned(),
                handle,
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(Error::file("list", path, error.into())),
        }
    }

    /// The entries, sorted by name.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, Error> {
        let fail = |error: Errno| Error::file("list", &self.path, error.into());
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.handle).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let name = OsString::from_vec(entry.file_name().to_bytes().to_vec());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Not every file system tells it with the name.
                FileType::Unknown => self.file_type(&name)?,
                known => known,
            };
            let kind = match kind {
                FileType::RegularFile => Kind::File,
                FileType::Symlink => Kind::Link,
                _ => Kind::Other,
            };
            entries.push(Entry { name, kind });
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Reads an entry that is a file, of at most `limit` bytes, into a buffer that serves for one
    /// after another.
    ///
    /// It is neither followed nor waited for if it has become something else meanwhile.
    pub(crate) fn read<'b>(
        &self,
        name: &OsStr,
        limit: u64,
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Error> {
        let fail = |error: io::Error| Error::file("read", self.path.join(name), error);
        let file = self.open_file(name).map_err(|error| fail(error.into()))?;
        let most = limit.saturating_add(1);
        buffer.clear();
        // Memory is not used before it is filled.
        buffer.reserve_exact(usize::try_from(most).unwrap_or(0));
        if bounded::fill(&file, limit, buffer).map_err(fail)? == Fill::Whole {
            return Ok(buffer.as_slice());
        }
        let size =
            rustix::fs::fstat(&file).map_or(0, |stat| u64::try_from(stat.st_size).unwrap_or(0));
        Err(Error::TooLarge {
            path: self.path.join(name),
            found: size.max(most),
            limit,
        })
    }

    fn open_file(&self, name: &OsStr) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NOCTTY;
        let open =
            |flags| retry_on_intr(|| rustix::fs::openat(&self.handle, name, flags, Mode::empty()));
        match open(flags | OFlags::NONBLOCK) {
            // Another process has a lease on it (a file server does that): a file is waited for.
            Err(Errno::WOULDBLOCK) if self.stat(name)? == FileType::RegularFile => open(flags),
            opened => opened,
        }
    }

    fn file_type(&self, name: &OsStr) -> Result<FileType, Error> {
        match self.stat(name) {
            Ok(kind) => Ok(kind),
            Err(error) => Err(Error::file("examine", self.path.join(name), error.into())),
        }
    }

    fn stat(&self, name: &OsStr) -> Result<FileType, Errno> {
        let stat = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(FileType::from_raw_mode(stat.st_mode))
    }
}

#[cfg(test)]
mod tests {
    use super::{Folder, Kind};
    use crate::sys::{Error, files};
    use std::os::unix::fs::symlink;

    #[test]
    fn a_folder_tells_what_its_entries_are() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        assert!(
            Folder::open(&path.join("none"))
                .expect("no error")
                .is_none()
        );
        files::write_atomic(&path.join("file"), b"x").expect("writes");
        assert!(Folder::open(&path.join("file")).is_err());
        files::create_folder(&path.join("b")).expect("makes");
        symlink("file", path.join("a-link")).expect("links");
        let open = Folder::open(path).expect("opens").expect("is there");
        let entries = open.entries().expect("lists");
        let found: Vec<_> = entries
            .iter()
            .map(|entry| (entry.name.to_str().expect("is text"), entry.kind))
            .collect();
        assert_eq!(
            found,
            [
                ("a-link", Kind::Link),
                ("b", Kind::Other),
                ("file", Kind::File),
            ]
        );
    }

    #[test]
    fn reads_are_bounded_and_follow_and_await_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        files::write_atomic(&path.join("four"), b"1234").expect("writes");
        files::write_atomic(&path.join("six"), b"123456").expect("writes");
        files::write_atomic(&path.join("none"), b"").expect("writes");
        symlink("four", path.join("link")).expect("links");
        let open = Folder::open(path).expect("opens").expect("is there");
        let mut buffer = Vec::new();
        let mut read = |name: &str| {
            let bytes = open.read(name.as_ref(), 4, &mut buffer);
            bytes.map(<[u8]>::to_vec)
        };
        assert_eq!(read("four").expect("reads"), b"1234");
        assert_eq!(read("none").expect("reads"), b"");
        assert!(matches!(
            read("six"),
            Err(Error::TooLarge {
                found: 6,
                limit: 4,
                ..
            })
        ));
        assert_eq!(read("four").expect("reads"), b"1234");
        assert!(matches!(read("link"), Err(Error::File { .. })));
        assert!(read("gone").is_err_and(|error| error.is_not_found()));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_pipe_is_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().expect("a temporary folder");
        mknodat(
            CWD,
            folder.path().join("pipe"),
            FileType::Fifo,
            Mode::RWXU,
            0,
        )
        .expect("makes");
        let open = Folder::open(folder.path())
            .expect("opens")
            .expect("is there");
        let entries = open.entries().expect("lists");
        let kinds: Vec<Kind> = entries.iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds, [Kind::Other]);
        // One that has taken the place of a file: with nobody at its other end, to open it in
        // the usual way would wait for ever.
        let read = open
            .read("pipe".as_ref(), 4, &mut Vec::new())
            .map(<[u8]>::to_vec);
        assert_eq!(read.expect("is not waited for"), b"");
    }
}
