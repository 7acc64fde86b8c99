//! What a run goes by: the workflow and the spec as they were at its start.

use std::collections::BTreeMap;

use crate::base::limits::WORKFLOW_FILE_BYTES;
use crate::base::source::SourceText;
use crate::model::expression::Context;
use crate::model::run::event::RunStart;
use crate::model::spec::Spec;
use crate::model::workflow::resolve::Missing;
use crate::model::workflow::{Bundle, Workflow};
use crate::state::format::spec as spec_format;
use crate::state::run_folder::{self, RunFolder};
use crate::sys::files;
use crate::workflow::Error;
use crate::workflow::contexts::{BASE, base_context};
use crate::workflow::sources::Sources;

/// Gives a text of a run by its name in the run's folder; nothing when the run has none.
pub(crate) type ReadText<'a, E> = &'a mut dyn FnMut(&str) -> Result<Option<String>, E>;

/// The workflow and the spec of a run.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// The workflow.
    pub(crate) workflow: Workflow,
    /// The workflows that its steps call, by name.
    pub(crate) called: BTreeMap<String, Workflow>,
    /// The spec, when the run has one.
    pub(crate) spec: Option<Spec>,
    /// What names of steps can read of the run from its start.
    pub(crate) names: Context,
}

/// The texts that a run goes by.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    /// The workflow, with all that it is made of.
    pub(crate) workflow: Sources,
    /// The spec.
    pub(crate) spec: Option<String>,
}

impl Texts {
    /// Reads them; nothing when the run has no workflow.
    pub(crate) fn read<E>(start: &RunStart, read: ReadText<'_, E>) -> Result<Option<Self>, E> {
        let Some(main) = read(run_folder::PINNED_WORKFLOW)? else {
            return Ok(None);
        };
        let path = |name: &str| format!(".mmm/workflows/{name}.yaml");
        let mut failed = None;
        let mut find = |name: &str| {
            let found = match run_folder::pinned_parent(name) {
                Some(pinned) => read(&pinned),
                None => Ok(None),
            };
            let text = found.unwrap_or_else(|error| {
                failed = Some(error);
                None
            });
            let absent = Missing::Absent { known: Vec::new() };
            let text = text.ok_or(absent)?;
            Ok(SourceText::new(path(name), text))
        };
        let main = SourceText::new(path(&start.workflow), main);
        let workflow = Sources::gather(main, &mut find);
        if let Some(error) = failed {
            return Err(error);
        }
        let spec = match &start.spec {
            None => None,
            Some(_) => read(run_folder::PINNED_SPEC)?,
        };
        Ok(Some(Self { workflow, spec }))
    }
}

impl Pinned {
    /// Its workflows, to look for jobs in.
    pub(crate) fn bundle(&self) -> Bundle<'_> {
        Bundle {
            main: &self.workflow,
            called: &self.called,
        }
    }

    /// Writes the texts into the folder of a new run.
    pub(crate) fn write(
        folder: &RunFolder,
        workflow: &Sources,
        spec: Option<&SourceText>,
    ) -> Result<(), Error> {
        let write = |name: &str, text: &SourceText| {
            files::write_atomic(&folder.path().join(name), text.text().as_bytes())
        };
        write(run_folder::PINNED_WORKFLOW, workflow.main())?;
        let mut has_parents = false;
        for (name, text) in workflow.others() {
            if !has_parents {
                files::create_folder(&folder.pinned_parents())?;
                has_parents = true;
            }
            if let Some(pinned) = run_folder::pinned_parent(name) {
                write(&pinned, text)?;
            }
        }
        if let Some(spec) = spec {
            write(run_folder::PINNED_SPEC, spec)?;
        }
        Ok(())
    }

    /// Reads them back; `project` has a name and an id.
    pub(crate) fn read(
        folder: &RunFolder,
        start: &RunStart,
        project: Option<&(String, String)>,
    ) -> Result<Self, Error> {
        let texts = Texts::read(start, &mut |name| {
            let path = folder.path().join(name);
            match files::read_text(&path, WORKFLOW_FILE_BYTES) {
                Ok(text) => Ok(Some(text)),
                Err(error)
                    if error.is_not_found() && name.starts_with(run_folder::PINNED_PARENTS) =>
                {
                    Ok(None)
                }
                Err(error) => Err(Error::from(error)),
            }
        })?;
        // A missing file of the workflow is an error above.
        let texts = texts.unwrap_or_else(|| Texts {
            workflow: Sources::of(SourceText::new("", "")),
            spec: None,
        });
        Self::parse(start, texts, project)
    }

    /// Parses the texts, and fills in the names of the steps.
    pub(crate) fn parse(
        start: &RunStart,
        texts: Texts,
        project: Option<&(String, String)>,
    ) -> Result<Self, Error> {
        let run = start.run;
        let fail = |problems| Error::Pinned { run, problems };
        let (mut workflow, called) = texts.workflow.bundle().map_err(fail)?;
        let spec = match start.spec.as_ref().zip(texts.spec) {
            None => None,
            Some((known, text)) => {
                let path = format!(".mmm/specs/{}-{}.md", known.slug, known.id);
                let (spec, problems) = spec_format::read(&SourceText::new(path, text));
                Some(spec.ok_or_else(|| fail(problems))?)
            }
        };
        let context = base_context(project, start, spec.as_ref());
        workflow.fill_names(&context, BASE);
        Ok(Self {
            workflow,
            called,
            spec,
            names: context,
        })
    }
}
