//! The steps of a GitHub workflow.

use crate::model::tree::{Entry, Node};
use crate::model::workflow::import::expressions;
use crate::model::workflow::import::github::{self, Import};
use crate::model::workflow::import::github_actions::{Action, action, unusual_checkout};
use crate::model::workflow::import::notes::first_of;
use crate::model::workflow::import::script::{self, Piece};
use crate::model::workflow::import::variables::{Variables, shouted};
use crate::model::workflow::import::yaml::{List, Map, Yaml};
use crate::model::workflow::scalar::is_variable;

/// The keys of a step that are taken as they are but for their expressions.
const SAME: &[&str] = &[
    "name",
    "id",
    "working-directory",
    "timeout-minutes",
    "continue-on-error",
];

/// The look-ups whose text may be pasted into a script, since nobody but GitHub's or the
/// workflow's author writes it.
const HARMLESS: &[&str] = &[
    "github.event_name",
    "github.job",
    "github.repository",
    "github.repository_owner",
    "github.run_attempt",
    "github.run_id",
    "github.sha",
    "github.workspace",
];

/// Takes the steps of a job. Files that steps keep become the job's `artifacts`.
pub(crate) fn steps(job: &Node, artifacts: &mut Map, import: &mut Import) -> List {
    let mut out = List::default();
    let shell = job.get("defaults").and_then(|node| node.get("run"));
    let shell = shell.and_then(|node| node.get("shell"));
    let nodes = job.get("steps").and_then(Node::sequence);
    for node in nodes.unwrap_or_default() {
        match node.get("uses").and_then(Node::string) {
            Some(uses) => used(node, uses, artifacts, &mut out, import),
            None if node.get("run").is_some() => run(node, shell, &mut out, import),
            None => {
                let message = "a step without `run` and `uses` is left out";
                out.comment(import.notes.element_not_taken(node, message, ""));
            }
        }
    }
    out
}

fn used(node: &Node, uses: &str, artifacts: &mut Map, out: &mut List, import: &mut Import) {
    let span = first_of(node);
    let at = node.get("uses").map_or(span, |node| node.span);
    let (message, hint) = match action(uses) {
        Action::Checkout if !unusual_checkout(node) => {
            let message = format!("`{uses}` is left out: the work tree is here");
            out.comment(import.notes.dropped(at, &message, ""));
            return;
        }
        Action::Setup(tool) => {
            let message = format!("`{uses}` is left out: `{tool}` is to be on this machine");
            out.comment(import.notes.dropped(
                at,
                &message,
                &format!("install {tool}{}", version(node)),
            ));
            return;
        }
        Action::Cache => {
            let message = format!("`{uses}` is left out: nothing is taken away between runs");
            out.comment(import.notes.dropped(at, &message, ""));
            return;
        }
        Action::Upload => {
            upload(node, uses, artifacts, out, import);
            return;
        }
        Action::Checkout => (
            format!("`{uses}` of something else than the work tree is left out"),
            "get it by `git` under `run`, for example with `git worktree add`",
        ),
        Action::Download => (
            format!("`{uses}` is left out: jobs share the work tree"),
            "`git mmm artifact get` gets what another job kept",
        ),
        Action::Local => (
            format!("`{uses}` is left out: actions cannot be used"),
            "write its steps here, or in a workflow that a step `workflow: <name>` calls",
        ),
        Action::Other => (
            format!("`{uses}` is left out: actions cannot be used"),
            "write the commands under `run`",
        ),
    };
    out.comment(import.notes.element_not_taken(node, &message, hint));
}

/// The version that a step sets up, in words.
fn version(node: &Node) -> String {
    let with = node.get("with").and_then(Node::mapping).unwrap_or_default();
    let found = with.iter().find(|entry| {
        let key = entry.key.as_str();
        key.ends_with("version") || key == "toolchain"
    });
    match found.map(|entry| Yaml::copy(&entry.value)) {
        Some(Yaml::Text(text)) if !text.contains("${{") && !text.contains('\n') => {
            format!(" {text}")
        }
        Some(Yaml::Integer(number)) => format!(" {number}"),
        Some(Yaml::Float(number)) => format!(" {number}"),
        _ => String::new(),
    }
}

/// A step that keeps files.
fn upload(node: &Node, uses: &str, artifacts: &mut Map, out: &mut List, import: &mut Import) {
    let at = node.get("uses").map_or(node.span, |node| node.span);
    let Some(path) = node.get("with").and_then(|with| with.get("path")) else {
        let message = format!("`{uses}` without a `path` is left out");
        out.comment(import.notes.element_not_taken(node, &message, ""));
        return;
    };
    let with = node.get("with").and_then(Node::mapping).unwrap_or_default();
    let mut artifact = Map::default();
    let value = import.value(path);
    artifact.put("path", value);
    let mut name = "artifact".to_owned();
    for entry in with {
        match entry.key.as_str() {
            "path" => {}
            "name" => {
                if let Yaml::Text(text) = import.value(&entry.value) {
                    name = text;
                }
            }
            "if-no-files-found" => artifact.put(&entry.key, Yaml::copy(&entry.value)),
            key => {
                let message = format!("`{key}` of an artifact is left out");
                artifact.comment(import.notes.dropped(entry.key_span, &message, ""));
            }
        }
    }
    // No name of an artifact begins with a dot here.
    let name = name.trim_start_matches('.').to_owned();
    let message = format!("`{uses}` is the artifact `{name}` of the job");
    let hint = if node.get("if").is_some() {
        "it is kept whenever the job has ended; its `if` is left out"
    } else {
        ""
    };
    out.comment(import.notes.replaced(at, &message, hint));
    // What several steps put into one artifact is all in it.
    if let Some(Yaml::Map(known)) = artifacts.get(&name)
        && let (Some(Yaml::Text(one)), Some(Yaml::Text(other))) =
            (known.get("path"), artifact.get("path"))
    {
        let both = format!("{}\n{}\n", one.trim_end(), other.trim_end());
        artifact.put_text("path", both);
    }
    artifacts.put(&name, Yaml::Map(artifact));
}

fn run(node: &Node, inherited: Option<&Node>, out: &mut List, import: &mut Import) {
    let shell = node.get("shell").or(inherited);
    if let Some(entry) = find(node, "shell")
        && !github::is_shell(&entry.value)
    {
        let found = entry.value.string().unwrap_or("");
        let message =
            format!("a step with `shell: {found}` is left out: the shell is not known here");
        let hint = "write the script for `bash`, `sh` or `python`, or name a command with `{0}`";
        out.comment(import.notes.element_not_taken(node, &message, hint));
        return;
    }
    let is_posix = shell.is_none_or(|node| {
        let name = node.string().unwrap_or("");
        let program = name.split_whitespace().next().unwrap_or("");
        let program = program.rsplit('/').next().unwrap_or(program);
        // One that is computed is most likely one of these, where others are not known.
        program.starts_with("${{") || ["bash", "sh", "dash", "zsh", "ksh"].contains(&program)
    });
    let mut step = Map::default();
    let mut env = Map::default();
    let mut taken = false;
    for entry in node.mapping().unwrap_or_default() {
        let key = entry.key.as_str();
        match key {
            "if" => {
                let value = import.condition(&entry.value);
                step.put("if", value);
            }
            "env" if entry.value.string().is_some() => {
                let value = import.value(&entry.value);
                step.put("env", value);
            }
            "env" => {
                import.env(&entry.value, &mut env);
                if let Some(Yaml::Map(own)) = env.get("env") {
                    step.put("env", Yaml::Map(own.clone()));
                }
            }
            "shell" => step.put("shell", Yaml::copy(&entry.value)),
            "run" => {
                let (script, variables) = script_of(node, entry, is_posix, import);
                for (name, value) in variables {
                    env.put_in("env", &name, Yaml::Text(value));
                }
                if let Some(Yaml::Map(more)) = env.get("env") {
                    step.put("env", Yaml::Map(more.clone()));
                }
                step.put_text("run", script);
                taken = true;
            }
            key if SAME.contains(&key) => {
                let value = import.value(&entry.value);
                step.put(key, value);
            }
            _ => {
                let message = format!("`{key}` is not known here and left out");
                step.comment(import.notes.key_not_taken(entry, &message, ""));
            }
        }
    }
    give(&env, node, &mut step, import);
    if let (true, Some(id)) = (taken, node.get("id").and_then(Node::string)) {
        import.names.steps.push(id.to_owned());
    }
    out.push(Yaml::Map(step));
}

/// Gives a step its variables, those that are handed over to its script among them.
fn give(env: &Map, node: &Node, step: &mut Map, import: &mut Import) {
    if let Some(Yaml::Map(more)) = env.get("env") {
        step.put("env", Yaml::Map(more.clone()));
        if let Some(own) = find(node, "env").filter(|own| own.value.string().is_some()) {
            let message =
                "`env` is left out: an expression has no room for the variables of a script";
            step.comment(
                import
                    .notes
                    .key_not_taken(own, message, "write the names one by one"),
            );
        }
    }
}

fn find<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    let mut entries = node.mapping().unwrap_or_default().iter();
    entries.find(|entry| entry.key == key)
}

/// The script of a step. What its expressions paste into it is handed over by variables instead.
fn script_of(
    step: &Node,
    entry: &Entry,
    is_posix: bool,
    import: &mut Import,
) -> (String, Vec<(String, String)>) {
    let text = match Yaml::copy(&entry.value) {
        Yaml::Text(text) => text,
        Yaml::Boolean(value) => value.to_string(),
        Yaml::Integer(value) => value.to_string(),
        _ => String::new(),
    };
    let own = step.get("env").and_then(Node::mapping).unwrap_or_default();
    let known = own.iter().map(|entry| {
        let value = entry.value.string().unwrap_or("");
        (entry.key.clone(), value.to_owned())
    });
    let mut variables = Variables::new(known.collect());
    let mut found: Vec<(String, String)> = Vec::new();
    let span = entry.value.span;
    let taken = script::take(&text, &mut |rest| {
        let (length, inside) = expressions::embedded(rest)?;
        let changed = import.expression(inside, span, false);
        if changed == "null" {
            return Some((length, Piece::Text(String::new())));
        }
        let pasted = is_harmless(&changed, import) || (!is_posix && !is_foreign(&changed));
        if pasted {
            return Some((length, Piece::Text(format!("${{{{ {changed} }}}}"))));
        }
        let name = variable(&changed, &mut variables);
        found.push((inside.to_owned(), name.clone()));
        let piece = if is_posix {
            Piece::Variable(name)
        } else {
            Piece::Text(name)
        };
        Some((length, piece))
    });
    found.dedup();
    for (inside, name) in &found {
        let at = github::place(import.notes, span, inside);
        let message = format!("`{inside}` is handed over to the script as the variable `{name}`");
        let hint = if is_posix {
            ""
        } else {
            "read the variable in the script: its name stands there now"
        };
        import.notes.replaced(at, &message, hint);
    }
    taken.tell(span, import.notes);
    (taken.script, variables.into_pairs())
}

/// The variable that holds the value of an expression; one of `env` is there already.
fn variable(expression: &str, variables: &mut Variables) -> String {
    let mut first: Option<Vec<String>> = None;
    expressions::paths(expression, &mut |path| {
        let path = path.iter().map(|name| (*name).to_owned());
        first.get_or_insert_with(|| path.collect());
    });
    let path = first.unwrap_or_default();
    if let [context, name] = path.as_slice()
        && context == "env"
        && format!("env.{name}") == expression
        && is_variable(name)
    {
        return name.clone();
    }
    let names = path.iter().map(String::as_str);
    let names = names.filter(|name| *name != "github" && *name != "*");
    variables.name_for(&shouted(names), &format!("${{{{ {expression} }}}}"))
}

/// Whether all that an expression gives is text that can do no harm in a script.
fn is_harmless(expression: &str, import: &Import) -> bool {
    let fixed_matrix = import.names.matrix.is_some();
    let mut harmless = true;
    let mut any = false;
    expressions::paths(expression, &mut |path| {
        any = true;
        let dotted = path.join(".").to_lowercase();
        harmless &= match path {
            ["matrix", _] => fixed_matrix,
            ["runner" | "strategy" | "job", ..] => true,
            _ => HARMLESS.contains(&dotted.as_str()),
        };
    });
    harmless && (any || !expression.contains('('))
}

/// Whether an expression gives text that anybody may have written.
fn is_foreign(expression: &str) -> bool {
    let mut foreign = false;
    expressions::paths(expression, &mut |path| {
        foreign |= path.first() == Some(&"github") && !HARMLESS.contains(&path.join(".").as_str());
    });
    foreign
}
