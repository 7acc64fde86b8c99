//! Digests of content, independent of the hash that a repository uses.

use crate::base::ids::ContentHash;

/// The SHA-256 of some bytes.
pub(crate) fn content_hash(bytes: &[u8]) -> ContentHash {
    let mut hasher = gix_hash::hasher(gix_hash::Kind::Sha256);
    hasher.update(bytes);
    let digest = hasher
        .try_finalize()
        .expect("only SHA-1 is checked for collisions");
    ContentHash::new(digest.to_string())
}

#[cfg(test)]
mod tests {
    use super::content_hash;

    #[test]
    fn it_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(content_hash(b"abc").as_str(), expected);
    }
}
