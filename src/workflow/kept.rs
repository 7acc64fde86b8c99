//! What is kept on this machine of the files of steps, without the values of secrets in it.
//!
//! A value stands there as the name of its secret between two NUL bytes, which no such file holds;
//! whoever takes the run up finds the value where it was found before.

use crate::workflow::secrets::Secrets;

/// What stands around the name of a secret.
const AROUND: u8 = 0;

/// The content with names in the place of values; nothing where it cannot be written so.
pub(super) fn without_secrets(content: &[u8], secrets: &Secrets) -> Option<Vec<u8>> {
    if content.contains(&AROUND) {
        return None;
    }
    let mut named: Vec<(&str, &str)> = secrets.named().collect();
    // One that holds another goes first.
    named.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    let mut kept = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some((first, after)) = rest.split_first() {
        let found = named
            .iter()
            .find(|(_, value)| rest.starts_with(value.as_bytes()));
        if let Some((name, value)) = found {
            kept.push(AROUND);
            kept.extend_from_slice(name.as_bytes());
            kept.push(AROUND);
            rest = rest.get(value.len()..).unwrap_or_default();
        } else {
            kept.push(*first);
            rest = after;
        }
    }
    Some(kept)
}

/// The content as it was; a secret that is gone is the empty text, as everywhere.
pub(super) fn with_secrets(kept: &[u8], secrets: &Secrets) -> Vec<u8> {
    let mut content = Vec::with_capacity(kept.len());
    for (index, piece) in kept.split(|byte| *byte == AROUND).enumerate() {
        if index % 2 == 0 {
            content.extend_from_slice(piece);
            continue;
        }
        let mut named = secrets.named();
        let value = named.find(|(name, _)| name.as_bytes() == piece);
        content.extend_from_slice(value.map_or("", |(_, value)| value).as_bytes());
    }
    content
}
