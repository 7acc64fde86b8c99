//! What a step says in commands, told in words among the lines that it prints.

use crate::base::step_command::{BRACKET, COLONS};
use crate::base::text::one_line;
use crate::model::annotation::Annotation;
use crate::model::step_commands::{Reader, Said};

/// Tells the lines of one step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Telling {
    reader: Reader,
    /// Whether the lines belong to a group.
    grouped: bool,
}

impl Telling {
    /// The lines that are shown for one that was printed; none for what only ends a group.
    pub(crate) fn line(&mut self, line: &str) -> Vec<String> {
        let before = self.margin();
        let told = match self.reader.line(line) {
            Said::Annotation(annotation) => return indented(before, &annotation.to_string()),
            Said::Group(title) => {
                self.grouped = true;
                return vec![format!("> {}", one_line(&title)).trim_end().to_owned()];
            }
            Said::EndGroup => {
                self.grouped = false;
                return Vec::new();
            }
            Said::Debug(message) => return indented(before, &format!("debug: {message}")),
            _ => line.to_owned(),
        };
        vec![format!("{before}{told}")]
    }

    /// What stands before a line.
    pub(crate) fn margin(&self) -> &'static str {
        if self.grouped { "  " } else { "" }
    }
}

/// The lines of a text, those behind the first one indented.
fn indented(before: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    let indent = |index| if index == 0 { "" } else { "  " };
    let lines = lines.map(|(index, line)| format!("{before}{}{}", indent(index), line.trim_end()));
    lines.collect()
}

/// Whether a line that has no end yet may become a command: what it says is not known before.
pub(crate) fn may_speak(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    line.trim_start().starts_with(COLONS) || line.contains(BRACKET)
}

/// One annotation in one line: `error src/a.rs:3: what is wrong`.
pub(crate) fn annotation_line(annotation: &Annotation) -> String {
    let told = annotation.to_string();
    let lines: Vec<&str> = told.lines().map(str::trim).collect();
    one_line(&lines.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{Telling, annotation_line, may_speak};
    use crate::model::annotation::{Annotation, Level};

    #[test]
    fn commands_are_told_in_words() {
        let check = |text: &str, expected: &[&str]| {
            let mut telling = Telling::default();
            let shown: Vec<String> = text.lines().flat_map(|line| telling.line(line)).collect();
            assert_eq!(shown, expected);
        };
        check("plain\nstd::fmt", &["plain", "std::fmt"]);
        check(
            "::group::Build\none\n::error file=a.c,line=3,title=T::bad%0Aworse\n::endgroup::\ntwo",
            &[
                "> Build",
                "  one",
                "  error a.c:3: T: bad",
                "    worse",
                "two",
            ],
        );
        check("##[group]\nx\n::group::B\ny", &[">", "  x", "> B", "  y"]);
        check(
            "::debug::x%0Ay\n::notice::\n::add-mask::***\n::group::a%0Ab",
            &["debug: x", "  y", "notice:", "::add-mask::***", "> a\\nb"],
        );
        check(
            "::stop-commands::T\n::error::x\n::T::\n::error::y",
            &["::stop-commands::T", "::error::x", "::T::", "error: y"],
        );
    }

    #[test]
    fn a_part_of_a_command_is_not_shown() {
        for (line, expected) in [
            ("::", true),
            (" ::er", true),
            ("a##[", true),
            (":", false),
            ("a::b", false),
        ] {
            assert_eq!(may_speak(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn an_annotation_is_one_line() {
        let annotation = Annotation {
            file: Some("a\u{1b}.c".to_owned()),
            line: Some(3),
            ..Annotation::new(Level::Warning, "odd\n  and\tmore\r\n")
        };
        assert_eq!(
            annotation_line(&annotation),
            "warning a\\u{1b}.c:3: odd and\\tmore"
        );
    }
}
