//! Making a run: what it goes by is pinned, and its journal begins.

use crate::base::ids::RunId;
use crate::base::redact::Masker;
use crate::base::source::SourceText;
use crate::git::code_tree::{self, Standing};
use crate::model::expression::Value;
use crate::model::inputs::{self, InputError};
use crate::model::run::Event;
use crate::model::run::carry::Kept;
use crate::model::run::event::{Named, RunSpec, RunStart};
use crate::model::run::schedule::json_text;
use crate::model::spec::Spec;
use crate::model::workflow::Bundle;
use crate::state::artifacts;
use crate::state::journal::Journal;
use crate::state::run_folder::{INCOMPLETE, RunFolder, output_name};
use crate::state::runs::{self, RunSummary};
use crate::state::work_tree;
use crate::sys::files;
use crate::workflow::Error;
use crate::workflow::driver::{self, Observer, Workshop};
use crate::workflow::isolation;
use crate::workflow::pinned::{Pinned, Texts};
use crate::workflow::sources::Sources;

/// Bytes of a secret from which on it is looked for in inputs.
const SECRET_BYTES: usize = 8;

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
    let spec = new.spec.map(|spec| {
        let (id, slug) = (spec.id.clone(), spec.slug.clone());
        (RunSpec { id, slug }, &spec.source)
    });
    let made = Made {
        workflow: new.workflow,
        sources: new.sources,
        spec,
        inputs,
        again: new.again,
        attempt: if new.again.is_some() { 2 } else { 1 },
        isolated: isolation::is_written(&workflow),
    };
    make(shop, made, None)
}

/// A run that is done again, and what of it is not.
pub(crate) struct Earlier<'a> {
    /// That run.
    pub(crate) run: &'a RunSummary,
    /// How it began.
    pub(crate) start: &'a RunStart,
    /// The texts that it went by.
    pub(crate) texts: &'a Texts,
    /// What is taken over from it.
    pub(crate) carried: Kept,
}

/// Makes a run that does another one again, by the same texts and with the same inputs.
pub(crate) fn create_again(shop: &Workshop<'_>, earlier: &Earlier<'_>) -> Result<RunId, Error> {
    shop.repository.refuse_quarantine()?;
    let start = earlier.start;
    let spec = start.spec.as_ref().zip(earlier.texts.spec.as_ref());
    let spec = spec.map(|(spec, text)| {
        let path = format!(".mmm/specs/{}-{}.md", spec.slug, spec.id);
        (spec.clone(), SourceText::new(path, text.clone()))
    });
    let made = Made {
        workflow: &start.workflow,
        sources: &earlier.texts.workflow,
        spec: spec.as_ref().map(|(spec, source)| (spec.clone(), source)),
        inputs: start.inputs.clone(),
        again: Some(start.run),
        attempt: start.attempt.saturating_add(1),
        // The run that it does again began on a commit, if it had to.
        isolated: false,
    };
    make(shop, made, Some(earlier))
}

/// What a run is made of.
struct Made<'a> {
    workflow: &'a str,
    sources: &'a Sources,
    spec: Option<(RunSpec, &'a SourceText)>,
    inputs: Vec<Named>,
    again: Option<RunId>,
    attempt: u32,
    /// Whether something of it runs in a work tree of its own.
    isolated: bool,
}

fn make(
    shop: &Workshop<'_>,
    made: Made<'_>,
    earlier: Option<&Earlier<'_>>,
) -> Result<RunId, Error> {
    let Standing { head, tree, dirty } = code_tree::standing(shop.repository)?;
    if made.isolated && head.commit.is_none() {
        let name = made.workflow.to_owned();
        return Err(Error::NothingToIsolate { name });
    }
    refuse_secrets(shop, &made)?;
    let who = shop.repository.recorder()?.to_string();
    let run = shop.identifiers.run_id();
    let folder = RunFolder::of(&shop.local.runs(), run);
    let earlier = earlier.filter(|earlier| !earlier.carried.events.is_empty());
    let place = match earlier {
        // Half of what is taken over would be taken for all of it.
        Some(_) => RunFolder::at(shop.local.runs().join(format!("{INCOMPLETE}{run}"))),
        None => folder.clone(),
    };
    place.create()?;
    let spec = made.spec.as_ref();
    Pinned::write(&place, made.sources, spec.map(|(_, source)| *source))?;
    let start = RunStart {
        run,
        workflow: made.workflow.to_owned(),
        workflow_hash: made.sources.hash(),
        spec: made.spec.map(|(spec, _)| spec),
        base: head.commit,
        branch: head.branch,
        tree,
        dirty,
        work_tree: shop.repository.top()?.to_owned(),
        work_tree_key: Some(work_tree::key(shop.repository)),
        who,
        inputs: made.inputs,
        again: made.again,
        attempt: made.attempt,
    };
    let mut journal = Journal::open(&place.events(), shop.clock)?;
    journal.append(Event::Started(Box::new(start)))?;
    if let Some(earlier) = earlier {
        take_over(shop, earlier, (run, &place), &mut journal)?;
    }
    // A power cut later must not leave a folder that nobody can tell anything about.
    journal.sync()?;
    files::sync_folder(place.path())?;
    if earlier.is_some() {
        files::rename(place.path(), folder.path())?;
        files::sync_folder(&shop.local.runs())?;
    }
    Ok(run)
}

/// Finds the secrets of a run before there is one, and fails where an input would record one.
fn refuse_secrets(shop: &Workshop<'_>, made: &Made<'_>) -> Result<(), Error> {
    // Reading large workflows once more would be a pity.
    let texts = std::iter::once(made.sources.main());
    let mut texts = texts.chain(made.sources.others().map(|(_, text)| text));
    if !texts.any(|text| text.text().to_ascii_lowercase().contains("secret")) {
        return Ok(());
    }
    let Ok((workflow, called)) = made.sources.bundle() else {
        return Ok(());
    };
    let (main, called) = (&workflow, &called);
    let secrets = driver::secrets(shop, Bundle { main, called })?;
    // A short one may stand in a text by chance.
    let values = secrets.values().filter(|value| value.len() >= SECRET_BYTES);
    let masker = Masker::new(values);
    let inputs = made.inputs.iter();
    let found = inputs.filter(|(_, value)| masker.finds(value.as_bytes()));
    let errors: Vec<_> = found
        .map(|(name, _)| InputError::Secret { name: name.clone() })
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    let name = made.workflow.to_owned();
    Err(Error::Inputs { name, errors })
}

/// Writes what is taken over from another run, with what its steps printed and kept.
fn take_over(
    shop: &Workshop<'_>,
    earlier: &Earlier<'_>,
    (run, place): (RunId, &RunFolder),
    journal: &mut Journal,
) -> Result<(), Error> {
    let mut kept = Vec::new();
    for event in &earlier.carried.events {
        if let Event::StepFinished(attempt, _) = event {
            let name = format!("out/{}", output_name(attempt));
            if let Some(bytes) = runs::read_file(shop.repository, earlier.run, &name)? {
                files::write_atomic(&place.output(attempt), &bytes)?;
            }
        }
        if let Event::ArtifactStored(stored) = event {
            kept.extend(artifacts::handed_on(shop.repository, earlier.run, stored)?);
        } else {
            journal.append(event.clone())?;
        }
    }
    for stored in &kept {
        journal.append(Event::ArtifactStored(Box::new(stored.clone())))?;
    }
    if !kept.is_empty() {
        artifacts::keep(shop.repository, run, &kept)?;
    }
    let from = earlier.start.run;
    let tried = earlier.carried.tried.clone();
    journal.append(Event::Carried { from, tried })?;
    Ok(())
}
