//! What can go wrong with a repository.

use std::path::PathBuf;

use crate::base::ids::ObjectId;
use crate::git::ignore::Rule;
use crate::proc;
use crate::proc::command::Exit;
use crate::sys;

/// A failure of Git or of a repository, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no repository here.
    #[error("{} is not in a Git repository", start.display())]
    NotARepository {
        /// Where the search started.
        start: PathBuf,
    },
    /// The program `git` is not there.
    #[error("cannot find the program `git`")]
    GitMissing,
    /// The program `git` is older than what we need.
    #[error("git {found} is too old, 2.38 or later is needed")]
    GitTooOld {
        /// Its version.
        found: String,
    },
    /// Git does not trust the repository because somebody else owns it.
    #[error("git refuses the repository at {}: it belongs to somebody else", folder.display())]
    Unsafe {
        /// The repository as git names it.
        folder: PathBuf,
    },
    /// Git does not trust a bare repository that it was not told to use.
    #[error("git refuses the bare repository at {}: `safe.bareRepository` is `explicit`", start.display())]
    UnsafeBare {
        /// Where the search started.
        start: PathBuf,
    },
    /// This git does not know how the repository is stored.
    #[error("this git does not know the extension `{extension}` of the repository at {}", start.display())]
    Extension {
        /// Where the search started.
        start: PathBuf,
        /// The extension.
        extension: String,
    },
    /// The folder for temporary files cannot be used.
    #[error("no temporary folder can be made in {}", folder.display())]
    TemporaryFolder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A ref cannot be there because of another one: one would be a folder of the other.
    #[error("the ref `{name}` cannot be made: there is a ref `{other}`")]
    RefConflict {
        /// The ref.
        name: String,
        /// The one that is in its way.
        other: String,
    },
    /// Paths that are to be committed are ignored.
    #[error("`{path}` is ignored, and cannot be committed ({rule})")]
    Ignored {
        /// The first of them.
        path: String,
        /// The rule that says so.
        rule: Rule,
    },
    /// A commit that is to be signed could not be.
    #[error("git could not sign the commit: {complaint}")]
    Signature {
        /// What the signing program said.
        complaint: String,
    },
    /// A ref of ours holds something that is not ours.
    #[error("the ref `{name}` is a {found}, not a commit")]
    ForeignRef {
        /// The ref.
        name: String,
        /// What it is.
        found: &'static str,
    },
    /// A command that needs a work tree ran where there is none.
    #[error("{} has no work tree", git_dir.display())]
    Bare {
        /// The repository.
        git_dir: PathBuf,
    },
    /// A command that needs a work tree ran inside of `.git`.
    #[error("{} is Git's own folder, not a work tree", git_dir.display())]
    InsideGit {
        /// The folder.
        git_dir: PathBuf,
        /// The work tree around it.
        top: PathBuf,
    },
    /// A git command failed.
    #[error("`git {arguments}` failed ({exit}): {complaint}")]
    Git {
        /// What it was asked.
        arguments: String,
        /// How it ended.
        exit: Exit,
        /// What it said.
        complaint: String,
    },
    /// A submodule without the repository that its `.git` names.
    #[error("the repository of a submodule is gone: {}", folder.display())]
    NoSubmodule {
        /// Where it was.
        folder: PathBuf,
    },
    /// Git does not take one of its own settings.
    #[error("git cannot use its setting `{key}`: {complaint}")]
    BadConfiguration {
        /// Its key.
        key: String,
        /// What git said.
        complaint: String,
    },
    /// A git command printed something that we cannot read.
    #[error("`git {command}` printed something unexpected: `{found}`")]
    Answer {
        /// Which command.
        command: &'static str,
        /// What it printed, shortened.
        found: String,
    },
    /// Git knows no name or address for the person.
    #[error("git does not know your name and e-mail address")]
    MissingIdentity {
        /// What git said.
        complaint: String,
    },
    /// A configuration value is not of its kind.
    #[error("the Git setting `{key}` is `{found}`, not {expected} ({origin})")]
    Setting {
        /// Its key.
        key: String,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
        /// Where it is set.
        origin: String,
    },
    /// Writing is not allowed while a push is being received.
    #[error("nothing can be written while a push is being received")]
    Quarantine,
    /// A merge, rebase or the like is under way.
    #[error("a {operation} is in progress")]
    OperationInProgress {
        /// Which one.
        operation: &'static str,
    },
    /// A ref is not where it was expected: somebody else wrote it.
    #[error("the ref `{name}` was changed by somebody else")]
    RefMoved {
        /// The ref.
        name: String,
    },
    /// Another process has a ref locked, or died while it had.
    #[error("the ref `{name}` is locked ({})", lock.display())]
    RefLocked {
        /// The ref.
        name: String,
        /// The lock file.
        lock: PathBuf,
        /// The process of ours that was killed and left it, where that is known.
        writer: Option<u32>,
    },
    /// A ref stayed contended for all tries.
    #[error("the ref `{name}` could not be updated in {tries} tries")]
    RefContended {
        /// The ref.
        name: String,
        /// How often it was tried.
        tries: u32,
    },
    /// Text that cannot be a ref name.
    #[error("`{name}` is not a ref name")]
    RefName {
        /// The text.
        name: String,
    },
    /// The index of the user is locked.
    #[error("the index is locked ({})", lock.display())]
    IndexLocked {
        /// The lock file.
        lock: PathBuf,
    },
    /// There is nothing to commit.
    #[error("nothing to commit: the paths are as they are in `HEAD`")]
    NothingToCommit,
    /// An object that must be there is not.
    #[error("the object {id} is missing")]
    MissingObject {
        /// Its id.
        id: ObjectId,
    },
    /// An object is not of the kind needed.
    #[error("the object {id} is a {found}, not a {expected}")]
    ObjectKind {
        /// Its id.
        id: ObjectId,
        /// What it is.
        found: &'static str,
        /// What is needed.
        expected: &'static str,
    },
    /// An object's content is damaged.
    #[error("the {kind} {id} is damaged")]
    Damaged {
        /// Its id.
        id: ObjectId,
        /// What it should be.
        kind: &'static str,
    },
    /// A tree entry that Git would not accept.
    #[error("`{name}` cannot be a name in a tree: {reason}")]
    TreeName {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// Text that cannot stand in a commit or tag.
    #[error("the {part} holds a character that Git does not allow there")]
    ObjectText {
        /// Which part.
        part: &'static str,
    },
    /// The object database failed.
    #[error("the object database failed: {message}")]
    Database {
        /// What it said.
        message: String,
    },
    /// A line that must not go into a note.
    #[error("a note line of {bytes} bytes is refused: {reason}")]
    NoteLine {
        /// Its length in bytes.
        bytes: usize,
        /// Why.
        reason: &'static str,
    },
    /// A note that would grow past its limit.
    #[error("the note on {commit} would have {bytes} bytes, more than {limit}")]
    NoteSize {
        /// The commit.
        commit: ObjectId,
        /// The size that it would have.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A path that cannot be committed by us.
    #[error("`{path}` is not a path inside the work tree")]
    Path {
        /// The path.
        path: String,
    },
    /// A branch that a leg is to work on is there, and holds something else.
    #[error("the branch `{branch}` is there, and does not go on from where the leg starts")]
    BranchTaken {
        /// The branch.
        branch: String,
        /// Its commit.
        found: ObjectId,
    },
    /// A work tree of a run is not there any more.
    #[error("the work tree {} is gone", path.display())]
    WorktreeGone {
        /// Where it was.
        path: PathBuf,
    },
    /// The steps of a leg went to a commit that its branch cannot be brought to.
    #[error("the work tree {} is at {head}, which does not go on from its branch `{branch}`", path.display())]
    Strayed {
        /// The work tree.
        path: PathBuf,
        /// Its branch.
        branch: String,
        /// Where it is.
        head: ObjectId,
    },
    /// A work tree that is to be changed holds changes of somebody else.
    #[error("the work tree {} has changes that are not committed: {}", path.display(), paths.join(", "))]
    LocalChanges {
        /// The work tree.
        path: PathBuf,
        /// The first paths that are changed.
        paths: Vec<String>,
    },
    /// Files that are to be committed hold a value that is masked.
    #[error("not committed, because it holds a secret: {}; kept in {}", paths.join(", "), path.display())]
    HoldsMasked {
        /// The work tree.
        path: PathBuf,
        /// The files.
        paths: Vec<String>,
    },
    /// The machine failed.
    #[error(transparent)]
    System(#[from] sys::Error),
    /// A process failed.
    #[error(transparent)]
    Process(#[from] proc::Error),
}

impl Error {
    /// A git command that failed: because of a setting, where it says so.
    pub(super) fn of_command(arguments: String, exit: Exit, complaint: String) -> Self {
        if let Some(folder) = gone_submodule(&complaint) {
            let folder = folder.into();
            return Self::NoSubmodule { folder };
        }
        match bad_setting(&complaint) {
            Some((key, line)) => Self::BadConfiguration {
                key: key.to_owned(),
                complaint: line.to_owned(),
            },
            None => Self::Git {
                arguments,
                exit,
                complaint,
            },
        }
    }
}

/// The repository of a submodule that git looked for in vain.
fn gone_submodule(complaint: &str) -> Option<&str> {
    let first = complaint.lines().next()?;
    let folder = first.strip_prefix("fatal: not a git repository: ")?;
    folder.contains("/modules/").then_some(folder)
}

/// The key of a setting that git complains of, and its first line about it without the label.
fn bad_setting(complaint: &str) -> Option<(&str, &str)> {
    // What git says of these without their name.
    const NAMELESS: [(&str, &str); 2] = [
        ("orderfile '", "diff.orderFile"),
        ("--ignore-submodules argument", "diff.ignoreSubmodules"),
    ];
    let quoted = |line: &'_ str, mark: &str| -> Option<(usize, usize)> {
        let start = line.find(mark)? + mark.len();
        let end = start + line.get(start..)?.find('\'')?;
        Some((start, end))
    };
    let marks = [
        "unknown value for config '",
        "bad config variable '",
        "unable to parse '",
        "' for '",
    ];
    let first = complaint.lines().next()?;
    let said = ["error: ", "fatal: "]
        .iter()
        .find_map(|label| first.strip_prefix(label))
        .unwrap_or(first);
    let nameless = NAMELESS.iter().find(|(mark, _)| first.contains(mark));
    if let Some((_, key)) = nameless {
        return Some((key, said));
    }
    if !complaint.contains("config") {
        return None;
    }
    let found = complaint.lines().find_map(|line| {
        let mut places = marks.iter().filter_map(|mark| quoted(line, mark));
        let (start, end) = places.next()?;
        line.get(start..end).filter(|key| key.contains('.'))
    })?;
    Some((found, said))
}

#[cfg(test)]
mod tests {
    use super::{bad_setting, gone_submodule};

    #[test]
    fn a_submodule_without_its_repository_is_told_from_other_folders() {
        let check = |complaint, expected| assert_eq!(gone_submodule(complaint), expected);
        check(
            "fatal: not a git repository: sub/../.git/modules/sub",
            Some("sub/../.git/modules/sub"),
        );
        check("fatal: not a git repository: 'x'", None);
        check("fatal: not a git repository (or any of the parents)", None);
    }

    #[test]
    fn a_setting_that_git_complains_of_is_found() {
        let check = |complaint, expected| assert_eq!(bad_setting(complaint), expected);
        check(
            "error: unknown value for config 'diff.algorithm': bogus\n\
             fatal: unable to parse 'diff.algorithm' from command-line config",
            Some((
                "diff.algorithm",
                "unknown value for config 'diff.algorithm': bogus",
            )),
        );
        check(
            "fatal: bad boolean config value 'bogus' for 'diff.renames'",
            Some((
                "diff.renames",
                "bad boolean config value 'bogus' for 'diff.renames'",
            )),
        );
        check(
            "error: Invalid untracked files mode 'x'\n\
             fatal: unable to parse 'status.showuntrackedfiles' from command-line config",
            Some((
                "status.showuntrackedfiles",
                "Invalid untracked files mode 'x'",
            )),
        );
        check(
            "fatal: could not read orderfile '/x'",
            Some(("diff.orderFile", "could not read orderfile '/x'")),
        );
        check("fatal: not a tree object", None);
        check("fatal: unable to parse 'x' in the config", None);
    }
}
