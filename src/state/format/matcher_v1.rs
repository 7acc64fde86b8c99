//! Files with problem matchers, in GitHub's format, version 1: JSON.

use serde::Deserialize;

use crate::model::problem_matcher::{MatcherConfig, PARTS, PatternConfig};

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default, rename = "problemMatcher")]
    matchers: Vec<Matcher>,
}

#[derive(Debug, Deserialize)]
struct Matcher {
    owner: Option<String>,
    severity: Option<String>,
    #[serde(rename = "fromPath")]
    from_path: Option<String>,
    pattern: Option<Vec<Pattern>>,
}

#[derive(Debug, Deserialize)]
struct Pattern {
    regexp: Option<String>,
    file: Option<i64>,
    line: Option<i64>,
    column: Option<i64>,
    severity: Option<i64>,
    code: Option<i64>,
    message: Option<i64>,
    #[serde(rename = "fromPath")]
    from_path: Option<i64>,
    #[serde(rename = "endLine")]
    end_line: Option<i64>,
    #[serde(rename = "endColumn")]
    end_column: Option<i64>,
    #[serde(default, rename = "loop")]
    repeats: bool,
}

/// The matchers in the text of a file; or what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Vec<MatcherConfig>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(file.matchers.into_iter().map(matcher).collect())
}

fn matcher(found: Matcher) -> MatcherConfig {
    let patterns = found.pattern.unwrap_or_default();
    MatcherConfig {
        owner: found.owner.unwrap_or_default(),
        severity: found.severity.unwrap_or_default(),
        from_path: found.from_path.unwrap_or_default(),
        patterns: patterns.into_iter().map(pattern).collect(),
    }
}

fn pattern(found: Pattern) -> PatternConfig {
    // In the order of `Part::ALL`.
    let groups: [Option<i64>; PARTS] = [
        found.file,
        found.line,
        found.column,
        found.severity,
        found.code,
        found.message,
        found.from_path,
        found.end_line,
        found.end_column,
    ];
    PatternConfig {
        regexp: found.regexp.unwrap_or_default(),
        groups,
        repeats: found.repeats,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::model::problem_matcher::{Matchers, PARTS, Part};

    #[test]
    fn files_are_read_as_githubs() {
        let text = r#"{"$schema": "x", "problemMatcher": [{
            "owner": "lint", "severity": "warning", "fromPath": "a/b", "more": 1,
            "pattern": [
                {"regexp": "^([^\\s].*)$", "file": 1},
                {"regexp": "^\\s+(?<line>\\d+):(\\d+) (.*)$", "line": 3, "column": 1,
                 "message": 2, "loop": true}
            ]}]}"#;
        let found = parse(text).expect("well-formed");
        let [lint] = found.as_slice() else {
            panic!("one matcher, not {found:?}");
        };
        assert_eq!(
            (lint.owner.as_str(), lint.severity.as_str()),
            ("lint", "warning")
        );
        assert_eq!(lint.from_path, "a/b");
        let mut groups = [None; PARTS];
        groups[Part::Line as usize] = Some(3);
        groups[Part::Column as usize] = Some(1);
        groups[Part::Message as usize] = Some(2);
        assert_eq!(lint.patterns[1].groups, groups);
        assert!(lint.patterns[1].repeats && !lint.patterns[0].repeats);
        let mut matchers = Matchers::default();
        matchers.add(&found).expect("sound");
        matchers.line("x.js");
        let (annotation, _) = matchers.line("  3:7 odd").expect("an annotation");
        assert_eq!(annotation.to_string(), "warning line 3: odd");
        assert_eq!(annotation.column, Some(7));
    }

    #[test]
    fn what_is_not_one_is_told() {
        assert_eq!(parse("{}"), Ok(Vec::new()));
        let wrong = parse(r#"{"problemMatcher": [{"owner": 1}]}"#).expect_err("a number");
        assert_eq!(
            wrong,
            "invalid type: integer `1`, expected a string at line 1 column 31"
        );
        assert!(parse("").is_err());
    }
}
