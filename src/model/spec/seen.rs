//! Finds what stands twice.

use crate::base::source::Span;
use std::collections::HashMap;
use std::hash::Hash;

/// As many things are compared one by one, which costs less than hashing them.
const FEW: usize = 16;

/// Where each thing stood first.
pub(super) struct FirstPlaces<T> {
    few: Vec<(T, Span)>,
    many: HashMap<T, Span>,
}

impl<T> Default for FirstPlaces<T> {
    fn default() -> Self {
        Self {
            few: Vec::with_capacity(FEW),
            many: HashMap::new(),
        }
    }
}

impl<T: Copy + Eq + Hash> FirstPlaces<T> {
    /// Where a thing stood first; nothing when it stands first here, which is remembered.
    pub(super) fn of_or_put(&mut self, thing: T, span: Span) -> Option<Span> {
        let few = self.few.iter().find(|(known, _)| *known == thing);
        if let Some((_, first)) = few {
            return Some(*first);
        }
        if self.few.len() < FEW {
            self.few.push((thing, span));
            return None;
        }
        if let Some(first) = self.many.get(&thing) {
            return Some(*first);
        }
        self.many.insert(thing, span);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, FirstPlaces};
    use crate::base::source::Span;

    #[test]
    fn the_first_place_is_kept_whatever_the_number() {
        let mut seen = FirstPlaces::default();
        let count = 3 * FEW;
        for round in 0..2 {
            for number in 0..count {
                let found = seen.of_or_put(number, Span::new(round * count + number, usize::MAX));
                let first = Span::new(number, usize::MAX);
                assert_eq!(found, (round > 0).then_some(first), "{number}");
            }
        }
    }
}
