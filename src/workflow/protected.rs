//! The files that decide what a run does and proves: a step that edits them parks the run.

use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::base::ids::ContentHash;
use crate::base::limits::WORKFLOW_FILE_BYTES;
use crate::base::source::SourceText;
use crate::git::digest::content_hash;
use crate::state::format::{escaped_path, spec as spec_format};
use crate::state::layout;
use crate::sys::Error;
use crate::sys::files;

/// Largest list of saved files that is read, in bytes.
const SAVED_BYTES: u64 = 16 * 1024 * 1024;

/// What tells cheaply that a file was not touched: inode, size, and time of change.
type Stamp = (u64, u64, i64, i64);

/// One file as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    path: PathBuf,
    stamp: Stamp,
    hash: ContentHash,
}

/// The protected files as they were when somebody last looked.
///
/// They are the workflows, and of the run's own spec the criteria and everything in its folder
/// (decisions, approvals). Front matter and prose of the spec are free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Protected {
    top: PathBuf,
    /// Name of the run's spec: its file's without the ending, and its folder's.
    spec: Option<String>,
    files: Vec<Known>,
}

impl Protected {
    /// Takes down how the protected files are now.
    pub(crate) fn look(top: &Path, spec: Option<String>) -> Result<Self, Error> {
        let mut protected = Self {
            top: top.to_owned(),
            spec,
            files: Vec::new(),
        };
        protected.files = protected.read(&[])?;
        Ok(protected)
    }

    /// Takes the protected files for what they were when they were saved.
    pub(crate) fn load(top: &Path, spec: Option<String>, path: &Path) -> Result<Self, Error> {
        let text = files::read_text(path, SAVED_BYTES)?;
        let known = text.lines().filter_map(|line| {
            let (hash, path) = line.split_once(' ')?;
            Some(Known {
                path: top.join(escaped_path::unescape(path)),
                // No file has it, so that each is read once.
                stamp: (0, 0, 0, 0),
                hash: ContentHash::new(hash.to_owned()),
            })
        });
        Ok(Self {
            top: top.to_owned(),
            spec,
            files: known.collect(),
        })
    }

    /// Saves them, one line a file.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Error> {
        let mut text = String::new();
        for known in &self.files {
            let file = known.path.strip_prefix(&self.top).unwrap_or(&known.path);
            // Writing into a text does not fail.
            let _ = writeln!(text, "{} {}", known.hash, escaped_path::escape(file));
        }
        files::write_atomic(path, text.as_bytes())
    }

    /// The paths, relative to the top, of files that were changed, added or removed since; what
    /// is found becomes what later calls compare with.
    pub(crate) fn changed(&mut self) -> Result<Vec<String>, Error> {
        let now = self.read(&self.files)?;
        // As a rule, and after each step.
        if now == self.files {
            return Ok(Vec::new());
        }
        let differs = |known: &&Known, others: &[Known]| {
            !others
                .iter()
                .any(|other| other.path == known.path && other.hash == known.hash)
        };
        let mut paths: Vec<String> = now
            .iter()
            .filter(|known| differs(known, &self.files))
            .chain(self.files.iter().filter(|known| differs(known, &now)))
            .map(|known| {
                let path = known.path.strip_prefix(&self.top).unwrap_or(&known.path);
                escaped_path::escape(path)
            })
            .collect();
        paths.sort();
        paths.dedup();
        self.files = now;
        Ok(paths)
    }

    fn read(&self, known: &[Known]) -> Result<Vec<Known>, Error> {
        let mut found = Vec::new();
        for path in files::entries(&self.top.join(layout::WORKFLOWS))? {
            Self::take(path, known, &mut found, content_hash)?;
        }
        if let Some(spec) = &self.spec {
            let folder = self.top.join(layout::SPECS).join(spec);
            for path in files::entries(&folder)? {
                Self::take(path, known, &mut found, content_hash)?;
            }
            let file = self.top.join(layout::SPECS).join(format!("{spec}.md"));
            Self::take(file, known, &mut found, criteria_hash)?;
        }
        Ok(found)
    }

    fn take(
        path: PathBuf,
        known: &[Known],
        found: &mut Vec<Known>,
        hash: impl Fn(&[u8]) -> ContentHash,
    ) -> Result<(), Error> {
        let Some(stamp) = stamp(&path) else {
            return Ok(());
        };
        // They are listed in one order, so it stands in its place as a rule.
        let is_it =
            |known: &&Known| known.stamp == stamp && known.path.as_os_str() == path.as_os_str();
        let there = known.get(found.len()).filter(is_it);
        let same = there.or_else(|| known.iter().find(is_it));
        let hash = match same {
            Some(known) => known.hash.clone(),
            // A file that cannot be read is told by its stamp alone.
            None => match files::read_bytes(&path, WORKFLOW_FILE_BYTES) {
                Ok(bytes) => hash(&bytes),
                Err(Error::TooLarge { .. }) => ContentHash::new(format!("{stamp:?}")),
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(error),
            },
        };
        found.push(Known { path, stamp, hash });
        Ok(())
    }
}

/// Digest of the criteria of a spec file; of all of it when it cannot be read as a spec.
fn criteria_hash(bytes: &[u8]) -> ContentHash {
    let section = std::str::from_utf8(bytes).ok().and_then(|text| {
        let source = SourceText::new("", text);
        let spec = spec_format::read(&source).0?;
        Some(source.slice(spec.section?).to_owned())
    });
    section.map_or_else(|| content_hash(bytes), |text| content_hash(text.as_bytes()))
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some((
        metadata.ino(),
        metadata.size(),
        metadata
            .mtime()
            .wrapping_mul(1_000_000_000)
            .wrapping_add(metadata.mtime_nsec()),
        metadata
            .ctime()
            .wrapping_mul(1_000_000_000)
            .wrapping_add(metadata.ctime_nsec()),
    ))
}

#[cfg(test)]
mod tests {
    use super::Protected;

    #[test]
    fn changes_are_seen_once_and_touching_is_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path();
        let file = |name: &str, text: &str| {
            let path = top.join(name);
            crate::sys::files::write_atomic(&path, text.as_bytes()).expect("writes");
        };
        let spec = |status: &str, box_: &str| {
            let text = format!(
                "---\ntitle: X\nid: 7k3q9x2\nstatus: {status}\nformat: 1\n---\n\
                 ## Acceptance criteria\n\n- [{box_}] it works (ac-1)\n"
            );
            file(".mmm/specs/x-7k3q9x2.md", &text);
        };
        file(".mmm/workflows/a.yaml", "a");
        spec("draft", " ");
        file(".mmm/specs/x-7k3q9x2/01.md", "approved");
        let name = Some("x-7k3q9x2".to_owned());
        let mut protected = Protected::look(top, name).expect("reads");
        assert!(protected.changed().expect("reads").is_empty());
        file(".mmm/workflows/a.yaml", "a");
        file(".mmm/specs/y-1m4c8tz.md", "another spec");
        spec("ready", " ");
        assert!(protected.changed().expect("reads").is_empty());
        file(".mmm/workflows/a.yaml", "b");
        file(".mmm/specs/x-7k3q9x2/02.md", "approved too");
        spec("ready", "x");
        let expected = [
            ".mmm/specs/x-7k3q9x2.md",
            ".mmm/specs/x-7k3q9x2/02.md",
            ".mmm/workflows/a.yaml",
        ];
        assert_eq!(protected.changed().expect("reads"), expected);
        crate::sys::files::remove_file(&top.join(".mmm/specs/x-7k3q9x2.md")).expect("removes");
        assert_eq!(
            protected.changed().expect("reads"),
            [".mmm/specs/x-7k3q9x2.md"]
        );
        assert!(protected.changed().expect("reads").is_empty());
    }
}
