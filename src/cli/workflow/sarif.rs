//! Problems as SARIF 2.1.0, which code hosts and editors read.

use serde_json::{Value, json};

use crate::base::diagnostic::Problem;

/// The log of one check, as text.
pub(super) fn render(problems: &[Problem]) -> String {
    let mut rules: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<Value> = problems.iter().map(result).collect();
    let rules: Vec<Value> = rules.into_iter().map(|rule| json!({"id": rule})).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "columnKind": "unicodeCodePoints",
            "tool": {"driver": {
                "name": "git-mmm",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(problem: &Problem) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri(problem.file())}});
    if let Some(region) = region(problem)
        && let Some(place) = place.as_object_mut()
    {
        place.insert("region".to_owned(), region);
    }
    json!({
        "ruleId": problem.code,
        "level": problem.severity.as_str(),
        "message": {"text": super::annotations::message(problem)},
        "locations": [{"physicalLocation": place}],
    })
}

/// Lines and columns from 1; the end is after the last character.
fn region(problem: &Problem) -> Option<Value> {
    let Some((start, end)) = problem.position().zip(problem.end_position()) else {
        return problem.line().map(|line| json!({"startLine": line}));
    };
    Some(json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }))
}

/// A path as a relative reference: what has a meaning in one, and what is not ASCII, is escaped.
fn uri(path: &str) -> String {
    let written = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    path.bytes().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri(".mmm/workflows/a-b.yaml"), ".mmm/workflows/a-b.yaml");
        assert_eq!(uri("a b#ä?.yaml"), "a%20b%23%C3%A4%3F.yaml");
    }
}
