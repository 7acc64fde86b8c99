//! The decisions, comments and approvals beside specs.

use std::collections::HashSet;

use crate::base::diagnostic::{Problem, Severity};
use crate::base::ids::RecordId;
use crate::base::source::SourceText;
use crate::model::remark::Remark;
use crate::state::Error;
use crate::state::format::remark_v1;
use crate::state::layout::StatePath;
use crate::state::state_files::StateFiles;
use crate::sys::clock;

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Its file, relative to the top of the work tree.
    pub(crate) path: String,
    /// When, as the file has it.
    pub(crate) at: String,
    /// What.
    pub(crate) remark: Remark,
}

/// What was found beside specs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remarks {
    /// What was said, the oldest first.
    pub(crate) remarks: Vec<Said>,
    /// Everything that is wrong with the files.
    pub(crate) problems: Vec<Problem>,
}

/// Reads what is said about one spec, by the name of its file without the ending.
pub(crate) fn of_spec(files: &StateFiles, name: &str) -> Result<Remarks, Error> {
    let mut found = Remarks::default();
    for path in files.beside_specs(Some(name))? {
        found.add(files, &path)?;
    }
    Ok(found)
}

/// Reads what is said about all specs; `names` are those of their files without the ending.
pub(crate) fn all(files: &StateFiles, names: &HashSet<&str>) -> Result<Remarks, Error> {
    let mut found = Remarks::default();
    let mut strange = HashSet::new();
    for path in files.beside_specs(None)? {
        let folder = path.folder();
        let name = folder.rsplit('/').next().unwrap_or(folder);
        if !names.contains(name) && strange.insert(folder.to_owned()) {
            let message = format!("there is no spec `{name}`, so nobody sees what is said here");
            found.warn(
                "no-spec",
                folder,
                message,
                "give the folder the name of the spec's file",
            );
        }
        found.add(files, &path)?;
    }
    Ok(found)
}

impl Remarks {
    fn add(&mut self, files: &StateFiles, path: &StatePath) -> Result<(), Error> {
        let name = path.file_name();
        if name
            .strip_suffix(".md")
            .is_none_or(|name| name.parse::<RecordId>().is_err())
        {
            let message = "what is said about a spec stands in a file that is named by a ULID";
            self.warn(
                "file-name",
                path.as_str(),
                message.to_owned(),
                "such as `01m7ht2ht07t3x9kqv2m5n8r1c.md`",
            );
        }
        let bytes = match files.read(path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(()),
            Err(error @ (Error::Link { .. } | Error::Machine(_) | Error::NoFile { .. })) => {
                let problem = Problem::in_file("unreadable", path.as_str(), error.to_string());
                self.problems.push(problem);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let text = match str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => {
                let problem = Problem::not_utf8(path.as_str(), &bytes, error.valid_up_to());
                self.problems.push(problem);
                return Ok(());
            }
        };
        let (remark, problems) = remark_v1::read(&SourceText::new(path.as_str(), text));
        self.problems.extend(problems);
        self.remarks.extend(remark.map(|remark| Said {
            path: path.to_string(),
            at: clock::rfc3339(remark.at_ms),
            remark,
        }));
        Ok(())
    }

    fn warn(&mut self, code: &'static str, path: &str, message: String, hint: &str) {
        let mut problem = Problem::in_file(code, path, message).with_hint(hint);
        problem.severity = Severity::Warning;
        self.problems.push(problem);
    }
}
