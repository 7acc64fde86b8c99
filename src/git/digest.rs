//! Digests of content, independent of the hash that a repository uses.

use crate::base::ids::ContentHash;

/// The SHA-256 of some bytes.
pub(crate) fn content_hash(bytes: &[u8]) -> ContentHash {
    let mut digest = Sha256::default();
    digest.update(bytes);
    ContentHash::new(digest.hex())
}

/// A SHA-256 of bytes that come one after another.
pub(crate) struct Sha256(gix_hash::Hasher);

impl Default for Sha256 {
    fn default() -> Self {
        Self(gix_hash::hasher(gix_hash::Kind::Sha256))
    }
}

impl Sha256 {
    /// Adds some bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest.
    pub(crate) fn bytes(self) -> Vec<u8> {
        self.digest().as_slice().to_vec()
    }

    /// The digest in lower-case hex.
    pub(crate) fn hex(self) -> String {
        self.digest().to_string()
    }

    fn digest(self) -> gix_hash::ObjectId {
        self.0
            .try_finalize()
            .expect("only SHA-1 is checked for collisions")
    }
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
