//! What a program left: output, complaints, exit code.

use std::fmt;
use std::path::Path;
use std::process::Output;

use crate::support::filters;

/// A program that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// What it printed, as it was.
    pub(crate) stdout: String,
    /// What it complained about, as it was.
    pub(crate) stderr: String,
    /// Its exit code; 128 and the signal's number when it was killed, as a shell has it.
    pub(crate) code: i32,
    root: String,
}

impl Run {
    pub(super) fn new(output: &Output, root: &Path) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let status = output.status;
        let code = status
            .code()
            .or_else(|| status.signal().map(|signal| 128 + signal));
        Self {
            stdout: String::from_utf8(output.stdout.clone()).expect("the output is UTF-8"),
            stderr: String::from_utf8(output.stderr.clone()).expect("the complaints are UTF-8"),
            code: code.expect("it ended by a code or a signal"),
            root: root.to_string_lossy().into_owned(),
        }
    }

    /// Fails the test when the program failed.
    #[track_caller]
    pub(crate) fn assert_ok(&self) -> &Self {
        self.assert_code(0)
    }

    /// Fails the test when the program ended otherwise.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// A text of this run's world with what changes from run to run replaced.
    pub(crate) fn filtered(&self, text: &str) -> String {
        filters::apply(text, &self.root)
    }

    /// The answer of a command with `--json`; the shape of the envelope is checked.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let envelope: serde_json::Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self}"));
        let keys = |value: &serde_json::Value| -> Vec<String> {
            let object = value
                .as_object()
                .unwrap_or_else(|| panic!("no object in {self}"));
            object.keys().cloned().collect()
        };
        let sorted = |names: &[&str]| -> Vec<String> {
            let mut names: Vec<String> = names.iter().map(ToString::to_string).collect();
            names.sort();
            names
        };
        assert_eq!(
            keys(&envelope),
            sorted(&["schema", "data", "problems"]),
            "{self}"
        );
        let schema = envelope["schema"].as_str().unwrap_or_default();
        assert!(schema.starts_with("mmm/") && schema.contains('@'), "{self}");
        for problem in envelope["problems"]
            .as_array()
            .expect("problems are a list")
        {
            let names = [
                "file", "line", "column", "severity", "code", "message", "hint",
            ];
            assert_eq!(keys(problem), sorted(&names), "{self}");
        }
        envelope
    }
}

/// For inline snapshots: everything, with what changes from run to run replaced.
impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "exit code {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(formatter, "--- {name}")?;
                formatter.write_str(&filters::apply(text, &self.root))?;
            }
        }
        Ok(())
    }
}
