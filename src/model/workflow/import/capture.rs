//! Scripts that make outputs of what programs print or files hold.

/// The word that ends the value of an output.
fn end_of(name: &str) -> String {
    format!("MMM_END_OF_{name}")
}

/// Lines of a script that set an output to what `writer` prints.
fn output(name: &str, writer: &str) -> String {
    let end = end_of(name);
    format!("{{\n  echo '{name}<<{end}'\n  {writer}\n  echo '{end}'\n}} >> \"$GITHUB_OUTPUT\"\n")
}

/// A script that does what another one does, and sets outputs to what it prints. It ends as that
/// one does.
pub(crate) fn printed(script: &str, names: &[String]) -> String {
    let mut text = format!(
        "mmm_output=$(\n{}\n) && mmm_status=0 || mmm_status=$?\nprintf '%s\\n' \"$mmm_output\"\n",
        script.trim_end_matches('\n')
    );
    for name in names {
        text.push_str(&output(name, "printf '%s\\n' \"$mmm_output\""));
    }
    text.push_str("exit \"$mmm_status\"\n");
    text
}

/// A script that sets an output to what a file holds.
pub(crate) fn file(name: &str, path: &str) -> String {
    let quoted = path.replace('\\', "\\\\").replace('"', "\\\"");
    output(name, &format!("cat \"{quoted}\"\n  echo"))
}

/// A script that sets an output to the lines that a command prints, as a JSON list of texts.
pub(crate) fn lines(name: &str, command: &str) -> String {
    format!(
        "mmm_lines=$(\n{}\n) || exit\n{}",
        command.trim_end_matches('\n'),
        output(name, &format!("printf '%s' \"$mmm_lines\" | {TO_JSON}"))
    )
}

/// A script that sets an output to what a command prints, or to its lines as a JSON list when that
/// is no JSON.
pub(crate) fn json_or_lines(name: &str, command: &str) -> String {
    format!(
        "mmm_lines=$(\n{}\n) || exit\ncase \"$mmm_lines\" in\n  '['* | '{{'*) ;;\n  *) \
         mmm_lines=$(printf '%s' \"$mmm_lines\" | {TO_JSON}) ;;\nesac\n{}",
        command.trim_end_matches('\n'),
        output(name, "printf '%s\\n' \"$mmm_lines\"")
    )
}

/// Makes a JSON list of texts of lines.
const TO_JSON: &str = r#"awk 'BEGIN { printf "[" } { gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); gsub(/\t/, "\\t"); printf "%s\"%s\"", (NR > 1 ? "," : ""), $0 } END { print "]" }'"#;
