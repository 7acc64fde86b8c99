//! Files under `.mmm/` that Git is told to ignore: they would stay out of every commit.

use std::collections::BTreeSet;

use crate::base::diagnostic::{Place, Problem, Severity};
use crate::git::Repository;
use crate::git::ignore::{Rule, ignored};
use crate::state::Error;
use crate::state::layout::{ATTRIBUTES, CONFIG, RUNS, SPECS, WORKFLOWS};

/// Stands for the name of any file of a kind: no rule that people write is about it alone.
const ANY: &str = "x";

/// Names that a message tells.
const SHOWN: usize = 3;

/// A warning for each rule that hides any of these files, or files that are still to be made. One
/// question to git.
pub(crate) fn problems<'a>(
    repository: &Repository,
    files: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Problem>, Error> {
    if repository.work_tree().is_none() {
        return Ok(Vec::new());
    }
    let mut paths = BTreeSet::from([CONFIG.to_owned(), ATTRIBUTES.to_owned()]);
    let any = |(folder, ending)| format!("{folder}/{ANY}{ending}");
    paths.extend([(SPECS, ".md"), (WORKFLOWS, ".yaml"), (RUNS, ".toml")].map(any));
    paths.extend(files.into_iter().map(str::to_owned));
    let paths: Vec<String> = paths.into_iter().collect();
    let mut rules: Vec<(Rule, Vec<String>)> = Vec::new();
    for found in ignored(repository, &paths)? {
        let shown = shown(&found.path);
        match rules.iter_mut().find(|(rule, _)| *rule == found.rule) {
            Some((_, paths)) => paths.push(shown),
            None => rules.push((found.rule, vec![shown])),
        }
    }
    Ok(rules.iter().map(problem).collect())
}

/// A path, or a pattern where it stands for any file.
fn shown(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name.split_once('.') {
        Some((ANY, ending)) => format!("`{folder}/*.{ending}`"),
        _ => format!("`{path}`"),
    }
}

fn problem((rule, paths): &(Rule, Vec<String>)) -> Problem {
    let mut names = paths
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>();
    let more = format!("{} more", paths.len().saturating_sub(SHOWN));
    if paths.len() > SHOWN {
        names.push(&more);
    }
    let names = match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    };
    let message = format!(
        "Git ignores {names} by the rule `{}`: no commit will have what stands there",
        rule.pattern
    );
    Problem {
        severity: Severity::Warning,
        place: Place::Line(rule.file.clone(), rule.line),
        ..Problem::in_file("ignored", rule.file.as_str(), message)
    }
    .with_hint(
        "take the rule back, or add the lines `!/.mmm/` and `!/.mmm/**` to the end of `.gitignore`",
    )
}
