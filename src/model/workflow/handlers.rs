//! Reads lists of steps, `on-failure` and `ensure` among them.
//!
//! Those of a step become steps right behind it, those of a job steps at its end, those of the
//! workflow jobs that need all others. Each has a guard that says when it runs, so whoever runs a
//! workflow knows steps and jobs only.

use std::collections::HashSet;

use crate::base::limits;
use crate::model::expression::value::fold;
use crate::model::tree::{Entry, Node};
use crate::model::workflow::definition::{Guard, Step};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::step;

/// Reads the steps of one job.
#[derive(Debug)]
pub(crate) struct StepReader<'a> {
    /// The steps of the whole file so far.
    count: &'a mut usize,
    /// The ids of the job.
    ids: HashSet<String>,
    steps: Vec<Step>,
}

impl<'a> StepReader<'a> {
    /// No step yet; `count` counts those of the whole file.
    pub(crate) fn new(count: &'a mut usize) -> Self {
        Self {
            count,
            ids: HashSet::new(),
            steps: Vec::new(),
        }
    }

    /// The steps in the order in which they run.
    pub(crate) fn finish(self) -> Vec<Step> {
        self.steps
    }

    /// Reads steps that may have handlers of their own. Their keys are their ids, else their
    /// numbers, counted from 1.
    pub(crate) fn main(&mut self, entry: &Entry, report: &mut Report) {
        for (index, node) in self.nodes(entry, report).iter().enumerate() {
            let number = (index + 1).to_string();
            let Some(read) = step::read(node, &number, report) else {
                continue;
            };
            let key = read.step.key.clone();
            let at = self.steps.len();
            self.add(read.step, node, report);
            for (name, guard) in [
                ("on-failure", Guard::AfterFailure(at)),
                ("ensure", Guard::After(at)),
            ] {
                if let Some(entry) = read.record.entry(name) {
                    self.handler(entry, &format!("{key}+{name}"), guard, report);
                }
            }
        }
    }

    /// Reads the steps of `on-failure` and `ensure` of the job itself.
    pub(crate) fn of_job(&mut self, job: &Record, report: &mut Report) {
        for (name, guard) in [("on-failure", Guard::OnFailure), ("ensure", Guard::Ensure)] {
            if let Some(entry) = job.entry(name) {
                self.handler(entry, name, guard, report);
            }
        }
    }

    /// Reads steps that a guard holds back. Their keys are their ids, else `prefix`, a `+` that
    /// no id has, and their number.
    pub(crate) fn handler(
        &mut self,
        entry: &Entry,
        prefix: &str,
        guard: Guard,
        report: &mut Report,
    ) {
        for (index, node) in self.nodes(entry, report).iter().enumerate() {
            let key = format!("{prefix}+{}", index + 1);
            let Some(mut read) = step::read(node, &key, report) else {
                continue;
            };
            for name in ["on-failure", "ensure"] {
                if let Some(inner) = read.record.entry(name) {
                    let message = format!("a step of `{}` cannot have `{name}`", entry.key);
                    report.error("misplaced-key", inner.key_span, message);
                }
            }
            read.step.guard = guard;
            self.add(read.step, node, report);
        }
    }

    /// Takes over steps that were read on their own.
    pub(crate) fn adopt(&mut self, steps: Vec<Step>, report: &mut Report) {
        let ids = self.ids.clone();
        for step in steps {
            if let Some(id) = &step.id
                && ids.contains(&fold(id))
            {
                let message = format!("step id `{id}` is there already");
                report.error("duplicate-id", step.span, message);
            }
            self.steps.push(step);
        }
    }

    fn add(&mut self, step: Step, node: &Node, report: &mut Report) {
        // As on GitHub, case makes no difference.
        if let (Some(id), Some(at)) = (&step.id, node.get("id"))
            && !self.ids.insert(fold(id))
        {
            let message = format!("step id `{id}` is there already");
            report.error("duplicate-id", at.span, message);
        }
        self.steps.push(step);
    }

    /// The nodes of a list, as far as the file may have so many steps.
    fn nodes<'n>(&mut self, entry: &'n Entry, report: &mut Report) -> &'n [Node] {
        let nodes = entry.value.sequence().unwrap_or_default();
        if nodes.is_empty() {
            let message = format!("`{}` has no step", entry.key);
            report.error("empty", entry.value.span, message);
        }
        let before = *self.count;
        *self.count += nodes.len();
        // Reported once, where the limit is passed.
        if before <= limits::STEPS && *self.count > limits::STEPS {
            let message = format!("a workflow has at most {} steps", limits::STEPS);
            report.error("too-many-steps", entry.key_span, message);
        }
        let left = limits::STEPS.saturating_sub(before).min(nodes.len());
        nodes.get(..left).unwrap_or_default()
    }
}
