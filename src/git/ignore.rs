//! What git is told to ignore, with the rule that says so.

use std::fmt;

use crate::git::{Error, Repository};
use crate::proc::command::Exit;

/// A rule of a `.gitignore` or of another file of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The file that holds it, as git names it: from the top of the work tree where it is below.
    pub(crate) file: String,
    /// Its line there.
    pub(crate) line: usize,
    /// The pattern.
    pub(crate) pattern: String,
}

/// A path that is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ignored {
    /// The path, as it was asked for.
    pub(crate) path: String,
    /// Why.
    pub(crate) rule: Rule,
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{} `{}`", self.file, self.line, self.pattern)
    }
}

/// Those of these paths that git is told to ignore and does not know yet, in one call.
pub(crate) fn ignored(repository: &Repository, paths: &[String]) -> Result<Vec<Ignored>, Error> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let ask = repository
        .command(["check-ignore", "--verbose", "-z", "--stdin"])
        .input(paths.join("\0"));
    let answer = ask.run()?;
    match answer.exit {
        Exit::Code(0) => {
            let mut found = parse(&answer.text());
            // Rules of the repository's own are named by their full path.
            let top = repository.work_tree().map(|top| top.to_string_lossy());
            for rule in found.iter_mut().map(|one| &mut one.rule) {
                let below = top.as_ref().and_then(|top| rule.file.strip_prefix(&**top));
                if let Some(below) = below.and_then(|below| below.strip_prefix('/')) {
                    rule.file = below.to_owned();
                }
            }
            Ok(found)
        }
        // Nothing is ignored.
        Exit::Code(1) => Ok(Vec::new()),
        exit => Err(Error::Git {
            arguments: "check-ignore --stdin".to_owned(),
            exit,
            complaint: answer.complaint(),
        }),
    }
}

/// Reads file, line, pattern and path of each answer. A pattern with a `!` takes a path back.
fn parse(text: &str) -> Vec<Ignored> {
    let fields: Vec<&str> = text.split('\0').collect();
    let answers = fields.chunks_exact(4).filter_map(|answer| match answer {
        [file, line, pattern, path] if !pattern.starts_with('!') => Some(Ignored {
            path: (*path).to_owned(),
            rule: Rule {
                file: (*file).to_owned(),
                line: line.parse().unwrap_or(0),
                pattern: (*pattern).to_owned(),
            },
        }),
        _ => None,
    });
    answers.collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_rule_that_takes_back_ignores_nothing() {
        let found = parse(".gitignore\x001\x00*.toml\x00.mmm/config.toml\x00a\x002\x00!x\x00x\x00");
        let shown: Vec<String> = found
            .iter()
            .map(|one| format!("{} {}", one.path, one.rule))
            .collect();
        assert_eq!(shown, [".mmm/config.toml .gitignore:1 `*.toml`"]);
    }
}
