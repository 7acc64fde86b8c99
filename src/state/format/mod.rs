//! The formats of files, notes and records, each with its version.
//!
//! The only place that knows serde, YAML, TOML and JSON of files. Each format is turned into
//! plain types of the model; nothing here decides what a value means.
//! The only place that knows serde, YAML, TOML and JSON of files. Each format is turned into plain
//! types of the model; nothing here decides what a value means.

pub(crate) mod config_v1;
pub(crate) mod conflict;
pub(crate) mod escaped_path;
pub(crate) mod evidence_v1;
pub(crate) mod fields;
pub(crate) mod git_step_v1;
pub(crate) mod isolation_v1;
pub(crate) mod journal_v1;
pub(crate) mod masks_v1;
pub(crate) mod matcher_v1;
pub(crate) mod note_v1;
pub(crate) mod notice_v1;
pub(crate) mod redo_v1;
pub(crate) mod remark_v1;
pub(crate) mod run_v1;
pub(crate) mod spec;
pub(crate) mod toml_tree;
pub(crate) mod yaml;
pub(crate) mod yaml_text;
