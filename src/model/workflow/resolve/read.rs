//! All of it in one: a file and what it extends become a workflow, or every problem in it.

use std::collections::HashSet;

use crate::base::diagnostic::Place;
use crate::base::diagnostic::Problem;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::definition::Workflow;
use crate::model::workflow::parse::parse;
use crate::model::workflow::resolve::chain;
use crate::model::workflow::resolve::chain::File;
use crate::model::workflow::resolve::chain::Library;
use crate::model::workflow::resolve::common;
use crate::model::workflow::resolve::file;
use crate::model::workflow::resolve::jobs;
use crate::model::workflow::resolve::merge;
use crate::model::workflow::resolve::tools;
use crate::model::workflow::resolve::tools::Tools;

/// What may be wrong with a part that is only complete in what extends it.
const INCOMPLETE: &[&str] = &[
    "empty",
    "missing-key",
    "undefined-variable",
    "unknown-checkpoint",
    "unknown-input",
    "unknown-job",
    "unknown-output",
    "unknown-step",
    "unused-output",
];

/// A workflow without any of the keys of reuse.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// All files that it is made of, as one text: spans are offsets into it.
    pub(crate) source: SourceText,
    /// What it says.
    pub(crate) root: Node,
    /// Where it says that it is abstract, if it does.
    pub(crate) abstract_at: Option<Span>,
    /// What is wrong with the reuse in it.
    pub(crate) problems: Vec<Problem>,
    /// Abstract jobs and common steps that nothing takes up, as jobs.
    unused: Vec<Entry>,
}

/// A workflow that was read, and all that is wrong with it.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The workflow. None when there is an error, and none when it is abstract and not complete.
    pub(crate) workflow: Option<Workflow>,
    /// What could be read of it in spite of an error, unless it is abstract: to find more of them.
    pub(crate) draft: Option<Workflow>,
    /// Where it says that it is abstract, if it does.
    pub(crate) abstract_at: Option<(SourceText, Span)>,
    /// Everything that is wrong or doubtful, in the order of the text.
    pub(crate) problems: Vec<Problem>,
}

/// Resolves a workflow: nothing but the keys of reuse is checked.
pub(crate) fn resolve(main: File, library: &mut dyn Library) -> Resolved {
    if !file::reuses(&main.root) {
        return Resolved {
            source: main.source,
            root: main.root,
            abstract_at: None,
            problems: Vec::new(),
            unused: Vec::new(),
        };
    }
    let own_end = main.source.text().len();
    let chain = chain::follow(main, library);
    let abstract_at = chain
        .roots
        .first()
        .filter(|root| tools::is_true(root, "abstract"))
        .and_then(Node::mapping)
        .and_then(|entries| tools::entry(entries, "abstract"))
        .map(|entry| entry.key_span);
    let mut tools = Tools::new(&chain.source, abstract_at.is_some());
    let mut common = common::collect(&chain.roots, &mut tools);
    let mut merged: Option<Node> = None;
    for root in chain.roots.into_iter().rev() {
        let root = file::prepare(root, &mut common, &mut tools);
        merged = Some(match merged {
            None => root,
            Some(parent) => merge::workflows(parent, root),
        });
    }
    let mut root = merged.unwrap_or(Node {
        span: Span::default(),
        value: Value::Null,
    });
    let mut unused = Vec::new();
    if let Value::Mapping(entries) = &mut root.value {
        for entry in entries.iter_mut().filter(|entry| entry.key == "jobs") {
            if let Value::Mapping(found) = &mut entry.value.value {
                let (concrete, left) = jobs::resolve(std::mem::take(found), &mut tools);
                *found = concrete;
                unused.extend(left);
            }
        }
    }
    unused.extend(common.unused(&mut tools));
    // Those of other files are checked with their files.
    unused.retain(|entry| entry.key_span.start <= own_end);
    let mut problems = chain.problems;
    problems.extend(tools.report.finish());
    Resolved {
        source: chain.source,
        root,
        abstract_at,
        problems,
        unused,
    }
}

impl Resolved {
    /// Validates what became of it.
    pub(crate) fn validate(self) -> Reading {
        let (workflow, mut found) = parse(&self.source, &self.root);
        let is_draft = found.iter().any(Problem::is_error);
        let mut problems = self.problems;
        // A list whose `use` came to nothing is not to be told a second time.
        found.retain(|problem| problem.code != "empty" || !holds_one_of(problem, &problems));
        let is_open = |problem: &Problem| INCOMPLETE.contains(&problem.code);
        if self.abstract_at.is_some() {
            problems.extend(found.into_iter().filter(|problem| !is_open(problem)));
        } else {
            problems.extend(found);
        }
        if !self.unused.is_empty() {
            let (_, found) = parse(&self.source, &with_jobs(self.root, self.unused));
            let told = |problem: &Problem| problem.is_error() && !is_open(problem);
            problems.extend(found.into_iter().filter(told));
        }
        tidy(&mut problems);
        let failed = is_draft || problems.iter().any(Problem::is_error);
        let (workflow, draft) = match workflow {
            Some(draft) if failed => (None, Some(draft).filter(|_| self.abstract_at.is_none())),
            workflow => (workflow, None),
        };
        Reading {
            workflow,
            draft,
            abstract_at: self.abstract_at.map(|span| (self.source, span)),
            problems,
        }
    }
}

/// The same workflow with other jobs.
fn with_jobs(root: Node, jobs: Vec<Entry>) -> Node {
    let Node { span, value } = root;
    let mut entries = match value {
        Value::Mapping(entries) => entries,
        _ => Vec::new(),
    };
    entries.retain(|entry| entry.key != "jobs");
    entries.push(Entry {
        key: "jobs".to_owned(),
        key_span: span,
        value: Node {
            span,
            value: Value::Mapping(jobs),
        },
    });
    let value = Value::Mapping(entries);
    Node { span, value }
}

/// The place of a problem in the text.
fn span(problem: &Problem) -> Option<Span> {
    match &problem.place {
        Place::Span(_, span) => Some(*span),
        Place::File(_) | Place::Line(..) => None,
    }
}

/// Whether one of some problems stands inside of another one.
fn holds_one_of(outer: &Problem, problems: &[Problem]) -> bool {
    let Some(outer) = span(outer) else {
        return false;
    };
    let mut spans = problems.iter().filter_map(span);
    spans.any(|inner| outer.start <= inner.start && inner.end <= outer.end)
}

/// Puts problems in the order of the text, each once.
fn tidy(problems: &mut Vec<Problem>) {
    problems.sort_by_key(span);
    let mut seen = HashSet::new();
    problems.retain(|problem| {
        let file = problem.file().to_owned();
        seen.insert((file, span(problem), problem.code, problem.message.clone()))
    });
}
