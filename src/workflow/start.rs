//! Making a run: what it goes by is pinned, and its journal begins.

use crate::base::ids::RunId;
use crate::git::code_tree;
use crate::model::expression::Value;
use crate::model::inputs;
use crate::model::run::Event;
use crate::model::run::event::{RunSpec, RunStart};
use crate::model::run::schedule::json_text;
use crate::model::spec::Spec;
use crate::state::journal::Journal;
use crate::state::run_folder::RunFolder;
use crate::state::work_tree;
use crate::sys::files;
use crate::workflow::Error;
use crate::workflow::driver::{Observer, Workshop};
use crate::workflow::isolation;
use crate::workflow::pinned::Pinned;
use crate::workflow::sources::Sources;

/// What a run is to be made of.
pub(crate) struct NewRun<'a> {
    /// Name of the workflow: its file's without the ending.
    pub(crate) workflow: &'a str,
    /// Its texts.
    pub(crate) sources: &'a Sources,
    /// The spec, when the run is for one.
    pub(crate) spec: Option<&'a Spec>,
    /// What its inputs are set to.
    pub(crate) given: &'a [(String, Value)],
    /// The run that it does again.
    pub(crate) again: Option<RunId>,
}

/// Makes a run, ready to be taken up. A workflow with any error makes none.
pub(crate) fn create(
    shop: &Workshop<'_>,
    new: &NewRun<'_>,
    observer: &mut dyn Observer,
) -> Result<RunId, Error> {
    shop.repository.refuse_quarantine()?;
    let invalid = |problems| Error::InvalidWorkflow {
        name: new.workflow.to_owned(),
        problems,
    };
    let workflow = new.sources.workflow().map_err(invalid)?;
    let inputs = inputs::bind(&workflow.inputs, new.given).map_err(|errors| Error::Inputs {
        name: new.workflow.to_owned(),
        errors,
    })?;
    for deprecated in inputs.deprecated() {
        observer.note(&format!("warning: {deprecated}"));
    }
    let inputs = inputs.values().iter();
    let inputs = inputs.map(|(name, value)| (name.clone(), json_text(value)));
    let inputs = inputs.collect();
    let head = shop.repository.head()?;
    let tree = code_tree::code_tree(shop.repository)?;
    let dirty = match &head.commit {
        None => true,
        Some(commit) => code_tree::commit_code_tree(shop.repository, commit)? != tree,
    };
    if head.commit.is_none() && isolation::is_written(&workflow) {
        let name = new.workflow.to_owned();
        return Err(Error::NothingToIsolate { name });
    }
    let who = shop.repository.recorder()?.to_string();
    let run = shop.identifiers.run_id();
    let folder = RunFolder::of(&shop.local.runs(), run);
    folder.create()?;
    Pinned::write(&folder, new.sources, new.spec.map(|spec| &spec.source))?;
    let start = RunStart {
        run,
        workflow: new.workflow.to_owned(),
        workflow_hash: new.sources.hash(),
        spec: new.spec.map(|spec| RunSpec {
            id: spec.id.clone(),
            slug: spec.slug.clone(),
        }),
        base: head.commit,
        branch: head.branch,
        tree,
        dirty,
        work_tree: shop.repository.top()?.to_owned(),
        work_tree_key: Some(work_tree::key(shop.repository)),
        who,
        inputs,
        again: new.again,
    };
    let mut journal = Journal::open(&folder.events(), shop.clock)?;
    journal.append(Event::Started(Box::new(start)))?;
    // A power cut later must not leave a folder that nobody can tell anything about.
    journal.sync()?;
    files::sync_folder(folder.path())?;
    Ok(run)
}
