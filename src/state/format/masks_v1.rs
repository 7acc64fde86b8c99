//! The values that steps of a live run said are to be masked: one JSON string a line.

/// The lines for these values.
pub(crate) fn render(values: &[String]) -> String {
    let line = |value: &String| format!("{}\n", serde_json::Value::from(value.as_str()));
    values.iter().map(line).collect()
}

/// The values in a text; a line that was not written to its end is none.
pub(crate) fn parse(text: &str) -> Vec<String> {
    let lines = text.lines();
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
