//! Lists and objects: what a value can hold more of than one.

use std::collections::HashMap;
use std::ops::Deref;

use crate::model::expression::value::Value;

/// Entries from which on an object keeps an index; below, looking at each is quicker, and so is
/// copying one: the contexts are copied for each step.
const INDEXED: usize = 48;

/// A list of values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Array {
    items: Vec<Value>,
    /// It came from `.*`, so that a look-up in it is one in each of its items.
    filtered: bool,
}

impl Array {
    /// A list.
    pub(crate) fn new(items: Vec<Value>) -> Self {
        Self {
            items,
            filtered: false,
        }
    }

    /// What `.*` gives.
    pub(crate) fn filtered(items: Vec<Value>) -> Self {
        Self {
            items,
            filtered: true,
        }
    }

    /// Whether it came from `.*`.
    pub(crate) fn is_filtered(&self) -> bool {
        self.filtered
    }
}

impl Deref for Array {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

/// Named values in the order of their insertion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    entries: Vec<(String, Value)>,
    /// Where the entry of a name is, once there are many; the names are folded unless case counts.
    index: HashMap<String, usize>,
    case_counts: bool,
}

impl Object {
    /// An object whose names are found in any case.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An object whose names differ by case: the variables of an environment.
    pub(crate) fn case_sensitive() -> Self {
        Self {
            case_counts: true,
            ..Self::default()
        }
    }

    /// Sets a value; a name that is there keeps its place and gets the new value.
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        match self.find(&name) {
            Some(index) => self.replace(index, value.into()),
            None => self.push(name, value.into()),
        }
    }

    /// Adds an entry of a JSON object. Of names that differ by case alone the first counts; of
    /// equal ones the last, as on GitHub.
    pub(crate) fn add(&mut self, name: String, value: Value) {
        match self.find(&name) {
            None => self.push(name, value),
            Some(index) => {
                if self.entries.get(index).is_some_and(|entry| entry.0 == name) {
                    self.replace(index, value);
                }
            }
        }
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.entries.get(self.find(name)?).map(|(_, value)| value)
    }

    /// The entries in their order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn find(&self, name: &str) -> Option<usize> {
        if self.entries.len() >= INDEXED {
            return self.index.get(&self.key(name)).copied();
        }
        let plain = name.is_ascii();
        let found = |known: &str| {
            known == name
                || (!self.case_counts
                    && (known.eq_ignore_ascii_case(name)
                        || (!(plain && known.is_ascii())
                            && known.to_lowercase() == name.to_lowercase())))
        };
        self.entries.iter().position(|(known, _)| found(known))
    }

    fn replace(&mut self, index: usize, value: Value) {
        if let Some(entry) = self.entries.get_mut(index) {
            entry.1 = value;
        }
    }

    fn push(&mut self, name: String, value: Value) {
        self.entries.push((name, value));
        let first = match self.entries.len() {
            INDEXED => 0,
            more if more > INDEXED => more - 1,
            _ => return,
        };
        for at in first..self.entries.len() {
            if let Some(key) = self.entries.get(at).map(|(name, _)| self.key(name)) {
                self.index.insert(key, at);
            }
        }
    }

    fn key(&self, name: &str) -> String {
        if self.case_counts {
            name.to_owned()
        } else {
            name.to_lowercase()
        }
    }
}
