//! The texts that a new project gets, embedded in the program.

use crate::base::ids::{CriterionId, SpecId};
use crate::project::Error;
use crate::render::{self, Values};

/// Slug of the first spec, and name of its workflow.
pub(crate) const HELLO: &str = "hello";

/// Name of the workflow of specs that name none.
pub(crate) const DEFAULT: &str = "default";

/// The workflow `hello`. Its `${{ }}` is the workflow language's, so it is no template of ours.
pub(crate) const HELLO_WORKFLOW: &str = include_str!("../../templates/project/hello.yaml");

/// The workflow `default`.
pub(crate) const DEFAULT_WORKFLOW: &str = include_str!("../../templates/project/default.yaml");

const HELLO_SPEC: (&str, &str) = (
    "templates/project/hello.md",
    include_str!("../../templates/project/hello.md"),
);

/// What the first spec is made of.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    /// Its id.
    pub(crate) id: SpecId,
    /// The day, `YYYY-MM-DD`.
    pub(crate) created: String,
    /// Ids of its two criteria; they differ.
    pub(crate) criteria: [CriterionId; 2],
}

/// The text of the first spec.
pub(crate) fn hello_spec(hello: &Hello) -> Result<String, Error> {
    let [written, named] = &hello.criteria;
    let values = Values::new()
        .text("id", hello.id.as_str())
        .text("created", hello.created.as_str())
        .text("written", written.as_str())
        .text("named", named.as_str());
    let (name, template) = HELLO_SPEC;
    Ok(render::render(name, template, &values)?)
}
