//! Many objects at once, in one pack.
//!
//! A loose object costs a file and a sync of its own. From [`limits::BULK_OBJECTS`] on, objects
//! are kept in memory first and given to git as one pack.

use std::sync::PoisonError;

use crate::base::limits;
use crate::git::objects::{Objects, Store, database, library_id};
use crate::git::{Error, Repository};

/// Before the places that libgit2 knows by itself, which have priorities up to 2.
const BEFORE_FILES: i32 = 1_000;

/// Does work that writes objects, for about `count` files, and puts them on the disk before it
/// returns; work that comes to nothing leaves nothing there that is needed.
pub(super) fn write<T>(
    repository: &Repository,
    count: usize,
    work: impl FnOnce(&Objects) -> Result<Option<T>, Error>,
) -> Result<Option<T>, Error> {
    let objects = repository.objects()?;
    if count < limits::BULK_OBJECTS {
        let done = work(objects)?;
        if done.is_some() {
            objects.sync()?;
        }
        return Ok(done);
    }
    let collecting = collecting(repository)?;
    let Some(done) = work(&collecting)? else {
        return Ok(None);
    };
    match pack(&collecting)? {
        Some(pack) => {
            // Git checks the pack, names it and syncs it.
            let arguments = ["-c", "core.fsync=committed", "index-pack", "--stdin"];
            Repository::expect(&repository.command(arguments).input(pack))?;
            objects.refresh()?;
        }
        None => collecting.sync()?,
    }
    Ok(Some(done))
}

/// A view of the same objects that keeps what is written in memory, where libgit2 can.
fn collecting(repository: &Repository) -> Result<Objects, Error> {
    let objects = Objects::open(repository);
    if let Store::Library(library) = &objects.store {
        let library = library.lock().unwrap_or_else(PoisonError::into_inner);
        let odb = library.odb().map_err(database)?;
        odb.add_new_mempack_backend(BEFORE_FILES)
            .map_err(database)?;
    }
    Ok(objects)
}

/// What was written to a collecting view, as one pack; nothing when it went to the disk.
fn pack(objects: &Objects) -> Result<Option<Vec<u8>>, Error> {
    let Store::Library(library) = &objects.store else {
        return Ok(None);
    };
    let library = library.lock().unwrap_or_else(PoisonError::into_inner);
    let written = objects
        .written
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let mut builder = library.packbuilder().map_err(database)?;
    for id in written.iter() {
        let id = library_id(id, objects.format)?;
        builder.insert_object(id, None).map_err(database)?;
    }
    let mut pack = git2::Buf::new();
    builder.write_buf(&mut pack).map_err(database)?;
    Ok(Some(pack.to_vec()))
}
