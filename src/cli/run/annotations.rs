//! What steps said about the code, as it is shown.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::base::text::counted;
use crate::cli::output::Output;
use crate::cli::run::spoken::{Telling, annotation_line};
use crate::model::annotation::{Annotation, Annotations, Level};

/// One annotation as `--json` shows it.
#[derive(Debug, Serialize)]
pub(crate) struct AnnotationJson {
    level: &'static str,
    title: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    end_line: Option<u32>,
    column: Option<u32>,
    end_column: Option<u32>,
    code: Option<String>,
    message: String,
}

/// The annotations of a step for `--json`.
pub(crate) fn json(annotations: &Annotations) -> Vec<AnnotationJson> {
    let kept = annotations.kept.iter().map(|known| AnnotationJson {
        level: known.level.as_str(),
        title: known.title.clone(),
        file: known.file.clone(),
        line: known.line,
        end_line: known.end_line,
        column: known.column,
        end_column: known.end_column,
        code: known.code.clone(),
        message: known.message.clone(),
    });
    kept.collect()
}

/// The annotations of a step as lines, each after `margin`.
pub(crate) fn lines(output: &Output, annotations: &Annotations, margin: &str) -> String {
    told(output, annotations, margin, |_| true)
}

/// Those that do not stand among the lines of what the step printed.
pub(crate) fn untold(output: &Output, annotations: &Annotations, printed: &[u8]) -> String {
    let text = String::from_utf8_lossy(printed);
    let mut telling = Telling::default();
    let lines: Vec<String> = text.lines().flat_map(|line| telling.line(line)).collect();
    told(output, annotations, "  ", |annotation| {
        let told = annotation.to_string();
        let first = told.lines().next().unwrap_or_default();
        !lines.iter().any(|line| line.trim() == first.trim())
    })
}

fn told(
    output: &Output,
    annotations: &Annotations,
    margin: &str,
    chosen: impl Fn(&Annotation) -> bool,
) -> String {
    let mut text = String::new();
    for annotation in annotations.kept.iter().filter(|known| chosen(known)) {
        let word = annotation.level.as_str();
        let line = annotation_line(annotation);
        let rest = line.strip_prefix(word).unwrap_or(&line);
        let word = output.paint(style(annotation.level), word);
        let _ = writeln!(text, "{margin}{word}{rest}");
    }
    let levels = [Level::Error, Level::Warning, Level::Notice];
    let more = levels.into_iter().zip(annotations.more);
    let more = more.filter(|(_, count)| *count > 0);
    let more: Vec<String> = more
        .map(|(level, count)| counted(count, &format!("more {level}")))
        .collect();
    if !more.is_empty() {
        let _ = writeln!(text, "{margin}and {}", more.join(", "));
    }
    text
}

fn style(level: Level) -> Style {
    match level {
        Level::Error => AnsiColor::Red.on_default().bold(),
        Level::Warning => AnsiColor::Yellow.on_default(),
        Level::Notice => AnsiColor::Cyan.on_default(),
    }
}
