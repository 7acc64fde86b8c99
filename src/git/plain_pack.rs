//! A pack of small objects as Git stores it, put together here.
//!
//! Objects of a hundred bytes are hardly worth being compressed or compared with each other, which
//! is most of the work of making a pack: they are stored as they are, which zlib calls level 0. With
//! all of Git's means, 1,000 new notes of one line are a tenth smaller. `git gc` takes such objects
//! over as they are, `git repack -F` compresses them. The formats are those of gitformat-pack(5):
//! a pack of version 2 without deltas, and its index of version 2.

use std::path::Path;

use crate::base::ids::ObjectId;
use crate::git::Error;
use crate::git::objects::ObjectKind;
use crate::git::repository::ObjectFormat;
use crate::sys::files;

/// Bytes of one piece of a stored stream.
const PIECE: usize = 0xffff;

/// An object that goes into a pack.
pub(super) type Packed<'o> = (&'o ObjectId, ObjectKind, &'o [u8]);

/// A pack with its index, in memory.
#[derive(Debug)]
pub(super) struct PlainPack {
    /// The hash of the pack, by which it is named.
    name: String,
    pack: Vec<u8>,
    index: Vec<u8>,
}

impl PlainPack {
    /// Puts objects together; they must be of different ids.
    pub(super) fn new(objects: &[Packed<'_>], format: ObjectFormat) -> Result<Self, Error> {
        let mut pack = b"PACK\0\0\0\x02".to_vec();
        pack.extend(number(objects.len())?);
        let mut rows = Vec::with_capacity(objects.len());
        for (id, kind, bytes) in objects {
            let offset = pack.len();
            head(&mut pack, *kind, bytes.len());
            stored(&mut pack, bytes);
            let check = crc32(pack.get(offset..).unwrap_or_default());
            rows.push((binary(id)?, check, number(offset)?));
        }
        let hash = hash(&pack, format)?;
        pack.extend_from_slice(hash.as_slice());
        rows.sort_unstable();
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=u8::MAX {
            let until =
                rows.partition_point(|(id, ..)| id.first().is_some_and(|byte| *byte <= first));
            index.extend(number(until)?);
        }
        for (id, ..) in &rows {
            index.extend_from_slice(id);
        }
        for (_, check, _) in &rows {
            index.extend(check.to_be_bytes());
        }
        for (.., offset) in &rows {
            index.extend(offset);
        }
        index.extend_from_slice(hash.as_slice());
        let own = self::hash(&index, format)?;
        index.extend_from_slice(own.as_slice());
        Ok(Self {
            name: hash.to_string(),
            pack,
            index,
        })
    }

    /// Puts it on the disk, among the packs of a folder of objects.
    ///
    /// Both files are whole and synced before they get their names, the pack before the index:
    /// Git sees a pack when it sees its index. What a kill leaves has a name that `git gc` knows
    /// for a leftover, or is a pack without an index, which nobody reads.
    pub(super) fn store(&self, objects: &Path) -> Result<(), Error> {
        let folder = objects.join("pack");
        let parts = [
            ("pack", "tmp_pack_", &self.pack),
            ("idx", "tmp_idx_", &self.index),
        ];
        let mut prepared = Vec::with_capacity(parts.len());
        for (ending, prefix, bytes) in parts {
            let path = folder.join(format!("pack-{}.{ending}", self.name));
            prepared.push((files::prepare_final(&folder, prefix, bytes)?, path));
        }
        for (file, path) in prepared {
            files::finish(file, &path)?;
        }
        files::sync_folder(&folder)?;
        Ok(())
    }
}

/// The kind and size of an object, before its stream.
fn head(pack: &mut Vec<u8>, kind: ObjectKind, size: usize) {
    let kind: u8 = match kind {
        ObjectKind::Commit => 1,
        ObjectKind::Tree => 2,
        ObjectKind::Blob => 3,
        ObjectKind::Tag => 4,
    };
    let low = |size: usize, bits: u32| (size & ((1 << bits) - 1)).to_le_bytes()[0];
    let mut byte = kind << 4 | low(size, 4);
    let mut rest = size >> 4;
    while rest > 0 {
        pack.push(byte | 0x80);
        byte = low(rest, 7);
        rest >>= 7;
    }
    pack.push(byte);
}

/// A zlib stream of the bytes as they are.
fn stored(pack: &mut Vec<u8>, bytes: &[u8]) {
    pack.extend([0x78, 0x01]);
    let mut pieces = bytes.chunks(PIECE).peekable();
    loop {
        let piece = pieces.next().unwrap_or_default();
        let last = pieces.peek().is_none();
        let length = u16::try_from(piece.len()).unwrap_or(u16::MAX);
        pack.push(u8::from(last));
        pack.extend(length.to_le_bytes());
        pack.extend((!length).to_le_bytes());
        pack.extend_from_slice(piece);
        if last {
            break;
        }
    }
    pack.extend(adler32(bytes).to_be_bytes());
}

fn number(number: usize) -> Result<[u8; 4], Error> {
    // A first bit that is set would mean a table of large offsets.
    let small = i32::try_from(number).map_err(|_| Error::Database {
        message: "a pack became too large".to_owned(),
    })?;
    Ok(small.to_be_bytes())
}

fn binary(id: &ObjectId) -> Result<Vec<u8>, Error> {
    let digits = id.as_str().as_bytes();
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(value(high)? << 4 | value(low)?).ok(),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| Error::MissingObject { id: id.clone() })
}

fn hash(bytes: &[u8], format: ObjectFormat) -> Result<gix_hash::ObjectId, Error> {
    let mut hasher = gix_hash::hasher(match format {
        ObjectFormat::Sha1 => gix_hash::Kind::Sha1,
        ObjectFormat::Sha256 => gix_hash::Kind::Sha256,
    });
    hasher.update(bytes);
    hasher.try_finalize().map_err(|error| Error::Database {
        message: error.to_string(),
    })
}

/// The checksum of zlib (RFC 1950).
fn adler32(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    let (mut low, mut high) = (1_u32, 0_u32);
    // As many as cannot overflow before they are reduced.
    for chunk in bytes.chunks(5_552) {
        for byte in chunk {
            low += u32::from(*byte);
            high += low;
        }
        low %= BASE;
        high %= BASE;
    }
    high << 16 | low
}

/// The checksum of gzip (RFC 1952).
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    let step = |sum: u32, byte: &u8| sum >> 8 ^ TABLE[usize::from(sum.to_le_bytes()[0] ^ byte)];
    !bytes.iter().fold(u32::MAX, step)
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut number = 0;
    while number < 256 {
        let mut sum = number;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 {
                sum >> 1 ^ 0xedb8_8320
            } else {
                sum >> 1
            };
            bit += 1;
        }
        table[number as usize] = sum;
        number += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{PIECE, PlainPack, adler32, crc32};
    use crate::git::objects::ObjectKind;
    use crate::git::testing::everywhere;
    use crate::sys::files;

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!((crc32(b""), adler32(b"")), (0, 1));
        // 8 * 16384 times the largest byte: worked out with Python's zlib.
        assert_eq!(adler32(&vec![0xff; 131_072]), 0xcf5c_1de3);
    }

    #[test]
    fn git_reads_objects_of_all_sizes() {
        everywhere(|sandbox| {
            let repository = sandbox.open();
            let objects = repository.objects().expect("opens");
            let sizes = [0, 1, 15, 16, 2_047, 2_048, PIECE, PIECE + 1, 3 * PIECE];
            let contents = sizes.map(|size| b"a\nb\0".repeat(size)[..size].to_vec());
            let hash = |bytes: &Vec<u8>| objects.hash(ObjectKind::Blob, bytes).expect("hashes");
            let ids = contents.each_ref().map(hash);
            let packed: Vec<_> = ids
                .iter()
                .zip(&contents)
                .map(|(id, bytes)| (id, ObjectKind::Blob, bytes.as_slice()))
                .collect();
            let pack = PlainPack::new(&packed, repository.object_format()).expect("packs");
            let folder = repository.common_dir().join("objects");
            // What kills may have left: a part under a name of its own, and a pack without index.
            let left = |name: &str, bytes: &[u8]| {
                let path = folder.join("pack").join(name);
                files::write_atomic(&path, bytes).expect("writes");
            };
            left("tmp_pack_1", b"PACK");
            left(&format!("pack-{}.pack", pack.name), &pack.pack);
            assert_eq!(objects.read(&ids[7]).expect("reads"), None);
            pack.store(&folder).expect("stores");
            // The same again is no other pack.
            pack.store(&folder).expect("stores");
            let index = folder.join(format!("pack/pack-{}.idx", pack.name));
            let index = index.to_str().expect("is text");
            sandbox.git(&["verify-pack", index]);
            objects.refresh().expect("looks");
            for (id, bytes) in ids.iter().zip(&contents) {
                let read = objects.read(id).expect("reads").map(|(_, bytes)| bytes);
                assert_eq!(read.as_ref(), Some(bytes), "{}", sandbox.label);
                let size = sandbox.git(&["cat-file", "-s", id.as_str()]);
                assert_eq!(size, bytes.len().to_string(), "{}", sandbox.label);
            }
            sandbox.fsck();
        });
    }
}
