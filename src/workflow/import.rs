//! Makes a workflow of a file for another program, and looks whether it is sound.

use std::path::Path;

use crate::base::diagnostic::Problem;
use crate::base::source::{SourceText, Span};
use crate::model::workflow::import::{self, Dialect, Imported};
use crate::state::format::yaml;
use crate::state::layout::StatePath;
use crate::state::save::Writer;
use crate::state::state_files::StateFiles;
use crate::sys::files;
use crate::workflow::sources::Sources;
use crate::workflow::{Error, catalog};

/// A workflow made of another program's.
#[derive(Debug)]
pub(crate) struct Made {
    /// Its text, whose it was, and what is to be said about it.
    pub(crate) imported: Imported,
    /// What is wrong with the result.
    pub(crate) problems: Vec<Problem>,
}

/// Makes a workflow of a file; `shown` is the path that messages name it by, `target` the file that
/// the result is for.
pub(crate) fn make(
    (path, shown): (&Path, &str),
    from: Option<Dialect>,
    name: &str,
    target: &str,
) -> Result<Made, Error> {
    let fail = |problem| Error::NotImported {
        path: shown.to_owned(),
        problems: vec![problem],
    };
    let source = catalog::load_file(path, shown)?.text.map_err(fail)?;
    let whole = Span::new(0, source.text().len());
    let root = yaml::read(&source, whole).map_err(fail)?;
    let imported = import::convert(&source, &root, from, name).map_err(fail)?;
    let result = SourceText::new(target, imported.text.as_str());
    // A workflow that it calls may be imported next: a remark says so.
    let mut problems = Sources::of(result).check().problems;
    problems.retain(|problem| problem.code != "unknown-workflow");
    Ok(Made { imported, problems })
}

/// Adds the workflow to what is written.
pub(crate) fn write(
    files: &StateFiles,
    writer: &mut Writer,
    name: &str,
    text: &str,
) -> Result<StatePath, Error> {
    catalog::write_text(files, writer, name, text)
}

/// Writes the workflow to a file anywhere, which must not be there yet.
pub(crate) fn write_to(path: &Path, shown: &str, name: &str, text: &str) -> Result<(), Error> {
    if path.symlink_metadata().is_ok() {
        return Err(Error::WorkflowExists {
            name: name.to_owned(),
            path: shown.to_owned(),
        });
    }
    Ok(files::write_atomic(path, text.as_bytes())?)
}
