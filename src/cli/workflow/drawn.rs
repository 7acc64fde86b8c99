//! Graphs of jobs as text, for Mermaid and for Graphviz.
//!
//! Nodes are numbered, `j0`, `j1_0_2`, so that no id of a job has to be one of those languages;
//! what people read is escaped as each of them wants it.

use std::fmt::Write as _;

use crate::base::text::one_line;
use crate::model::workflow::graph::{Graph, GraphCall, GraphJob};

/// Writing into a text does not fail.
macro_rules! put {
    ($text:expr, $($what:tt)*) => {
        let _ = writeln!($text, $($what)*);
    };
}

/// The graph as text: jobs that can run at the same time have one number.
pub(super) fn text(name: &str, graph: &Graph) -> String {
    let mut text = format!("{}\n", one_line(name));
    text_in(graph, "", &mut text);
    text
}

fn text_in(graph: &Graph, indent: &str, text: &mut String) {
    for (number, layer) in layers(graph).iter().enumerate() {
        let mut mark = format!("{:>2}.", number + 1);
        for job in layer.iter().filter_map(|job| graph.jobs.get(*job)) {
            let mut line = format!("{indent}{mark} {}", one_line(&job.id));
            let needs = job.needs.iter();
            let needs: Vec<&str> = needs
                .filter_map(|need| Some(graph.jobs.get(*need)?.id.as_str()))
                .collect();
            if !needs.is_empty() && job.handler.is_none() {
                line.extend([" <- ", &needs.join(", ")]);
            }
            let marks = marks(job);
            if !marks.is_empty() {
                line.extend(["  [", &marks.join("; "), "]"]);
            }
            put!(text, "{line}");
            for call in &job.calls {
                put!(text, "{indent}      {}", title(call));
                match &call.graph {
                    Some(called) => text_in(called, &format!("{indent}      "), text),
                    None => {
                        put!(text, "{indent}       (its jobs are too many to draw)");
                    }
                }
            }
            "   ".clone_into(&mut mark);
        }
    }
}

/// The jobs in layers, each with jobs that need only those of layers before it.
fn layers(graph: &Graph) -> Vec<Vec<usize>> {
    let mut waiting: Vec<usize> = graph.jobs.iter().map(|job| job.needs.len()).collect();
    let mut needed_by = vec![Vec::new(); graph.jobs.len()];
    for (index, job) in graph.jobs.iter().enumerate() {
        for need in &job.needs {
            if let Some(waiters) = needed_by.get_mut(*need) {
                waiters.push(index);
            }
        }
    }
    let mut layers = Vec::new();
    let first = waiting.iter().enumerate().filter(|(_, left)| **left == 0);
    let mut layer: Vec<usize> = first.map(|(index, _)| index).collect();
    while !layer.is_empty() {
        let mut next = Vec::new();
        for waiter in layer.iter().filter_map(|job| needed_by.get(*job)).flatten() {
            if let Some(left) = waiting.get_mut(*waiter) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    next.push(*waiter);
                }
            }
        }
        next.sort_unstable();
        layers.push(std::mem::replace(&mut layer, next));
    }
    layers
}

/// What is said of a job besides its name.
fn marks(job: &GraphJob) -> Vec<String> {
    let mut marks = Vec::new();
    marks.extend(job.handler.map(|handler| handler.words().to_owned()));
    marks.extend(job.legs.map(str::to_owned));
    let checkpoints = job.checkpoints.iter();
    marks.extend(checkpoints.map(|name| format!("checkpoint {}", one_line(name))));
    marks
}

fn title(call: &GraphCall) -> String {
    let (step, workflow) = (one_line(&call.step), one_line(&call.workflow));
    format!("step {step}: workflow {workflow}")
}

/// The lines of what is drawn in a node.
fn label(job: &GraphJob) -> Vec<String> {
    let mut lines = vec![one_line(&job.id)];
    if job.title != job.id && job.handler.is_none() {
        lines.push(one_line(&job.title));
    }
    lines.extend(marks(job));
    lines
}

/// The graph as a flowchart of Mermaid.
pub(super) fn mermaid(graph: &Graph) -> String {
    let mut text = "flowchart TD\n".to_owned();
    mermaid_in(graph, ("j", 2), &mut text);
    text
}

fn mermaid_in(graph: &Graph, (prefix, indent): (&str, usize), text: &mut String) {
    let blank = " ".repeat(indent);
    for (index, job) in graph.jobs.iter().enumerate() {
        let lines: Vec<String> = label(job).iter().map(|line| for_mermaid(line)).collect();
        let lines = lines.join("<br/>");
        let (open, close) = match (job.checkpoints.is_empty(), job.legs) {
            (false, _) => ("{{", "}}"),
            (true, Some(_)) => ("[[", "]]"),
            (true, None) => ("[", "]"),
        };
        put!(text, "{blank}{prefix}{index}{open}\"{lines}\"{close}");
        for (number, call) in job.calls.iter().enumerate() {
            let inner = format!("{prefix}{index}_{number}");
            let title = for_mermaid(&title(call));
            match &call.graph {
                Some(called) => {
                    put!(text, "{blank}subgraph {inner}[\"{title}\"]");
                    mermaid_in(called, (&format!("{inner}_"), indent + 2), text);
                    put!(text, "{blank}end");
                }
                None => {
                    put!(text, "{blank}{inner}[\"{title}\"]");
                }
            }
            put!(text, "{blank}{prefix}{index} -.-> {inner}");
        }
    }
    for (index, job) in graph.jobs.iter().enumerate() {
        let arrow = if job.handler.is_some() { "-.->" } else { "-->" };
        for need in &job.needs {
            put!(text, "{blank}{prefix}{need} {arrow} {prefix}{index}");
        }
    }
}

/// Text for a label of Mermaid, in which signs have their codes.
fn for_mermaid(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(
            character,
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | ';' | '*' | '_' | '~' | '%'
        ) {
            let _ = write!(escaped, "#{};", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// The graph for Graphviz.
pub(super) fn dot(name: &str, graph: &Graph) -> String {
    let mut text = format!("digraph \"{}\" {{\n", for_dot(&one_line(name)));
    text.push_str("  graph [compound=true];\n  node [shape=box];\n");
    dot_in(graph, ("j", 2), &mut text);
    text.push_str("}\n");
    text
}

fn dot_in(graph: &Graph, (prefix, indent): (&str, usize), text: &mut String) {
    let blank = " ".repeat(indent);
    for (index, job) in graph.jobs.iter().enumerate() {
        let lines: Vec<String> = label(job).iter().map(|line| for_dot(line)).collect();
        let lines = lines.join("\\n");
        let mut more = String::new();
        if !job.checkpoints.is_empty() {
            more.push_str(", shape=hexagon");
        }
        if job.legs.is_some() {
            more.push_str(", peripheries=2");
        }
        if job.handler.is_some() {
            more.push_str(", style=dashed");
        }
        put!(text, "{blank}{prefix}{index} [label=\"{lines}\"{more}];");
        for (number, call) in job.calls.iter().enumerate() {
            let inner = format!("{prefix}{index}_{number}");
            let title = for_dot(&title(call));
            let Some(called) = &call.graph else {
                put!(text, "{blank}{inner} [label=\"{title}\"];");
                put!(text, "{blank}{prefix}{index} -> {inner} [style=dashed];");
                continue;
            };
            put!(text, "{blank}subgraph cluster_{inner} {{");
            put!(text, "{blank}  label=\"{title}\";");
            dot_in(called, (&format!("{inner}_"), indent + 2), text);
            put!(text, "{blank}}}");
            // An edge needs a node at its end, and is cut off at the border.
            let end = format!("[lhead=cluster_{inner}, style=dashed]");
            put!(text, "{blank}{prefix}{index} -> {inner}_0 {end};");
        }
    }
    for (index, job) in graph.jobs.iter().enumerate() {
        let style = match job.handler {
            Some(_) => " [style=dashed]",
            None => "",
        };
        for need in &job.needs {
            put!(text, "{blank}{prefix}{need} -> {prefix}{index}{style};");
        }
    }
}

/// Text inside the quotes of Graphviz.
fn for_dot(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
