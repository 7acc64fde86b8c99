//! `extends` of a job, its overlays, and what becomes of abstract jobs.

use std::collections::HashMap;

use crate::base::limits;
use crate::model::expression::value::fold;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::resolve::merge;
use crate::model::workflow::resolve::overlay;
use crate::model::workflow::resolve::tools;
use crate::model::workflow::resolve::tools::Tools;

/// The jobs of a workflow while they are resolved.
struct Jobs {
    entries: Vec<Entry>,
    index: HashMap<String, usize>,
    states: Vec<State>,
}

#[derive(Default)]
struct State {
    is_abstract: bool,
    /// Whether another job extends it.
    extended: bool,
    /// The job with all that it inherits.
    resolved: Option<Node>,
    depth: usize,
}

/// Resolves the jobs; gives those that run, and the abstract ones that no other job extends.
pub(crate) fn resolve(entries: Vec<Entry>, tools: &mut Tools) -> (Vec<Entry>, Vec<Entry>) {
    let mut index = HashMap::with_capacity(entries.len());
    let mut states = Vec::with_capacity(entries.len());
    for (number, entry) in entries.iter().enumerate() {
        index.entry(fold(&entry.key)).or_insert(number);
        states.push(State {
            is_abstract: tools::is_true(&entry.value, "abstract"),
            ..State::default()
        });
    }
    let mut jobs = Jobs {
        entries,
        index,
        states,
    };
    for number in 0..jobs.entries.len() {
        jobs.flatten(number, tools);
    }
    let (mut concrete, mut unused) = (Vec::new(), Vec::new());
    let Jobs {
        entries,
        index,
        mut states,
    } = jobs;
    let resolved = states.iter_mut().map(|state| state.resolved.take());
    let resolved: Vec<Option<Node>> = resolved.collect();
    let is_abstract = |name: &str| {
        let state = index.get(&fold(name)).and_then(|at| states.get(*at));
        state.is_some_and(|state| state.is_abstract)
    };
    for ((mut entry, state), resolved) in entries.into_iter().zip(&states).zip(resolved) {
        entry.value = resolved.unwrap_or(entry.value);
        if !state.is_abstract {
            forget_abstract(&mut entry.value, &is_abstract, tools);
            concrete.push(entry);
        } else if !state.extended {
            unused.push(entry);
        }
    }
    (concrete, unused)
}

impl Jobs {
    /// Resolves a job and what it extends.
    fn flatten(&mut self, start: usize, tools: &mut Tools) {
        let mut chain = Vec::new();
        let mut base = None;
        let mut next = Some(start);
        // Ends: each turn takes a job that is not in the chain yet.
        while let Some(number) = next {
            let state = self.states.get(number);
            if state.is_some_and(|state| state.resolved.is_some()) {
                base = Some(number);
                break;
            }
            chain.push(number);
            next = self.parent(number, &chain, tools);
        }
        for number in chain.into_iter().rev() {
            self.inherit(number, base, tools);
            base = Some(number);
        }
    }

    /// The job that a job extends. `chain` are the ones below it, itself included.
    fn parent(&self, number: usize, chain: &[usize], tools: &mut Tools) -> Option<usize> {
        let entry = self.entries.get(number)?;
        let extends = tools::entry(entry.value.mapping()?, "extends")?;
        let (name, span) = (extends.value.string()?, extends.value.span);
        let Some(&parent) = self.index.get(&fold(name.trim())) else {
            let hint = tools.report.near(name, self.names());
            let message = format!("unknown job `{name}`");
            let report = &mut tools.report;
            report.error_with_hint("unknown-job", span, message, hint);
            return None;
        };
        if let Some(start) = chain.iter().position(|known| *known == parent) {
            let names = chain.iter().skip(start).chain([&parent]);
            let names: Vec<&str> = names
                .filter_map(|number| self.entries.get(*number))
                .map(|entry| entry.key.as_str())
                .collect();
            let message = format!("jobs extend one another: {}", names.join(" -> "));
            tools.report.error("extends-cycle", span, message);
            return None;
        }
        Some(parent)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    /// Lays a job over the resolved one that it extends, and applies its overlays.
    fn inherit(&mut self, number: usize, base: Option<usize>, tools: &mut Tools) {
        let Some(entry) = self.entries.get_mut(number) else {
            return;
        };
        let at = tools::entry(entry.value.mapping().unwrap_or_default(), "extends")
            .map_or(entry.key_span, |extends| extends.value.span);
        let null = Node {
            span: entry.value.span,
            value: Value::Null,
        };
        let own = std::mem::replace(&mut entry.value, null);
        let mut depth = 0;
        let mut node = own;
        if let Some(parent) = base.and_then(|base| self.states.get_mut(base)) {
            parent.extended = true;
            depth = parent.depth + 1;
            if let Some(inherited) = &parent.resolved
                && tools.spend(inherited.count(), at)
            {
                node = merge::jobs(inherited.clone(), node);
            }
        }
        if depth == limits::EXTENDS + 1 {
            let message = format!("a job extends at most {} others", limits::EXTENDS);
            tools.report.error("extends-depth", at, message);
        }
        let node = finished(node, tools);
        if let Some(state) = self.states.get_mut(number) {
            state.resolved = Some(node);
            state.depth = depth;
        }
    }
}

/// A job with its overlays applied, without the keys of reuse.
fn finished(job: Node, tools: &mut Tools) -> Node {
    let Node { span, value } = job;
    let Value::Mapping(mut entries) = value else {
        return Node { span, value };
    };
    let mut overlays = Vec::new();
    entries.retain(|entry| {
        if entry.key == "overlay" {
            overlays.push(entry.clone());
        }
        !matches!(entry.key.as_str(), "abstract" | "extends" | "overlay")
    });
    let steps = entries.iter_mut().find(|entry| entry.key == "steps");
    match steps.map(|entry| &mut entry.value.value) {
        Some(Value::Sequence(steps)) => {
            for overlay in &overlays {
                *steps = overlay::apply(std::mem::take(steps), overlay, tools);
            }
        }
        Some(_) => {}
        None => {
            if let Some(overlay) = overlays.first() {
                let message = "`overlay` changes inherited steps, and this job inherits none";
                let hint = "write `steps`, or name what it inherits from in `extends`".to_owned();
                let (report, at) = (&mut tools.report, overlay.key_span);
                report.error_with_hint("nothing-inherited", at, message, Some(hint));
            }
        }
    }
    let value = Value::Mapping(entries);
    Node { span, value }
}

/// Takes abstract jobs out of `needs`, and reports them: they never run.
fn forget_abstract(job: &mut Node, is_abstract: &dyn Fn(&str) -> bool, tools: &mut Tools) {
    let Value::Mapping(entries) = &mut job.value else {
        return;
    };
    for entry in entries.iter_mut().filter(|entry| entry.key == "needs") {
        let report = &mut tools.report;
        let mut refused = |node: &Node| {
            let name = node.string().filter(|name| is_abstract(name));
            if let Some(name) = name {
                let message = format!("job `{name}` is abstract: it never runs");
                let hint = "need a job that extends it".to_owned();
                report.error_with_hint("abstract-job", node.span, message, Some(hint));
            }
            name.is_some()
        };
        if let Value::Sequence(names) = &mut entry.value.value {
            names.retain(|name| !refused(name));
        } else if refused(&entry.value) {
            entry.value.value = Value::Sequence(Vec::new());
        }
    }
}
