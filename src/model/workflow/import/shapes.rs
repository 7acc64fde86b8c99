//! Values of another shape than the other program takes: they are said to be left out, at the top of
//! the new file, because whoever reads the original only finds there what has the right one.

use crate::model::tree::{Node, Value};
use crate::model::workflow::import::convert::Dialect;
use crate::model::workflow::import::notes::Notes;
use crate::model::workflow::import::yaml::Map;

/// What a value may be.
#[derive(Clone, Copy, Debug)]
struct Shape {
    list: bool,
    mapping: bool,
    /// Anything that is one word: a number or a boolean as well.
    text: bool,
    /// What people call it.
    title: &'static str,
}

const LIST: Shape = shape(true, false, false, "a list");
const MAPPING: Shape = shape(false, true, false, "a mapping");
const TEXT: Shape = shape(false, false, true, "text");
const STEPS: Shape = shape(true, true, false, "a list or a mapping");
const FILES: Shape = shape(true, false, true, "a list or text");
const STEP: Shape = shape(false, true, true, "a mapping or text");

const fn shape(list: bool, mapping: bool, text: bool, title: &'static str) -> Shape {
    Shape {
        list,
        mapping,
        text,
        title,
    }
}

/// Stands for every key of a mapping.
const EACH_KEY: &str = "*";

/// Stands for every element of a list.
const EACH_ELEMENT: &str = "[]";

type Row = (&'static [&'static str], Shape);

const GITHUB: &[Row] = &[
    (&["jobs"], MAPPING),
    (&["jobs", "*"], MAPPING),
    (&["jobs", "*", "steps"], LIST),
    (&["jobs", "*", "steps", "[]", "run"], TEXT),
    (&["jobs", "*", "defaults"], MAPPING),
    (&["jobs", "*", "defaults", "run"], MAPPING),
    (&["defaults"], MAPPING),
    (&["defaults", "run"], MAPPING),
    (&["on", "workflow_call", "inputs"], MAPPING),
    (&["on", "workflow_dispatch", "inputs"], MAPPING),
];

const PRODIGY: &[Row] = &[
    (&["commands"], LIST),
    (&["setup"], STEPS),
    (&["map"], MAPPING),
    (&["map", "agent_template"], STEPS),
    (&["reduce"], STEPS),
    (&["env"], MAPPING),
    (&["secrets"], MAPPING),
    (&["env_files"], FILES),
    (&["commands", "[]", "shell"], TEXT),
    (&["commands", "[]", "env"], MAPPING),
    (&["commands", "[]", "on_failure"], STEPS),
    (&["commands", "[]", "on_success"], STEPS),
    (&["[]", "shell"], TEXT),
    (&["[]", "env"], MAPPING),
    (&["[]", "on_failure"], STEPS),
    (&["[]", "on_success"], STEPS),
];

const ORIGINAL: &[Row] = &[
    (&["stages"], LIST),
    (&["stages", "[]"], MAPPING),
    (&["stages", "[]", "condition"], TEXT),
    (&["stages", "[]", "steps"], LIST),
    (&["stages", "[]", "steps", "[]"], STEP),
    (&["stages", "[]", "steps", "[]", "condition"], TEXT),
    (&["stages", "[]", "steps", "[]", "outputs"], LIST),
    (&["parameters"], MAPPING),
    (&["parameters", "*"], MAPPING),
    (&["triggers"], LIST),
    (&["env"], MAPPING),
    (&["variables"], MAPPING),
];

/// Tells them all.
pub(crate) fn tell(root: &Node, dialect: Dialect, out: &mut Map, notes: &mut Notes) {
    let rows = match dialect {
        Dialect::Github => GITHUB,
        Dialect::Prodigy => PRODIGY,
        Dialect::Original => ORIGINAL,
    };
    for (path, shape) in rows {
        look(root, path, *shape, out, notes);
    }
}

fn look(node: &Node, path: &[&str], shape: Shape, out: &mut Map, notes: &mut Notes) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if *first == EACH_ELEMENT {
        for element in node.sequence().unwrap_or_default() {
            if !rest.is_empty() {
                look(element, rest, shape, out, notes);
            } else if !shape.fits(element) {
                let message = format!(
                    "{} is left out: {} is expected",
                    element.kind(),
                    shape.title
                );
                out.comment(notes.element_not_taken(element, &message, ""));
            }
        }
        return;
    }
    for entry in node.mapping().unwrap_or_default() {
        if *first != EACH_KEY && entry.key != *first {
            continue;
        }
        if !rest.is_empty() {
            look(&entry.value, rest, shape, out, notes);
        } else if !shape.fits(&entry.value) {
            let (key, kind) = (&entry.key, entry.value.kind());
            let message = format!("`{key}` is left out: it is {kind}, not {}", shape.title);
            out.comment(notes.key_not_taken(entry, &message, ""));
        }
    }
}

impl Shape {
    fn fits(self, node: &Node) -> bool {
        match node.value {
            Value::Null => true,
            Value::Sequence(_) => self.list,
            Value::Mapping(_) => self.mapping,
            _ => self.text,
        }
    }
}
