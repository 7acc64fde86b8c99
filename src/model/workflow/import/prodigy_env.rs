//! The variables of a workflow of prodigy.

use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::import::prodigy::Prodigy;
use crate::model::workflow::import::yaml::{List, Map, Yaml};
use crate::model::workflow::scalar::is_variable;

const FROM_SHELL: &str = "set it in the environment that the run is started in";

/// Takes `env`.
pub(crate) fn env(entry: &Entry, env: &mut Map, prodigy: &mut Prodigy) {
    for inner in entry.value.mapping().unwrap_or_default() {
        variable(inner, env, prodigy);
    }
}

fn variable(entry: &Entry, env: &mut Map, prodigy: &mut Prodigy) {
    let name = &entry.key;
    if !is_variable(name) {
        let message = format!("`{name}` is not a name of a variable here");
        env.comment(
            prodigy
                .notes
                .key_not_taken(entry, &message, "use letters, digits and `_`"),
        );
        return;
    }
    if entry.value.mapping().is_none() {
        match entry.value.string().filter(|text| text.contains('$')) {
            None => env.put(name, Yaml::copy(&entry.value)),
            Some(text) if reads_itself(text, name) => {
                let message = format!("`{name}` is left out: the environment of the run has it");
                env.comment(prodigy.notes.dropped(entry.key_span, &message, ""));
            }
            Some(_) => {
                let message =
                    format!("`{name}` is left out: no variable is replaced in `env` here");
                env.comment(prodigy.notes.key_not_taken(entry, &message, FROM_SHELL));
            }
        }
        return;
    }
    let is_secret =
        entry.value.get("secret").map(|node| &node.value) == Some(&Value::Boolean(true));
    if is_secret {
        let secret = entry.value.get("value").and_then(Node::string);
        let secret = secret.and_then(variable_of).unwrap_or(name);
        put_secret(entry, secret, env, prodigy);
    } else {
        let message = format!("`{name}` is left out: `env` holds texts only");
        let hint = "set it by a step: `echo \"NAME=value\" >> \"$GITHUB_ENV\"`";
        env.comment(prodigy.notes.key_not_taken(entry, &message, hint));
    }
}

/// Takes `secrets`.
pub(crate) fn secrets(entry: &Entry, env: &mut Map, prodigy: &mut Prodigy) {
    for inner in entry.value.mapping().unwrap_or_default() {
        let text = inner.value.string().or_else(|| {
            let key = inner.value.get("key");
            key.and_then(Node::string)
        });
        let secret = text.map(|text| variable_of(text).unwrap_or(text));
        let secret = secret
            .filter(|name| is_variable(name))
            .unwrap_or(&inner.key);
        let secret = secret.to_owned();
        put_secret(inner, &secret, env, prodigy);
    }
}

fn put_secret(entry: &Entry, secret: &str, env: &mut Map, prodigy: &mut Prodigy) {
    let name = &entry.key;
    let message = format!("the secret `{name}` is `secrets.{secret}`");
    let hint = format!("set `{secret}` in your environment, or keep it in `git credential`");
    env.comment(prodigy.notes.replaced(entry.key_span, &message, &hint));
    env.put_text(name, format!("${{{{ secrets.{secret} }}}}"));
}

/// Takes `env_files`.
pub(crate) fn files(entry: &Entry, out: &mut Map, prodigy: &mut Prodigy) {
    let mut files = List::default();
    for node in entry.value.sequence().unwrap_or_default() {
        let path = node.string();
        let path = path.filter(|path| !path.contains('$') && !path.starts_with('/'));
        if let Some(path) = path {
            files.push(Yaml::text(path));
        } else {
            let message = "a file of variables is left out: its path is not one in the work tree";
            out.comment(prodigy.notes.element_not_taken(node, message, ""));
        }
    }
    if !files.is_empty() {
        out.put("dotenv", Yaml::List(files));
    }
}

/// The name in a text that is nothing but `$NAME`, `${NAME}` or `${env:NAME}`.
fn variable_of(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix('$')?;
    let name = name
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
        .unwrap_or(name);
    let name = name.strip_prefix("env:").unwrap_or(name);
    is_variable(name).then_some(name)
}

fn reads_itself(text: &str, name: &str) -> bool {
    variable_of(text) == Some(name)
}
