//! `.mmm/specs/<slug>-<id>/<ulid>.md`: one decision, comment or approval.
//!
//! Front matter with `format`, `kind`, `who` and `at`, and Markdown below it.

use crate::base::diagnostic::{self, Problem};
use crate::base::source::SourceText;
use crate::base::text::{one_of, visible};
use crate::model::remark::{KINDS, Remark};
use crate::model::spec;
use crate::model::spec::quoting::{self, Context, Style};
use crate::state::format::fields::Checker;
use crate::state::format::yaml;
use crate::sys::clock::{parse_rfc3339, rfc3339};

/// The format that this version reads and writes.
pub(crate) const FORMAT: i64 = 1;

/// The text of a new file.
pub(crate) fn render(remark: &Remark) -> String {
    let plain = |text: &str| quoting::write(text, Style::Plain, Context::Block);
    format!(
        "---\nformat: {FORMAT}\nkind: {}\nwho: {}\nat: {}\n---\n\n{}\n",
        plain(&remark.kind),
        plain(&remark.who),
        plain(&rfc3339(remark.at_ms)),
        remark.text.trim()
    )
}

/// Reads a file with all its problems; nothing comes back when one of them is an error.
pub(crate) fn read(source: &SourceText) -> (Option<Remark>, Vec<Problem>) {
    let opened = spec::split(source).map_err(|problem| match problem.code {
        // The same parts as a spec has, with other keys.
        "front-matter" => problem.with_hint(
            "start the file with a `---` line, then `format`, `kind`, `who` and `at`, then a `---` line",
        ),
        _ => problem,
    });
    let opened = opened.and_then(|parts| Ok((parts, yaml::read(source, parts.front)?)));
    let (parts, front) = match opened {
        Ok(opened) => opened,
        Err(problem) => return (None, vec![problem]),
    };
    let mut checker = Checker::new(source, Vec::new());
    let root = checker.root(&front);
    let newer = checker.newer_format(&root, FORMAT);
    let mut text = |key| {
        let found = checker.text(&root, key).map(str::to_owned);
        checker.required(&root, key, found)
    };
    let (kind, who, at) = (text("kind"), text("who"), text("at"));
    let at_ms = at.as_deref().and_then(parse_rfc3339);
    if let (Some(at), None, Some(node)) = (&at, at_ms, root.get("at")) {
        let message = format!("`{}` is not a time", visible(at));
        checker.error("invalid-value", node.span, message);
    }
    if let (Some(kind), Some(node)) = (&kind, root.get("kind"))
        && !KINDS.contains(&kind.as_str())
    {
        let message = format!("the kind `{}` is unknown", visible(kind));
        let known = format!("known are {}", one_of(KINDS));
        checker.add(Problem::warning("unknown-kind", source, node.span, message).with_hint(known));
    }
    checker.unknown_keys(&root, &["format", "kind", "who", "at"]);
    let usable = newer.is_some() || !checker.has_errors();
    let mut problems = checker.into_problems();
    let remark = match (kind, who, at_ms) {
        (Some(kind), Some(who), Some(at_ms)) if usable => Some(Remark {
            kind,
            who,
            at_ms,
            text: source.slice(parts.body).trim().to_owned(),
        }),
        _ => None,
    };
    diagnostic::sort(&mut problems);
    (remark, newer.map_or(problems, |newer| vec![newer]))
}

#[cfg(test)]
mod tests {
    use super::{read, render};
    use crate::base::source::SourceText;
    use crate::model::remark::Remark;

    const TEXT: &str = "---\nformat: 1\nkind: decision\nwho: Ada <ada@example.org>\n\
        at: 2026-11-16T09:12:40Z\n---\n\nSo be it.\n";

    /// The problems of a file, after one replacement.
    #[track_caller]
    fn check(old: &str, new: &str, expected: &[&str]) {
        assert!(TEXT.contains(old), "{old}");
        let (remark, problems) = read(&SourceText::new("x.md", TEXT.replacen(old, new, 1)));
        let shown: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.code, problem.message))
            .collect();
        assert_eq!(shown, expected, "{new}");
        let errors = problems
            .iter()
            .any(crate::base::diagnostic::Problem::is_error);
        assert_eq!(remark.is_none(), errors, "{new}");
    }

    #[test]
    fn what_is_written_is_read() {
        let remark = Remark {
            kind: "comment".to_owned(),
            who: "Ada: of # <ada@example.org>".to_owned(),
            at_ms: 1_795_421_093_000,
            text: "one\n\n---\ntwo".to_owned(),
        };
        let (read, problems) = read(&SourceText::new("x.md", render(&remark)));
        assert_eq!((read, problems), (Some(remark), Vec::new()));
    }

    #[test]
    fn problems_are_told() {
        check("So", "So", &[]);
        check(
            "format: 1\n",
            "",
            &["missing-key: the key `format` is missing"],
        );
        check(
            "format: 1",
            "format: x",
            &["invalid-format: `format` is not 1"],
        );
        check(
            "who: Ada",
            "by: Ada",
            &[
                "missing-key: the key `who` is missing",
                "unknown-key: unknown key `by`",
            ],
        );
        check(
            "2026-11-16T",
            "yesterday ",
            &["invalid-value: `yesterday 09:12:40Z` is not a time"],
        );
        check(
            "decision",
            "thought",
            &["unknown-kind: the kind `thought` is unknown"],
        );
        check(
            "So be",
            "<<<<<<< HEAD\nSo be",
            &["conflict-markers: the merge conflict marker `<<<<<<<` was left in the file"],
        );
        check(
            "format: 1",
            "format: 2\ncolour: blue",
            &["newer-format: the file has format 2, and git-mmm 0.1.0 knows format 1"],
        );
    }
}
