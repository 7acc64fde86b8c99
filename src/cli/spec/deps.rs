//! `git mmm spec deps`.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs::{self, Shelf};
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::spec::row::{self, Faults};
use crate::model::spec::Spec;
use crate::model::spec::graph::{Graph, Lookup};
use crate::spec::find;
use crate::spec::list::{self, Activities};
use crate::spec::proof::Proofs;
use crate::spec::tree::{self, Entry, Line};

/// Arguments of `git mmm spec deps`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The spec to begin with; by default all that no other spec waits for
    #[arg(value_name = "spec")]
    spec: Option<String>,
}

/// One spec in JSON.
#[derive(Debug, Serialize)]
struct Data {
    readable: bool,
    name: String,
    status: &'static str,
    ready: bool,
    depends_on: Vec<DependencyData>,
}

/// One dependency in JSON.
#[derive(Debug, Serialize)]
struct DependencyData {
    text: String,
    /// `null` when it means no spec, or several.
    name: Option<String>,
    status: Option<&'static str>,
}

/// Shows what waits for what.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    let project = specs::open(context, Access::Write)?;
    let shelf = Shelf::of(context, &project)?;
    let Shelf {
        book,
        proofs,
        activities,
        ..
    } = &shelf;
    let graph = book.graph();
    let roots = match &args.spec {
        Some(reference) => vec![find::one(book, &graph, reference)?],
        None => Vec::new(),
    };
    let lines = tree::lines(&graph, &roots);
    let mut faults = Faults::of(book, &graph);
    if !roots.is_empty() {
        faults.keep(book, lines.iter().filter_map(Line::spec));
    }
    if output.is_json() {
        let mut shown: Vec<usize> = lines.iter().filter_map(Line::spec).collect();
        shown.sort_unstable();
        shown.dedup();
        let data = shown
            .into_iter()
            .filter_map(|index| data(&graph, index, proofs, activities));
        output.json("spec-deps", row::rows(book, data), &faults.problems)?;
    } else {
        for line in &lines {
            let text = drawn(output, &graph, line, proofs, activities);
            output.line(text);
        }
        faults.show(output);
    }
    Ok(faults.answer())
}

fn drawn(
    output: &Output,
    graph: &Graph<'_>,
    line: &Line,
    proofs: &Proofs,
    activities: &Activities,
) -> String {
    let mut text = branches(line);
    let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
    let spec = line.spec();
    let found = spec.and_then(|index| list::line(graph, index, proofs, activities));
    if let Some(found) = &found {
        let status = output.paint(row::style(found.status), found.status.as_str());
        let title = output.paint(Style::new(), &found.spec.title);
        text.extend([found.spec.name(), "  ".into(), status, "  ".into(), title]);
    }
    match &line.entry {
        Entry::Spec(_) => {}
        Entry::Above(_) => text.push_str("  (see above)"),
        Entry::Cycle(_) => text.push_str(&output.paint(red, "  (a cycle)")),
        Entry::Unresolved(reference) => {
            text.push_str(&output.paint(red, &format!("{reference}  (no such spec)")));
        }
        Entry::Ambiguous(reference) => {
            text.push_str(&output.paint(red, &format!("{reference}  (may be any of several)")));
        }
        Entry::More => text.push('…'),
    }
    text
}

/// The lines that lead to an entry.
fn branches(line: &Line) -> String {
    let Some((own, above)) = line.last.split_last() else {
        return String::new();
    };
    let mut text = String::new();
    if line.hidden > 0 {
        text = format!("[{}] ", line.hidden);
    }
    for is_last in above {
        text.push_str(if *is_last { "   " } else { "│  " });
    }
    text.push_str(if *own { "└─ " } else { "├─ " });
    text
}

fn data(graph: &Graph<'_>, index: usize, proofs: &Proofs, activities: &Activities) -> Option<Data> {
    let line = list::line(graph, index, proofs, activities)?;
    let written = line.spec.depends_on.iter();
    let dependencies = written.zip(graph.dependencies(index));
    Some(Data {
        readable: true,
        name: line.spec.name(),
        status: line.status.as_str(),
        ready: line.is_ready(),
        depends_on: dependencies
            .map(|(written, edge)| {
                let target = match edge {
                    Lookup::One(target) => list::line(graph, *target, proofs, activities),
                    _ => None,
                };
                DependencyData {
                    text: written.text.clone(),
                    name: target.as_ref().map(|target| Spec::name(target.spec)),
                    status: target.map(|target| target.status.as_str()),
                }
            })
            .collect(),
    })
}
