//! Reads `defaults.run`: what holds for steps that say nothing themselves.

use crate::model::expression::Scope;
use crate::model::workflow::keys;
use crate::model::workflow::policy::Defaults;
use crate::model::workflow::record::Record;
use crate::model::workflow::report::Report;
use crate::model::workflow::scalar;

/// Reads the `defaults` of a workflow or of a job; `outer` are those around it.
pub(crate) fn read(
    place: &Record,
    scope: Scope,
    outer: &Defaults,
    report: &mut Report,
) -> Defaults {
    let mut defaults = outer.clone();
    let Some(entry) = place.entry("defaults") else {
        return defaults;
    };
    let record = Record::read(&entry.value, &keys::DEFAULTS, entry.key_span, report);
    let Some(entry) = record.as_ref().and_then(|record| record.entry("run")) else {
        return defaults;
    };
    let Some(run) = Record::read(&entry.value, &keys::DEFAULTS_RUN, entry.key_span, report) else {
        return defaults;
    };
    if let Some(entry) = run.entry("shell") {
        defaults.shell = Some(scalar::shell_template(entry, scope, report));
    }
    if let Some(node) = run.node("working-directory") {
        defaults.working_directory = Some(scalar::template(node, scope, report));
        defaults.working_directory_place = Some(report.place(node.span));
    }
    defaults
}
