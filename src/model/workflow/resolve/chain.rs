//! `extends` of a workflow: which files it is made of.

use crate::base::diagnostic::Problem;
use crate::base::limits;
use crate::base::source::SourceText;
use crate::base::source::Span;
use crate::base::text;
use crate::model::tree::Node;
use crate::model::tree::Value;
use crate::model::workflow::parse;

/// A file and what it holds.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Its text.
    pub(crate) source: SourceText,
    /// Its values; their places are offsets into that text.
    pub(crate) root: Node,
}

/// Where the workflows are that others name.
pub(crate) trait Library {
    /// The workflow of a name.
    fn find(&mut self, name: &str) -> Result<File, Missing>;
}

/// Why there is no workflow of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// There is none; these are there.
    Absent {
        /// The names that are known.
        known: Vec<String>,
    },
    /// Its file cannot be read.
    Unreadable(Vec<Problem>),
}

/// A workflow and all that it extends.
#[derive(Debug)]
pub(crate) struct Chain {
    /// The files as one text, the workflow's own first.
    pub(crate) source: SourceText,
    /// What they hold, in the same order.
    pub(crate) roots: Vec<Node>,
    /// What is wrong with the chain itself.
    pub(crate) problems: Vec<Problem>,
}

/// A problem in a file whose place in the whole is not known yet.
struct Pending {
    file: usize,
    span: Span,
    code: &'static str,
    message: String,
    hint: Option<String>,
}

/// Follows `extends` from a workflow up.
pub(crate) fn follow(main: File, library: &mut dyn Library) -> Chain {
    let mut files = vec![main];
    let mut pending = Vec::new();
    let mut problems = Vec::new();
    while let Some(last) = files.last() {
        let file = files.len() - 1;
        let fail = |span, code, message, hint| Pending {
            file,
            span,
            code,
            message,
            hint,
        };
        let Some(wanted) = wanted(&last.root) else {
            break;
        };
        let (name, span) = match wanted {
            Ok(found) => found,
            Err((span, message)) => {
                pending.push(fail(span, "wrong-type", message, None));
                break;
            }
        };
        if files.len() > limits::EXTENDS {
            let message = format!("a workflow extends at most {} others", limits::EXTENDS);
            pending.push(fail(span, "extends-depth", message, None));
            break;
        }
        let found = match library.find(&name) {
            Ok(found) => found,
            Err(Missing::Absent { known }) => {
                let near = text::suggestion(&name, known.iter().map(String::as_str));
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                let message = format!("there is no workflow `{name}`");
                pending.push(fail(span, "unknown-workflow", message, hint));
                break;
            }
            Err(Missing::Unreadable(found)) => {
                problems.extend(found);
                break;
            }
        };
        if let Some(start) = cycle(&files, &found) {
            let names = files.iter().skip(start).chain([&found]);
            let names: Vec<&str> = names
                .map(|file| text::file_stem(file.source.path()))
                .collect();
            let message = format!("workflows extend one another: {}", names.join(" -> "));
            pending.push(fail(span, "extends-cycle", message, None));
            break;
        }
        if let Some(problem) = parse::newer_format(&found.root, &found.source) {
            problems.push(problem);
            break;
        }
        files.push(found);
    }
    joined(files, pending, problems)
}

/// What a file extends: the name and its place, or what is wrong with it.
fn wanted(root: &Node) -> Option<Result<(String, Span), (Span, String)>> {
    let entries = root.mapping()?;
    let entry = entries.iter().find(|entry| entry.key == "extends")?;
    let span = entry.value.span;
    Some(match &entry.value.value {
        Value::String(name) => Ok((name.trim().to_owned(), span)),
        Value::Null => Err((
            entry.key_span,
            "`extends` has no value, expected the name of a workflow".to_owned(),
        )),
        _ => Err((
            span,
            format!(
                "`extends` is {}, expected the name of a workflow",
                entry.value.kind()
            ),
        )),
    })
}

/// The place of a file in the chain, when it is there already.
fn cycle(files: &[File], found: &File) -> Option<usize> {
    files
        .iter()
        .position(|file| file.source.path() == found.source.path())
}

/// Makes one text of the files, and moves all places into it.
fn joined(files: Vec<File>, pending: Vec<Pending>, mut problems: Vec<Problem>) -> Chain {
    let texts: Vec<SourceText> = files.iter().map(|file| file.source.clone()).collect();
    let (source, starts) = SourceText::combined(&texts);
    let start = |file: usize| starts.get(file).copied().unwrap_or(0);
    let roots = files
        .into_iter()
        .enumerate()
        .map(|(index, file)| match start(index) {
            0 => file.root,
            start => file.root.shifted(start),
        })
        .collect();
    for found in pending {
        let span = found.span.shifted(start(found.file));
        let problem = Problem::error(found.code, &source, span, found.message);
        problems.push(Problem {
            hint: found.hint,
            ..problem
        });
    }
    Chain {
        source,
        roots,
        problems,
    }
}
