//! Changes keys of specs, byte by byte, after everything about the change was found right.

use std::collections::HashSet;

use crate::base::source::SourceText;
use crate::base::text::{one_of, suggestion};
use crate::model::spec::edit::{self, Draft, Scalar};
use crate::model::spec::graph::Lookup;
use crate::model::spec::parse::is_date;
use crate::model::spec::types::{FIXED, FORMAT, KEYS};
use crate::model::spec::{EditError, Spec, Status};
use crate::model::tree::{Entry, Node};
use crate::spec::Desk;
use crate::spec::Error;
use crate::spec::create::{dependencies, one_line};
use crate::state::Error as StateError;
use crate::state::format;
use crate::state::specs::SpecBook;

/// Keys that hold lists.
const LISTS: [&str; 2] = ["labels", "depends_on"];

/// Keys that must be there.
const REQUIRED: [&str; 2] = ["title", "status"];

/// One change of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The key gets this value.
    Set(&'static str, Scalar),
    /// The key goes away.
    Unset(&'static str),
    /// The list gets this item.
    Add(&'static str, String),
    /// The list loses this item.
    Remove(&'static str, String),
}

/// Reads `key=value`, `key=`, `+key:item` and `-key:item`.
pub(crate) fn parse(desk: &Desk<'_>, book: &SpecBook, word: &str) -> Result<Change, Error> {
    let sign = word.chars().next().filter(|sign| ['+', '-'].contains(sign));
    let unclear = || Error::Assignment {
        found: word.to_owned(),
    };
    if let Some(sign) = sign {
        let rest = word.get(1..).unwrap_or("");
        let (name, item) = rest.split_once(':').ok_or_else(unclear)?;
        let key = key(name)?;
        let item = one_line("the item", item)?;
        if !LISTS.contains(&key) {
            return Err(Error::ListKey {
                key,
                is_list: false,
                value: item,
            });
        }
        return Ok(if sign == '+' {
            Change::Add(key, added(book, key, item)?)
        } else {
            Change::Remove(key, item)
        });
    }
    let (name, value) = word.split_once('=').ok_or_else(unclear)?;
    let key = key(name)?;
    let value = value.trim();
    if value.is_empty() {
        return if REQUIRED.contains(&key) {
            Err(Error::RequiredKey { key })
        } else {
            Ok(Change::Unset(key))
        };
    }
    if LISTS.contains(&key) {
        return Err(Error::ListKey {
            key,
            is_list: true,
            value: value.to_owned(),
        });
    }
    Ok(Change::Set(key, scalar(desk, key, value)?))
}

/// The key of this name, if it may be changed.
fn key(name: &str) -> Result<&'static str, Error> {
    let name = name.trim();
    let known = KEYS.into_iter().find(|key| *key == name);
    let key = known.ok_or_else(|| Error::UnknownKey {
        key: name.to_owned(),
        suggestion: suggestion(name, KEYS)
            .and_then(|near| KEYS.into_iter().find(|key| *key == near)),
    })?;
    if FIXED.contains(&key) {
        return Err(Error::FixedKey { key });
    }
    Ok(key)
}

/// An item as it is written: a dependency by its full name.
fn added(book: &SpecBook, key: &'static str, item: String) -> Result<String, Error> {
    if key != "depends_on" {
        return Ok(item);
    }
    let found = dependencies(book, std::slice::from_ref(&item))?;
    Ok(found.into_iter().next().unwrap_or(item))
}

fn scalar(desk: &Desk<'_>, key: &'static str, value: &str) -> Result<Scalar, Error> {
    let wrong = |expected: &str, suggestion| Error::Value {
        key,
        found: value.to_owned(),
        expected: expected.to_owned(),
        suggestion,
    };
    match key {
        "priority" => value
            .parse()
            .map(Scalar::Integer)
            .map_err(|_| wrong("a whole number", None)),
        "status" if Status::from_word(value).is_none() => {
            let words = Status::ALL.map(Status::as_str);
            let near = suggestion(value, words);
            let near = words.into_iter().find(|word| Some(*word) == near);
            Err(wrong(&one_of(words), near))
        }
        "created" if !is_date(value) => Err(wrong("a day such as `2026-11-22`", None)),
        "owner" => Ok(Scalar::Text(one_line("the owner", &desk.person(value)?)?)),
        _ => Ok(Scalar::Text(one_line("the value", value)?)),
    }
}

/// Refuses two values for one key: nobody can mean both.
pub(crate) fn refuse_twice(changes: &[Change]) -> Result<(), Error> {
    let mut keys = HashSet::new();
    for change in changes {
        if let Change::Set(key, _) | Change::Unset(key) = change
            && !keys.insert(*key)
        {
            return Err(Error::Twice { key });
        }
    }
    Ok(())
}

/// The file of a spec with all these changes; what comes out can be read and breaks nothing.
pub(crate) fn apply(book: &SpecBook, index: usize, changes: &[Change]) -> Result<String, Error> {
    let Some(spec) = book.specs().get(index) else {
        return Ok(String::new());
    };
    let path = spec.source.path();
    if spec.is_newer() {
        return Err(newer(spec).into());
    }
    let mut source = spec.source.clone();
    for change in changes {
        let text = one(book, &source, change)?;
        source = SourceText::new(path, text);
    }
    let (after, problems) = format::spec::read(&source);
    let errors = |problems: &[crate::base::diagnostic::Problem]| {
        problems.iter().filter(|problem| problem.is_error()).count()
    };
    let (_, before) = format::spec::read(&spec.source);
    match after {
        Some(after) if errors(&problems) <= errors(&before) => {
            refuse_cycle(book, index, after)?;
            Ok(source.text().to_owned())
        }
        _ => Err(Error::Breaks {
            path: path.to_owned(),
            problems,
        }),
    }
}

/// Why the file of a spec is not written.
pub(crate) fn newer(spec: &Spec) -> StateError {
    StateError::NewerFormat {
        path: spec.source.path().to_owned(),
        found: spec.format,
        supported: FORMAT,
    }
}

fn one(book: &SpecBook, source: &SourceText, change: &Change) -> Result<String, Error> {
    let path = || source.path().to_owned();
    let opened = format::spec::open(source).map_err(|problem| Error::Breaks {
        path: path(),
        problems: vec![problem],
    })?;
    let draft = Draft {
        source,
        parts: opened.parts,
        front: &opened.front,
    };
    let edited: Result<String, EditError> = match change {
        Change::Set(key, value) => edit::set(draft, key, value),
        Change::Unset(key) => edit::unset(draft, key),
        Change::Add(key, item) => edit::add_item(draft, key, item),
        Change::Remove(key, item) => {
            let written = written(book, source, key, item);
            edit::remove_item(draft, key, &written)
        }
    };
    let failed = |source| Error::Edit {
        path: path(),
        source,
    };
    let text = edited.map_err(failed)?;
    let key = match change {
        Change::Set(key, _) | Change::Unset(key) | Change::Add(key, _) | Change::Remove(key, _) => {
            key
        }
    };
    // An alias takes its value from an anchor elsewhere.
    if let Ok(after) = format::spec::open(&SourceText::new(source.path(), text.as_str()))
        && let Some(other) = changed_besides(&opened.front, &after.front, key)
    {
        return Err(failed(EditError::Shared {
            key: (*key).to_owned(),
            other,
        }));
    }
    Ok(text)
}

/// A key other than this one that does not say what it said.
fn changed_besides(before: &Node, after: &Node, key: &str) -> Option<String> {
    let entries = before.mapping().unwrap_or(&[]).iter();
    let mut others = entries.filter(|entry| entry.key != key);
    let changed = |entry: &&Entry| {
        let now = after.get(&entry.key);
        now.is_some_and(|now| !now.says_the_same(&entry.value))
    };
    others.find(changed).map(|entry| entry.key.clone())
}

/// A dependency as the file names it: it may be written in another way than the person does.
fn written(book: &SpecBook, source: &SourceText, key: &str, item: &str) -> String {
    let (Some(spec), _) = format::spec::read(source) else {
        return item.to_owned();
    };
    let same_text = |text: &str| text == item;
    if key != "depends_on" || spec.depends_on.iter().any(|known| same_text(&known.text)) {
        return item.to_owned();
    }
    let graph = book.graph();
    let target = graph.lookup(item);
    let found = spec
        .depends_on
        .iter()
        .find(|known| matches!(target, Lookup::One(_)) && graph.lookup(&known.text) == target);
    found.map_or_else(|| item.to_owned(), |known| known.text.clone())
}

/// Refuses a change after which the spec would wait for itself.
fn refuse_cycle(book: &SpecBook, index: usize, after: Spec) -> Result<(), Error> {
    let unchanged = book.specs().get(index).is_some_and(|before| {
        let texts = |spec: &Spec| -> Vec<String> {
            let known = spec.depends_on.iter();
            known.map(|dependency| dependency.text.clone()).collect()
        };
        texts(before) == texts(&after)
    });
    if unchanged {
        return Ok(());
    }
    let mut specs = book.specs().to_vec();
    if let Some(slot) = specs.get_mut(index) {
        *slot = after;
    }
    let graph = crate::model::spec::graph::Graph::new(&specs);
    match graph.path(index, index) {
        Some(path) => Err(Error::Cycle {
            path: path
                .into_iter()
                .filter_map(|index| specs.get(index))
                .map(Spec::name)
                .collect(),
        }),
        None => Ok(()),
    }
}
