//! What a run goes by: the workflow and the spec as they were at its start.

use std::collections::BTreeMap;

use crate::base::diagnostic::Problem;
use crate::base::limits::STATE_FILE_BYTES;
use crate::base::source::{SourceText, Span};
use crate::model::run::event::RunStart;
use crate::model::spec::Spec;
use crate::model::workflow::{self, Bundle, Workflow};
use crate::state::format::{spec as spec_format, yaml};
use crate::state::run_folder::RunFolder;
use crate::sys::files;
use crate::workflow::Error;
use crate::workflow::contexts::{BASE, base_context};

/// The workflow and the spec of a run.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// The workflow.
    pub(crate) workflow: Workflow,
    /// The workflows that its steps call, by name.
    pub(crate) called: BTreeMap<String, Workflow>,
    /// The spec, when the run has one.
    pub(crate) spec: Option<Spec>,
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
        workflow: &SourceText,
        spec: Option<&SourceText>,
    ) -> Result<(), Error> {
        files::write_atomic(&folder.pinned_workflow(), workflow.text().as_bytes())?;
        if let Some(spec) = spec {
            files::write_atomic(&folder.pinned_spec(), spec.text().as_bytes())?;
        }
        Ok(())
    }

    /// Reads them back; `project` has a name and an id.
    pub(crate) fn read(
        folder: &RunFolder,
        start: &RunStart,
        project: Option<&(String, String)>,
    ) -> Result<Self, Error> {
        let workflow = files::read_text(&folder.pinned_workflow(), STATE_FILE_BYTES)?;
        let spec = match &start.spec {
            None => None,
            Some(_) => Some(files::read_text(&folder.pinned_spec(), STATE_FILE_BYTES)?),
        };
        Self::parse(start, workflow, spec, project)
    }

    /// Parses the texts, and fills in the names of the steps.
    pub(crate) fn parse(
        start: &RunStart,
        workflow: String,
        spec: Option<String>,
        project: Option<&(String, String)>,
    ) -> Result<Self, Error> {
        let run = start.run;
        let fail = |problems| Error::Pinned { run, problems };
        let path = format!(".mmm/workflows/{}.yaml", start.workflow);
        let mut workflow = parse_workflow(&SourceText::new(path, workflow)).map_err(fail)?;
        let spec = match start.spec.as_ref().zip(spec) {
            None => None,
            Some((known, text)) => {
                let path = format!(".mmm/specs/{}-{}.md", known.slug, known.id);
                let (spec, problems) = spec_format::read(&SourceText::new(path, text));
                Some(spec.ok_or_else(|| fail(problems))?)
            }
        };
        let context = base_context(project, start, spec.as_ref());
        workflow.fill_names(&context, BASE);
        let called = BTreeMap::new();
        Ok(Self {
            workflow,
            called,
            spec,
        })
    }
}

/// Parses a workflow; the problems are errors and, when it is `Ok`, there was none.
pub(crate) fn parse_workflow(source: &SourceText) -> Result<Workflow, Vec<Problem>> {
    let (workflow, problems) = check_workflow(source);
    workflow.ok_or(problems)
}

/// Parses a workflow and tells everything that is wrong or doubtful in it.
pub(crate) fn check_workflow(source: &SourceText) -> (Option<Workflow>, Vec<Problem>) {
    match yaml::read(source, Span::new(0, source.text().len())) {
        Ok(root) => workflow::parse(source, &root),
        Err(problem) => (None, vec![problem]),
    }
}
