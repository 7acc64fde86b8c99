//! The files of one folder under `.mmm/`, on the disk or in a tree: found, bounded, safe to read.
//!
//! Every file with the right ending is in the list, whatever is wrong with it: a spec that silently
//! disappears from a list is work that is silently not done.

use std::path::Path;

use crate::base::diagnostic::Problem;
use crate::base::limits;
use crate::base::source::SourceText;
use crate::state::Error;
use crate::state::layout::{self, StatePath};
use crate::sys::folder::{self, Entry, Folder};
use crate::sys::{self, files};

/// Which files are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Their folder, relative to the top of the work tree.
    pub(crate) folder: &'static str,
    /// How their names end.
    pub(crate) ending: &'static str,
    /// Most files that are read.
    pub(crate) limit: usize,
}

/// The specs.
pub(crate) const SPECS: Kind = Kind {
    folder: layout::SPECS,
    ending: ".md",
    limit: limits::SPECS,
};

/// The evidence of runs.
pub(crate) const EVIDENCE: Kind = Kind {
    folder: layout::RUNS,
    ending: ".toml",
    limit: limits::SPECS,
};

/// The workflows.
pub(crate) const WORKFLOWS: Kind = Kind {
    folder: layout::WORKFLOWS,
    ending: ".yaml",
    limit: 10_000,
};

/// Workflows under the ending that people know from elsewhere, which would make two files of one
/// name: found to be refused.
pub(crate) const OTHER_WORKFLOWS: Kind = Kind {
    ending: ".yml",
    ..WORKFLOWS
};

/// One file, read or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrackedFile {
    /// Where it is, relative to the top of the work tree. A name that cannot be used is here as it
    /// is, so it may hold anything.
    pub(crate) path: String,
    /// Its text, or why there is none.
    pub(crate) text: Result<SourceText, Problem>,
}

/// All files found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TrackedFiles {
    /// The files, sorted by name.
    pub(crate) files: Vec<TrackedFile>,
    /// What is wrong with the folder as a whole.
    pub(crate) problems: Vec<Problem>,
}

/// Reads every file of a kind in a work tree. No folder means no files.
pub(crate) fn load(top: &Path, kind: Kind) -> Result<TrackedFiles, Error> {
    let folder = match StatePath::new(kind.folder)?.to_read(top) {
        Ok(folder) => folder,
        Err(error @ Error::Link { .. }) => {
            let problem = Problem::in_file("link", kind.folder, error.to_string());
            return Ok(TrackedFiles {
                files: Vec::new(),
                problems: vec![problem],
            });
        }
        Err(error) => return Err(error),
    };
    let mut found = TrackedFiles::default();
    let Some(folder) = Folder::open(&folder)? else {
        return Ok(found);
    };
    let mut buffer = Vec::new();
    for entry in folder.entries()? {
        let name = &entry.name;
        let in_capitals = name.to_str().is_some_and(|name| is_in_capitals(kind, name));
        if !in_capitals && !name.as_encoded_bytes().ends_with(kind.ending.as_bytes()) {
            continue;
        }
        if found.is_full(kind) {
            break;
        }
        let path = name
            .to_str()
            .and_then(|name| StatePath::new([kind.folder, "/", name].concat()).ok());
        let file = match path {
            Some(_) if in_capitals => other_ending(kind, &name.to_string_lossy()),
            Some(path) => on_disk(top, &folder, &entry, path, &mut buffer),
            None => bad_name(kind, &name.to_string_lossy()),
        };
        found.files.push(file);
    }
    Ok(found)
}

/// What Git has under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A file with these bytes.
    Bytes(Vec<u8>),
    /// A file of this many bytes, which are not read.
    TooLarge(u64),
    /// A link or a submodule: what it stands for is not in the tree.
    NoFile,
}

impl TrackedFiles {
    /// Adds files that Git has: their names in the folder, and what stands there.
    pub(crate) fn add_blobs(
        &mut self,
        kind: Kind,
        blobs: impl IntoIterator<Item = (String, Content)>,
    ) {
        for (name, content) in blobs {
            if self.is_full(kind) {
                break;
            }
            let path = format!("{}/{name}", kind.folder);
            let file = match (StatePath::new(path.as_str()), content) {
                (Err(_), _) => bad_name(kind, &name),
                (Ok(_), Content::Bytes(bytes)) => text(path, &bytes),
                (Ok(_), Content::TooLarge(size)) => too_large(path, size),
                (Ok(_), Content::NoFile) => unreadable(path, "not-a-file", "this is not a file"),
            };
            self.files.push(file);
        }
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Whether no more files are taken; says so once.
    fn is_full(&mut self, kind: Kind) -> bool {
        if self.files.len() < kind.limit {
            return false;
        }
        let message = format!(
            "there are more than {} files; the rest is not read",
            kind.limit
        );
        let problem = Problem::in_file("too-many", kind.folder, message);
        self.problems.push(problem);
        true
    }
}

fn on_disk(
    top: &Path,
    folder: &Folder,
    entry: &Entry,
    path: StatePath,
    buffer: &mut Vec<u8>,
) -> TrackedFile {
    let bytes = match entry.kind {
        folder::Kind::File => folder
            .read(&entry.name, layout::byte_limit(path.as_str()), buffer)
            .map(Some)
            .map_err(Error::from),
        folder::Kind::Link => linked(top, &path, buffer),
        folder::Kind::Other => Ok(None),
    };
    let path = path.into_string();
    match bytes {
        Ok(Some(bytes)) => text(path, bytes),
        Ok(None) => unreadable(path, "not-a-file", "this is not a file"),
        Err(Error::Machine(sys::Error::TooLarge { found, .. })) => too_large(path, found),
        Err(error @ Error::Link { .. }) => unreadable(path, "link", &error.to_string()),
        Err(Error::Machine(sys::Error::File { source, .. })) => {
            let message = format!("the file cannot be read: {source}");
            unreadable(path, "unreadable", &message)
        }
        Err(error) => unreadable(path, "unreadable", &error.to_string()),
    }
}

/// The bytes that a link leads to; nothing for a folder or a device, which must not even be
/// opened. The folders above were checked once for all files.
fn linked<'b>(
    top: &Path,
    path: &StatePath,
    buffer: &'b mut Vec<u8>,
) -> Result<Option<&'b [u8]>, Error> {
    let target = path.to_read(top)?;
    let metadata = target
        .metadata()
        .map_err(|error| sys::Error::file("examine", &target, error))?;
    if !metadata.is_file() {
        return Ok(None);
    }
    *buffer = files::read_bytes(&target, layout::byte_limit(path.as_str()))?;
    Ok(Some(buffer))
}

fn text(path: String, bytes: &[u8]) -> TrackedFile {
    match str::from_utf8(bytes) {
        Ok(text) => TrackedFile {
            text: Ok(SourceText::new(path.as_str(), text)),
            path,
        },
        Err(error) => {
            let offset = error.valid_up_to();
            TrackedFile {
                text: Err(Problem::not_utf8(path.as_str(), bytes, offset)),
                path,
            }
        }
    }
}

fn too_large(path: String, found: u64) -> TrackedFile {
    let limit = layout::byte_limit(&path);
    let message = format!("the file has {found} bytes, more than the {limit} that are read");
    unreadable(path, "too-large", &message)
}

/// Whether a name has the right ending but for the case of its letters.
fn is_in_capitals(kind: Kind, name: &str) -> bool {
    let start = name.len().saturating_sub(kind.ending.len());
    let ending = name.get(start..).unwrap_or("");
    ending != kind.ending && ending.eq_ignore_ascii_case(kind.ending)
}

/// A file that some file systems would take for one of ours: it must not be silently left out.
fn other_ending(kind: Kind, name: &str) -> TrackedFile {
    let message = format!("the name of this file must end in `{}`", kind.ending);
    unreadable(format!("{}/{name}", kind.folder), "file-name", &message)
}

fn bad_name(kind: Kind, name: &str) -> TrackedFile {
    let why = if name.chars().any(char::is_control) {
        "it has a control character"
    } else if name.contains('\u{fffd}') {
        "it is not UTF-8"
    } else if name.contains(['\\', ':']) {
        "it has a `\\` or a `:`"
    } else {
        "it is too long or has a special meaning"
    };
    let path = format!("{}/{name}", kind.folder);
    let message = format!("this file name cannot be used: {why}");
    let problem = Problem::in_file("file-name", path.as_str(), message);
    TrackedFile {
        path,
        text: Err(problem.with_hint("rename the file: letters, digits, `-` and `.` are safe")),
    }
}

fn unreadable(path: String, code: &'static str, message: &str) -> TrackedFile {
    TrackedFile {
        text: Err(Problem::in_file(code, path.as_str(), message)),
        path,
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, SPECS, TrackedFiles, load};
    use crate::base::limits::STATE_FILE_BYTES;
    use crate::sys::files;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    fn rows(found: &TrackedFiles) -> Vec<String> {
        let row = |file: &super::TrackedFile| match &file.text {
            Ok(text) => format!("{} {:?}", file.path, text.text()),
            Err(problem) => format!("{} !{}", file.path, problem.code),
        };
        found.files.iter().map(row).collect()
    }

    #[test]
    fn every_file_is_a_row_whatever_it_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let specs = folder.path().join(".mmm/specs");
        assert_eq!(
            load(folder.path(), SPECS).expect("no folder is fine"),
            TrackedFiles::default()
        );
        let put = |name: &OsStr, bytes: &[u8]| {
            files::write_atomic(&specs.join(name), bytes).expect("writes");
        };
        put("b.md".as_ref(), b"b");
        put(
            "big.md".as_ref(),
            &vec![b'x'; 1 + usize::try_from(STATE_FILE_BYTES).expect("fits")],
        );
        put("latin.md".as_ref(), b"a\nb\xff");
        put("note.txt".as_ref(), b"no spec");
        put("esc\u{1b}.md".as_ref(), b"x");
        put(OsStr::from_bytes(b"n\xff.md"), b"x");
        files::create_folder(&specs.join("a-1234567")).expect("makes");
        files::create_folder(&specs.join("dir.md")).expect("makes");
        symlink("b.md", specs.join("c.md")).expect("links");
        symlink("/etc/passwd", specs.join("d.md")).expect("links");
        symlink("gone", specs.join("e.md")).expect("links");
        let found = load(folder.path(), SPECS).expect("loads");
        assert_eq!(
            rows(&found),
            [
                ".mmm/specs/b.md \"b\"",
                ".mmm/specs/big.md !too-large",
                ".mmm/specs/c.md \"b\"",
                ".mmm/specs/d.md !link",
                ".mmm/specs/dir.md !not-a-file",
                ".mmm/specs/e.md !link",
                ".mmm/specs/esc\u{1b}.md !file-name",
                ".mmm/specs/latin.md !not-utf-8",
                ".mmm/specs/n\u{fffd}.md !file-name",
            ]
        );
        assert_eq!(found.problems, []);
    }

    #[test]
    fn bytes_that_are_not_utf_8_have_a_place() {
        for (bytes, line, column) in [
            (&b"\xff"[..], 1, 1),
            ("a\né ü".as_bytes(), 2, 4),
            ("a\n\u{1f600}\t".as_bytes(), 2, 3),
        ] {
            let mut bytes = bytes.to_vec();
            if bytes != b"\xff" {
                bytes.extend(b"\xc3(\nrest\n");
            }
            let path = ".mmm/specs/a.md".to_owned();
            let problem = super::text(path, &bytes).text.expect_err("not UTF-8");
            let at = problem.position().expect("it has a place");
            assert_eq!((at.line, at.column), (line, column), "{problem:?}");
        }
    }

    #[test]
    fn a_folder_that_leads_out_is_a_problem_of_its_own() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        files::create_folder(&folder.path().join(".mmm")).expect("makes");
        symlink("/etc", folder.path().join(".mmm/specs")).expect("links");
        let found = load(folder.path(), SPECS).expect("loads");
        assert_eq!(found.files, []);
        let codes: Vec<_> = found.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["link"]);
    }

    #[test]
    fn blobs_of_a_tree_are_treated_the_same() {
        let blob = |name: &str, content| (name.to_owned(), content);
        let bytes = |bytes: &[u8]| Content::Bytes(bytes.to_vec());
        let mut found = TrackedFiles::default();
        found.add_blobs(
            SPECS,
            [
                blob("b.md", bytes(b"b")),
                blob("a.md", bytes(b"\xff")),
                blob("c.md", Content::TooLarge(u64::MAX)),
                blob("d.md", Content::NoFile),
                blob("..", bytes(b"")),
            ],
        );
        assert_eq!(
            rows(&found),
            [
                ".mmm/specs/.. !file-name",
                ".mmm/specs/a.md !not-utf-8",
                ".mmm/specs/b.md \"b\"",
                ".mmm/specs/c.md !too-large",
                ".mmm/specs/d.md !not-a-file",
            ]
        );
    }
}
