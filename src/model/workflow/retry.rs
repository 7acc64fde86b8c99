//! Reads `retry`: when a failed step is tried again.

use std::time::Duration;

use regex::RegexBuilder;

use crate::base::limits::PATTERN_BYTES;
use crate::base::source::Span;
use crate::model::tree::{Entry, Node, Value};
use crate::model::workflow::keys;
use crate::model::workflow::policy::{Backoff, Retry, RetryOn};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;

/// The first pause.
const INITIAL: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST: Duration = Duration::from_mins(5);

/// What `jitter: true` means.
const JITTER: f64 = 0.5;

/// Words of `on`.
const WORDS: &[&str] = &["timeout", "lost", "failure"];

/// Reads `retry`: a number of tries, or a mapping.
pub(crate) fn read(entry: &Entry, report: &mut Report) -> Option<Retry> {
    let mut retry = Retry {
        attempts: 1,
        backoff: Backoff::Exponential,
        initial: INITIAL,
        max: LONGEST,
        jitter: 0.0,
        on: Vec::new(),
        budget: None,
    };
    if let Some(attempts) = whole(&entry.value) {
        retry.attempts = attempts;
        return Some(retry);
    }
    let record = Record::read(&entry.value, &keys::RETRY, entry.key_span, report)?;
    retry.attempts = record.node("attempts").and_then(whole).unwrap_or(1);
    retry.backoff = match record.node("backoff").and_then(Node::string) {
        Some("constant") => Backoff::Constant,
        Some("linear") => Backoff::Linear,
        _ => Backoff::Exponential,
    };
    let longest = scalar::duration(record.entry("max"));
    retry.initial = scalar::duration(record.entry("initial")).unwrap_or(INITIAL);
    retry.max = longest.unwrap_or_else(|| LONGEST.max(retry.initial));
    if let (Some(longest), Some(entry)) = (longest, record.entry("max"))
        && longest < retry.initial
    {
        let message = "the longest pause, `max`, is shorter than the first one, `initial`";
        report.error("bad-retry", entry.value.span, message);
    }
    retry.jitter = record.node("jitter").map_or(0.0, jitter);
    retry.budget = scalar::duration(record.entry("budget"));
    if let Some(node) = record.node("on") {
        retry.on = match node.sequence() {
            Some(nodes) => nodes.iter().filter_map(|node| one(node, report)).collect(),
            None => one(node, report).into_iter().collect(),
        };
    }
    Some(retry)
}

fn whole(node: &Node) -> Option<u32> {
    match node.value {
        Value::Integer(value) => u32::try_from(value).ok(),
        _ => None,
    }
}

fn jitter(node: &Node) -> f64 {
    match node.value {
        Value::Boolean(true) => JITTER,
        Value::Integer(1) => 1.0,
        Value::Float(value) => value,
        _ => 0.0,
    }
}

/// One element of `on`.
fn one(node: &Node, report: &mut Report) -> Option<RetryOn> {
    match &node.value {
        Value::Integer(code) => code_of(*code, node.span, report),
        Value::String(text) => match text.as_str() {
            "timeout" => Some(RetryOn::Timeout),
            "lost" => Some(RetryOn::Lost),
            "failure" => Some(RetryOn::Failure),
            text => {
                let pattern = text
                    .strip_prefix('/')
                    .and_then(|text| text.strip_suffix('/'));
                if let Some(pattern) = pattern {
                    return expression(pattern, node.span, report);
                }
                let message = format!(
                    "`{text}` is neither an exit code, `timeout`, `lost`, `failure` nor a regular \
                     expression"
                );
                let hint = report
                    .near(text, WORDS.iter().copied())
                    .unwrap_or_else(|| "write a regular expression as `/…/`".to_owned());
                report.error_with_hint("bad-retry", node.span, message, Some(hint));
                None
            }
        },
        _ => {
            let record = Record::read(node, &keys::RETRY_OUTPUT, node.span, report)?;
            let entry = record.entry("output")?;
            let pattern = scalar::plain(entry, report);
            expression(&pattern, entry.value.span, report)
        }
    }
}

fn code_of(code: i64, span: Span, report: &mut Report) -> Option<RetryOn> {
    let fits = i32::try_from(code)
        .ok()
        .filter(|code| (1..=255).contains(code));
    if fits.is_none() {
        let message = format!("a failed command has an exit code from 1 to 255, not {code}");
        report.error("bad-retry", span, message);
    }
    fits.map(RetryOn::Code)
}

fn expression(pattern: &str, span: Span, report: &mut Report) -> Option<RetryOn> {
    // `^` and `$` mean a line, as in what people search output with.
    let built = RegexBuilder::new(pattern)
        .multi_line(true)
        .crlf(true)
        .size_limit(PATTERN_BYTES)
        .build();
    match built {
        Ok(expression) => Some(RetryOn::Output(expression)),
        Err(error) => {
            // It draws the pattern in several lines; the last one says what is wrong.
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or("").trim();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            let message = format!("this is no regular expression: {reason}");
            report.error("bad-pattern", span, message);
            None
        }
    }
}
