//! Where everything lives: one table of paths.
//!
//! Tracked paths are relative to the top of the work tree and checked ([`StatePath`]); local ones
//! are below `$GIT_COMMON_DIR/mmm/` ([`Local`]). Nothing here reads or writes content.

use std::fmt;
use std::fmt::Write as _;
use std::fs::FileType;
use std::path::{Path, PathBuf};

use crate::base::ids::{ContentHash, RunId, SpecId};
use crate::base::limits::{STATE_FILE_BYTES, WORKFLOW_FILE_BYTES};
use crate::state::Error;
use crate::sys;

/// The folder of the tracked state.
pub(crate) const FOLDER: &str = ".mmm";

/// The folder of the specs.
pub(crate) const SPECS: &str = ".mmm/specs";

/// The folder of the evidence of runs.
pub(crate) const RUNS: &str = ".mmm/runs";

/// Every evidence file, in messages.
pub(crate) const ANY_RUN: &str = ".mmm/runs/*.toml";

/// The folder of the workflows.
pub(crate) const WORKFLOWS: &str = ".mmm/workflows";

/// The project's configuration.
pub(crate) const CONFIG: &str = ".mmm/config.toml";

/// Git's attributes of our files.
pub(crate) const ATTRIBUTES: &str = ".mmm/.gitattributes";

/// What [`ATTRIBUTES`] holds in a new project: the same bytes on every machine, because hashes of
/// workflows and criteria are compared between machines.
pub(crate) const ATTRIBUTES_TEXT: &str = "* text eol=lf\n";

/// Longest path of a state file, in bytes; every file system takes it.
const PATH_BYTES: usize = 1024;

/// Longest name of a file or folder, in bytes: the limit of the common file systems.
const NAME_BYTES: usize = 255;

/// Deepest path of a state file, in components.
const PATH_DEPTH: usize = 16;

/// The path of a file under `.mmm/`, relative to the top of the work tree, with `/` between its
/// parts, which cannot lead out of `.mmm/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct StatePath(String);

/// Most bytes of a file at a path that are read.
pub(crate) fn byte_limit(path: &str) -> u64 {
    let below = path.strip_prefix(WORKFLOWS);
    if below.is_some_and(|below| below.starts_with('/')) {
        WORKFLOW_FILE_BYTES
    } else {
        STATE_FILE_BYTES
    }
}

impl StatePath {
    /// Checks a path that came from a file, a person or a ref.
    pub(crate) fn new(path: impl Into<String>) -> Result<Self, Error> {
        let path = path.into();
        let inside = path
            .strip_prefix(FOLDER)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|rest| rest.split('/').all(is_plain_name));
        let short = path.len() <= PATH_BYTES && path.split('/').count() <= PATH_DEPTH;
        if inside && short {
            Ok(Self(path))
        } else {
            Err(Error::Outside { path })
        }
    }

    /// `.mmm/config.toml`.
    pub(crate) fn config() -> Self {
        Self(CONFIG.to_owned())
    }

    /// `.mmm/.gitattributes`.
    #[cfg(test)]
    pub(crate) fn attributes() -> Self {
        Self(ATTRIBUTES.to_owned())
    }

    /// The file of a spec: `.mmm/specs/<slug>-<id>.md`. The slug may come from a person.
    pub(crate) fn spec(slug: &str, id: &SpecId) -> Result<Self, Error> {
        Self::new(format!("{SPECS}/{slug}-{id}.md"))
    }

    /// The evidence of a run: `.mmm/runs/<ulid>.toml`.
    pub(crate) fn evidence(run: RunId) -> Self {
        Self(format!("{RUNS}/{run}.toml"))
    }

    /// Some file beside the evidence of runs, to see whether one can be written.
    pub(crate) fn in_runs() -> Result<Self, Error> {
        Self::new(format!("{RUNS}/x.toml"))
    }

    /// The file of a workflow: `.mmm/workflows/<name>.yaml`. The name may come from a person.
    pub(crate) fn workflow(name: &str) -> Result<Self, Error> {
        let path = format!("{WORKFLOWS}/{name}.yaml");
        if name.contains('/') {
            return Err(Error::Outside { path });
        }
        Self::new(path)
    }

    /// The path, relative to the top of the work tree.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as text of its own.
    pub(crate) fn into_string(self) -> String {
        self.0
    }

    /// The path of the folder that it is in.
    pub(crate) fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The last part of the path.
    pub(crate) fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Where it is on the disk, unless a symbolic link on the way leads out of `.mmm/`.
    pub(crate) fn to_read(&self, top: &Path) -> Result<PathBuf, Error> {
        let root = top.join(FOLDER);
        refuse_link(&root, FOLDER)?;
        let mut path = root.clone();
        let mut end = FOLDER.len();
        for name in self.0.split('/').skip(1) {
            self.refuse_file(&path, end)?;
            path.push(name);
            end += 1 + name.len();
            if is_link(&path)? {
                // One that leads elsewhere inside `.mmm/` is as good as the file itself.
                inside(&root, &path, &self.0)?;
            }
        }
        Ok(path)
    }

    /// Where it is on the disk, unless any part of it is a symbolic link: a rename would replace
    /// the link, or write through it to somewhere else.
    pub(crate) fn to_write(&self, top: &Path) -> Result<PathBuf, Error> {
        let mut path = top.to_owned();
        let mut end = 0;
        for name in self.0.split('/') {
            if end > 0 {
                self.refuse_file(&path, end - 1)?;
            }
            path.push(name);
            end += name.len();
            if is_link(&path)? {
                return Err(Error::LinkInTheWay {
                    path: self.0.get(..end).unwrap_or(&self.0).to_owned(),
                    target: path.read_link().unwrap_or_default(),
                });
            }
            end += 1;
        }
        Ok(path)
    }
}

impl StatePath {
    /// Refuses a file where the folder with the first `end` bytes of this path has its place.
    fn refuse_file(&self, place: &Path, end: usize) -> Result<(), Error> {
        match file_type(place)? {
            Some(kind) if kind.is_file() => Err(Error::NoFolder {
                path: self.0.get(..end).unwrap_or(&self.0).to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for StatePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Whether a name is one part of a path and nothing that a file system or Git reads specially.
fn is_plain_name(name: &str) -> bool {
    // All that a system splits a path at is refused, so there is one part.
    let refused = |character: char| character.is_control() || matches!(character, '/' | '\\' | ':');
    !matches!(name, "" | "." | "..")
        && name.len() <= NAME_BYTES
        && !name.eq_ignore_ascii_case(".git")
        && !name.chars().any(refused)
}

fn file_type(path: &Path) -> Result<Option<FileType>, Error> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(sys::Error::file("examine", path, error).into()),
    }
}

fn is_link(path: &Path) -> Result<bool, Error> {
    Ok(file_type(path)?.is_some_and(|kind| kind.is_symlink()))
}

fn refuse_link(path: &Path, shown: &str) -> Result<(), Error> {
    if is_link(path)? {
        return Err(link(path, shown));
    }
    Ok(())
}

fn link(path: &Path, shown: &str) -> Error {
    Error::Link {
        path: shown.to_owned(),
        target: path.read_link().unwrap_or_default(),
    }
}

fn inside(root: &Path, path: &Path, shown: &str) -> Result<(), Error> {
    let resolve = |path: &Path| {
        path.canonicalize()
            .map_err(|error| sys::Error::file("examine", path, error))
    };
    // A link to nothing has no target to compare; it is not followed either.
    let Ok(target) = resolve(path) else {
        return Err(link(path, shown));
    };
    if target.starts_with(resolve(root)?) {
        Ok(())
    } else {
        Err(link(path, shown))
    }
}

/// What is local to a repository, shared by its linked work trees: `$GIT_COMMON_DIR/mmm/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    folder: PathBuf,
}

impl Local {
    /// Takes the folder `$GIT_COMMON_DIR/mmm`.
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The lock that every writer of refs holds.
    #[cfg(test)]
    pub(crate) fn writer(&self) -> PathBuf {
        self.folder.join("writer")
    }

    /// The live runs.
    pub(crate) fn runs(&self) -> PathBuf {
        self.folder.join("runs")
    }

    /// The folders of the concurrency groups.
    pub(crate) fn groups(&self) -> PathBuf {
        self.folder.join("groups")
    }

    /// The folder of a concurrency group, by the digest of its name.
    pub(crate) fn group(&self, digest: &ContentHash) -> PathBuf {
        self.groups().join(digest.as_str())
    }

    /// The transactions under way, one file a work tree.
    pub(crate) fn redo(&self) -> PathBuf {
        self.folder.join("redo")
    }

    /// The record of the transaction under way in one work tree.
    pub(crate) fn redo_record(&self, key: &str) -> PathBuf {
        self.redo().join(format!("{key}.record"))
    }

    /// The lock that a transaction on one work tree holds.
    pub(crate) fn redo_lock(&self, key: &str) -> PathBuf {
        self.redo().join(format!("{key}.lock"))
    }

    /// Says that a run was parked in this clone, and has not ended since.
    pub(crate) fn parked(&self, run: RunId) -> PathBuf {
        self.all_parked().join(run.to_string())
    }

    /// The folder of those files.
    pub(crate) fn all_parked(&self) -> PathBuf {
        self.folder.join("parked")
    }

    /// The lock of who brings a parked run back from its seal.
    pub(crate) fn revive_lock(&self) -> PathBuf {
        self.folder.join("revive.lock")
    }

    /// Content that a transaction could not put in its place without destroying another.
    pub(crate) fn rescued(&self) -> PathBuf {
        self.folder.join("rescued")
    }

    /// Verdicts on code that is not committed yet.
    pub(crate) fn pending_verdicts(&self) -> PathBuf {
        self.folder.join("pending/verdicts")
    }

    /// The lock on [`Local::pending_verdicts`].
    pub(crate) fn pending_lock(&self) -> PathBuf {
        self.folder.join("pending/lock")
    }
}

/// What tells one work tree of a repository from the others: `main`, or the name that Git gave a
/// linked one, spelled so that it is a plain file name.
pub(crate) fn work_tree_key(common_dir: &Path, git_dir: &Path) -> String {
    if common_dir == git_dir {
        return "main".to_owned();
    }
    let name = git_dir.file_name().unwrap_or_default();
    let mut key = "linked-".to_owned();
    for byte in name.as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || *byte == b'-' {
            key.push(char::from(*byte));
        } else {
            write!(key, "_{byte:02x}").expect("a string takes every write");
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::{Local, StatePath, work_tree_key};
    use crate::base::ids::SpecId;
    use crate::state::Error;
    use crate::sys::files;
    use std::os::unix::fs::symlink;

    #[test]
    fn work_trees_have_different_keys() {
        let key = |git_dir: &str| work_tree_key("/r/.git".as_ref(), git_dir.as_ref());
        assert_eq!(key("/r/.git"), "main");
        assert_eq!(key("/r/.git/worktrees/main"), "linked-main");
        assert_eq!(key("/r/.git/worktrees/a.b_é"), "linked-a_2eb_5f_c3_a9");
    }

    fn check(path: &str, valid: bool) {
        assert_eq!(StatePath::new(path).is_ok(), valid, "{path:?}");
    }

    #[test]
    fn paths_stay_under_our_folder() {
        check(".mmm/config.toml", true);
        check(".mmm/specs/a b-é.md", true);
        check(".mmm/.gitattributes", true);
        check(".mmm", false);
        check(".mmm/", false);
        check(".mmmx/a", false);
        check("src/main.rs", false);
        check("/etc/passwd", false);
        check(".mmm/../src/main.rs", false);
        check(".mmm/specs/../../x", false);
        check(".mmm/./x", false);
        check(".mmm//x", false);
        check(".mmm/specs/.git", false);
        check(".mmm/.GIT/hooks/pre-commit", false);
        check(".mmm/a\\b", false);
        check(".mmm/c:x", false);
        check(".mmm/a\nb", false);
        check(".mmm/a\0b", false);
        check(&format!(".mmm/{}", "x".repeat(256)), false);
        check(&format!(".mmm/{}x", "x/".repeat(20)), false);
    }

    #[test]
    fn names_make_paths() {
        let id: SpecId = "7k3q9x2".parse().expect("an id");
        let path = StatePath::spec("login", &id).expect("a slug");
        assert_eq!(path.as_str(), ".mmm/specs/login-7k3q9x2.md");
        assert_eq!(path.file_name(), "login-7k3q9x2.md");
        assert!(StatePath::spec("../../x", &id).is_err());
        assert!(StatePath::workflow("default").is_ok());
        assert!(StatePath::workflow("a/b").is_err());
        assert!(StatePath::workflow("..").is_ok_and(|path| path.file_name() == "...yaml"));
        let local = Local::new("/r/.git/mmm");
        assert_eq!(local.writer().to_str(), Some("/r/.git/mmm/writer"));
    }

    #[test]
    fn links_are_followed_inside_only_and_never_written_through() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path();
        files::create_folder(&top.join(".mmm/specs")).expect("makes");
        files::create_folder(&top.join("out")).expect("makes");
        files::write_atomic(&top.join(".mmm/specs/real.md"), b"x").expect("writes");
        let path = |name: &str| StatePath::new(format!(".mmm/{name}")).expect("a path");
        symlink("real.md", top.join(".mmm/specs/inner.md")).expect("links");
        symlink("../../out/x", top.join(".mmm/specs/outer.md")).expect("links");
        symlink("/nowhere", top.join(".mmm/specs/broken.md")).expect("links");
        symlink("../out", top.join(".mmm/runs")).expect("links");
        let cases = [
            ("specs/real.md", true, true),
            ("specs/new.md", true, true),
            ("specs/inner.md", true, false),
            ("specs/outer.md", false, false),
            ("specs/broken.md", false, false),
            ("runs/x.toml", false, false),
        ];
        for (name, read, write) in cases {
            assert_eq!(path(name).to_read(top).is_ok(), read, "read {name}");
            assert_eq!(path(name).to_write(top).is_ok(), write, "write {name}");
        }
    }

    #[test]
    fn our_folder_itself_is_no_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path();
        files::create_folder(&top.join("elsewhere/specs")).expect("makes");
        symlink("elsewhere", top.join(".mmm")).expect("links");
        let refused = StatePath::config().to_read(top);
        assert!(matches!(refused, Err(Error::Link { path, .. }) if path == ".mmm"));
        assert!(StatePath::config().to_write(top).is_err());
    }
}
