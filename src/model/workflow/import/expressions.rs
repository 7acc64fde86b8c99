//! Finds and replaces what expressions read, without understanding the rest of them.

/// Replaces look-ups (`a.b.c`, `a['b']`) in an expression; what `replace` knows nothing for stays
/// as it is. Names of functions, literals and texts in quotes are left alone.
pub(crate) fn map_paths(
    expression: &str,
    replace: &mut dyn FnMut(&[&str]) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => quoted(rest),
            '0'..='9' => run(rest, |c| c.is_ascii_alphanumeric() || c == '.'),
            'a'..='z' | 'A'..='Z' | '_' => {
                let (path, length) = path(rest);
                let behind = rest.get(length..).unwrap_or("").trim_start();
                let fixed = ["true", "false", "null", "NaN", "Infinity"];
                let is_path = path.len() > 1 || !path.iter().any(|name| fixed.contains(name));
                let is_call = path.len() == 1 && behind.starts_with('(');
                if is_path
                    && !is_call
                    && let Some(text) = replace(&path)
                {
                    out.push_str(&text);
                    rest = rest.get(length..).unwrap_or("");
                    continue;
                }
                length
            }
            // A property of what a function or an index gives.
            '.' => 1 + run(rest.get(1..).unwrap_or(""), is_name),
            other => other.len_utf8(),
        };
        let (taken, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push_str(taken);
        rest = behind;
    }
    out
}

/// Calls `visit` for every look-up of an expression.
pub(crate) fn paths(expression: &str, visit: &mut dyn FnMut(&[&str])) {
    map_paths(expression, &mut |path| {
        visit(path);
        None
    });
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character))
        .unwrap_or(text.len())
}

/// The length of a text in single quotes; `''` in it is a quote.
fn quoted(text: &str) -> usize {
    let mut end = 1;
    loop {
        let Some(quote) = text.get(end..).and_then(|rest| rest.find('\'')) else {
            return text.len();
        };
        end += quote + 1;
        if !text.get(end..).is_some_and(|rest| rest.starts_with('\'')) {
            return end;
        }
        end += 1;
    }
}

/// A look-up at the start of a text, and its length.
fn path(text: &str) -> (Vec<&str>, usize) {
    let mut end = run(text, is_name);
    let mut names = vec![text.get(..end).unwrap_or("")];
    loop {
        let rest = text.get(end..).unwrap_or("");
        if let Some(name) = rest.strip_prefix('.') {
            let length = if name.starts_with('*') {
                1
            } else {
                run(name, is_name)
            };
            if length == 0 {
                break;
            }
            names.push(name.get(..length).unwrap_or(""));
            end += 1 + length;
        } else if rest.starts_with("['") {
            let inner = rest.get(1..).unwrap_or("");
            let length = quoted(inner);
            if !inner.get(length..).unwrap_or("").starts_with(']') {
                break;
            }
            names.push(inner.get(1..length - 1).unwrap_or(""));
            end += length + 2;
        } else {
            break;
        }
    }
    (names, end)
}

/// The length of a `${{ … }}` that a text starts with, and what is inside of it.
pub(crate) fn embedded(text: &str) -> Option<(usize, &str)> {
    let inside = text.strip_prefix("${{")?;
    let mut end = 0;
    loop {
        let rest = inside.get(end..)?;
        if rest.starts_with("}}") {
            return Some((end + 5, inside.get(..end)?.trim()));
        }
        end += match rest.chars().next()? {
            '\'' => quoted(rest),
            other => other.len_utf8(),
        };
    }
}

/// Replaces each `${{ … }}` of a text by what `change` makes of its inside.
pub(crate) fn map_embedded(text: &str, change: &mut dyn FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${{") {
        let (before, here) = rest.split_at(start);
        out.push_str(before);
        let Some((length, inside)) = embedded(here) else {
            out.push_str(here);
            return out;
        };
        out.push_str(&change(inside));
        rest = here.get(length..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// Calls `visit` for every look-up in the `${{ … }}` of a text.
pub(crate) fn paths_in(text: &str, visit: &mut dyn FnMut(&[&str])) {
    map_embedded(text, &mut |inside| {
        paths(inside, visit);
        String::new()
    });
}

#[cfg(test)]
mod tests {
    use super::{embedded, map_paths};

    #[test]
    fn look_ups_are_replaced_and_nothing_else() {
        let table = [
            ("a.b", "<a/b>"),
            ("a['b'].c", "<a/b/c>"),
            ("!a.b && c == 'a.b'", "!<a/b> && <c> == 'a.b'"),
            (
                "contains(a.*.b, 'it''s') || true",
                "contains(<a/*/b>, 'it''s') || true",
            ),
            ("fromJSON(x.y).a.b[0]", "fromJSON(<x/y>).a.b[0]"),
            ("0xff == 1e5 && null", "0xff == 1e5 && null"),
            ("a[b.c]", "<a>[<b/c>]"),
            ("a-b.c_d", "<a-b/c_d>"),
            ("'open", "'open"),
            ("é.a", "é.a"),
        ];
        for (text, expected) in table {
            let found = map_paths(text, &mut |path| Some(format!("<{}>", path.join("/"))));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn quotes_hide_the_end_of_an_expression() {
        let table = [
            ("${{ a }} b", Some((8, "a"))),
            ("${{ '}}' }}", Some((11, "'}}'"))),
            ("${{ a }", None),
            ("a", None),
        ];
        for (text, expected) in table {
            assert_eq!(embedded(text), expected, "{text}");
        }
    }
}
