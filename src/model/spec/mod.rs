//! Specs: what is to be built, with criteria that commands can verify.
//!
//! Pure: texts and trees come in, specs, problems and new texts go out. It never reads YAML or
//! files, asks Git or computes a hash: the caller does, and hands the result in.

pub(crate) mod criteria;
pub(crate) mod edit;
pub(crate) mod error;
pub(crate) mod graph;
pub(crate) mod parse;
pub(crate) mod quoting;
pub(crate) mod render;
mod seen;
pub(crate) mod split;
pub(crate) mod types;
pub(crate) mod verdict;

pub(crate) use error::EditError;
pub(crate) use parse::parse;
pub(crate) use split::Parts;
pub(crate) use split::split;
pub(crate) use types::Criterion;
pub(crate) use types::Spec;
pub(crate) use types::Status;
pub(crate) use types::Verify;
