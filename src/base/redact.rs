//! Masking of secret values in text that is about to be kept or shown.
//!
//! A [`Masker`] knows the secret values and their usual encodings and replaces every occurrence
//! by `***`. It works on a stream: [`Masker::feed`] holds back just as many bytes as could be the
//! start of a secret, so a value that is split over two reads is masked too.

/// What a masked value is replaced by; the spelling is GitHub's.
const MASK: &[u8] = b"***";

/// Values shorter than this many bytes are not masked: masking `a` would destroy every text.
const MINIMUM_BYTES: usize = 3;

/// Replaces secret values in a stream of bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Masker {
    /// Longest first, so that a secret that contains another one is masked whole.
    needles: Vec<Vec<u8>>,
    held: Vec<u8>,
}

impl Masker {
    /// Knows these values, each line of a value of several lines, and their encodings: base64
    /// (three alignments, standard and URL alphabets), percent-encoding, hex, and JSON escapes.
    pub(crate) fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles: Vec<Vec<u8>> = Vec::new();
        for value in values {
            let lines = value.lines().map(str::trim);
            for part in std::iter::once(value.trim()).chain(lines) {
                if part.len() >= MINIMUM_BYTES {
                    needles.extend(encodings(part.as_bytes()));
                }
            }
        }
        needles.retain(|needle| needle.len() >= MINIMUM_BYTES);
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
        Self {
            needles,
            held: Vec::new(),
        }
    }

    /// Whether there is nothing to mask.
    pub(crate) fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Masks a whole text.
    pub(crate) fn mask(&self, text: &str) -> String {
        if self.needles.is_empty() {
            return text.to_owned();
        }
        let mut stream = Self {
            needles: self.needles.clone(),
            held: Vec::new(),
        };
        let mut masked = Vec::with_capacity(text.len());
        stream.feed(text.as_bytes(), &mut masked);
        stream.finish(&mut masked);
        String::from_utf8_lossy(&masked).into_owned()
    }

    /// Takes the next bytes and appends to `out` what can be shown already.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.needles.is_empty() {
            out.extend_from_slice(bytes);
            return;
        }
        self.held.extend_from_slice(bytes);
        let keep = self.drain(out, false);
        self.held.drain(..keep);
    }

    /// Appends what was held back: the stream has ended, or its reader cannot wait.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        self.drain(out, true);
        self.held.clear();
    }

    /// Copies the settled part of `held` to `out`; returns its length.
    fn drain(&self, out: &mut Vec<u8>, ended: bool) -> usize {
        let mut at = 0;
        while let Some(rest) = self.held.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some(needle) = self.needles.iter().find(|needle| rest.starts_with(needle)) {
                // A longer needle may still be arriving; wait for it.
                let longer = |other: &&Vec<u8>| other.len() > rest.len() && other.starts_with(rest);
                if !ended && self.needles.iter().any(|other| longer(&other)) {
                    break;
                }
                out.extend_from_slice(MASK);
                at += needle.len();
                continue;
            }
            let partial = |needle: &Vec<u8>| needle.len() > rest.len() && needle.starts_with(rest);
            if !ended && self.needles.iter().any(partial) {
                break;
            }
            out.extend(rest.first());
            at += 1;
        }
        at
    }
}

/// A value and the encodings in which programs print it.
fn encodings(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_vec(), percent(value), json_escaped(value)];
    forms.push(hex(value, b"0123456789abcdef"));
    forms.push(hex(value, b"0123456789ABCDEF"));
    for offset in 0..3 {
        // Only what does not depend on neighbouring bytes can be searched for.
        for alphabet in [STANDARD, URL_SAFE] {
            let padded = [vec![0; offset], value.to_vec()].concat();
            let whole = padded.len() / 3 * 3;
            let encoded = base64(padded.get(..whole).unwrap_or(&[]), alphabet);
            let skip = if offset == 0 { 0 } else { 4 };
            if let Some(stable) = encoded.get(skip..).filter(|stable| stable.len() >= 8) {
                forms.push(stable.to_vec());
            }
        }
    }
    forms
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 of whole groups of three bytes (RFC 4648).
fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len() / 3 * 4);
    for group in bytes.chunks_exact(3) {
        let word = group
            .iter()
            .fold(0_usize, |word, byte| (word << 8) | usize::from(*byte));
        for shift in [18, 12, 6, 0] {
            encoded.extend(alphabet.get((word >> shift) & 63));
        }
    }
    encoded
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| digits.get(usize::from(digit)).copied())
        .collect()
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.push(b'%');
            encoded.extend(hex(&[*byte], b"0123456789ABCDEF"));
        }
    }
    encoded
}

fn json_escaped(bytes: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'"' | b'\\' => escaped.extend([b'\\', *byte]),
            b'\n' => escaped.extend(b"\\n"),
            b'\t' => escaped.extend(b"\\t"),
            b'\r' => escaped.extend(b"\\r"),
            _ => escaped.push(*byte),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::Masker;

    fn check(secrets: &[&str], text: &str, expected: &str) {
        let masker = Masker::new(secrets.iter().copied());
        assert_eq!(masker.mask(text), expected, "{secrets:?}");
        // The same, arriving in pieces of every size.
        for size in 1..text.len().max(2) {
            let mut stream = masker.clone();
            let mut out = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                stream.feed(piece, &mut out);
            }
            stream.finish(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "pieces of {size}");
        }
    }

    #[test]
    fn values_are_masked_whole_and_in_pieces() {
        check(&["hunter2"], "the word is hunter2!", "the word is ***!");
        check(&["hunter2"], "hunter hunter22", "hunter ***2");
        check(&["abc", "abcdef"], "abcdef abcde", "*** ***de");
        check(&["aab"], "aaab", "a***");
        check(&["x"], "x marks", "x marks");
        check(&["line one\nline two"], "got line two", "got ***");
        check(&[], "nothing", "nothing");
    }

    #[test]
    fn encodings_are_masked() {
        check(&["p@ss word"], "q=p%40ss%20word", "q=***");
        check(&["hunter22"], "68756e7465723232", "***");
        check(&["say \"hi\""], r#"{"v":"say \"hi\""}"#, r#"{"v":"***"}"#);
        // printf 'hunter2-secret!' | base64, then after one and after two more bytes.
        check(&["hunter2-secret!"], "aHVudGVyMi1zZWNyZXQh", "***");
        assert!(
            !Masker::new(["hunter2-secret!"])
                .mask("eGh1bnRlcjItc2VjcmV0IQ==")
                .contains("udGVyMi1zZWNyZXQ")
        );
    }
}
