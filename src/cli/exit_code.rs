//! The exit codes: one table, the same as `docs/exit-codes.md`.
//!
//! 128, 129 and 130 are Git's own habits; 1 is its negative answer.

use crate::app::error::Kind;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExitCode {
    /// Everything was done.
    Ok,
    /// Everything was done and the answer is no: a run, a check or a verification failed.
    No,
    /// A run waits for a person at a checkpoint.
    Waiting,
    /// A replay needs a recording that is not there.
    RecordingMissing,
    /// It could not be done: no repository, a damaged file, a failing program.
    Fatal,
    /// The command line is wrong; nothing was done.
    Usage,
    /// Somebody interrupted it; a run was cancelled.
    Interrupted,
}

impl ExitCode {
    /// Every code, in the order of the table.
    pub(crate) const ALL: [Self; 7] = [
        Self::Ok,
        Self::No,
        Self::Waiting,
        Self::RecordingMissing,
        Self::Fatal,
        Self::Usage,
        Self::Interrupted,
    ];

    /// The number that the caller sees.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::No => 1,
            Self::Waiting => 3,
            Self::RecordingMissing => 4,
            Self::Fatal => 128,
            Self::Usage => 129,
            Self::Interrupted => 130,
        }
    }

    /// What it means, for people.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "everything was done",
            Self::No => "the answer is no: a run, a check or a verification failed",
            Self::Waiting => {
                "a run waits for a person: at a checkpoint, or because nobody knows how a step ended"
            }
            Self::RecordingMissing => "a replay needs a recording that is not there",
            Self::Fatal => {
                "it could not be done: no repository, a damaged file, a program that failed"
            }
            Self::Usage => "the command line is wrong; nothing was done",
            Self::Interrupted => "it was interrupted; a run was cancelled",
        }
    }
}

impl From<Kind> for ExitCode {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::User | Kind::Config | Kind::State | Kind::External | Kind::Bug => Self::Fatal,
            Kind::Usage => Self::Usage,
            Kind::Waiting => Self::Waiting,
            Kind::Cancelled => Self::Interrupted,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode;
    use std::fmt::Write as _;

    #[test]
    fn the_page_shows_this_table() {
        let mut table = String::from("| code | meaning |\n|---:|---|\n");
        for code in ExitCode::ALL {
            writeln!(table, "| {} | {} |", code.number(), code.meaning()).expect("text grows");
        }
        insta::assert_snapshot!(table, @"
        | code | meaning |
        |---:|---|
        | 0 | everything was done |
        | 1 | the answer is no: a run, a check or a verification failed |
        | 3 | a run waits for a person: at a checkpoint, or because nobody knows how a step ended |
        | 4 | a replay needs a recording that is not there |
        | 128 | it could not be done: no repository, a damaged file, a program that failed |
        | 129 | the command line is wrong; nothing was done |
        | 130 | it was interrupted; a run was cancelled |
        ");
        let page = include_str!("../../docs/exit-codes.md");
        assert!(
            page.contains(&table),
            "docs/exit-codes.md must hold this table:\n{table}"
        );
    }
}
