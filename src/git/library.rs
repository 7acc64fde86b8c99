//! What libgit2 is told once, and its words for formats, ids and errors.

use std::sync::Once;

use git2::Oid;

use crate::base::ids::ObjectId;
use crate::git::Error;
use crate::git::repository::ObjectFormat;

/// Tells libgit2 what to accept, once for the process.
pub(super) fn prepare_library() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(
            unsafe_code,
            reason = "the options are global variables of a C library; `Once` makes this the only \
                      writer, before any repository is opened"
        )]
        // SAFETY: no other code of the crate calls libgit2 before this block has ended.
        let prepared = unsafe {
            // Both extensions concern refs and fetching, which are never done here. The owner
            // was checked by git itself, which sees settings that libgit2 does not. Nothing is
            // read from the person's own configuration files: git is asked for configuration.
            git2::opts::set_extensions(&["refstorage", "partialclone"])
                .and_then(|()| git2::opts::set_verify_owner_validation(false))
                .and_then(|()| git2::opts::set_search_path(git2::ConfigLevel::System, ""))
                .and_then(|()| git2::opts::set_search_path(git2::ConfigLevel::Global, ""))
                .and_then(|()| git2::opts::set_search_path(git2::ConfigLevel::XDG, ""))
        };
        // Without the options libgit2 opens fewer repositories, and the others go through git.
        drop(prepared);
    });
}

pub(super) fn library_format(format: ObjectFormat) -> git2::ObjectFormat {
    match format {
        ObjectFormat::Sha1 => git2::ObjectFormat::Sha1,
        ObjectFormat::Sha256 => git2::ObjectFormat::Sha256,
    }
}

pub(super) fn library_id(id: &ObjectId, format: ObjectFormat) -> Result<Oid, Error> {
    if id.as_str().len() != format.hex_length() {
        return Err(Error::MissingObject { id: id.clone() });
    }
    Oid::from_str_ext(id.as_str(), library_format(format)).map_err(database)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err needs"
)]
pub(super) fn database(error: git2::Error) -> Error {
    Error::Database {
        message: error.message().to_owned(),
    }
}
