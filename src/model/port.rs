//! What the domain asks of the outside: small traits that the layers above implement.

use std::fmt::Debug;

/// Hashes files of the work tree, for `hashFiles()`.
pub(crate) trait HashFiles: Debug + Send + Sync {
    /// The digest of the files that the patterns match, in lower-case hex; the empty text when
    /// they match none. Folders behind symbolic links are looked into only on request.
    fn hash_files(&self, patterns: &[String], links: Links) -> Result<String, HashFilesError>;
}

/// What becomes of folders behind symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    /// They are left out.
    LeftOut,
    /// They are looked into where they lead to a place in the work tree.
    Followed,
}

/// Why files cannot be hashed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HashFilesError {
    /// A pattern with `.` or `..` behind its start.
    #[error("`{pattern}` leaves its folder: `..` cannot be used in a pattern")]
    Relative {
        /// The pattern.
        pattern: String,
    },
    /// There is too much to look at.
    #[error("the patterns lead through more than {limit} files and folders")]
    TooMany {
        /// How many may be looked at.
        limit: usize,
    },
    /// The files are too large together.
    #[error("the files have more than {limit} bytes")]
    TooLarge {
        /// How many bytes may be read.
        limit: u64,
    },
    /// A file or a folder cannot be read.
    #[error("{0}")]
    Unreadable(String),
}
