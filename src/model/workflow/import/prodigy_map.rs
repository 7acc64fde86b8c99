//! The phases of a workflow of prodigy: `setup`, `map` and `reduce`; and `foreach`.

use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::import::capture;
use crate::model::workflow::import::jobs::NewJob;
use crate::model::workflow::import::prodigy::Prodigy;
use crate::model::workflow::import::prodigy_action::{minutes, timeout};
use crate::model::workflow::import::prodigy_step::entry;
use crate::model::workflow::import::prodigy_text::ItemKind;
use crate::model::workflow::import::variables::free_name;
use crate::model::workflow::import::yaml::{List, Map, Yaml};

/// The keys that say what becomes of items that failed.
pub(crate) const POLICIES: &[&str] = &[
    "error_policy",
    "on_item_failure",
    "continue_on_failure",
    "max_failures",
    "failure_threshold",
    "error_collection",
];

/// How many items prodigy works on at once when nothing is said.
const PARALLEL: i64 = 10;

/// The id of the step that reads the items, and the name of its output.
const ITEMS: &str = "items";

/// Takes the phases as jobs.
pub(crate) fn jobs(root: &Node, prodigy: &mut Prodigy) {
    let Some(map) = entry(root, "map") else {
        return;
    };
    let mut setup = prodigy.new_job("setup");
    if let Some(entry) = entry(root, "setup") {
        setup = phase(entry, setup, prodigy);
        kept_outputs(&entry.value, prodigy);
    }
    let source = items(map, &mut setup, prodigy);
    let setup_id = setup.id.clone();
    prodigy.add(setup);
    let mut job = prodigy.new_job("map");
    policies(root, &mut job, prodigy);
    // The lines of a command are texts.
    let is_text = is_command(map) && map.value.get("json_path").is_none();
    prodigy.meanings.item = Some(if is_text {
        ItemKind::Text
    } else {
        ItemKind::Value
    });
    let mut keys = map_keys(map, &source, prodigy);
    let mut isolation = Map::default();
    isolation.put_text("type", "worktree");
    isolation.put_text("merge", "merge");
    keys.put("isolation", Yaml::Map(isolation));
    job.keys.append(keys);
    let template = map.value.get("agent_template");
    let job = prodigy.steps(commands(template), job);
    let id = job.id.clone();
    prodigy.add(job);
    prodigy.meanings.item = None;
    if let Some(entry) = entry(root, "reduce") {
        prodigy.meanings.mapped = Some(id.clone());
        let mut job = prodigy.new_job("reduce");
        job.needs.insert(0, setup_id.clone());
        // What failed is no reason not to tell what succeeded.
        let condition = format!("${{{{ !cancelled() && needs.{setup_id}.result == 'success' }}}}");
        job.keys.put_text("if", condition);
        let job = phase(entry, job, prodigy);
        if prodigy.jobs.last().is_some_and(|last| last.id == id) {
            // What is said of its commands does not belong to the items.
            prodigy.add(job);
        } else {
            prodigy.add_rest(job);
        }
    }
}

/// The commands of a phase: a list, or a mapping that has one.
fn commands(node: Option<&Node>) -> &[Node] {
    let list = node.and_then(Node::sequence);
    let inner = node.and_then(|node| node.get("commands")?.sequence());
    list.or(inner).unwrap_or_default()
}

fn phase(entry: &Entry, mut job: NewJob, prodigy: &mut Prodigy) -> NewJob {
    for inner in entry.value.mapping().unwrap_or_default() {
        match inner.key.as_str() {
            "commands" | "capture_outputs" => {}
            "timeout" => {
                let mut keys = std::mem::take(&mut job.keys);
                timeout(inner, &mut keys, prodigy);
                job.keys = keys;
            }
            key => {
                let message = format!("`{key}` is left out: there is nothing like it here");
                let comment = prodigy.notes.key_not_taken(inner, &message, "");
                job.keys.comment(comment);
            }
        }
    }
    prodigy.steps(commands(Some(&entry.value)), job)
}

/// What `capture_outputs` of `setup` keeps: the output of the command of a number.
fn kept_outputs(setup: &Node, prodigy: &mut Prodigy) {
    let Some(entry) = entry(setup, "capture_outputs") else {
        return;
    };
    for inner in entry.value.mapping().unwrap_or_default() {
        let known = prodigy
            .meanings
            .captures
            .iter()
            .any(|it| it.variable == inner.key);
        if !known {
            let message = format!("`{}` of `capture_outputs` is left out", inner.key);
            let hint = "write `capture: <name>` beside the command, then import again";
            prodigy.notes.not_taken(inner.key_span, &message, hint);
        }
    }
}

/// Adds the step that reads the items; gives the expression of the list.
fn items(map: &Entry, setup: &mut NewJob, prodigy: &mut Prodigy) -> String {
    let input = map.value.get("input");
    let text = input.and_then(Node::string).unwrap_or("items.json");
    let span = input.map_or(map.key_span, |node| node.span);
    let script = prodigy.meanings.script(text, span, prodigy.notes);
    let id = free_name(ITEMS, &setup.ids);
    let mut step = Map::default();
    step.put_text("name", "Read the items");
    step.put_text("id", id.as_str());
    for (name, value) in script.variables {
        step.put_in("env", &name, Yaml::Text(value));
    }
    let run = if is_command(map) {
        capture::json_or_lines(ITEMS, &script.text)
    } else {
        capture::file(ITEMS, &script.text)
    };
    step.put_text("run", run);
    setup.steps.push(Yaml::Map(step));
    setup.ids.push(id.clone());
    let value = format!("${{{{ steps.{id}.outputs.{ITEMS} }}}}");
    setup.outputs.push((ITEMS.to_owned(), value));
    let path = map.value.get("json_path").and_then(Node::string);
    let path = path.unwrap_or("").trim();
    let below = simple_path(path).unwrap_or_else(|| {
        let at = map.value.get("json_path").map_or(span, |node| node.span);
        let message = format!("`{path}` is left out: the whole document is the list");
        let hint = "write the list that it gives to a file under `setup`";
        prodigy.notes.not_taken(at, &message, hint);
        String::new()
    });
    format!(
        "${{{{ fromJSON(needs.{}.outputs.{ITEMS}){below} }}}}",
        setup.id
    )
}

/// Whether the items come from a command: a file has no spaces in its name.
fn is_command(map: &Entry) -> bool {
    let input = map.value.get("input").and_then(Node::string);
    input.is_some_and(|text| text.trim().contains(char::is_whitespace))
}

/// A path such as `$.a.b[*]` as look-ups: `.a.b`.
fn simple_path(path: &str) -> Option<String> {
    let below = path.strip_prefix('$').unwrap_or(path);
    let below = below.strip_suffix("[*]").unwrap_or(below);
    let mut out = String::new();
    for name in below.split('.').filter(|name| !name.is_empty()) {
        let plain = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
        if !name.chars().all(plain) || !name.starts_with(|first: char| first.is_alphabetic()) {
            return None;
        }
        out.push('.');
        out.push_str(name);
    }
    Some(out)
}

/// The keys of `map` but for its commands.
fn map_keys(map: &Entry, items: &str, prodigy: &mut Prodigy) -> Map {
    let mut keys = Map::default();
    let mut each = Map::default();
    each.put_text("items", items);
    each.put("max-parallel", Yaml::Integer(PARALLEL));
    for inner in map.value.mapping().unwrap_or_default() {
        match inner.key.as_str() {
            "input" | "json_path" | "agent_template" => {}
            "max_parallel" => parallel(inner, &mut each, prodigy),
            "agent_timeout_secs" => timeout(inner, &mut keys, prodigy),
            "timeout_config" => {
                for inner in inner.value.mapping().unwrap_or_default() {
                    if inner.key == "agent_timeout_secs" && minutes(&inner.value).is_some() {
                        timeout(inner, &mut keys, prodigy);
                    } else {
                        let message = format!("`{}` is left out", inner.key);
                        let hint = "`timeout-minutes` of a step limits it alone";
                        keys.comment(prodigy.notes.key_not_taken(inner, &message, hint));
                    }
                }
            }
            key => {
                let message = format!("`{key}` of `map` is left out");
                let hint = "choose and sort the items under `setup`, for example with `jq`";
                each.comment(prodigy.notes.key_not_taken(inner, &message, hint));
            }
        }
    }
    keys.put("for-each", Yaml::Map(each));
    keys
}

fn parallel(entry: &Entry, each: &mut Map, prodigy: &mut Prodigy) {
    let number = match &entry.value.value {
        Value::Integer(number) => Some(*number),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if let Some(number) = number.filter(|number| *number > 0) {
        each.put("max-parallel", Yaml::Integer(number));
    } else {
        let message = format!("`{}` is left out: it is no number", entry.key);
        let hint = "an expression can read an input: `${{ inputs.parallel }}`";
        each.comment(prodigy.notes.key_not_taken(entry, &message, hint));
    }
}

/// What becomes of items that failed.
fn policies(root: &Node, job: &mut NewJob, prodigy: &mut Prodigy) {
    for key in POLICIES {
        if let Some(entry) = entry(root, key) {
            let message = format!("`{key}` is left out: the other items go on when one failed");
            let hint = "`git mmm rerun --failed` runs the failed ones again; \
                        `fail-fast: true` below `for-each` ends all at the first";
            let comment = prodigy.notes.key_not_taken(entry, &message, hint);
            job.keys.comment(comment);
        }
    }
}

/// Takes a `foreach` as a job of its own; `before` are comments that belong before its steps.
pub(crate) fn foreach(node: &Node, before: List, prodigy: &mut Prodigy) {
    let Some(written) = entry(node, "foreach") else {
        return;
    };
    // The list stands below the key, or in a mapping below it with the rest.
    let inner = written.value.mapping().is_some();
    let place = if inner { &written.value } else { node };
    let list = place.get("foreach").or_else(|| place.get("input"));
    let list = list.unwrap_or(&written.value);
    let mut each = Map::default();
    match list.string() {
        None => each.put("items", Yaml::copy(list)),
        Some(command) => {
            let value = listed(command, list, prodigy);
            each.put_text("items", value);
        }
    }
    let mut job = prodigy.new_job("each");
    job.steps.append(before);
    each.put("max-parallel", Yaml::Integer(1));
    let mut keys = Map::default();
    let mut steps: &[Node] = &[];
    for entry in place.mapping().unwrap_or_default() {
        match (entry.key.as_str(), &entry.value.value) {
            ("foreach" | "input", _) | ("parallel", Value::Boolean(false)) => {}
            ("parallel", Value::Boolean(true)) => {
                each.put("max-parallel", Yaml::Integer(PARALLEL));
            }
            ("parallel", _) => parallel(entry, &mut each, prodigy),
            ("do", Value::Sequence(nodes)) => steps = nodes,
            ("continue_on_error", Value::Boolean(value)) => {
                each.put("fail-fast", Yaml::Boolean(!value));
                if *value {
                    keys.put("continue-on-error", Yaml::Boolean(true));
                }
            }
            ("timeout", _) => timeout(entry, &mut keys, prodigy),
            (key, _) => {
                let message = format!("`{key}` of `foreach` is left out");
                keys.comment(prodigy.notes.key_not_taken(entry, &message, ""));
            }
        }
    }
    if each.get("fail-fast").is_none() {
        each.put("fail-fast", Yaml::Boolean(true));
    }
    job.keys.put("for-each", Yaml::Map(each));
    job.keys.append(keys);
    prodigy.meanings.item = Some(ItemKind::Text);
    let job = prodigy.steps(steps, job);
    prodigy.meanings.item = None;
    prodigy.add(job);
}

/// Adds a job that makes a list of what a command prints; gives its expression.
fn listed(command: &str, node: &Node, prodigy: &mut Prodigy) -> String {
    let mut job = prodigy.new_job("list");
    let script = prodigy.meanings.script(command, node.span, prodigy.notes);
    let mut step = Map::default();
    step.put_text("id", ITEMS);
    for (name, value) in script.variables {
        step.put_in("env", &name, Yaml::Text(value));
    }
    step.put_text("run", capture::lines(ITEMS, &script.text));
    job.steps.push(Yaml::Map(step));
    job.outputs.push((
        ITEMS.to_owned(),
        format!("${{{{ steps.{ITEMS}.outputs.{ITEMS} }}}}"),
    ));
    let id = job.id.clone();
    prodigy.add(job);
    format!("${{{{ fromJSON(needs.{id}.outputs.{ITEMS}) }}}}")
}
