//! Common steps: lists of steps under a name, which `use: <name>` puts in its place.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::base::limits;
use crate::base::source::Span;
use crate::base::text;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::record::wrong_type;
use crate::model::workflow::resolve::tools;
use crate::model::workflow::resolve::tools::Tools;
use crate::model::workflow::scalar;

/// The key that holds them.
pub(crate) const KEY: &str = "common-steps";

/// The keys below a step, a job or a file that hold steps for its failure and its end.
pub(crate) const HANDLERS: &[&str] = &["on-failure", "ensure"];

/// All common steps of a chain of files, by name.
#[derive(Debug, Default)]
pub(crate) struct Common {
    lists: HashMap<String, List>,
    /// The names that are being replaced just now, the outermost first.
    open: Vec<String>,
}

#[derive(Debug)]
struct List {
    /// The steps; once `done`, without any `use`.
    steps: Vec<Node>,
    key_span: Span,
    done: bool,
    used: bool,
}

/// Collects them; the files are in the order of the chain, so the nearest comes first and wins.
pub(crate) fn collect(roots: &[Node], tools: &mut Tools) -> Common {
    let mut common = Common::default();
    for root in roots.iter().rev() {
        let entries = root.mapping().unwrap_or_default();
        tools::check_once(entries, KEY, &mut tools.report);
        let Some(entry) = tools::entry(entries, KEY) else {
            continue;
        };
        match &entry.value.value {
            Value::Mapping(lists) => common.add(lists, tools),
            Value::Null => common.lists.clear(),
            _ => wrong_type(
                entry,
                "a mapping of names to lists of steps",
                &mut tools.report,
            ),
        }
    }
    common
}

/// Whether a step is a `use`, or has one in what it does after a failure or at its end.
pub(crate) fn uses(step: &Node) -> bool {
    let below = |key: &&str| step.get(key).and_then(Node::sequence);
    step.get("use").is_some() || HANDLERS.iter().filter_map(below).flatten().any(uses)
}

impl Common {
    /// Adds those of one file.
    fn add(&mut self, lists: &[Entry], tools: &mut Tools) {
        let mut seen = HashSet::new();
        for entry in lists {
            let name = &entry.key;
            scalar::check_identifier(name, entry.key_span, &mut tools.report);
            if !seen.insert(name.as_str()) {
                let message = format!("common steps `{name}` are there already");
                tools.report.error("duplicate-key", entry.key_span, message);
                continue;
            }
            match &entry.value.value {
                Value::Sequence(steps) => {
                    let list = List {
                        steps: steps.clone(),
                        key_span: entry.key_span,
                        done: false,
                        used: false,
                    };
                    self.lists.insert(name.clone(), list);
                }
                Value::Null if self.lists.remove(name).is_some() => {}
                _ => wrong_type(entry, "a list of steps", &mut tools.report),
            }
        }
    }

    /// Replaces each `use` among some steps, and in what they have for failures and their end.
    pub(crate) fn expand(&mut self, steps: Vec<Node>, tools: &mut Tools) -> Vec<Node> {
        if !steps.iter().any(uses) {
            return steps;
        }
        let mut expanded = Vec::with_capacity(steps.len());
        for mut step in steps {
            if let Value::Mapping(entries) = &mut step.value {
                self.expand_below(entries, HANDLERS, tools);
            }
            let entries = step.mapping().unwrap_or_default();
            let Some(entry) = tools::entry(entries, "use") else {
                expanded.push(step);
                continue;
            };
            if let Some(other) = entries.iter().find(|other| other.key != "use") {
                let message = format!("`{}` cannot stand beside `use`", other.key);
                let hint = "the steps that are used have keys of their own".to_owned();
                let report = &mut tools.report;
                report.error_with_hint("misplaced-key", other.key_span, message, Some(hint));
            }
            tools::check_once(entries, "use", &mut tools.report);
            match &entry.value.value {
                Value::String(name) => {
                    let steps = self.named(name.trim(), entry.value.span, tools);
                    expanded.extend(steps);
                }
                _ => wrong_type(entry, "the name of common steps", &mut tools.report),
            }
        }
        expanded
    }

    /// Replaces each `use` in the lists of steps under some keys.
    pub(crate) fn expand_below(&mut self, entries: &mut [Entry], keys: &[&str], tools: &mut Tools) {
        for entry in entries {
            if let Value::Sequence(steps) = &mut entry.value.value
                && keys.contains(&entry.key.as_str())
            {
                *steps = self.expand(std::mem::take(steps), tools);
            }
        }
    }

    /// A copy of the steps of a name; none, reported, when there are none.
    fn named(&mut self, name: &str, at: Span, tools: &mut Tools) -> Vec<Node> {
        if let Some(start) = self.open.iter().position(|open| open == name) {
            let names = self.open.iter().skip(start).map(String::as_str);
            let names: Vec<&str> = names.chain([name]).collect();
            let message = format!("common steps use one another: {}", names.join(" -> "));
            tools.report.error("use-cycle", at, message);
            return Vec::new();
        }
        let Some(list) = self.lists.get_mut(name) else {
            self.unknown(name, at, tools);
            return Vec::new();
        };
        list.used = true;
        if !list.done {
            if self.open.len() >= limits::EXTENDS {
                let limit = limits::EXTENDS;
                let message = format!("common steps use others at most {limit} levels deep");
                tools.report.error("use-depth", at, message);
                return Vec::new();
            }
            let steps = std::mem::take(&mut list.steps);
            self.open.push(name.to_owned());
            let steps = self.expand(steps, tools);
            self.open.pop();
            if let Some(list) = self.lists.get_mut(name) {
                list.steps = steps;
                list.done = true;
            }
        }
        let steps = self.lists.get(name).map(|list| list.steps.as_slice());
        tools.copy(steps.unwrap_or_default(), at)
    }

    fn unknown(&self, name: &str, at: Span, tools: &mut Tools) {
        // Who extends it may bring them.
        if tools.is_abstract {
            return;
        }
        let mut known: Vec<&str> = self.lists.keys().map(String::as_str).collect();
        known.sort_unstable();
        let near = tools.report.near(name, known.iter().copied());
        let hint = near.or_else(|| {
            let names = text::one_of(known.iter().copied());
            (!known.is_empty()).then(|| format!("known here: {names}"))
        });
        let message = format!("there are no common steps `{name}`");
        tools
            .report
            .error_with_hint("unknown-common-steps", at, message, hint);
    }

    /// Those that nothing uses, each as a job, so that they are checked all the same.
    pub(crate) fn unused(mut self, tools: &mut Tools) -> Vec<Entry> {
        let mut names: Vec<(Span, String)> = self
            .lists
            .iter()
            .filter(|(_, list)| !list.used)
            .map(|(name, list)| (list.key_span, name.clone()))
            .collect();
        names.sort_unstable();
        let job = |(key_span, name): (Span, String)| {
            let steps = self.named(&name, key_span, tools);
            let node = |value| Node {
                span: key_span,
                value,
            };
            let steps = Entry {
                key: "steps".to_owned(),
                key_span,
                value: node(Value::Sequence(steps)),
            };
            Entry {
                key: name,
                key_span,
                value: node(Value::Mapping(vec![steps])),
            }
        };
        names.into_iter().map(job).collect()
    }
}
