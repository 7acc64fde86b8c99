//! What the expressions of a GitHub workflow can read once it is here.

use crate::model::expression::value::fold;
use crate::model::tree::Node;
use crate::model::workflow::references;

/// What stands for a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The same one.
    AsItIs,
    /// Another one.
    Other(String),
    /// Nothing: why.
    Nothing(String),
}

/// A job of the file.
#[derive(Clone, Debug)]
pub(crate) struct KnownJob {
    /// Its id.
    pub(crate) id: String,
    /// Its outputs; not known before for a called workflow.
    pub(crate) outputs: Option<Vec<String>>,
}

/// The names of a file, and of the job that is being taken.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The jobs that are taken.
    pub(crate) jobs: Vec<KnownJob>,
    /// The inputs.
    pub(crate) inputs: Vec<String>,
    /// Variables of the repository that are read: inputs here.
    pub(crate) settings: Vec<String>,
    /// The jobs that this job needs.
    pub(crate) needs: Vec<String>,
    /// The ids of the steps that are taken so far.
    pub(crate) steps: Vec<String>,
    /// The names below `matrix`; nothing when an expression gives some of them.
    pub(crate) matrix: Option<Vec<String>>,
}

/// What `steps.<id>`, `needs.<id>` and `jobs.<id>` hold.
const PROPERTIES: &[(&str, &[&str])] = &[
    ("steps", &["outcome", "conclusion", "outputs"]),
    ("needs", &["result", "outputs"]),
    ("jobs", &["result", "outputs"]),
];

impl Names {
    /// What stands for a look-up.
    pub(crate) fn look_up(&mut self, path: &[&str], in_condition: bool) -> Found {
        let dotted = path.join(".");
        let context = path
            .first()
            .map_or(String::new(), |name| name.to_lowercase());
        let rest = path.get(1..).unwrap_or_default();
        match (context.as_str(), rest) {
            (_, [] | ["*", ..]) => Found::AsItIs,
            ("github", ["event", "inputs", below @ ..]) => Found::Other(
                std::iter::once("inputs")
                    .chain(below.iter().copied())
                    .collect::<Vec<_>>()
                    .join("."),
            ),
            ("github", ["token", ..]) if !in_condition => {
                Found::Other("secrets.GITHUB_TOKEN".to_owned())
            }
            ("vars", [name, ..]) => {
                if !holds(&self.settings, name) && !holds(&self.inputs, name) {
                    self.settings.push((*name).to_owned());
                }
                Found::Other(format!("inputs.{name}"))
            }
            ("inputs", [name, ..]) if !holds(&self.inputs, name) => {
                Found::Nothing(format!("there is no input `{name}`"))
            }
            ("steps", [id, below @ ..]) if holds(&self.steps, id) => {
                property("steps", below, &dotted)
            }
            ("steps", [id, ..]) => {
                Found::Nothing(format!("there is no step `{id}` before it here"))
            }
            ("needs", [id, below @ ..]) if holds(&self.needs, id) => {
                self.of_job("needs", id, below, &dotted)
            }
            ("needs", [id, ..]) => Found::Nothing(format!("the job does not need `{id}` here")),
            ("jobs", [id, below @ ..]) => self.of_job("jobs", id, below, &dotted),
            ("matrix", [name, ..]) => match &self.matrix {
                Some(names) if !holds(names, name) => {
                    Found::Nothing(format!("the matrix has no `{name}`"))
                }
                _ => Found::AsItIs,
            },
            ("github" | "runner" | "job" | "strategy", [name, ..]) => {
                let known = references::names_below(&context).unwrap_or_default();
                if known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                    Found::AsItIs
                } else {
                    Found::Nothing(format!("`{dotted}` is not known here"))
                }
            }
            _ => Found::AsItIs,
        }
    }

    fn of_job(&self, context: &str, id: &str, below: &[&str], dotted: &str) -> Found {
        let Some(job) = self.jobs.iter().find(|job| fold(&job.id) == fold(id)) else {
            return Found::Nothing(format!("there is no job `{id}` here"));
        };
        if let ([outputs, name, ..], Some(known)) = (below, &job.outputs)
            && outputs.eq_ignore_ascii_case("outputs")
            && *name != "*"
            && !holds(known, name)
        {
            return Found::Nothing(format!("job `{id}` has no output `{name}`"));
        }
        property(context, below, dotted)
    }
}

fn property(context: &str, below: &[&str], dotted: &str) -> Found {
    let known = PROPERTIES.iter().find(|(name, _)| *name == context);
    let known = known.map_or(&[][..], |(_, known)| *known);
    match below.first() {
        Some(name) if *name != "*" && !known.iter().any(|it| it.eq_ignore_ascii_case(name)) => {
            Found::Nothing(format!("`{dotted}` is not known here"))
        }
        _ => Found::AsItIs,
    }
}

/// Whether a name is among others, in any case.
pub(crate) fn holds(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The names below `matrix` of a job: none without one, nothing when they cannot be known.
pub(crate) fn matrix_names(job: &Node) -> Option<Vec<String>> {
    let Some(matrix) = job.get("strategy").and_then(|node| node.get("matrix")) else {
        return Some(Vec::new());
    };
    let mut names = Vec::new();
    for entry in matrix.mapping()? {
        match entry.key.as_str() {
            "exclude" => {}
            "include" => {
                for element in entry.value.sequence()? {
                    names.extend(element.mapping()?.iter().map(|entry| entry.key.clone()));
                }
            }
            name => names.push(name.to_owned()),
        }
    }
    Some(names)
}
