//! What variables mean in a workflow of the original mmm: `{{ x }}`, `${{ x }}` and `${x}`.

use crate::base::source::Span;
use crate::model::workflow::import::conditions::{self, Operand};
use crate::model::workflow::import::github::place;
use crate::model::workflow::import::jobs::Capture;
use crate::model::workflow::import::notes::Notes;
use crate::model::workflow::import::script::{self, Piece, Script};
use crate::model::workflow::import::variables::{Variables, shouted};

/// A parameter of the workflow.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: String,
    /// Whether it is a text.
    pub(crate) is_text: bool,
}

/// A stage that has been made.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// What the original calls it.
    pub(crate) name: String,
    /// Its jobs.
    pub(crate) jobs: Vec<String>,
}

/// What the names of a file mean at one place.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    /// The parameters.
    pub(crate) parameters: Vec<Parameter>,
    /// The stages made so far.
    pub(crate) stages: Vec<Stage>,
    /// The outputs kept so far.
    pub(crate) captures: Vec<Capture>,
    /// Outputs of other jobs that are read.
    pub(crate) borrowed: Vec<Capture>,
    /// Jobs whose results are read.
    pub(crate) asked: Vec<String>,
    /// The job that is being made.
    pub(crate) job: String,
    /// Whether there is an item.
    pub(crate) has_item: bool,
}

impl Meanings {
    /// A script: what stands in it is handed over by variables.
    pub(crate) fn script(&mut self, text: &str, span: Span, notes: &mut Notes) -> Script {
        let mut variables = Variables::default();
        let taken = script::take(text, &mut |rest| {
            let (length, name, is_shell) = reference(rest)?;
            let value = match self.meaning(name, None) {
                Some(operand) => format!("${{{{ {} }}}}", operand.text),
                // The shell has variables of its own, and none with a dot in its name.
                None if is_shell && !is_dotted(name) => return None,
                None => {
                    nothing(name, span, notes);
                    String::new()
                }
            };
            let wanted = shouted(name.split('.'));
            Some((length, Piece::Variable(variables.name_for(&wanted, &value))))
        });
        taken.tell(span, notes);
        Script {
            text: taken.script,
            variables: variables.into_pairs(),
        }
    }

    /// A text: what stands in it is put in by expressions.
    pub(crate) fn template(&mut self, text: &str, span: Span, notes: &mut Notes) -> String {
        script::replace(text, &mut |rest| {
            let (length, name, _) = reference(rest)?;
            let Some(operand) = self.meaning(name, None) else {
                nothing(name, span, notes);
                return Some((length, String::new()));
            };
            Some((length, format!("${{{{ {} }}}}", operand.text)))
        })
    }

    /// A condition, without braces; that of a job when it belongs to one.
    pub(crate) fn condition(
        &mut self,
        text: &str,
        span: Span,
        of_job: Option<&str>,
        notes: &mut Notes,
    ) -> String {
        let expression = conditions::expression(text, &mut |word, inside| {
            if let Some(operand) = self.meaning(word, of_job) {
                return Some(operand);
            }
            if !inside {
                return None;
            }
            if ["and", "or", "not"].contains(&word) {
                return None;
            }
            nothing(word, span, notes);
            Some(Operand {
                text: "null".to_owned(),
                is_text: false,
            })
        });
        conditions::sound(expression, text, span, notes)
    }

    /// What a name means; nothing when there is nothing like it. `of_job` is the job whose own
    /// condition reads it: it can read nothing of its own steps.
    pub(crate) fn meaning(&mut self, name: &str, of_job: Option<&str>) -> Option<Operand> {
        let typed = |text: String, is_text| Some(Operand { text, is_text });
        let path: Vec<&str> = name.split('.').collect();
        match path.as_slice() {
            ["parameters" | "params" | "inputs", name] => {
                let found = self.parameters.iter().find(|it| it.name == **name)?;
                typed(format!("inputs.{name}"), found.is_text)
            }
            ["outputs", name, ..] => self.output(name, of_job),
            ["variables" | "env", name] => typed(format!("env.{name}"), true),
            ["spec_id" | "spec"] | ["spec", "id"] => typed("spec.id".to_owned(), true),
            ["spec", field] => {
                let known = ["slug", "name", "title", "status", "kind", "owner", "path"];
                known
                    .contains(field)
                    .then(|| typed(format!("spec.{field}"), true))?
            }
            ["project" | "project_name"] | ["project", "name"] => {
                typed("project.name".to_owned(), true)
            }
            ["workflow" | "workflow_name"] | ["workflow", "name"] => {
                typed("run.workflow".to_owned(), true)
            }
            ["item", ..] if self.has_item => typed(name.to_owned(), true),
            ["stages", stage, "status" | "result"] => {
                let stage = self.stages.iter().find(|it| it.name == **stage)?;
                let job = stage.jobs.last()?.clone();
                if !self.asked.contains(&job) {
                    self.asked.push(job.clone());
                }
                typed(format!("needs.{job}.result"), true)
            }
            [name] => {
                if let Some(found) = self.parameters.iter().find(|it| it.name == **name) {
                    return typed(format!("inputs.{name}"), found.is_text);
                }
                self.output(name, of_job)
            }
            _ => None,
        }
    }

    fn output(&mut self, name: &str, of_job: Option<&str>) -> Option<Operand> {
        let found = self.captures.iter().rev().find(|it| it.variable == name);
        let capture = found?.clone();
        let here = capture.job == self.job && of_job.is_none();
        let text = capture.read(here, &mut self.borrowed);
        Some(Operand {
            text,
            is_text: true,
        })
    }
}

/// Whether a name has parts, as no variable of the shell has: behind `-` stands what counts
/// without it.
fn is_dotted(name: &str) -> bool {
    let first = name.split_once('.').map_or("", |(first, _)| first);
    !first.is_empty() && !first.contains('-')
}

fn nothing(name: &str, span: Span, notes: &mut Notes) {
    let at = place(notes, span, name);
    let message = format!("`{name}` is empty: there is nothing like it here");
    notes.not_taken(at, &message, "");
}

/// A variable at the start of a text: its length, its name, and whether it may be the shell's.
fn reference(text: &str) -> Option<(usize, &str, bool)> {
    let (open, close, is_shell) = [("${{", "}}", false), ("{{", "}}", false), ("${", "}", true)]
        .into_iter()
        .find(|(open, ..)| text.starts_with(open))?;
    let inside = text.get(open.len()..)?;
    let end = inside.find(close)?;
    let name = inside.get(..end)?.trim();
    let plain = |character: char| character.is_ascii_alphanumeric() || "_.-".contains(character);
    let is_name = !name.is_empty() && name.chars().all(plain);
    is_name.then_some((open.len() + end + close.len(), name, is_shell))
}
