//! `git mmm spec show`.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs::{self, Shelf};
use crate::base::text::visible;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::row::{self, SpecData};
use crate::model::spec::Criterion;
use crate::model::spec::verdict::Standing;
use crate::spec::list::{self, Line};
use crate::spec::{check, find};
use crate::state::remarks::{self, Said};
use crate::state::specs::SpecBook;

/// Runs that are shown, the newest first.
const RUNS: usize = 5;

/// Arguments of `git mmm spec show`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The spec: its slug, its id, or a unique prefix
    #[arg(value_name = "spec")]
    spec: String,
}

/// The answer in JSON.
#[derive(Debug, Serialize)]
struct Data {
    spec: SpecData,
    criteria: Vec<CriterionData>,
    runs: Vec<RunData>,
    remarks: Vec<RemarkData>,
    prose: String,
}

/// A criterion in JSON.
#[derive(Debug, Serialize)]
struct CriterionData {
    id: String,
    text: String,
    ticked: bool,
    command: Option<String>,
    timeout_s: Option<u64>,
    standing: &'static str,
    /// What changed since it was proved, when it is stale.
    changed: Vec<&'static str>,
    line: usize,
}

/// A decision, comment or approval in JSON.
#[derive(Debug, Serialize)]
struct RemarkData {
    path: String,
    kind: String,
    who: String,
    at: String,
    text: String,
}

/// A run of the spec in JSON.
#[derive(Debug, Serialize)]
struct RunData {
    run: String,
    workflow: String,
    status: &'static str,
}

/// Shows a spec with what is proved about it.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let shelf = Shelf::of(context, &project)?;
    let (book, proofs) = (&shelf.book, &shelf.proofs);
    let graph = book.graph();
    let index = find::one(book, &graph, &args.spec)?;
    let Some(line) = list::line(&graph, index, proofs, &shelf.activities) else {
        return Ok(ExitCode::No);
    };
    let of_spec = shelf.runs.runs.iter();
    let runs: Vec<RunData> = of_spec
        .filter(|summary| summary.spec_id().as_ref() == Some(&line.spec.id))
        .map(|summary| RunData {
            run: summary.run.to_string(),
            workflow: summary.workflow.clone(),
            status: summary.status.as_str(),
        })
        .collect();
    let beside = remarks::of_spec(&project.files, &line.spec.name())?;
    let path = line.spec.source.path();
    let mut problems = check::file(&specs::desk(context, &project), book, path)?;
    problems.extend(beside.problems);
    let remarks: Vec<RemarkData> = beside.remarks.into_iter().map(remark).collect();
    let standings = proofs.standings(line.spec);
    let criteria: Vec<(&Criterion, Standing)> = line.spec.criteria.iter().zip(standings).collect();
    if output.is_json() {
        let data = Data {
            criteria: criteria
                .iter()
                .map(|(criterion, standing)| data(&line, criterion, *standing))
                .collect(),
            spec: row::data(book, &line),
            runs,
            remarks,
            prose: line.spec.prose.clone(),
        };
        output.json("spec-show", data, &problems)?;
        return Ok(ExitCode::Ok);
    }
    header(output, book, &line);
    for (criterion, standing) in criteria {
        show_criterion(output, criterion, standing);
    }
    if !runs.is_empty() {
        output.line("");
    }
    for run in runs.iter().take(RUNS) {
        let text = format!("run {}  {}  {}", run.run, run.status, run.workflow);
        let text = output.paint(Style::new(), &text);
        output.line(text);
    }
    if !line.spec.prose.is_empty() {
        let prose = visible(&line.spec.prose);
        output.line(format_args!("\n{prose}"));
    }
    for remark in &remarks {
        let text = format!("{} of {}, {}", remark.kind, remark.who, remark.at);
        let text = output.paint(Style::new().bold(), &text);
        output.line(format_args!("\n{text}\n"));
        output.line(visible(&remark.text));
    }
    output.problems(&problems);
    Ok(ExitCode::Ok)
}

fn header(output: &mut Output, book: &SpecBook, line: &Line<'_>) {
    let spec = line.spec;
    let title = output.paint(Style::new().bold(), &spec.title);
    output.line(title);
    let mut rows = vec![
        ("spec", spec.name()),
        ("file", spec.source.path().to_owned()),
    ];
    let stored = spec.status.as_str();
    let derived = line.status.as_str();
    rows.push(if stored == derived {
        ("status", stored.to_owned())
    } else {
        ("status", format!("{derived} (in the file: {stored})"))
    });
    rows.push(("proved", row::proved(line.progress)));
    let optional = [
        ("kind", spec.kind.clone()),
        ("owner", spec.owner.clone()),
        (
            "priority",
            spec.priority.map(|priority| priority.to_string()),
        ),
        ("created", spec.created.clone()),
        ("workflow", spec.workflow.clone()),
        ("labels", joined(spec.labels.iter().map(String::as_str))),
        (
            "depends on",
            joined(spec.depends_on.iter().map(|known| known.text.as_str())),
        ),
        (
            "blocked by",
            Some(row::blocked_by(book, line)).filter(|text| !text.is_empty()),
        ),
    ];
    for (name, value) in optional {
        rows.extend(value.map(|value| (name, value)));
    }
    for (name, value) in rows {
        let value = output.paint(Style::new(), &value);
        output.line(format_args!("{name:<11} {value}"));
    }
    if !spec.criteria.is_empty() {
        output.line("");
    }
}

fn remark(said: Said) -> RemarkData {
    let Said { path, at, remark } = said;
    RemarkData {
        path,
        kind: remark.kind,
        who: remark.who,
        at,
        text: remark.text,
    }
}

fn joined<'a>(items: impl Iterator<Item = &'a str>) -> Option<String> {
    let items: Vec<&str> = items.collect();
    (!items.is_empty()).then(|| items.join(", "))
}

fn show_criterion(output: &mut Output, criterion: &Criterion, standing: Standing) {
    let tick = if criterion.ticked { "x" } else { " " };
    let words = match standing {
        Standing::Stale { .. } => {
            format!(
                "{}: {} changed",
                standing.as_str(),
                changed(standing).join(" and ")
            )
        }
        _ => standing.as_str().to_owned(),
    };
    let colour = match standing {
        Standing::Proved { seen_red: true } => AnsiColor::Green,
        Standing::Failed => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    let words = output.paint(Style::new().fg_color(Some(colour.into())), &words);
    let text = format!("[{tick}] {} {}", criterion.id, criterion.text);
    let text = output.paint(Style::new(), &text);
    output.line(text);
    output.line(format_args!("    {words}"));
    let command = criterion.verify.as_ref();
    let command = command.map_or("(no command)", |verify| verify.command.as_str());
    let lines = command
        .split('\n')
        .map(|line| output.paint(Style::new().dimmed(), line));
    let command = lines.collect::<Vec<_>>().join("\n      ");
    output.line(format_args!("    $ {command}"));
}

fn changed(standing: Standing) -> Vec<&'static str> {
    let Standing::Stale { changed } = standing else {
        return Vec::new();
    };
    [
        (changed.tree, "code"),
        (changed.text, "text"),
        (changed.command, "command"),
    ]
    .into_iter()
    .filter_map(|(is_changed, what)| is_changed.then_some(what))
    .collect()
}

fn data(line: &Line<'_>, criterion: &Criterion, standing: Standing) -> CriterionData {
    let verify = criterion.verify.as_ref();
    let source = &line.spec.source;
    CriterionData {
        id: criterion.id.to_string(),
        text: criterion.text.clone(),
        ticked: criterion.ticked,
        command: verify.map(|verify| verify.command.clone()),
        timeout_s: verify.and_then(|verify| Some(verify.timeout?.as_secs())),
        standing: standing.as_str(),
        changed: changed(standing),
        line: source.position(criterion.span.start).line,
    }
}
