//! The keys of a step of prodigy.

use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::amount;
use crate::model::workflow::import::notes::Notes;
use crate::model::workflow::import::prodigy::Prodigy;
use crate::model::workflow::import::script::Script;
use crate::model::workflow::import::yaml::{List, Map, Yaml};
use crate::model::workflow::scalar::is_variable;

/// Takes a key of a step.
pub(crate) fn key(entry: &Entry, step: &mut Map, prodigy: &mut Prodigy) {
    let span = entry.value.span;
    match entry.key.as_str() {
        "name" => {
            let text = entry.value.string().unwrap_or("");
            let text = prodigy.meanings.template(text, span, prodigy.notes);
            step.put_text("name", text);
        }
        "when" => {
            let text = match entry.value.string() {
                Some(text) => prodigy.meanings.condition(text, span, prodigy.notes),
                None => prodigy.notes.source().slice(span).to_owned(),
            };
            step.put_text("if", text);
        }
        "env" => {
            for inner in entry.value.mapping().unwrap_or_default() {
                if !is_variable(&inner.key) {
                    let message = format!("`{}` is not a name of a variable here", inner.key);
                    step.comment(prodigy.notes.key_not_taken(inner, &message, ""));
                    continue;
                }
                let value = Yaml::from_node(&inner.value, &mut |text| {
                    prodigy
                        .meanings
                        .template(text, inner.value.span, prodigy.notes)
                });
                step.put_in("env", &inner.key, value);
            }
        }
        "working_dir" | "cwd" => {
            let text = entry.value.string().unwrap_or(".");
            let text = prodigy.meanings.template(text, span, prodigy.notes);
            step.put_text("working-directory", text);
        }
        "timeout" => timeout(entry, step, prodigy),
        "allow_failure" | "continue_on_error" => {
            if matches!(entry.value.value, Value::Boolean(_)) {
                step.put("continue-on-error", Yaml::copy(&entry.value));
            } else {
                let message = format!("`{}` is left out: it is not `true` or `false`", entry.key);
                step.comment(prodigy.notes.key_not_taken(entry, &message, ""));
            }
        }
        "retry" => retry(entry, step, prodigy),
        "temporary" => {
            let message = "`temporary` is left out: variables of a step are its own in any case";
            prodigy.notes.dropped(entry.key_span, message, "");
        }
        "commit_required" => {
            if entry.value.value == Value::Boolean(true) {
                let message = "`commit_required` is left out: nobody looks whether it commits";
                let hint = "compare `git rev-parse HEAD` before and after under `run`";
                step.comment(prodigy.notes.not_taken(entry.key_span, message, hint));
            }
        }
        "capture_format" | "capture_streams" => {
            let message = format!(
                "`{}` is left out: what is printed is kept as text",
                entry.key
            );
            let hint = "an expression reads JSON with `fromJSON( )`";
            step.comment(prodigy.notes.key_not_taken(entry, &message, hint));
        }
        name => {
            let message = format!("`{name}` is left out: there is nothing like it here");
            step.comment(prodigy.notes.key_not_taken(entry, &message, ""));
        }
    }
}

/// Takes a time limit, in seconds or with its unit.
pub(crate) fn timeout(entry: &Entry, out: &mut Map, prodigy: &mut Prodigy) {
    timeout_into(entry, out, prodigy.notes);
}

/// Takes a time limit, in seconds or with its unit.
pub(crate) fn timeout_into(entry: &Entry, out: &mut Map, notes: &mut Notes) {
    if let Some(value) = minutes(&entry.value) {
        out.put("timeout-minutes", value);
    } else {
        let message = format!("`{}` is left out: it is no time", entry.key);
        let hint = "set `timeout-minutes`";
        out.comment(notes.key_not_taken(entry, &message, hint));
    }
}

/// Seconds, or a time with its unit, in minutes.
pub(crate) fn minutes(node: &Node) -> Option<Yaml> {
    let seconds = match &node.value {
        Value::Integer(seconds) => u32::try_from(*seconds).ok()?,
        Value::String(text) => match text.trim().parse::<u32>() {
            Ok(seconds) => seconds,
            Err(_) => u32::try_from(amount::duration(&shortened(text)).ok()?.as_secs()).ok()?,
        },
        _ => return None,
    };
    match seconds {
        0 => None,
        seconds if seconds % 60 == 0 => Some(Yaml::Integer(i64::from(seconds / 60))),
        seconds => Some(Yaml::Float(f64::from(seconds) / 60.0)),
    }
}

/// A time as we write it: `1h 30min` is `1h30m`.
pub(crate) fn shortened(text: &str) -> String {
    let text: String = text.split_whitespace().collect();
    let mut out = String::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at(letters);
        if number.is_empty() || unit.is_empty() {
            return text;
        }
        let unit = match unit {
            "msec" | "millis" | "milliseconds" => "ms",
            "sec" | "secs" | "second" | "seconds" => "s",
            "min" | "mins" | "minute" | "minutes" => "m",
            "hr" | "hrs" | "hour" | "hours" => "h",
            "day" | "days" => "d",
            unit => unit,
        };
        out.push_str(number);
        out.push_str(unit);
        rest = behind;
    }
    out
}

fn retry(entry: &Entry, step: &mut Map, prodigy: &mut Prodigy) {
    if let Value::Integer(attempts) = entry.value.value {
        step.put("retry", Yaml::Integer(attempts.clamp(1, 100)));
        return;
    }
    let mut out = Map::default();
    out.put("attempts", Yaml::Integer(3));
    for inner in entry.value.mapping().unwrap_or_default() {
        let text = inner.value.string();
        match (inner.key.as_str(), text) {
            ("attempts" | "max_attempts", _) => {
                if let Value::Integer(attempts) = inner.value.value {
                    out.put("attempts", Yaml::Integer(attempts.clamp(1, 100)));
                }
            }
            ("backoff", Some("fixed" | "constant")) => out.put_text("backoff", "constant"),
            ("backoff", Some(word @ ("linear" | "exponential"))) => out.put_text("backoff", word),
            ("backoff", None) if inner.value.get("exponential").is_some() => {
                out.put_text("backoff", "exponential");
            }
            ("backoff", None) if inner.value.get("linear").is_some() => {
                out.put_text("backoff", "linear");
            }
            ("initial_delay" | "max_delay" | "retry_budget", Some(text))
                if amount::duration(&shortened(text)).is_ok() =>
            {
                let key = match inner.key.as_str() {
                    "initial_delay" => "initial",
                    "max_delay" => "max",
                    _ => "budget",
                };
                out.put_text(key, shortened(text));
            }
            ("jitter", _) if matches!(inner.value.value, Value::Boolean(_)) => {
                if out.get("jitter").is_none() {
                    out.put("jitter", Yaml::copy(&inner.value));
                }
            }
            ("jitter_factor", _) => out.put("jitter", Yaml::copy(&inner.value)),
            ("retry_on", _) => retry_on(inner, &mut out, prodigy),
            (key, _) => {
                let message =
                    format!("`{key}` of `retry` is left out: there is nothing like it here");
                out.comment(prodigy.notes.key_not_taken(inner, &message, ""));
            }
        }
    }
    step.put("retry", Yaml::Map(out));
}

fn retry_on(entry: &Entry, out: &mut Map, prodigy: &mut Prodigy) {
    let mut on = List::default();
    for node in entry.value.sequence().unwrap_or_default() {
        let pattern = node.get("pattern").and_then(Node::string);
        match (node.string(), pattern) {
            (Some("timeout"), _) => on.push(Yaml::text("timeout")),
            (_, Some(pattern)) => {
                let mut output = Map::default();
                output.put_text("output", pattern);
                on.push(Yaml::Map(output));
            }
            _ => {
                let message = "a kind of error in `retry_on` is left out: it is not known here";
                let hint = "name an exit code, or `output` with a regular expression";
                out.comment(prodigy.notes.element_not_taken(node, message, hint));
            }
        }
    }
    if !on.is_empty() {
        out.put("on", Yaml::List(on));
    }
}

/// A script that writes a file.
pub(crate) fn write_file(file: &Node, prodigy: &mut Prodigy) -> Script {
    let text = |key: &str| file.get(key).and_then(Node::string).unwrap_or("");
    let span = file.span;
    let mut variables = Vec::new();
    for (name, key) in [("FILE_PATH", "path"), ("FILE_CONTENT", "content")] {
        let value = prodigy.meanings.template(text(key), span, prodigy.notes);
        variables.push((name.to_owned(), value));
    }
    let mut script = String::new();
    if file.get("create_dirs").map(|node| &node.value) == Some(&Value::Boolean(true)) {
        script.push_str("mkdir -p \"$(dirname \"$FILE_PATH\")\" && ");
    }
    script.push_str("printf '%s' \"$FILE_CONTENT\" > \"$FILE_PATH\"");
    let mode = text("mode").trim_start_matches("0o");
    if !mode.is_empty() && mode.bytes().all(|byte| byte.is_ascii_digit()) {
        script.push_str(" && chmod ");
        script.push_str(mode);
        script.push_str(" \"$FILE_PATH\"");
    }
    if !matches!(text("format"), "" | "text") {
        let message = "`format` of `write_file` is left out: the text is written as it is";
        prodigy.notes.not_taken(span, message, "");
    }
    script.push('\n');
    Script {
        text: script,
        variables,
    }
}
