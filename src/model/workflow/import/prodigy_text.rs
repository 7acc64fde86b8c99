//! What `${…}` means in a workflow of prodigy.

use crate::base::source::Span;
use crate::model::workflow::import::conditions::{self, Operand};
use crate::model::workflow::import::github::place;
use crate::model::workflow::import::jobs::Capture;
use crate::model::workflow::import::notes::Notes;
use crate::model::workflow::import::script::{self, Piece, Script};
use crate::model::workflow::import::variables::{Variables, shouted};
use crate::model::workflow::scalar::is_variable;

/// The words that prodigy gives a value when it starts, each an input here.
const ARGUMENTS: &[&str] = &["ARG", "FILE", "FILE_PATH"];

/// What the names of a file mean at one place.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    /// The outputs kept so far.
    pub(crate) captures: Vec<Capture>,
    /// The step whose output `shell.output` is, in the job that is being made.
    pub(crate) last: Option<String>,
    /// Whether there is an item, and whether it is a text.
    pub(crate) item: Option<ItemKind>,
    /// The job that is being made.
    pub(crate) job: String,
    /// Outputs of other jobs that are read.
    pub(crate) borrowed: Vec<Capture>,
    /// The inputs that are needed.
    pub(crate) inputs: Vec<String>,
    /// The job whose items have come to something, where there is one.
    pub(crate) mapped: Option<String>,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemKind {
    /// A text.
    Text,
    /// Any value.
    Value,
}

/// What a name means.
enum Meaning {
    /// A variable of the environment.
    Environment(String),
    /// An expression.
    Expression(String),
    /// What came of the items: a variable that the script counts itself.
    Counted(&'static str),
    /// Nothing here.
    Nothing,
}

/// Lines that count what the items came to.
const COUNT: &str = "MAP_TOTAL=$(printf '%s' \"$MAP_OUTCOMES\" | wc -w | tr -d ' ')\n\
                     MAP_SUCCESSFUL=$(printf '%s' \"$MAP_OUTCOMES\" | tr ' ' '\\n' | { grep -c success || true; })\n\
                     MAP_FAILED=$((MAP_TOTAL - MAP_SUCCESSFUL))\n";

impl Meanings {
    /// A script: what stands in it is handed over by variables.
    pub(crate) fn script(&mut self, text: &str, span: Span, notes: &mut Notes) -> Script {
        let mut variables = Variables::default();
        let mut counted = false;
        let taken = script::take(text, &mut |rest| {
            let (length, name, default) = reference(rest)?;
            let piece = match self.meaning(name) {
                Meaning::Environment(_) if default.is_none() && !name.contains('.') => return None,
                Meaning::Environment(name) => Piece::Variable(with_default(&name, default)),
                Meaning::Expression(expression) => {
                    let wanted = if is_variable(name) {
                        name.to_owned()
                    } else {
                        shouted(name.split(['.', '[', ']']))
                    };
                    let value = format!("${{{{ {expression} }}}}");
                    let name = variables.name_for(&wanted, &value);
                    Piece::Variable(with_default(&name, default))
                }
                Meaning::Counted(name) => {
                    counted = true;
                    Piece::Variable(name.to_owned())
                }
                Meaning::Nothing => {
                    nothing(name, span, notes);
                    let wanted = shouted(name.split(['.', '[', ']']));
                    Piece::Variable(with_default(&variables.name_for(&wanted, ""), default))
                }
            };
            Some((length, piece))
        });
        taken.tell(span, notes);
        let mut text = taken.script;
        let mut variables = variables.into_pairs();
        if counted {
            text.insert_str(0, COUNT);
            let job = self.mapped.as_deref().unwrap_or("map");
            let value = format!("${{{{ join(needs.{job}.results.*.result, ' ') }}}}");
            variables.push(("MAP_OUTCOMES".to_owned(), value));
        }
        Script { text, variables }
    }

    /// A text: what stands in it is put in by expressions.
    pub(crate) fn template(&mut self, text: &str, span: Span, notes: &mut Notes) -> String {
        script::replace(text, &mut |rest| {
            let (length, name, default) = reference(rest)?;
            let expression = match self.meaning(name) {
                Meaning::Environment(name) => format!("env.{name}"),
                Meaning::Expression(expression) => expression,
                Meaning::Counted(_) | Meaning::Nothing => {
                    nothing(name, span, notes);
                    "''".to_owned()
                }
            };
            let default = default.map(|text| format!(" || {}", conditions::quoted(text)));
            let default = default.unwrap_or_default();
            Some((length, format!("${{{{ {expression}{default} }}}}")))
        })
    }

    /// A condition.
    pub(crate) fn condition(&mut self, text: &str, span: Span, notes: &mut Notes) -> String {
        let expression = conditions::expression(text, &mut |word, inside| {
            let known = self
                .captures
                .iter()
                .any(|it| word.split('.').next() == Some(&it.variable));
            if !inside && !known {
                return None;
            }
            let name = word.split('|').next().unwrap_or(word);
            let text = match self.meaning(name) {
                Meaning::Environment(name) => format!("env.{name}"),
                Meaning::Expression(expression) => expression,
                Meaning::Counted(_) | Meaning::Nothing => {
                    nothing(name, span, notes);
                    "null".to_owned()
                }
            };
            // A comparison is true or false already.
            let is_text = !text.contains("==");
            Some(Operand { text, is_text })
        });
        let expression = conditions::sound(expression, text, span, notes);
        format!("${{{{ {expression} }}}}")
    }

    fn meaning(&mut self, name: &str) -> Meaning {
        let path: Vec<&str> = name.split('.').collect();
        match path.as_slice() {
            ["item"] => match self.item {
                Some(ItemKind::Text) => Meaning::Expression("item".to_owned()),
                // A text is put in as it is, anything else as JSON.
                Some(ItemKind::Value) => Meaning::Expression(
                    "case(startsWith(toJSON(item), '\"'), item, toJSON(item))".to_owned(),
                ),
                None => Meaning::Environment(name.to_owned()),
            },
            ["item", ..] if self.item.is_some() => Meaning::Expression(name.to_owned()),
            ["shell", "output" | "stdout"] => match &self.last {
                Some(step) => Meaning::Expression(format!("steps.{step}.outputs.output")),
                None => Meaning::Nothing,
            },
            ["env", name] => Meaning::Environment((*name).to_owned()),
            ["workflow", "name"] => Meaning::Expression("run.workflow".to_owned()),
            ["workflow", "id" | "run_id"] => Meaning::Expression("run.id".to_owned()),
            ["map", "total"] if self.mapped.is_some() => Meaning::Counted("MAP_TOTAL"),
            ["map", "successful"] if self.mapped.is_some() => Meaning::Counted("MAP_SUCCESSFUL"),
            ["map", "failed"] if self.mapped.is_some() => Meaning::Counted("MAP_FAILED"),
            ["map", "results"] => match &self.mapped {
                Some(job) => Meaning::Expression(format!("toJSON(needs.{job}.results)")),
                None => Meaning::Nothing,
            },
            [argument] if ARGUMENTS.contains(argument) => {
                let input = argument.to_lowercase();
                if !self.inputs.contains(&input) {
                    self.inputs.push(input.clone());
                }
                Meaning::Expression(format!("inputs.{input}"))
            }
            [variable, field @ ..] => self.captured(variable, field, name),
            [] => Meaning::Nothing,
        }
    }

    /// What a kept output, or something below it, means.
    fn captured(&mut self, variable: &str, field: &[&str], name: &str) -> Meaning {
        let found = self
            .captures
            .iter()
            .rev()
            .find(|it| it.variable == variable);
        let Some(capture) = found.cloned() else {
            return if field.is_empty() {
                Meaning::Environment(name.to_owned())
            } else {
                Meaning::Nothing
            };
        };
        let here = capture.job == self.job;
        Meaning::Expression(match field {
            [] | ["stdout" | "output"] => capture.read(here, &mut self.borrowed),
            ["success"] if here => format!("steps.{}.outcome == 'success'", capture.step),
            ["success" | "exit_code" | "stderr" | "duration"] => return Meaning::Nothing,
            _ => {
                let value = capture.read(here, &mut self.borrowed);
                format!("fromJSON({value}).{}", field.join("."))
            }
        })
    }
}

fn with_default(name: &str, default: Option<&str>) -> String {
    match default {
        Some(default) => format!("{name}:-{default}"),
        None => name.to_owned(),
    }
}

fn nothing(name: &str, span: Span, notes: &mut Notes) {
    let at = place(notes, span, name);
    let message = format!("`${{{name}}}` is empty: there is nothing like it here");
    notes.not_taken(at, &message, "");
}

/// A `${name}`, `${name|default:text}`, or one of the words that prodigy replaces after a `$`, at
/// the start of a text: its length, the name and the default.
fn reference(text: &str) -> Option<(usize, &str, Option<&str>)> {
    let rest = text.strip_prefix('$')?;
    if let Some(inside) = rest.strip_prefix('{') {
        let end = inside.find(['}', '\n'])?;
        let whole = inside.get(..end)?;
        let (name, default) = match whole.split_once('|') {
            Some((name, filter)) => (name, Some(filter.trim().strip_prefix("default:")?)),
            None => (whole, None),
        };
        let name = name.trim();
        let plain =
            |character: char| character.is_ascii_alphanumeric() || "_.-[]*".contains(character);
        // Anything else is the shell's own: `${x:-y}`, `${#x}`.
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(plain);
        let closed = inside.get(end..)?.starts_with('}');
        return (is_name && closed).then_some((end + 3, name, default));
    }
    let end = rest
        .find(|next: char| !(next.is_ascii_alphanumeric() || next == '_'))
        .unwrap_or(rest.len());
    let name = rest.get(..end)?;
    ARGUMENTS.contains(&name).then_some((end + 1, name, None))
}
