//! Reuse: from a workflow with `extends`, overlays and common steps to a tree that has none of them.
//!
//! It works on trees of values, before anything is validated; what the validator sees is a plain
//! workflow. Each value keeps its place: the files are joined to one [`SourceText`], so a problem
//! points at the file that its text stands in.
//!
//! The order: the chain of files is followed (`chain`), `use` is replaced in each of them
//! (`common`), the files are merged from the topmost parent down (`merge`), then jobs take over what
//! they extend, with their overlays applied (`jobs`, `overlay`).
//!
//! Pure: another file is asked for by name, through [`Library`]. It must not know where files are.
//!
//! [`SourceText`]: crate::base::source::SourceText

mod chain;
mod common;
mod file;
mod jobs;
mod merge;
mod overlay;
pub(crate) mod read;
mod tools;

pub(crate) use crate::model::workflow::resolve::chain::File;
pub(crate) use crate::model::workflow::resolve::chain::Library;
pub(crate) use crate::model::workflow::resolve::chain::Missing;
pub(crate) use crate::model::workflow::resolve::read::Reading;
pub(crate) use crate::model::workflow::resolve::read::Resolved;
pub(crate) use crate::model::workflow::resolve::read::resolve;
