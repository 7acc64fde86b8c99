//! Reads single values: text, templates, conditions, names, minutes, variables.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Duration;

use crate::base::limits;
use crate::base::source::Span;
use crate::model::expression::Scope;
use crate::model::expression::Template;
use crate::model::expression::lexer::is_identifier;
use crate::model::expression::origin::Origin;
use crate::model::expression::template::has_expression;
use crate::model::expression::value::Value as Computed;
use crate::model::expression::value::fold;
use crate::model::tree::Entry;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::amount;
use crate::model::workflow::condition::Condition;
use crate::model::workflow::definition::Variable;
use crate::model::workflow::policy::Setting;
use crate::model::workflow::record::is_scalar;
use crate::model::workflow::record::wrong_type;
use crate::model::workflow::report::Report;
use crate::model::workflow::shell;

/// Longest time limit, in minutes: a year.
const MAX_MINUTES: f64 = 525_600.0;

/// The text of a scalar, as GitHub writes numbers and booleans; nothing is the empty text.
pub(crate) fn text(node: &Node) -> Cow<'_, str> {
    match &node.value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Boolean(value) => Cow::Owned(value.to_string()),
        Value::Integer(value) => Cow::Owned(value.to_string()),
        Value::Float(value) => Cow::Owned(Computed::Number(*value).to_text()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => Cow::Borrowed(""),
    }
}

/// The text of a scalar that neither a program nor a variable can hold is an error.
fn checked<'a>(node: &'a Node, report: &mut Report) -> Cow<'a, str> {
    let text = text(node);
    if text.contains('\0') {
        let message = "no program can be given text with a NUL character";
        report.error("nul-character", node.span, message);
    }
    text
}

/// Text without expressions.
pub(crate) fn plain(entry: &Entry, report: &mut Report) -> String {
    let text = checked(&entry.value, report);
    if has_expression(&text) {
        let message = format!("`{}` cannot hold an expression", entry.key);
        report.error("expression-not-allowed", entry.value.span, message);
    }
    text.into_owned()
}

/// Text that may have expressions in it.
pub(crate) fn template(node: &Node, scope: Scope, report: &mut Report) -> Template {
    let text = checked(node, report);
    if !has_expression(&text) {
        return Template::literal(text, node.span);
    }
    let origin = Origin::new(report.source(), node.span, &text);
    let (template, errors) = Template::parse(&text, node.span, &origin, scope);
    report.expression(errors);
    template
}

/// A condition.
pub(crate) fn condition(node: Option<&Node>, scope: Scope, report: &mut Report) -> Condition {
    let Some(node) = node else {
        return Condition::default();
    };
    let text = text(node);
    let origin = Origin::new(report.source(), node.span, &text);
    Condition::parse(&text, &origin, scope).unwrap_or_else(|errors| {
        report.expression(errors);
        Condition::default()
    })
}

/// A name: checked by GitHub's rule for ids.
pub(crate) fn identifier(entry: &Entry, report: &mut Report) -> String {
    let text = text(&entry.value);
    check_identifier(&text, entry.value.span, report);
    text.into_owned()
}

/// Reports a text that is no id.
pub(crate) fn check_identifier(text: &str, span: Span, report: &mut Report) {
    if !is_identifier(text) {
        let hint = "start with a letter or `_`, go on with letters, digits, `_` and `-`";
        let message = format!("`{text}` is not a valid id");
        report.error_with_hint("bad-id", span, message, Some(hint.to_owned()));
    } else if text.len() > limits::ID_BYTES {
        // Names of files are made of them.
        too_long(text, "an id", span, report);
    }
}

/// Reports a text that cannot name an output or a value of a matrix. Any other can, as on GitHub:
/// `matrix['node version']` reads it.
pub(crate) fn check_name(text: &str, span: Span, report: &mut Report) {
    if text.trim().is_empty() || text.contains(char::is_control) || has_expression(text) {
        let message = format!("`{text}` is no name");
        report.error("bad-id", span, message);
    } else if text.len() > limits::ID_BYTES {
        too_long(text, "a name", span, report);
    }
}

fn too_long(text: &str, what: &str, span: Span, report: &mut Report) {
    let limit = limits::ID_BYTES;
    let message = format!("{what} has at most {limit} characters, not {}", text.len());
    report.error("bad-id", span, message);
}

/// A `shell` that may be an expression; one without is checked.
pub(crate) fn shell_template(entry: &Entry, scope: Scope, report: &mut Report) -> Template {
    if has_expression(&text(&entry.value)) {
        return template(&entry.value, scope, report);
    }
    Template::literal(shell(entry, report), entry.value.span)
}

/// A `shell`, checked.
pub(crate) fn shell(entry: &Entry, report: &mut Report) -> String {
    let before = report.errors();
    let text = plain(entry, report);
    if before == report.errors()
        && let Err(error) = shell::parse(&text)
    {
        let hint = if shell::INTERPRETERS.contains(&text.as_str()) {
            format!("`{{0}}` stands for the file of the script: `{text} {{0}}`")
        } else {
            let near = report.near(&text, shell::names());
            near.unwrap_or_else(|| {
                let names: Vec<&str> = shell::names().collect();
                format!(
                    "known shells: {}; or a command such as `perl {{0}}`",
                    names.join(", ")
                )
            })
        };
        report.error_with_hint("bad-shell", entry.value.span, error.to_string(), Some(hint));
    }
    text
}

/// One name or text, or a list of them, with expressions or without.
pub(crate) fn templates(node: &Node, scope: Scope, report: &mut Report) -> Vec<Template> {
    match node.sequence() {
        Some(nodes) => {
            let nodes = nodes.iter();
            nodes.map(|node| template(node, scope, report)).collect()
        }
        None => vec![template(node, scope, report)],
    }
}

/// A value that is nothing but one expression.
fn computed(entry: &Entry, scope: Scope, report: &mut Report) -> Option<Template> {
    alone(&entry.key, &entry.value, scope, report)
}

fn alone(name: &str, node: &Node, scope: Scope, report: &mut Report) -> Option<Template> {
    let before = report.errors();
    let template = template(node, scope, report);
    let alone = template.expressions().count() == 1 && template.literal_bytes() == 0;
    if !alone && before == report.errors() {
        let message = format!("`{name}` has text around its expression");
        let hint = "put all of it inside one `${{ }}`".to_owned();
        report.error_with_hint("wrong-type", node.span, message, Some(hint));
    }
    alone.then_some(template)
}

/// `true`, `false` or an expression.
pub(crate) fn switch(entry: &Entry, scope: Scope, report: &mut Report) -> Option<Setting<bool>> {
    match entry.value.value {
        Value::Boolean(value) => Some(Setting::Fixed(value)),
        _ => computed(entry, scope, report).map(Setting::Computed),
    }
}

/// A whole number from 0 or an expression.
pub(crate) fn count(entry: &Entry, scope: Scope, report: &mut Report) -> Option<Setting<usize>> {
    match entry.value.value {
        Value::Integer(value) => usize::try_from(value).ok().map(Setting::Fixed),
        _ => computed(entry, scope, report).map(Setting::Computed),
    }
}

/// A length of time; what is none has been reported.
pub(crate) fn duration(entry: Option<&Entry>) -> Option<Duration> {
    amount::duration(entry?.value.string()?).ok()
}

/// A time limit in minutes, or an expression; zero is no limit.
pub(crate) fn minutes(
    entry: &Entry,
    scope: Scope,
    report: &mut Report,
) -> Option<Setting<Duration>> {
    let minutes = match entry.value.value {
        #[expect(
            clippy::cast_precision_loss,
            reason = "past 2^53 it is over the limit anyway"
        )]
        Value::Integer(value) => value as f64,
        Value::Float(value) => value,
        _ => return computed(entry, scope, report).map(Setting::Computed),
    };
    let duration = Some(minutes)
        .filter(|minutes| (0.0..=MAX_MINUTES).contains(minutes))
        .and_then(|minutes| Duration::try_from_secs_f64(minutes * 60.0).ok())
        .filter(|duration| !duration.is_zero() || minutes == 0.0);
    if duration.is_none() {
        let limit = Computed::Number(MAX_MINUTES).to_text();
        let message = format!("`{}` is a number of minutes from 0 to {limit}", entry.key);
        let hint = "leave it out, or write 0, for no limit of its own".to_owned();
        report.error_with_hint("bad-timeout", entry.value.span, message, Some(hint));
    }
    duration.map(Setting::Fixed)
}

/// Names with texts: outputs.
pub(crate) fn fields(node: Option<&Node>, scope: Scope, report: &mut Report) -> Vec<Variable> {
    let mut fields: Vec<Variable> = Vec::new();
    let mut names = HashSet::new();
    for entry in node.and_then(Node::mapping).unwrap_or_default() {
        check_name(&entry.key, entry.key_span, report);
        if !names.insert(fold(&entry.key)) {
            let message = format!("`{}` is there already", entry.key);
            report.error("duplicate-key", entry.key_span, message);
        }
        fields.push(Variable {
            name: entry.key.clone(),
            value: template(&entry.value, scope, report),
        });
    }
    fields
}

/// Variables: names with texts, or one expression that gives an object of them.
pub(crate) fn variables(node: Option<&Node>, scope: Scope, report: &mut Report) -> Vec<Variable> {
    let mut variables = Vec::new();
    if let Some(node) = node.filter(|node| node.string().is_some()) {
        let all = alone("env", node, scope, report);
        variables.extend(all.map(Variable::all));
        return variables;
    }
    let mut names = HashSet::new();
    for entry in node.and_then(Node::mapping).unwrap_or_default() {
        check_variable_name(entry, report);
        if !names.insert(entry.key.as_str()) {
            let message = format!("variable `{}` is there already", entry.key);
            report.error("duplicate-key", entry.key_span, message);
        }
        let value = match &entry.value.value {
            // `NAME:` with nothing behind it is an empty variable.
            Value::Null => Template::literal("", entry.key_span),
            value if is_scalar(value) => template(&entry.value, scope, report),
            _ => {
                wrong_type(entry, "text", report);
                continue;
            }
        };
        variables.push(Variable {
            name: entry.key.clone(),
            value,
        });
    }
    variables
}

/// Reports a name that no variable can have, or that scripts cannot read.
fn check_variable_name(entry: &Entry, report: &mut Report) {
    let name = &entry.key;
    if is_variable(name) {
        return;
    }
    let (span, code) = (entry.key_span, "bad-variable");
    if !can_be_variable(name) || has_expression(name) {
        let message = format!("`{name}` is not a name of a variable");
        let hint = "start with a letter or `_`, go on with letters, digits and `_`";
        report.error_with_hint(code, span, message, Some(hint.to_owned()));
        return;
    }
    let message = format!("a shell cannot read `{name}`: its name is not one of a variable there");
    let hint = "use letters, digits and `_`; expressions and programs can read it".to_owned();
    report.warning(code, span, message, Some(hint));
}

/// Whether a text can be the name of a variable of a shell.
pub(crate) fn is_variable(name: &str) -> bool {
    is_identifier(name) && !name.contains('-')
}

/// Whether the environment of a program can have a variable of this name.
pub(crate) fn can_be_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(|each: char| each == '=' || each.is_control())
}
