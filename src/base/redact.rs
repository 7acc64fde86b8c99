//! Masking of secret values in text that is about to be kept or shown.
//!
//! A [`Masker`] knows the secret values and their usual encodings and replaces every occurrence
//! by `***`. It works on a stream: [`Masker::feed`] holds back just as many bytes as could be the
//! start of a secret, so a value that is split over two reads is masked too.

use std::sync::Arc;

/// What a masked value is replaced by; the spelling is GitHub's.
const MASK: &[u8] = b"***";

/// Values shorter than this many bytes are not masked: masking `a` would destroy every text.
pub(crate) const MINIMUM_BYTES: usize = 3;

/// Fewest characters of an encoded value that are masked: 24 bits of it.
const MINIMUM_ENCODED: usize = 4;

/// Replaces secret values in a stream of bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Masker {
    /// By their first byte, those of one longest first, so that a secret that contains another
    /// one is masked whole. Empty when there is nothing to mask.
    needles: Arc<Vec<Vec<Vec<u8>>>>,
    held: Vec<u8>,
}

impl Masker {
    /// Knows these values, each line of a value of several lines, and their encodings: base64
    /// (three alignments, standard and URL alphabets, with padding and without), percent-encoding
    /// (of parts of addresses, whole ones and forms), hex, JSON escapes and XML.
    pub(crate) fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles: Vec<Vec<u8>> = Vec::new();
        for value in values {
            needles.extend(forms(value));
        }
        needles.sort_by(|a, b| order(a, b));
        needles.dedup();
        if needles.is_empty() {
            return Self::default();
        }
        let mut by_first = vec![Vec::new(); 256];
        for needle in needles {
            if let Some(known) = bucket(&mut by_first, &needle) {
                known.push(needle);
            }
        }
        Self {
            needles: Arc::new(by_first),
            held: Vec::new(),
        }
    }

    /// Knows one more value, as [`Self::new`] does. What is held back stays so.
    pub(crate) fn add(&mut self, value: &str) {
        for needle in forms(value) {
            let by_first = Arc::make_mut(&mut self.needles);
            by_first.resize(256, Vec::new());
            let Some(known) = bucket(by_first, &needle) else {
                continue;
            };
            if let Err(place) = known.binary_search_by(|known| order(known, &needle)) {
                known.insert(place, needle);
            }
        }
    }

    /// Whether there is nothing to mask.
    pub(crate) fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Bytes of the longest value or encoding.
    pub(crate) fn longest(&self) -> usize {
        let lengths = self.needles.iter().flatten().map(Vec::len);
        lengths.max().unwrap_or(0)
    }

    /// Whether a value, or an encoding of one, stands in these bytes.
    pub(crate) fn finds(&self, bytes: &[u8]) -> bool {
        (0..bytes.len())
            .filter_map(|at| bytes.get(at..))
            .any(|rest| self.needles_of(rest).any(|needle| rest.starts_with(needle)))
    }

    /// Masks a whole text.
    pub(crate) fn mask(&self, text: &str) -> String {
        if self.needles.is_empty() {
            return text.to_owned();
        }
        let mut stream = Self {
            needles: Arc::clone(&self.needles),
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
        let mut held = std::mem::take(&mut self.held);
        self.feed_after(&mut held, bytes, out);
        self.held = held;
    }

    /// As [`Self::feed`], for a stream that keeps what is held back itself.
    pub(crate) fn feed_after(&self, held: &mut Vec<u8>, bytes: &[u8], out: &mut Vec<u8>) {
        if self.needles.is_empty() {
            out.append(held);
            out.extend_from_slice(bytes);
            return;
        }
        held.extend_from_slice(bytes);
        let keep = self.drain(held, out, false);
        held.drain(..keep);
    }

    /// As [`Self::finish`], for a stream that keeps what is held back itself.
    pub(crate) fn finish_after(&self, held: &mut Vec<u8>, out: &mut Vec<u8>) {
        self.drain(held, out, true);
        held.clear();
    }

    /// Appends what was held back: the stream has ended, or its reader cannot wait.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        let mut held = std::mem::take(&mut self.held);
        self.finish_after(&mut held, out);
    }

    /// The needles that begin as `rest` does.
    fn needles_of(&self, rest: &[u8]) -> impl Iterator<Item = &Vec<u8>> {
        let first = rest.first().map(|byte| usize::from(*byte));
        let known = first.and_then(|first| self.needles.get(first));
        known.into_iter().flatten()
    }

    /// Copies the settled part of `held` to `out`; returns its length.
    fn drain(&self, held: &[u8], out: &mut Vec<u8>, ended: bool) -> usize {
        let mut at = 0;
        while let Some(rest) = held.get(at..).filter(|rest| !rest.is_empty()) {
            // One that is longer than what is here may still be arriving; wait for it.
            let partial = |needle: &Vec<u8>| needle.len() > rest.len() && needle.starts_with(rest);
            if !ended && self.needles_of(rest).any(partial) {
                break;
            }
            if let Some(needle) = self
                .needles_of(rest)
                .find(|needle| rest.starts_with(needle))
            {
                out.extend_from_slice(MASK);
                at += needle.len();
                continue;
            }
            out.extend(rest.first());
            at += 1;
        }
        at
    }
}

/// What stands for a value: its lines too, each in every encoding.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let lines = value.lines().map(str::trim);
    // What is quoted as a whole may be printed without its quotes.
    let quoted = value.trim().strip_prefix('"');
    let quoted = quoted.and_then(|value| value.strip_suffix('"'));
    let parts = std::iter::once(value.trim()).chain(lines).chain(quoted);
    let long = parts.filter(|part| part.len() >= MINIMUM_BYTES);
    let mut forms: Vec<Vec<u8>> = long.flat_map(|part| encodings(part.as_bytes())).collect();
    forms.retain(|form| form.len() >= MINIMUM_BYTES);
    forms
}

/// The longest first.
fn order(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    b.len().cmp(&a.len()).then_with(|| a.cmp(b))
}

/// Where those with the first byte of this one are.
fn bucket<'a>(by_first: &'a mut [Vec<Vec<u8>>], needle: &[u8]) -> Option<&'a mut Vec<Vec<u8>>> {
    by_first.get_mut(usize::from(*needle.first()?))
}

/// A value and the encodings in which programs print it.
fn encodings(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_vec(), json_escaped(value)];
    forms.extend(percent_encodings(value));
    forms.extend(text_encodings(value));
    forms.push(hex(value, b"0123456789abcdef"));
    forms.push(hex(value, b"0123456789ABCDEF"));
    let mut encoded = Vec::new();
    let line = [value, b"\n"].concat();
    for before in 0..3 {
        for alphabet in [STANDARD, URL_SAFE] {
            encoded.push(base64_inside(value, before, alphabet));
            // At the end of what was encoded, the last character is known too; so it is where a
            // line feed ends it, as `echo` has it.
            for whole in [value, &line] {
                let end = base64_end(whole, before, alphabet);
                let padding: &[u8] = match (before + whole.len()) % 3 {
                    0 => b"",
                    1 => b"==",
                    _ => b"=",
                };
                encoded.push([end.as_slice(), padding].concat());
                encoded.push(end);
            }
        }
    }
    let long = encoded.into_iter();
    forms.extend(long.filter(|form| form.len() >= MINIMUM_ENCODED));
    forms
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How many characters of the first group are those of the bytes before a value, at least in
/// part.
fn base64_hidden(before: usize) -> usize {
    match before {
        0 => 0,
        bytes => bytes + 1,
    }
}

/// The characters that stand for a value wherever something follows it, when its group began
/// with this many other bytes: those that do not depend on what is around it.
fn base64_inside(value: &[u8], before: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let mut encoded = base64_end(value, before, alphabet);
    if !(before + value.len()).is_multiple_of(3) {
        encoded.pop();
    }
    encoded
}

/// The characters that stand for a value at the end of what was encoded, without padding.
fn base64_end(value: &[u8], before: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let bytes = [vec![0; before].as_slice(), value].concat();
    let mut encoded = Vec::with_capacity(bytes.len() / 3 * 4 + 4);
    for group in bytes.chunks(3) {
        let word = (0..3).fold(0_usize, |word, index| {
            (word << 8) | group.get(index).map_or(0, |byte| usize::from(*byte))
        });
        for shift in [18, 12, 6, 0].into_iter().take(group.len() + 1) {
            encoded.extend(alphabet.get((word >> shift) & 63));
        }
    }
    encoded.drain(..base64_hidden(before).min(encoded.len()));
    encoded
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| digits.get(usize::from(digit)).copied())
        .collect()
}

/// What may stand in an address as it is, besides letters and digits: programs agree about the
/// first four only.
const KEPT_IN_ADDRESSES: [&[u8]; 5] = [
    b"-_.~",
    b"-_.~/",
    b"-_.~!'()*",
    b"-_.~!'()*;/?:@&=+$,#",
    b"-_.*",
];

/// Percent-encoding as programs write it: they differ in what they leave as it is, and a form
/// has `+` for a blank.
fn percent_encodings(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms: Vec<Vec<u8>> = Vec::new();
    for kept in KEPT_IN_ADDRESSES {
        let encoded = percent(value, kept);
        let form = encoded.split(|byte| *byte == b'%').enumerate();
        let form = form.flat_map(|(index, part)| match part.strip_prefix(b"20") {
            Some(rest) if index > 0 => [b"+", rest].concat(),
            _ if index > 0 => [b"%", part].concat(),
            _ => part.to_vec(),
        });
        forms.push(form.collect());
        forms.push(encoded);
    }
    forms.sort();
    forms.dedup();
    forms.retain(|form| form != value);
    forms
}

fn percent(bytes: &[u8], kept: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || kept.contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.push(b'%');
            encoded.extend(hex(&[*byte], b"0123456789ABCDEF"));
        }
    }
    encoded
}

/// The encodings that are made of characters: XML, and JSON that writes some of them as numbers.
fn text_encodings(value: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(value) else {
        return Vec::new();
    };
    // How XML and HTML write an apostrophe differs, and quotes may stay as they are.
    let xml = [Some("&apos;"), Some("&#39;"), Some("&#x27;"), None].map(|quote| {
        let text = text.replace('&', "&amp;");
        let text = text.replace('<', "&lt;").replace('>', "&gt;");
        match quote {
            Some(quote) => text.replace('"', "&quot;").replace('\'', quote),
            None => text,
        }
    });
    let plain = json_escaped(value);
    let json = String::from_utf8_lossy(&plain).into_owned();
    let ascii = |upper: bool| {
        let units = json.encode_utf16().map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ if upper => format!("\\u{unit:04X}"),
            _ => format!("\\u{unit:04x}"),
        });
        units.collect::<String>()
    };
    let (lower, upper) = (ascii(false), ascii(true));
    let for_pages = json.replace('&', "\\u0026");
    let for_pages = for_pages.replace('<', "\\u003c").replace('>', "\\u003e");
    let all = xml.into_iter().chain([lower, upper, for_pages]);
    let all = all.map(String::into_bytes);
    all.filter(|form| form != value && *form != plain).collect()
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
mod tests;
