//! Makes a workflow of one for prodigy.

use crate::model::tree::{Entry, Node};
use crate::model::workflow::import::jobs::{self, NewJob};
use crate::model::workflow::import::notes::Notes;
use crate::model::workflow::import::prodigy_env;
use crate::model::workflow::import::prodigy_map;
use crate::model::workflow::import::prodigy_text::Meanings;
use crate::model::workflow::import::variables::free_name;
use crate::model::workflow::import::yaml::{Map, Yaml};

/// The keys that make an element of a list a step.
pub(crate) const STEP_KINDS: &[&str] = &[
    "shell",
    "test",
    "claude",
    "analyze",
    "foreach",
    "write_file",
    "goal_seek",
];

/// What is being done.
#[derive(Debug)]
pub(crate) struct Prodigy<'a, 's> {
    /// What is said about it.
    pub(crate) notes: &'a mut Notes<'s>,
    /// What names mean.
    pub(crate) meanings: Meanings,
    /// The jobs made so far.
    pub(crate) jobs: Vec<NewJob>,
}

/// Makes a workflow of a file.
pub(crate) fn workflow(root: &Node, out: &mut Map, notes: &mut Notes) {
    let mut prodigy = Prodigy {
        notes,
        meanings: Meanings::default(),
        jobs: Vec::new(),
    };
    let mut env = Map::default();
    for entry in root.mapping().unwrap_or_default() {
        prodigy.top(entry, out, &mut env);
    }
    if let Some(nodes) = root.sequence() {
        prodigy.main(nodes);
    } else if let Some(nodes) = root.get("commands").and_then(Node::sequence) {
        prodigy.main(nodes);
    }
    if root.get("map").is_some() {
        // `setup` and `reduce` work where the items are merged.
        out.put_text("isolation", "worktree");
        prodigy_map::jobs(root, &mut prodigy);
    }
    if !env.is_empty() {
        out.put("env", Yaml::Map(env));
    }
    prodigy.finish(root, out);
}

impl Prodigy<'_, '_> {
    fn top(&mut self, entry: &Entry, out: &mut Map, env: &mut Map) {
        match entry.key.as_str() {
            "name" => out.put("name", Yaml::copy(&entry.value)),
            // What they say is in the jobs.
            "mode" | "commands" | "setup" | "map" | "reduce" => {}
            "description" => out.put("description", Yaml::copy(&entry.value)),
            "env" => prodigy_env::env(entry, env, self),
            "secrets" => prodigy_env::secrets(entry, env, self),
            "env_files" => prodigy_env::files(entry, out, self),
            "profiles" => {
                let message = "`profiles` is left out";
                let hint = "write a file of variables for each, or a workflow of its own";
                out.comment(self.notes.key_not_taken(entry, message, hint));
            }
            "merge" => {
                let message = "`merge` is left out: work trees are merged by `isolation`";
                let hint = "what is to be run before belongs at the end of the jobs";
                out.comment(self.notes.key_not_taken(entry, message, hint));
            }
            key if prodigy_map::POLICIES.contains(&key) => {}
            key => {
                let message = format!("`{key}` is not known here and left out");
                out.comment(self.notes.key_not_taken(entry, &message, ""));
            }
        }
    }

    /// The commands of a workflow without phases.
    fn main(&mut self, nodes: &[Node]) {
        let job = self.new_job("main");
        let job = self.steps(nodes, job);
        self.add_rest(job);
    }

    /// Adds the job behind the last `foreach`, if it does anything.
    pub(crate) fn add_rest(&mut self, job: NewJob) {
        match self.jobs.last_mut() {
            Some(last) if job.steps.is_empty() => last.steps.append(job.steps),
            _ => self.add(job),
        }
    }

    /// A new job that comes after the last one.
    pub(crate) fn new_job(&mut self, wanted: &str) -> NewJob {
        let ids: Vec<String> = self.jobs.iter().map(|job| job.id.clone()).collect();
        let id = free_name(wanted, &ids);
        self.meanings.job.clone_from(&id);
        self.meanings.last = None;
        NewJob {
            needs: self
                .jobs
                .last()
                .map(|job| job.id.clone())
                .into_iter()
                .collect(),
            id,
            ..NewJob::default()
        }
    }

    /// Adds a job, and to others the outputs that it reads.
    pub(crate) fn add(&mut self, mut job: NewJob) {
        let borrowed = std::mem::take(&mut self.meanings.borrowed);
        jobs::lend(borrowed, &mut job, &mut self.jobs);
        self.jobs.push(job);
    }

    fn finish(mut self, root: &Node, out: &mut Map) {
        for input in std::mem::take(&mut self.meanings.inputs) {
            let mut keys = Map::default();
            keys.put_text("description", format!("Was `${}`", input.to_uppercase()));
            keys.put_text("default", "");
            out.put_in("inputs", &input, Yaml::Map(keys));
        }
        jobs::shell_of_texts("prodigy", out);
        jobs::write(self.jobs, root.span, out, self.notes);
    }
}
