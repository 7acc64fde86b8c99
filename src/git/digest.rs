//! Digests of contents that are not Git objects.

use crate::base::ids::ContentHash;

/// The SHA-256 of some bytes.
pub(crate) fn content_hash(bytes: &[u8]) -> ContentHash {
    let mut hasher = gix_hash::hasher(gix_hash::Kind::Sha256);
    hasher.update(bytes);
    let digest = hasher
        .try_finalize()
        .expect("only SHA-1 can meet a collision attack");
    ContentHash::new(digest.to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::content_hash;

    #[test]
    fn digests_are_sha_256() {
        // FIPS 180-2, appendix B.1, and the digest of nothing.
        let check = |bytes: &[u8], expected: &str| {
            assert_eq!(content_hash(bytes).as_str(), expected);
        };
        check(
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        );
        check(
            b"",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        );
    }
}
