//! Fills a template with values.
//!
//! A value that is missing is an error, never an empty text; nothing is escaped, because what is
//! made here is Markdown, YAML and text for terminals, not HTML.

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};

use crate::render::Error;

/// Steps of the template engine that one template may take; ours take some hundred.
const FUEL: u64 = 1_000_000;

/// Largest template, and largest text made of one, in bytes.
const BYTES: usize = 1024 * 1024;

/// Values by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    entries: Vec<(String, Value)>,
}

impl Values {
    /// No values.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub(crate) fn text(mut self, name: &str, text: impl Into<String>) -> Self {
        let text: String = text.into();
        self.entries.push((name.to_owned(), Value::from(text)));
        self
    }
}

/// The text of a template with its values. `name` is what errors call it.
pub(crate) fn render(name: &str, template: &str, values: &Values) -> Result<String, Error> {
    check_size(name, template)?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(syntax());
    environment.set_fuel(Some(FUEL));
    let entries = values
        .entries
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()));
    let text = environment
        .render_named_str(name, template, Value::from_pairs(entries))
        .map_err(|error| explain(name, &error))?;
    check_size(name, &text)?;
    Ok(text)
}

/// The usual marks; a line that holds nothing but a tag leaves no empty line.
fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true);
    builder.build().unwrap_or_default()
}

fn check_size(name: &str, text: &str) -> Result<(), Error> {
    if text.len() <= BYTES {
        return Ok(());
    }
    Err(Error::TooLarge {
        template: name.to_owned(),
        found: text.len(),
        limit: BYTES,
    })
}

fn explain(name: &str, error: &minijinja::Error) -> Error {
    let template = name.to_owned();
    let line = error.line().unwrap_or(1);
    let found = || error.detail().unwrap_or("no detail").to_owned();
    match error.kind() {
        ErrorKind::SyntaxError => Error::Syntax {
            template,
            line,
            found: found(),
        },
        ErrorKind::UndefinedError => Error::Undefined { template, line },
        ErrorKind::OutOfFuel => Error::Endless {
            template,
            limit: FUEL,
        },
        kind => Error::Value {
            template,
            line,
            found: match error.detail() {
                Some(detail) => format!("{kind}: {detail}"),
                None => kind.to_string(),
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Values, render};
    use crate::render::Error;

    fn values() -> Values {
        Values::new().text("name", "<b>Ada</b>")
    }

    fn check(template: &str, expected: &str) {
        assert_eq!(
            render("t", template, &values()).as_deref(),
            Ok(expected),
            "{template}"
        );
    }

    fn refused(template: &str) -> Error {
        render("t", template, &values()).expect_err("it cannot be rendered")
    }

    #[test]
    fn values_stand_in_the_text_as_they_are() {
        check("hello {{ name }}\n", "hello <b>Ada</b>\n");
        check(
            "{% if name %}\n- {{ name|length }}\n{% endif %}\nend\n",
            "- 10\nend\n",
        );
        check(
            "{% raw %}${{ spec.title }}{% endraw %}.\n",
            "${{ spec.title }}.\n",
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert!(matches!(
            refused("a\n{{ nobody }}\n"),
            Error::Undefined { line: 2, .. }
        ));
        assert!(matches!(
            refused("a\nb\n{% if %}\n"),
            Error::Syntax { line: 3, .. }
        ));
        assert!(matches!(
            refused("{{ name|nofilter }}"),
            Error::Syntax { line: 1, .. } | Error::Value { line: 1, .. }
        ));
    }

    #[test]
    fn nothing_runs_or_grows_without_end() {
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(matches!(refused(endless), Error::Endless { .. }));
        let large = "x".repeat(super::BYTES + 1);
        assert!(matches!(refused(&large), Error::TooLarge { .. }));
    }
}
