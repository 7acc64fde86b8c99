//! Many objects at once, in one pack.
//!
//! A loose object costs a file and a sync of its own. From [`limits::BULK_OBJECTS`] on, objects
//! are kept in memory first and become one pack.

use std::sync::{Mutex, PoisonError};

use crate::base::limits;
use crate::git::library::{database, library_format, library_id};
use crate::git::objects::{Memory, Objects};
use crate::git::plain_pack::{Packed, PlainPack};
use crate::git::{Error, Repository};

/// Bytes of all objects up to which they are stored as they are: 1,000 notes of one line with their
/// trees are 170 KiB. Text that is much longer is worth being compressed.
const PLAIN_BYTES: usize = 256 * 1024;

/// Does work that writes objects, for about `count` files, and puts them on the disk before it
/// returns; work that comes to nothing leaves nothing there that is needed.
pub(super) fn write<T>(
    repository: &Repository,
    count: usize,
    work: impl FnOnce(&Objects) -> Result<Option<T>, Error>,
) -> Result<Option<T>, Error> {
    if count < limits::BULK_OBJECTS {
        let objects = repository.objects()?;
        let done = work(objects)?;
        if done.is_some() {
            objects.sync()?;
        }
        return Ok(done);
    }
    let mut objects = Objects::open(repository);
    objects.memory = Some(Mutex::default());
    let Some(done) = work(&objects)? else {
        return Ok(None);
    };
    let written = objects.memory.take().unwrap_or_default();
    let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
    let bytes: usize = written.values().map(|(_, bytes)| bytes.len()).sum();
    if bytes <= PLAIN_BYTES {
        let packed: Vec<Packed<'_>> = written
            .iter()
            .map(|(id, (kind, bytes))| (id, *kind, bytes.as_slice()))
            .collect();
        let pack = PlainPack::new(&packed, repository.object_format())?;
        pack.store(&repository.common_dir().join("objects"))?;
    } else {
        // Git checks the pack, names it and syncs it.
        let arguments = ["-c", "core.fsync=committed", "index-pack", "--stdin"];
        let pack = compressed(&written, repository)?;
        Repository::expect(&repository.command(arguments).input(pack))?;
    }
    repository.objects()?.refresh()?;
    Ok(Some(done))
}

/// The objects as one pack, compressed and compared with each other.
fn compressed(written: &Memory, repository: &Repository) -> Result<Vec<u8>, Error> {
    let format = repository.object_format();
    let memory = git2::Odb::new_ext(library_format(format)).map_err(database)?;
    memory.add_new_mempack_backend(1).map_err(database)?;
    for (kind, bytes) in written.values() {
        memory.write(kind.library(), bytes).map_err(database)?;
    }
    let memory = git2::Repository::from_odb(memory).map_err(database)?;
    let mut builder = memory.packbuilder().map_err(database)?;
    for id in written.keys() {
        let id = library_id(id, format)?;
        builder.insert_object(id, None).map_err(database)?;
    }
    let mut pack = git2::Buf::new();
    builder.write_buf(&mut pack).map_err(database)?;
    Ok(pack.to_vec())
}
