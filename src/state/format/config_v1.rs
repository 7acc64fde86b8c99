//! `.mmm/config.toml`: what the team agreed on, tracked and reviewed.
//!
//! Nothing personal stands here: a `commit` key would let one person's pull request change what
//! the tool does to everybody's branches, so it is ignored with a warning.

pub(crate) mod edit;

use crate::base::diagnostic::{Problem, Severity};
use crate::base::limits::PARALLEL_JOBS;
use crate::base::source::SourceText;
use crate::base::text::is_variable_name;
use crate::model::project::{Project, ProjectId, RunPolicy};
use crate::model::tree::{Node, Value};
use crate::state::Error;
use crate::state::format::conflict;
use crate::state::format::fields::{Checker, Table};
use crate::state::format::toml_tree;

/// The newest format that this version reads in full and writes.
pub(crate) const FORMAT: i64 = 1;

/// Most variables that can be masked by name.
const MASKED: usize = 1_000;

/// What reading a configuration gave.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Read {
    /// The project, unless an error makes the file unusable.
    pub(crate) project: Option<Project>,
    /// The format that the file says it has.
    pub(crate) format: Option<i64>,
    /// Everything wrong with it, in the order of the file.
    pub(crate) problems: Vec<Problem>,
}

impl Read {
    /// Refuses when a newer version wrote the file: what we would drop or break is unknown.
    pub(crate) fn writable(&self, path: &str) -> Result<(), Error> {
        match self.format {
            Some(found) if found > FORMAT => Err(Error::NewerFormat {
                path: path.to_owned(),
                found,
                supported: FORMAT,
            }),
            _ => Ok(()),
        }
    }
}

/// Reads a configuration with all its problems.
pub(crate) fn read(source: &SourceText) -> Read {
    let (node, problems) = toml_tree::parse(source);
    if conflict::is_among(&problems) {
        return Read {
            project: None,
            format: None,
            problems,
        };
    }
    // What a broken text seems to hold is not what somebody wrote.
    let broken = !problems.is_empty();
    let mut checker = Checker::new(source, problems);
    let root = checker.root(&node);
    let format = format(&mut checker, source, &root);
    let project_table = checker.table(&root, "project");
    let run_table = checker.table(&root, "run");

    let id = checker.parsed::<ProjectId>(&project_table, "id");
    let id = checker.required(&project_table, "id", id);
    let name = checker.text(&project_table, "name").map(str::to_owned);
    let name = checker.required(&project_table, "name", name);
    let run = run_policy(&mut checker, &run_table);

    // A newer version may know more keys than we do.
    if !broken && format.is_none_or(|found| found <= FORMAT) {
        let tables = [
            (&root, &["format", "project", "run"][..]),
            (&project_table, &["id", "name"][..]),
            (&run_table, &["workflow", "mask", "parallel-jobs"][..]),
        ];
        for (table, known) in tables {
            let known: Vec<&'static str> = known.iter().copied().chain(["commit"]).collect();
            checker.unknown_keys(table, &known);
            ignored_commit(&mut checker, source, table);
        }
    }

    let usable = !checker.has_errors();
    let project = match (id, name) {
        (Some(id), Some(name)) if usable => Some(Project { id, name, run }),
        _ => None,
    };
    let mut problems = checker.into_problems();
    crate::base::diagnostic::sort(&mut problems);
    Read {
        project,
        format,
        problems,
    }
}

/// The text of a new configuration.
pub(crate) fn render(project: &Project) -> String {
    let text = format!(
        "format = {FORMAT}\n\n[project]\nid = {}\nname = {}\n",
        toml_tree::quoted(project.id.as_str()),
        toml_tree::quoted(&project.name),
    );
    let run = &project.run;
    if *run == RunPolicy::default() {
        return text;
    }
    let mut lines = vec!["\n[run]\n".to_owned()];
    if let Some(workflow) = &run.workflow {
        lines.push(format!("workflow = {}\n", toml_tree::quoted(workflow)));
    }
    if !run.mask.is_empty() {
        let names: Vec<String> = run
            .mask
            .iter()
            .map(|name| toml_tree::quoted(name))
            .collect();
        lines.push(format!("mask = [{}]\n", names.join(", ")));
    }
    if let Some(jobs) = run.parallel_jobs {
        lines.push(format!("parallel-jobs = {jobs}\n"));
    }
    text + &lines.concat()
}

fn format<'a>(checker: &mut Checker<'a>, source: &SourceText, root: &Table<'a>) -> Option<i64> {
    let Some(node) = root.get("format") else {
        checker.required::<()>(root, "format", None);
        return None;
    };
    match node.value {
        Value::Integer(found) if found > FORMAT => {
            checker.add(Problem::newer_format(
                Severity::Warning,
                source,
                node.span,
                (found, FORMAT),
            ));
            Some(found)
        }
        Value::Integer(FORMAT) => Some(FORMAT),
        _ => {
            wrong_format(checker, node);
            None
        }
    }
}

fn wrong_format(checker: &mut Checker<'_>, node: &Node) {
    let message = format!("`format` is not {FORMAT}");
    checker.error("invalid-format", node.span, message);
}

fn run_policy<'a>(checker: &mut Checker<'a>, table: &Table<'a>) -> RunPolicy {
    let workflow = checker.text(table, "workflow").map(str::to_owned);
    let mut mask = Vec::new();
    for (name, span) in checker.texts(table, "mask") {
        if !is_variable_name(name) {
            let message = format!("`{}` is not the name of a variable", name.escape_debug());
            checker.error("invalid-value", span, message);
        } else if mask.len() == MASKED {
            let message = format!("more than {MASKED} variables are masked by name");
            checker.error("too-many", span, message);
            break;
        } else {
            mask.push(name.to_owned());
        }
    }
    let jobs = checker.count(table, "parallel-jobs");
    let parallel_jobs = jobs.and_then(|count| usize::try_from(count).ok());
    if let (Some(count), Some(node)) = (parallel_jobs, table.get("parallel-jobs"))
        && !(1..=PARALLEL_JOBS).contains(&count)
    {
        let message =
            format!("`run.parallel-jobs` is {count}, not a number from 1 to {PARALLEL_JOBS}");
        checker.error("invalid-value", node.span, message);
    }
    RunPolicy {
        workflow,
        mask,
        parallel_jobs,
    }
}

fn ignored_commit(checker: &mut Checker<'_>, source: &SourceText, table: &Table<'_>) {
    if let Some(entry) = table.entries().iter().find(|entry| entry.key == "commit") {
        let message = format!("`{}` is not read from a tracked file", table.path("commit"));
        let problem = Problem::warning("ignored-key", source, entry.key_span, message);
        checker.add(problem.with_hint("for yourself, run `git config mmm.commit true`"));
    }
}

#[cfg(test)]
mod tests;
