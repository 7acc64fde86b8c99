//! Many objects at once, in one pack.
//!
//! A loose object costs a file and a sync of its own. From [`limits::BULK_OBJECTS`] on, objects
//! are kept in memory first and given to git as one pack.

use std::sync::{Mutex, PoisonError};

use crate::base::limits;
use crate::git::objects::{Objects, Store, database, library_format, library_id};
use crate::git::{Error, Repository};

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
///
/// The memory is a database of its own: in one with the files, libgit2 looks at the folder of
/// packs again before each object that it writes, which costs more than writing it.
fn collecting(repository: &Repository) -> Result<Objects, Error> {
    let mut objects = Objects::open(repository);
    if let Store::Library(_) = &objects.store {
        let memory = git2::Odb::new_ext(library_format(objects.format)).map_err(database)?;
        memory.add_new_mempack_backend(1).map_err(database)?;
        let memory = git2::Repository::from_odb(memory).map_err(database)?;
        objects.memory = Some(Mutex::new(memory));
    }
    Ok(objects)
}

/// What was written to a collecting view, as one pack; nothing when it went to the disk.
fn pack(objects: &Objects) -> Result<Option<Vec<u8>>, Error> {
    let Some(memory) = &objects.memory else {
        return Ok(None);
    };
    let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    let written = objects
        .written
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let mut builder = memory.packbuilder().map_err(database)?;
    for id in written.iter() {
        let id = library_id(id, objects.format)?;
        builder.insert_object(id, None).map_err(database)?;
    }
    let mut pack = git2::Buf::new();
    builder.write_buf(&mut pack).map_err(database)?;
    Ok(Some(pack.to_vec()))
}
