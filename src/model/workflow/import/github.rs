//! Makes a workflow of one for GitHub Actions. The two languages are one as far as both go.

use crate::base::source::Span;
use crate::model::expression::template::has_expression;
use crate::model::tree::{Entry, Node};
use crate::model::workflow::import::expressions;
use crate::model::workflow::import::github_events;
use crate::model::workflow::import::github_job;
use crate::model::workflow::import::github_names::{Found, Names};
use crate::model::workflow::import::notes::Notes;
use crate::model::workflow::import::yaml::{Map, Yaml};
use crate::model::workflow::scalar::can_be_variable;
use crate::model::workflow::shell;

/// What is being done.
#[derive(Debug)]
pub(crate) struct Import<'a, 's> {
    /// What is said about it.
    pub(crate) notes: &'a mut Notes<'s>,
    /// What expressions can read.
    pub(crate) names: Names,
}

/// Makes a workflow of a file.
pub(crate) fn workflow(root: &Node, out: &mut Map, notes: &mut Notes) {
    let mut import = Import {
        names: Names {
            jobs: github_job::known(root),
            inputs: github_events::input_names(root),
            ..Names::default()
        },
        notes,
    };
    for entry in root.mapping().unwrap_or_default() {
        import.top(entry, root, out);
    }
    import.settings(out);
}

impl Import<'_, '_> {
    fn top(&mut self, entry: &Entry, root: &Node, out: &mut Map) {
        let key = entry.key.as_str();
        match key {
            "name" => out.put("name", Yaml::copy(&entry.value)),
            "run-name" | "concurrency" => {
                let value = self.value(&entry.value);
                out.put(key, value);
            }
            "on" => github_events::events(entry, root, out, self),
            "env" => self.env(&entry.value, out),
            "defaults" => self.defaults(entry, out),
            "jobs" => {
                let mut jobs = Map::default();
                for entry in entry.value.mapping().unwrap_or_default() {
                    github_job::job(entry, &mut jobs, self);
                }
                out.put("jobs", Yaml::Map(jobs));
            }
            "permissions" => {
                let message =
                    "`permissions` is left out: there is no token whose rights it could set";
                out.comment(self.notes.dropped(entry.key_span, message, ""));
            }
            _ => {
                let message = format!("`{key}` is not known here and left out");
                out.comment(self.notes.key_not_taken(entry, &message, ""));
            }
        }
    }

    /// Adds an input for each variable of the repository that is read.
    fn settings(&mut self, out: &mut Map) {
        for name in std::mem::take(&mut self.names.settings) {
            let mut input = Map::default();
            input.put_text(
                "description",
                format!("Was the variable `vars.{name}` on GitHub"),
            );
            input.put_text("default", "");
            out.put_in("inputs", &name, Yaml::Map(input));
        }
    }

    /// A value, with what its expressions cannot read replaced.
    pub(crate) fn value(&mut self, node: &Node) -> Yaml {
        let span = node.span;
        Yaml::from_node(node, &mut |text| self.template(text, span))
    }

    /// A text, with what its expressions cannot read replaced.
    pub(crate) fn template(&mut self, text: &str, span: Span) -> String {
        expressions::map_embedded(text, &mut |inside| {
            format!("${{{{ {} }}}}", self.expression(inside, span, false))
        })
    }

    /// An expression, with what it cannot read replaced by nothing, as it is on GitHub when an
    /// event does not have it.
    pub(crate) fn expression(&mut self, text: &str, span: Span, in_condition: bool) -> String {
        let (names, notes) = (&mut self.names, &mut *self.notes);
        expressions::map_paths(text, &mut |path| {
            let dotted = path.join(".");
            match names.look_up(path, in_condition) {
                Found::AsItIs => {
                    if dotted.eq_ignore_ascii_case("github.event_name") {
                        let at = place(notes, span, &dotted);
                        let message = format!("`{dotted}` is `manual` here, whoever starts a run");
                        let hint = "what asks for an event of GitHub never holds: take it out";
                        notes.replaced(at, &message, hint);
                    }
                    None
                }
                Found::Other(other) => {
                    let at = place(notes, span, &dotted);
                    let hint = if dotted.to_lowercase().starts_with("vars.") {
                        format!(
                            "give it when it runs: `--set {}=…`",
                            dotted.get(5..).unwrap_or("")
                        )
                    } else {
                        String::new()
                    };
                    notes.replaced(at, &format!("`{dotted}` is `{other}` here"), &hint);
                    Some(other)
                }
                Found::Nothing(why) => {
                    let at = place(notes, span, &dotted);
                    let message = format!("`{dotted}` is replaced by `null`: {why}");
                    let hint = "what a run is told when it starts can be an input";
                    notes.replaced(at, &message, hint);
                    Some("null".to_owned())
                }
            }
        })
    }

    /// A condition. Text around its expression would make it true in any case.
    pub(crate) fn condition(&mut self, node: &Node) -> Yaml {
        let Some(text) = node.string() else {
            return Yaml::copy(node);
        };
        let trimmed = text.trim();
        if !trimmed.contains("${{") {
            return Yaml::Text(self.expression(trimmed, node.span, true));
        }
        if let Some((length, inside)) = expressions::embedded(trimmed)
            && length == trimmed.len()
        {
            let inside = self.expression(inside, node.span, true);
            return Yaml::Text(format!("${{{{ {inside} }}}}"));
        }
        let message = "the condition has text around its `${{ }}`, which makes it true in any case \
                       on GitHub; all of it is one expression here";
        self.notes.replaced(node.span, message, "");
        let whole = expressions::map_embedded(trimmed, &mut |inside| format!("({inside})"));
        Yaml::Text(format!(
            "${{{{ {} }}}}",
            self.expression(&whole, node.span, true)
        ))
    }

    /// `env`, without the names that no variable can have.
    pub(crate) fn env(&mut self, node: &Node, out: &mut Map) {
        let mut env = Map::default();
        if is_expression(node) {
            let value = self.value(node);
            out.put("env", value);
            return;
        }
        if node.mapping().is_none() {
            let message = "`env` is no mapping of names and left out";
            out.comment(
                self.notes
                    .not_taken(node.span, message, "write the names one by one"),
            );
            return;
        }
        for entry in node.mapping().unwrap_or_default() {
            if can_be_variable(&entry.key) && !has_expression(&entry.key) {
                let value = self.value(&entry.value);
                env.put(&entry.key, value);
            } else {
                let message = format!("`{}` is not a name of a variable here", entry.key);
                let hint = "use letters, digits and `_`";
                env.comment(self.notes.key_not_taken(entry, &message, hint));
            }
        }
        out.put("env", Yaml::Map(env));
    }

    /// `defaults`, of the workflow or of a job.
    pub(crate) fn defaults(&mut self, entry: &Entry, out: &mut Map) {
        let mut run = Map::default();
        let found = entry.value.get("run").and_then(Node::mapping);
        for inner in found.unwrap_or_default() {
            match inner.key.as_str() {
                "shell" if !is_shell(&inner.value) && !is_expression(&inner.value) => {
                    let comment = self.foreign_shell(inner);
                    run.comment(comment);
                }
                "shell" | "working-directory" => {
                    let value = self.value(&inner.value);
                    run.put(&inner.key, value);
                }
                _ => {
                    let message = format!("`{}` is not known here and left out", inner.key);
                    run.comment(self.notes.key_not_taken(inner, &message, ""));
                }
            }
        }
        if found.is_some() && !run.is_empty() {
            let mut defaults = Map::default();
            defaults.put("run", Yaml::Map(run));
            out.put("defaults", Yaml::Map(defaults));
        }
    }

    /// Says that a shell is not known.
    pub(crate) fn foreign_shell(&mut self, entry: &Entry) -> String {
        let found = entry.value.string().unwrap_or("");
        let message = format!("`shell: {found}` is not known here and left out");
        let hint = "write the script for `bash`, `sh` or `python`, or name a command with `{0}`";
        self.notes.key_not_taken(entry, &message, hint)
    }
}

fn is_expression(node: &Node) -> bool {
    node.string().is_some_and(has_expression)
}

/// Whether a `shell` is known here.
pub(crate) fn is_shell(node: &Node) -> bool {
    node.string().is_some_and(|text| shell::parse(text).is_ok())
}

/// Where a text stands inside of a value, as far as it is written in one piece.
pub(crate) fn place(notes: &Notes, span: Span, wanted: &str) -> Span {
    let found = notes.source().slice(span).find(wanted);
    found.map_or(span, |at| {
        Span::new(span.start + at, span.start + at + wanted.len())
    })
}
