//! The files of a work tree for `hashFiles()` and artifacts: which ones patterns mean, and their
//! digest.
//!
//! As GitHub's runner does it: folder by folder with names in order, and of each file its SHA-256
//! into one SHA-256 over all. Nothing outside of the work tree is read, nor Git's own folder.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::base::glob::Glob;
use crate::base::limits;
use crate::git::digest::Sha256;
use crate::model::port::{HashFiles, HashFilesError, Links};
use crate::sys::{self, files};

impl From<sys::Error> for HashFilesError {
    fn from(error: sys::Error) -> Self {
        let reason = std::error::Error::source(&error);
        Self::Unreadable(match reason {
            Some(reason) => format!("{error}: {reason}"),
            None => error.to_string(),
        })
    }
}

/// The files of one work tree.
#[derive(Debug)]
pub(crate) struct WorkTreeFiles {
    top: PathBuf,
}

/// A pattern as it was asked for.
struct Rule {
    glob: Glob,
    /// It takes away what those before it have found.
    excludes: bool,
    /// It means a folder.
    folder: bool,
}

impl Rule {
    /// Whether it means a file, or a folder that the file is in.
    fn means(&self, path: &[String]) -> bool {
        if !self.folder && self.glob.matches(path) {
            return true;
        }
        !self.glob.ends_deep() && self.holds(path)
    }

    /// Whether it means one of the folders that a path is in.
    fn holds(&self, path: &[String]) -> bool {
        (1..path.len()).any(|names| self.glob.matches(path.get(..names).unwrap_or_default()))
    }
}

impl WorkTreeFiles {
    /// The files below this folder.
    pub(crate) fn new(top: &Path) -> Self {
        Self {
            top: top.to_owned(),
        }
    }

    /// The rule of one line; none where it is empty, a comment, or means a place elsewhere.
    fn rule(&self, line: &str) -> Result<Option<Rule>, HashFilesError> {
        let written = line.trim();
        if written.is_empty() || written.starts_with('#') {
            return Ok(None);
        }
        let pattern = written.trim_start_matches('!');
        let excludes = (written.len() - pattern.len()) % 2 == 1;
        let Some(pattern) = self.inside(pattern.trim()) else {
            return Ok(None);
        };
        if pattern.split('/').any(|name| name == "." || name == "..") {
            let pattern = written.to_owned();
            return Err(HashFilesError::Relative { pattern });
        }
        Ok(Some(Rule {
            glob: Glob::new(if pattern.is_empty() { "**" } else { pattern }),
            excludes,
            folder: pattern.ends_with('/'),
        }))
    }
}

/// What patterns ask for.
pub(crate) struct Patterns(Vec<Rule>);

impl Patterns {
    /// Where to begin: the fixed part of each pattern, unless it lies in that of another.
    pub(crate) fn roots(&self) -> Vec<Vec<String>> {
        roots(&self.0)
    }

    /// Whether a pattern names this place by a part of it that is fixed.
    pub(crate) fn names(&self, path: &[String]) -> bool {
        let mut rules = self.0.iter().filter(|rule| !rule.excludes);
        rules.any(|rule| rule.glob.fixed().starts_with(path))
    }
}

/// Takes a file: its names below the top, and its path.
type Take<'t> = &'t mut dyn FnMut(&[String], &Path) -> Result<(), HashFilesError>;

impl WorkTreeFiles {
    /// Reads patterns, one a line.
    pub(crate) fn patterns<'p>(
        &self,
        lines: impl IntoIterator<Item = &'p str>,
    ) -> Result<Patterns, HashFilesError> {
        let mut rules = Vec::new();
        for line in lines {
            rules.extend(self.rule(line)?);
        }
        Ok(Patterns(rules))
    }

    /// What a pattern means below the top; nothing when it means a place elsewhere.
    pub(crate) fn inside<'p>(&self, pattern: &'p str) -> Option<&'p str> {
        if pattern.starts_with('/') {
            let top = self.top.to_string_lossy();
            let inside = pattern.strip_prefix(&*top)?;
            return (inside.is_empty() || inside.starts_with('/')).then_some(inside);
        }
        match pattern {
            "~" => None,
            "." => Some("**"),
            _ if pattern.starts_with("~/") => None,
            _ => Some(pattern.strip_prefix("./").unwrap_or(pattern)),
        }
    }

    /// Hands on each file that the patterns mean, in order.
    pub(crate) fn each(
        &self,
        patterns: &Patterns,
        links: Links,
        take: Take<'_>,
    ) -> Result<(), HashFilesError> {
        let mut search = Search {
            top: &self.top,
            real_top: self.top.canonicalize().unwrap_or_else(|_| self.top.clone()),
            rules: &patterns.0,
            links,
            looked_at: 0,
        };
        for root in patterns.roots() {
            search.run(root, take)?;
        }
        Ok(())
    }
}

impl HashFiles for WorkTreeFiles {
    fn hash_files(&self, patterns: &[String], links: Links) -> Result<String, HashFilesError> {
        let patterns = self.patterns(patterns.iter().flat_map(|pattern| pattern.lines()))?;
        let mut digest = Digest::default();
        self.each(&patterns, links, &mut |_, path| digest.add(path))?;
        Ok(digest.found.map(Sha256::hex).unwrap_or_default())
    }
}

/// Where to begin: the fixed part of each pattern, unless it lies in that of another.
fn roots(rules: &[Rule]) -> Vec<Vec<String>> {
    let fixed = rules.iter().filter(|rule| !rule.excludes);
    let fixed: Vec<Vec<String>> = fixed.map(|rule| rule.glob.fixed()).collect();
    let mut roots: Vec<Vec<String>> = Vec::new();
    for names in &fixed {
        let inside = |other: &Vec<String>| names.starts_with(other) && names != other;
        if !fixed.iter().any(inside) && !roots.contains(names) {
            roots.push(names.clone());
        }
    }
    roots
}

struct Search<'a> {
    top: &'a Path,
    real_top: PathBuf,
    rules: &'a [Rule],
    links: Links,
    looked_at: usize,
}

impl Search<'_> {
    fn run(&mut self, root: Vec<String>, take: Take<'_>) -> Result<(), HashFilesError> {
        if root.iter().any(is_git) || !self.is_plain_way(&root) {
            return Ok(());
        }
        let mut open = vec![root];
        while let Some(names) = open.pop() {
            self.looked_at += 1;
            if self.looked_at > limits::HASHED_ENTRIES {
                let limit = limits::HASHED_ENTRIES;
                return Err(HashFilesError::TooMany { limit });
            }
            let path = self.path(&names);
            let Ok(metadata) = path.symlink_metadata() else {
                continue;
            };
            let mut is_folder = metadata.is_dir();
            let mut is_file = metadata.is_file();
            if metadata.is_symlink() {
                let Some(target) = self.inside(&path) else {
                    continue;
                };
                is_file = target.is_file();
                // A link to a folder that it is in would never end.
                is_folder = self.links == Links::Followed
                    && target.is_dir()
                    && !self.leads_back(&names, &target);
            }
            if is_folder {
                if self.leads_through(&names) {
                    let names_below = files::entries(&path)?.into_iter().rev();
                    open.extend(names_below.filter_map(|path| below(&names, &path)));
                }
            } else if is_file && self.is_meant(&names) {
                take(&names, &path)?;
            }
        }
        Ok(())
    }

    fn path(&self, names: &[String]) -> PathBuf {
        let mut path = self.top.to_owned();
        path.extend(names);
        path
    }

    /// Whether no link stands on the way to a place, or links are followed.
    fn is_plain_way(&self, names: &[String]) -> bool {
        let above = names.len().saturating_sub(1);
        (1..=above).all(|count| {
            let path = self.path(names.get(..count).unwrap_or_default());
            match path.symlink_metadata() {
                Ok(metadata) if metadata.is_symlink() => {
                    self.links == Links::Followed && self.inside(&path).is_some()
                }
                Ok(metadata) => metadata.is_dir(),
                Err(_) => false,
            }
        })
    }

    /// Where a link leads, when that is in the work tree and not Git's.
    fn inside(&self, link: &Path) -> Option<PathBuf> {
        let target = link.canonicalize().ok()?;
        let names = target.strip_prefix(&self.real_top).ok()?;
        let private = names.iter().any(is_git);
        (!private).then_some(target)
    }

    fn leads_back(&self, names: &[String], target: &Path) -> bool {
        (0..names.len()).any(|count| {
            let above = self.path(names.get(..count).unwrap_or_default());
            above.canonicalize().is_ok_and(|above| above == target)
        })
    }

    fn leads_through(&self, folder: &[String]) -> bool {
        self.rules.iter().any(|rule| {
            let through = rule.glob.leads_through(folder);
            !rule.excludes && (through || rule.glob.matches(folder) || rule.holds(folder))
        })
    }

    fn is_meant(&self, file: &[String]) -> bool {
        let mut meant = false;
        for rule in self.rules {
            if meant == rule.excludes && rule.means(file) {
                meant = !rule.excludes;
            }
        }
        meant
    }
}

/// The digest of files, one after the other.
#[derive(Default)]
struct Digest {
    bytes: u64,
    /// The digests of the files so far.
    found: Option<Sha256>,
}

impl Digest {
    fn add(&mut self, path: &Path) -> Result<(), HashFilesError> {
        let mut file = files::open_read(path)?;
        let mut digest = Sha256::default();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = file.read(&mut buffer);
            let read = read.map_err(|error| sys::Error::file("read", path, error))?;
            self.bytes += read as u64;
            if self.bytes > limits::HASHED_BYTES {
                let limit = limits::HASHED_BYTES;
                return Err(HashFilesError::TooLarge { limit });
            }
            match buffer.get(..read) {
                None | Some([]) => break,
                Some(bytes) => digest.update(bytes),
            }
        }
        let all = self.found.get_or_insert_default();
        all.update(&digest.bytes());
        Ok(())
    }
}

/// Whether a name is that of Git's own folder, or of the file that stands for it; on some file
/// systems it is so in letters of any case.
pub(super) fn is_git(name: impl AsRef<OsStr>) -> bool {
    name.as_ref().eq_ignore_ascii_case(".git")
}

/// The names of an entry of a folder.
fn below(folder: &[String], path: &Path) -> Option<Vec<String>> {
    // A name that is no text can be in no pattern.
    let name = path.file_name()?.to_str().filter(|name| !is_git(name))?;
    let mut names = folder.to_vec();
    names.push(name.to_owned());
    Some(names)
}

#[cfg(test)]
mod tests;
