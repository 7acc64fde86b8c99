//! Any path as one line of text, and back: bytes that are not UTF-8 lose nothing.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The path itself where it is plain text; else each byte that is not as `%` and two hex digits.
pub(crate) fn escape(path: &Path) -> String {
    let plain = |character: char| !character.is_control() && character != '%';
    if let Some(text) = path.to_str().filter(|text| text.chars().all(plain)) {
        return text.to_owned();
    }
    let bytes = path.as_os_str().as_bytes().iter();
    let texts = bytes.map(|byte| match byte {
        b' '..=b'~' if *byte != b'%' => char::from(*byte).to_string(),
        _ => format!("%{byte:02x}"),
    });
    texts.collect()
}

/// The path that a text stands for; a `%` that escapes nothing is itself.
pub(crate) fn unescape(text: &str) -> PathBuf {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or("").as_bytes().to_vec();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte {
            bytes.push(byte);
            bytes.extend(part.get(2..).unwrap_or("").bytes());
        } else {
            bytes.push(b'%');
            bytes.extend(part.bytes());
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::{escape, unescape};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    fn check(path: &[u8], text: &str) {
        let path = Path::new(OsStr::from_bytes(path));
        assert_eq!(escape(path), text);
        assert_eq!(unescape(text), path);
    }

    #[test]
    fn every_path_comes_back() {
        check(b"/home/ada/greeter", "/home/ada/greeter");
        check("/home/zoë/x y".as_bytes(), "/home/zoë/x y");
        check(b"/nu\xff", "/nu%ff");
        check(b"/100%/a\nb", "/100%25/a%0ab");
        check(b"/%zz\xfe", "/%25zz%fe");
        assert_eq!(unescape("/50%/x%"), Path::new("/50%/x%"));
    }
}
