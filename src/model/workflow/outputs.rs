//! Finds outputs of jobs that nobody reads.

use std::collections::HashSet;

use crate::model::expression::value::fold;
use crate::model::workflow::definition::Workflow;
use crate::model::workflow::needs::JobIds;
use crate::model::workflow::report::Report;

/// What is read of the outputs of jobs.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    read: HashSet<(usize, String)>,
    /// Jobs whose outputs are read without a fixed name.
    whole: HashSet<usize>,
    /// Whether those of any job are.
    all: bool,
}

impl Outputs {
    /// Notes what an expression reads.
    pub(crate) fn note(&mut self, path: &[&str], ids: &JobIds) {
        let ["needs" | "jobs", below @ ..] = path else {
            return;
        };
        let [job, below @ ..] = below else {
            self.all = true;
            return;
        };
        let Some(job) = ids.find(job) else {
            return;
        };
        match below {
            [property, name, ..] if property.eq_ignore_ascii_case("outputs") => {
                self.read.insert((job, fold(name)));
            }
            [property, ..] if property.eq_ignore_ascii_case("result") => {}
            _ => {
                self.whole.insert(job);
            }
        }
    }

    /// Notes what an expression reads under a wrong name: any output of the job may be meant.
    pub(crate) fn note_any(&mut self, path: &[&str], ids: &JobIds) {
        if let ["needs" | "jobs", job, ..] = path {
            self.whole.extend(ids.find(job));
        }
    }

    /// Warns of each output that nothing reads.
    pub(crate) fn report(&self, workflow: &Workflow, report: &mut Report) {
        // What could not be read may read them: then what is mentioned anywhere counts as read.
        let text = report
            .failed()
            .then(|| report.source().text().to_ascii_lowercase());
        let any = |parts: &[&str]| {
            let mut all = text
                .iter()
                .flat_map(|text| parts.iter().map(|part| text.contains(*part)));
            all.any(|found| found)
        };
        if self.all || any(&["tojson(", "outputs[", "outputs)", ".*"]) {
            return;
        }
        for (index, job) in workflow.jobs.iter().enumerate() {
            if self.whole.contains(&index) {
                continue;
            }
            for output in &job.outputs {
                let mentioned = format!("outputs.{}", output.name.to_ascii_lowercase());
                if self.read.contains(&(index, fold(&output.name))) || any(&[&mentioned]) {
                    continue;
                }
                let first = output.value.expressions().next();
                let span = first.map_or(job.span, |embedded| embedded.span);
                let message = format!("nothing reads output `{}` of job `{}`", output.name, job.id);
                report.warning("unused-output", span, message, None);
            }
        }
    }
}
