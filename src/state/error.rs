//! What can go wrong with the state of a project.

use std::path::PathBuf;

use crate::base::diagnostic::Problem;

/// A failure of the state layer, with its facts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The machine failed us.
    #[error(transparent)]
    Machine(#[from] crate::sys::Error),
    /// Git failed us.
    #[error(transparent)]
    Git(#[from] crate::git::Error),
    /// The journal of a run cannot be used.
    #[error(transparent)]
    Journal(#[from] crate::state::journal::Error),
    /// A sealed run whose tag cannot be read.
    #[error("the seal of run {run} is damaged (object {tag})")]
    BadSeal {
        /// The run.
        run: crate::base::ids::RunId,
        /// The tag object.
        tag: crate::base::ids::ObjectId,
    },
    /// A path that is not inside `.mmm/`.
    #[error("`{path}` is not a path of a file under `.mmm/`")]
    Outside {
        /// The path as it was given.
        path: String,
    },
    /// A symbolic link that stands where we write.
    #[error("`{path}` is a symbolic link to `{}`, and nothing is written through links", target.display())]
    LinkInTheWay {
        /// The link, relative to the top of the work tree.
        path: String,
        /// What it points to.
        target: PathBuf,
    },
    /// A symbolic link that leads out of `.mmm/`.
    #[error("`{path}` is a symbolic link to `{}`, which is not followed", target.display())]
    Link {
        /// The link, relative to the top of the work tree.
        path: String,
        /// What it points to.
        target: PathBuf,
    },
    /// Something in Git that stands where a file belongs.
    #[error("`{path}` is not a file")]
    NoFile {
        /// The path, relative to the top of the work tree.
        path: String,
    },
    /// A file that stands where a folder belongs.
    #[error("`{path}` is a file, not a folder")]
    NoFolder {
        /// The path, relative to the top of the work tree.
        path: String,
    },
    /// A file whose format is newer than what this version writes.
    #[error("`{path}` has format {found}, and this version writes up to format {supported}")]
    NewerFormat {
        /// The file, relative to the top of the work tree.
        path: String,
        /// Its format.
        found: i64,
        /// The newest format that we write.
        supported: i64,
    },
    /// A file that cannot be used as it is.
    #[error("`{path}` cannot be used: {} found", crate::base::text::counted(problems.len(), "problem"))]
    Invalid {
        /// The file, relative to the top of the work tree.
        path: String,
        /// All that is wrong with it.
        problems: Vec<Problem>,
    },
    /// A record that is too long for a line of a note.
    #[error("a record of kind `{kind}` has {found} bytes, more than the {limit} of a note's line")]
    LongLine {
        /// Its kind.
        kind: &'static str,
        /// Its length in bytes.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A file does not hold what it held when it was read; nothing was written.
    #[error("`{path}` was changed by somebody else meanwhile")]
    Changed {
        /// The file, relative to the top of the work tree.
        path: String,
    },
    /// A file was changed in the instant in which it was to be written; it was left alone.
    #[error("`{path}` was changed by somebody else while it was being written")]
    Overtaken {
        /// The file, relative to the top of the work tree.
        path: String,
        /// Where our content is kept, unless the file was to be removed.
        copy: Option<PathBuf>,
    },
    /// Files were written, and the commit that was to hold them was not made.
    #[error("{} written and not committed", crate::base::text::all_of(paths.iter().map(String::as_str)))]
    NotCommitted {
        /// The files, relative to the top of the work tree.
        paths: Vec<String>,
        /// Why not.
        source: Box<Error>,
    },
    /// A transaction of more files or bytes than fit one.
    #[error("a transaction of {found} files or bytes is more than the {limit} that one takes")]
    LargeTransaction {
        /// How many files or bytes.
        found: u64,
        /// How many there may be.
        limit: u64,
    },
    /// Nobody looks at the copies that were kept.
    #[error("{} holds {limit} copies of one file already", folder.display())]
    RescuedCopies {
        /// The folder of the copies.
        folder: PathBuf,
        /// How many copies of one file there may be.
        limit: usize,
    },
    /// A setting of one's own that has a value that it cannot have.
    #[error("{0}")]
    Setting(crate::state::config::BadSetting),
    /// A test let the process die.
    #[cfg(test)]
    #[error("stopped by a test")]
    Stopped,
}
