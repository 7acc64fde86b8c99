//! The texts that a workflow is made of: its own file and those that it extends.

use std::collections::BTreeMap;

use crate::base::diagnostic::Problem;
use crate::base::ids::ContentHash;
use crate::base::limits;
use crate::base::source::{SourceText, Span};
use crate::git::digest::content_hash;
use crate::model::tree::Node;
use crate::model::workflow::Workflow;
use crate::model::workflow::resolve::{self, File, Library, Missing, Reading, Resolved};
use crate::state::format::yaml;
use crate::workflow::calls;

/// The code of the problem that a workflow is abstract and was to run.
pub(crate) const ABSTRACT: &str = "abstract-workflow";

/// Gives the text of a workflow by its name.
pub(crate) type Find<'a> = &'a mut dyn FnMut(&str) -> Result<SourceText, Missing>;

/// The texts of one workflow.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    main: SourceText,
    /// What it is made of besides, by name; also what was looked for and is not there.
    others: BTreeMap<String, Result<SourceText, Missing>>,
}

/// Other files as the model wants them: read into trees.
struct Trees<'a> {
    find: Find<'a>,
}

impl Library for Trees<'_> {
    fn find(&mut self, name: &str) -> Result<File, Missing> {
        let source = (self.find)(name)?;
        file(&source).map_err(|problem| Missing::Unreadable(vec![problem]))
    }
}

fn file(source: &SourceText) -> Result<File, Problem> {
    let root = yaml::read(source, Span::new(0, source.text().len()))?;
    let source = source.clone();
    Ok(File { source, root })
}

impl Sources {
    /// A workflow of one file.
    pub(crate) fn of(main: SourceText) -> Self {
        let others = BTreeMap::new();
        Self { main, others }
    }

    /// A workflow with all that it extends or calls, and all that those do.
    pub(crate) fn gather(main: SourceText, find: Find<'_>) -> Self {
        let mut sources = Self::of(main);
        let mut open = named(&sources.main);
        // One more than is allowed, so that whoever reads them finds too many.
        while let Some(name) = open.pop()
            && sources.others.len() <= limits::WORKFLOW_FILES
        {
            if sources.others.contains_key(&name) {
                continue;
            }
            let found = find(&name);
            open.extend(found.as_ref().ok().map(named).unwrap_or_default());
            sources.others.insert(name, found);
        }
        sources
    }

    /// Its own file.
    pub(crate) fn main(&self) -> &SourceText {
        &self.main
    }

    /// The other files by the names of their workflows.
    pub(crate) fn others(&self) -> impl Iterator<Item = (&str, &SourceText)> {
        let others = self.others.iter();
        others.filter_map(|(name, found)| Some((name.as_str(), found.as_ref().ok()?)))
    }

    /// The digest of all of it; of one file, that of its text.
    pub(crate) fn hash(&self) -> ContentHash {
        if self.others().next().is_none() {
            return content_hash(self.main.text().as_bytes());
        }
        let mut bytes = Vec::new();
        let mut add = |name: &str, text: &str| {
            bytes.extend_from_slice(format!("{name}\0{}\0{text}", text.len()).as_bytes());
        };
        // No workflow has an empty name.
        add("", self.main.text());
        for (name, source) in self.others() {
            add(name, source.text());
        }
        content_hash(&bytes)
    }

    /// Reads it, with everything that is wrong or doubtful in it.
    pub(crate) fn check(&self) -> Reading {
        match self.resolve() {
            Ok(resolved) => {
                let mut reading = resolved.validate();
                if let Some(workflow) = reading.workflow.as_ref().or(reading.draft.as_ref()) {
                    let problems = calls::check(self, workflow).1;
                    if !problems.is_empty() {
                        reading.workflow = None;
                        reading.problems.extend(problems);
                    }
                }
                reading
            }
            Err(problem) => Reading {
                workflow: None,
                draft: None,
                abstract_at: None,
                problems: vec![problem],
            },
        }
    }

    /// The workflow with nothing left of what it was made of by reuse.
    pub(crate) fn resolve(&self) -> Result<Resolved, Problem> {
        let mut find = |name: &str| match self.others.get(name) {
            Some(found) => found.clone(),
            None => Err(Missing::Absent { known: Vec::new() }),
        };
        let mut library = Trees { find: &mut find };
        Ok(resolve::resolve(file(&self.main)?, &mut library))
    }

    /// The workflow to run with those that its steps call, by name, or all errors in them.
    pub(crate) fn bundle(&self) -> Result<(Workflow, BTreeMap<String, Workflow>), Vec<Problem>> {
        let workflow = self.workflow()?;
        let called = calls::check(self, &workflow).0;
        Ok((workflow, called))
    }

    /// Another one of its files as a workflow of its own; or why it is not there.
    pub(super) fn other(&self, name: &str) -> Option<Result<Self, &Missing>> {
        let found = self.others.get(name)?.as_ref();
        Some(found.map(|main| Self {
            main: main.clone(),
            others: self.others.clone(),
        }))
    }

    /// Reads it, and nothing of what its steps call.
    pub(super) fn alone(&self) -> Result<Workflow, Vec<Problem>> {
        let reading = match self.resolve() {
            Ok(resolved) => resolved.validate(),
            Err(problem) => return Err(vec![problem]),
        };
        if let Some((source, span)) = &reading.abstract_at {
            let message = "an abstract workflow cannot be called";
            return Err(vec![Problem::error(ABSTRACT, source, *span, message)]);
        }
        reading.workflow.ok_or(reading.problems)
    }

    /// The workflow to run, or all errors in it; an abstract one is not run.
    pub(crate) fn workflow(&self) -> Result<Workflow, Vec<Problem>> {
        let reading = self.check();
        let mut problems = reading.problems;
        if let Some((source, span)) = &reading.abstract_at {
            let message = "an abstract workflow is not run by itself";
            let hint = "run a workflow that extends it; `git mmm workflow list` shows all";
            let problem = Problem::error(ABSTRACT, source, *span, message);
            problems.insert(0, problem.with_hint(hint));
            return Err(problems);
        }
        reading.workflow.ok_or(problems)
    }
}

/// The names of the workflows that a text extends or whose jobs its steps may run.
fn named(source: &SourceText) -> Vec<String> {
    // Reading a large file a second time would be a pity: a key without these is neither.
    let text = source.text();
    let keys = ["extends", "workflow:", "workflow\"", "workflow'", "\\"];
    if !keys.iter().any(|key| text.contains(key)) {
        return Vec::new();
    }
    let Ok(File { root, .. }) = file(source) else {
        return Vec::new();
    };
    let mut names: Vec<String> = Vec::new();
    let parent = root.get("extends").and_then(Node::string);
    names.extend(parent.map(|name| name.trim().to_owned()));
    let mut open = vec![&root];
    while let Some(node) = open.pop() {
        if let Some(elements) = node.sequence() {
            let called = elements
                .iter()
                .filter_map(|step| step.get("workflow")?.string());
            names.extend(called.map(str::to_owned));
            open.extend(elements);
        }
        open.extend(
            node.mapping()
                .unwrap_or_default()
                .iter()
                .map(|entry| &entry.value),
        );
    }
    names
}

#[cfg(test)]
mod tests {
    use super::Sources;
    use crate::base::source::SourceText;
    use crate::git::digest::content_hash;
    use crate::model::workflow::resolve::Missing;

    fn gather(main: &str, others: &[(&str, &str)]) -> Sources {
        let mut find = |name: &str| {
            let found = others.iter().find(|(known, _)| *known == name);
            let known = others.iter().map(|(known, _)| (*known).to_owned());
            found
                .map(|(_, text)| SourceText::new(format!("{name}.yaml"), *text))
                .ok_or_else(|| Missing::Absent {
                    known: known.collect(),
                })
        };
        Sources::gather(SourceText::new("main.yaml", main), &mut find)
    }

    const CHILD: &str = "extends: base\njobs: {a: {steps: [run: x]}}\n";

    #[test]
    fn the_digest_of_one_file_is_that_of_its_text() {
        let text = "jobs: {a: {steps: [run: x]}}\n";
        assert_eq!(gather(text, &[]).hash(), content_hash(text.as_bytes()));
    }

    #[test]
    fn the_digest_of_several_changes_with_each_of_them() {
        let hash = |main: &str, base: &str| gather(main, &[("base", base)]).hash();
        let first = hash(CHILD, "env: {A: 1}\n");
        assert_eq!(first, hash(CHILD, "env: {A: 1}\n"));
        assert_ne!(first, hash(CHILD, "env: {A: 2}\n"));
        assert_ne!(
            first,
            hash(&CHILD.replace("run: x", "run: y"), "env: {A: 1}\n")
        );
        assert_ne!(first, content_hash(CHILD.as_bytes()));
    }

    #[test]
    fn gathering_ends() {
        let found = gather(
            "extends: a\n",
            &[("a", "extends: b\n"), ("b", "extends: a\n")],
        );
        let names: Vec<&str> = found.others().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
        // Escapes in a key do not hide it.
        let found = gather("\"ext\\x65nds\": a\n", &[("a", "")]);
        assert_eq!(found.others().count(), 1);
    }
}
