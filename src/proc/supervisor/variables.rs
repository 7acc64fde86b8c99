//! The environment of an attempt, as the kernel takes it.

use std::ffi::CStr;

/// Variables as `NAME=value`, each with a NUL behind it: in this form they are sent, and handed to
/// the process that is started.
///
/// A step of a run differs from the one before it in a few variables only, so most are copied as
/// they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variables {
    bytes: Vec<u8>,
}

/// A variable that no process can have: its name or its value holds a NUL.
#[derive(Debug, thiserror::Error)]
#[error("the variable `{0}` holds a NUL character, and a program can be given none")]
pub(crate) struct HoldsNul(String);

impl Variables {
    /// Takes them as they were sent; `None` when they do not end where a variable ends.
    pub(super) fn received(bytes: Vec<u8>) -> Option<Self> {
        matches!(bytes.last(), None | Some(0)).then_some(Self { bytes })
    }

    /// As they are sent.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds one, which must not be there yet.
    pub(crate) fn push(&mut self, name: &[u8], value: &[u8]) -> Result<(), HoldsNul> {
        if name.contains(&0) || value.contains(&0) {
            return Err(HoldsNul(String::from_utf8_lossy(name).into_owned()));
        }
        self.bytes.reserve(name.len() + value.len() + 2);
        self.bytes.extend_from_slice(name);
        self.bytes.push(b'=');
        self.bytes.extend_from_slice(value);
        self.bytes.push(0);
        Ok(())
    }

    /// These variables with others in the place of those of the same name; of others with one name
    /// the last counts.
    pub(crate) fn with(&self, others: &[(String, String)]) -> Result<Self, HoldsNul> {
        let replaced = |name: &[u8], others: &[(String, String)]| {
            others.iter().any(|(other, _)| other.as_bytes() == name)
        };
        let more = others.iter();
        let more: usize = more.map(|(name, value)| name.len() + value.len() + 2).sum();
        let mut all = Self {
            bytes: Vec::with_capacity(self.bytes.len() + more),
        };
        for whole in self.entries() {
            if !replaced(split(whole).0, others) {
                all.bytes.extend_from_slice(whole.to_bytes_with_nul());
            }
        }
        for (index, (name, value)) in others.iter().enumerate() {
            let later = others.get(index + 1..).unwrap_or(&[]);
            if !replaced(name.as_bytes(), later) {
                all.push(name.as_bytes(), value.as_bytes())?;
            }
        }
        Ok(all)
    }

    /// Each as `NAME=value`.
    pub(super) fn entries(&self) -> impl Iterator<Item = &CStr> {
        let mut rest = self.bytes.as_slice();
        std::iter::from_fn(move || {
            let whole = CStr::from_bytes_until_nul(rest).ok()?;
            rest = rest.get(whole.to_bytes_with_nul().len()..)?;
            Some(whole)
        })
    }

    /// Each with its name and its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.entries().map(split)
    }

    /// The value of one.
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        let mut all = self.iter();
        all.find_map(|(known, value)| (known == name.as_bytes()).then_some(value))
    }
}

/// Name and value. The first character belongs to the name, whatever it is.
fn split(whole: &CStr) -> (&[u8], &[u8]) {
    let bytes = whole.to_bytes();
    let at = bytes.iter().skip(1).position(|byte| *byte == b'=');
    match at {
        Some(at) => {
            let (name, value) = bytes.split_at_checked(at + 1).unwrap_or((bytes, b"="));
            (name, value.get(1..).unwrap_or(b""))
        }
        None => (bytes, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::Variables;

    fn of(list: &[(&str, &str)]) -> Variables {
        let mut all = Variables::default();
        for (name, value) in list {
            all.push(name.as_bytes(), value.as_bytes()).expect("no NUL");
        }
        all
    }

    fn owned(list: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = list.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_last_of_a_name_counts_and_stands_once() {
        let base = of(&[("A", "1"), ("AB", "x=y"), ("=odd", "v"), ("E", "")]);
        let all = base
            .with(&owned(&[("A", "2"), ("N", "1"), ("A", "3"), ("N", "")]))
            .expect("no NUL");
        let pairs: Vec<_> = all.iter().collect();
        let expected: [(&[u8], &[u8]); 5] = [
            (b"AB", b"x=y"),
            (b"=odd", b"v"),
            (b"E", b""),
            (b"A", b"3"),
            (b"N", b""),
        ];
        assert_eq!(pairs, expected);
        assert_eq!(all.get("AB"), Some(&b"x=y"[..]));
        assert_eq!(all.get("B"), None);
    }

    #[test]
    fn nothing_with_a_nul_gets_in() {
        let mut all = of(&[("A", "1")]);
        for (name, value) in [("B", "1\0C=2"), ("B\0", "1")] {
            assert!(all.push(name.as_bytes(), value.as_bytes()).is_err());
            assert!(all.with(&owned(&[(name, value)])).is_err());
        }
        assert_eq!(all, of(&[("A", "1")]));
    }

    #[test]
    fn what_was_cut_off_is_not_taken() {
        let whole = of(&[("A", "1"), ("B", "2")]);
        let bytes = whole.as_bytes().to_vec();
        assert_eq!(Variables::received(bytes.clone()), Some(whole));
        let cut = bytes.get(..bytes.len() - 1).expect("not empty").to_vec();
        assert_eq!(Variables::received(cut), None);
        assert_eq!(Variables::received(Vec::new()), Some(Variables::default()));
    }
}
