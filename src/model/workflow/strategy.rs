//! Reads `strategy` and `for-each`: what a job is fanned out over.

use crate::base::limits;
use crate::model::expression::value::fold;
use crate::model::tree::Entry;
use crate::model::workflow::data::{self, Data, DataKind};
use crate::model::workflow::keys::{self, Place};
use crate::model::workflow::matrix;
use crate::model::workflow::policy::{Over, Setting, Strategy};
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::{scalar, scopes};

/// Reads what a job is fanned out over.
pub(crate) fn read(job: &Record, report: &mut Report) -> Option<Strategy> {
    let for_each = job.entry("for-each");
    let strategy = job.entry("strategy");
    if let (Some(_), Some(strategy)) = (for_each, strategy) {
        let message = "a job has either `for-each` or `strategy`, not both";
        report.error("two-strategies", strategy.key_span, message);
    }
    match (strategy, for_each) {
        (Some(entry), _) => of_matrix(entry, report),
        (None, Some(entry)) => of_items(entry, report),
        (None, None) => None,
    }
}

fn of_matrix(entry: &Entry, report: &mut Report) -> Option<Strategy> {
    if entry.value.mapping().is_none() {
        let data = data::read(&entry.value, scopes::JOB_START, report);
        check_alone(entry, &data, report);
        return Some(Strategy {
            over: Over::Strategy(data),
            fail_fast: Setting::Fixed(true),
            max_parallel: None,
        });
    }
    let record = Record::read(&entry.value, &keys::STRATEGY, entry.key_span, report)?;
    if !record.has("matrix") {
        let message = "`strategy` changes nothing without `matrix`";
        report.warning("no-matrix", entry.key_span, message, None);
    }
    let entry = record.entry("matrix")?;
    let before = report.errors();
    let values = data::read(&entry.value, scopes::JOB_START, report);
    check_shape(entry, &values, report);
    // What is wrong already would be said twice.
    if report.errors() == before
        && let Some(Err(fault)) = values.literal().map(|value| matrix::legs(&value))
    {
        report.error("bad-matrix", entry.key_span, fault);
    }
    Some(with_limits(
        &record,
        &keys::STRATEGY,
        Over::Matrix(values),
        report,
    ))
}

fn of_items(entry: &Entry, report: &mut Report) -> Option<Strategy> {
    let scope = scopes::JOB_START;
    if entry.value.mapping().is_none() {
        let items = data::read(&entry.value, scope, report);
        check_items(entry, &items, report);
        return Some(Strategy {
            over: Over::Items(items),
            fail_fast: Setting::Fixed(false),
            max_parallel: None,
        });
    }
    let record = Record::read(&entry.value, &keys::FOR_EACH, entry.key_span, report)?;
    let entry = record.entry("items")?;
    let items = data::read(&entry.value, scope, report);
    check_items(entry, &items, report);
    Some(with_limits(
        &record,
        &keys::FOR_EACH,
        Over::Items(items),
        report,
    ))
}

/// `fail-fast` and `max-parallel`, with what holds when they are not written.
fn with_limits(
    record: &Record,
    place: &'static Place,
    over: Over,
    report: &mut Report,
) -> Strategy {
    let by_default = matches!(over, Over::Matrix(_));
    let fail_fast = record
        .entry("fail-fast")
        .and_then(|entry| scalar::switch(entry, place.scope, report));
    Strategy {
        over,
        fail_fast: fail_fast.unwrap_or(Setting::Fixed(by_default)),
        max_parallel: record
            .entry("max-parallel")
            .and_then(|entry| scalar::count(entry, place.scope, report)),
    }
}

fn check_items(entry: &Entry, items: &Data, report: &mut Report) {
    match &items.kind {
        DataKind::List(found) if found.len() > limits::ITEMS => {
            let message = format!("`{}` has at most {} items", entry.key, limits::ITEMS);
            report.error("too-many-legs", entry.key_span, message);
        }
        _ => check_alone(entry, items, report),
    }
}

/// A text gives more than text only when it is nothing but one expression.
fn check_alone(entry: &Entry, data: &Data, report: &mut Report) {
    if let DataKind::Text(template) = &data.kind
        && template.literal_bytes() > 0
    {
        let message = format!("`{}` has text around its expression", entry.key);
        report.error("wrong-type", entry.value.span, message);
    }
}

/// Checks what the file says of a matrix, whatever its expressions give.
fn check_shape(entry: &Entry, values: &Data, report: &mut Report) {
    let node = &entry.value;
    let Some(entries) = node.mapping() else {
        check_alone(entry, values, report);
        return;
    };
    for entry in entries {
        check_vector(entry, entries, report);
    }
}

fn check_vector(entry: &Entry, entries: &[Entry], report: &mut Report) {
    scalar::check_name(&entry.key, entry.key_span, report);
    let special = ["include", "exclude"].contains(&entry.key.as_str());
    let Some(nodes) = entry.value.sequence() else {
        // An expression may give the list.
        if entry
            .value
            .string()
            .is_none_or(|text| !text.contains("${{"))
        {
            let kind = entry.value.kind();
            let message = format!(
                "`{}` is {kind}, expected a list or an expression",
                entry.key
            );
            report.error("wrong-type", entry.key_span, message);
        }
        return;
    };
    if !special && nodes.is_empty() {
        let message = format!("`{}` has no value to run with", entry.key);
        report.error("empty", entry.key_span, message);
    }
    for node in nodes.iter().filter(|_| special) {
        let Some(inner) = node.mapping() else {
            if node.string().is_none_or(|text| !text.contains("${{")) {
                let message = format!(
                    "an element of `{}` is a mapping of names to values, not {}",
                    entry.key,
                    node.kind()
                );
                report.error("wrong-type", node.span, message);
            }
            continue;
        };
        if entry.key == "exclude" {
            for unknown in inner.iter().filter(|inner| !is_vector(&inner.key, entries)) {
                let message = format!("`{}` is not a list of this matrix", unknown.key);
                let known = entries.iter().map(|entry| entry.key.as_str());
                let known = known.filter(|name| !["include", "exclude"].contains(name));
                let hint = report.near(&unknown.key, known);
                report.error_with_hint("bad-matrix", unknown.key_span, message, hint);
            }
        }
    }
}

fn is_vector(name: &str, entries: &[Entry]) -> bool {
    let name = fold(name);
    entries.iter().any(|entry| fold(&entry.key) == name)
}
