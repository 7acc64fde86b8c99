//! How a run and its engines begin, in the journal.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::ids::{ContentHash, ObjectId, RunId, SpecId};
use crate::model::run::Event;
use crate::model::run::event::{RunSpec, RunStart};
use crate::state::format::journal_v1::{FORMAT, LineError, escaped, path_from_v1};

/// The first line of a journal.
#[derive(Serialize, Deserialize)]
pub(super) struct RunStartedV1 {
    format: u32,
    run: String,
    workflow: String,
    workflow_hash: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    spec: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    spec_slug: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    base: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    branch: Option<String>,
    tree: String,
    dirty: bool,
    work_tree: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    work_tree_escaped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    work_tree_key: Option<String>,
    who: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    inputs: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    again: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    run_attempt: Option<u32>,
}

/// An engine takes a run up.
#[derive(Serialize, Deserialize)]
pub(super) struct EngineStartedV1 {
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    work_tree: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    work_tree_escaped: Option<String>,
}

impl RunStartedV1 {
    /// Its form in the journal.
    pub(super) fn of(start: &RunStart) -> Self {
        Self {
            format: FORMAT,
            run: start.run.to_string(),
            workflow: start.workflow.clone(),
            workflow_hash: start.workflow_hash.to_string(),
            spec: start.spec.as_ref().map(|spec| spec.id.to_string()),
            spec_slug: start.spec.as_ref().map(|spec| spec.slug.clone()),
            base: start.base.as_ref().map(ToString::to_string),
            branch: start.branch.clone(),
            tree: start.tree.to_string(),
            dirty: start.dirty,
            work_tree: start.work_tree.to_string_lossy().into_owned(),
            work_tree_escaped: escaped(&start.work_tree),
            work_tree_key: start.work_tree_key.clone(),
            who: start.who.clone(),
            inputs: start.inputs.clone(),
            again: start.again.map(|run| run.to_string()),
            run_attempt: (start.attempt > 1).then_some(start.attempt),
        }
    }

    /// What it says.
    pub(super) fn read(self) -> Result<Event, LineError> {
        if self.format > FORMAT {
            return Err(LineError::Newer { found: self.format });
        }
        let spec = match (self.spec, self.spec_slug) {
            (Some(id), slug) => Some(RunSpec {
                id: id.parse::<SpecId>()?,
                slug: slug.unwrap_or_default(),
            }),
            (None, _) => None,
        };
        Ok(Event::Started(Box::new(RunStart {
            run: self.run.parse::<RunId>()?,
            workflow: self.workflow,
            workflow_hash: ContentHash::new(self.workflow_hash),
            spec,
            base: self.base.map(|base| base.parse::<ObjectId>()).transpose()?,
            branch: self.branch,
            tree: self.tree.parse()?,
            dirty: self.dirty,
            work_tree: path_from_v1(self.work_tree, self.work_tree_escaped),
            work_tree_key: self.work_tree_key,
            who: self.who,
            inputs: self.inputs,
            attempt: self
                .run_attempt
                .unwrap_or(if self.again.is_some() { 2 } else { 1 }),
            again: self.again.map(|run| run.parse::<RunId>()).transpose()?,
        })))
    }
}

impl EngineStartedV1 {
    /// Its form in the journal.
    pub(super) fn of(pid: u32, work_tree: Option<&Path>) -> Self {
        Self {
            pid,
            work_tree: work_tree.map(|path| path.to_string_lossy().into_owned()),
            work_tree_escaped: work_tree.and_then(escaped),
        }
    }

    /// What it says.
    pub(super) fn read(self) -> Event {
        let escaped = self.work_tree_escaped;
        Event::EngineStarted {
            pid: self.pid,
            work_tree: self.work_tree.map(|path| path_from_v1(path, escaped)),
        }
    }
}
