//! Many blobs at once.
//!
//! A loose object costs a file and a sync; from some number on one pack is cheaper by far.

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::objects::ObjectKind;
use crate::git::{Error, Repository};

/// Stores blobs; their ids come in the same order. They are on the disk after
/// [`crate::git::objects::Objects::sync`].
pub(crate) fn write_blobs(
    repository: &Repository,
    blobs: &[Vec<u8>],
) -> Result<Vec<ObjectId>, Error> {
    repository.refuse_quarantine()?;
    let objects = repository.objects()?;
    if blobs.len() < limits::BULK_OBJECTS {
        return blobs
            .iter()
            .map(|bytes| objects.write(ObjectKind::Blob, bytes))
            .collect();
    }
    let mut input = Vec::with_capacity(blobs.iter().map(|blob| blob.len() + 32).sum());
    for blob in blobs {
        input.extend_from_slice(format!("blob\ndata {}\n", blob.len()).as_bytes());
        input.extend_from_slice(blob);
        input.push(b'\n');
    }
    // Without its last word a stream that was cut off would pass for a whole one.
    input.extend_from_slice(b"done\n");
    let settings = [
        "-c",
        "core.fsync=committed",
        "-c",
        "fastimport.unpackLimit=1",
    ];
    let arguments = settings
        .into_iter()
        .chain(["fast-import", "--quiet", "--done"]);
    Repository::expect(&repository.command(arguments).input(input))?;
    objects.refresh()?;
    blobs
        .iter()
        .map(|bytes| {
            let id = objects.hash(ObjectKind::Blob, bytes)?;
            // Paired with the write: an id that is handed out stands for something.
            if objects.exists(&id)? {
                Ok(id)
            } else {
                Err(Error::MissingObject { id })
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::write_blobs;
    use crate::base::limits;
    use crate::git::testing::everywhere;
    use crate::sys::files;

    #[test]
    fn a_pack_and_loose_objects_have_the_same_ids() {
        everywhere(|sandbox| {
            let repository = sandbox.open();
            let blobs: Vec<_> = (0..limits::BULK_OBJECTS * 3)
                .map(|number| format!("{number}\n\0\n").repeat(number).into_bytes())
                .collect();
            let packs = || {
                let folder = repository.common_dir().join("objects/pack");
                files::entries(&folder).expect("lists").len()
            };
            let before = packs();
            let packed = write_blobs(&repository, &blobs).expect("writes");
            assert!(packs() > before, "{}", sandbox.label);
            let loose: Vec<_> = blobs
                .chunks(limits::BULK_OBJECTS - 1)
                .flat_map(|some| write_blobs(&repository, some).expect("writes"))
                .collect();
            assert_eq!(packed, loose, "{}", sandbox.label);
            repository.objects().expect("opens").sync().expect("syncs");
            let read = repository
                .objects()
                .expect("opens")
                .read(&packed[7])
                .expect("reads");
            assert_eq!(read.map(|(_, bytes)| bytes).as_ref(), blobs.get(7));
            sandbox.fsck();
        });
    }
}
