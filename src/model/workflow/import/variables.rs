//! The variables that hand texts over to a script.

use crate::model::expression::lexer::is_identifier;

/// Variables of one step, made where a script would have text pasted into it.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    made: Vec<(String, String)>,
    /// Those that are there already.
    known: Vec<(String, String)>,
}

impl Variables {
    /// No variable is made yet; these are there already.
    pub(crate) fn new(known: Vec<(String, String)>) -> Self {
        Self {
            made: Vec::new(),
            known,
        }
    }

    /// The name of the variable that holds a value: the wanted one, or one that is free.
    pub(crate) fn name_for(&mut self, wanted: &str, value: &str) -> String {
        let all = || self.known.iter().chain(&self.made);
        if let Some((name, _)) = all().find(|(_, known)| known == value) {
            return name.clone();
        }
        let taken = |name: &str| all().any(|(known, _)| known == name);
        let mut name = wanted.to_owned();
        let mut number = 2;
        while taken(&name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        self.made.push((name.clone(), value.to_owned()));
        name
    }

    /// The variables with their values.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.made
    }
}

/// The name of a variable that is made of other names: `a.b-c` gives `A_B_C`.
pub(crate) fn shouted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut name = String::new();
    for part in names {
        for character in part.chars() {
            let plain = character.is_ascii_alphanumeric();
            let character = if plain { character } else { '_' };
            name.push(character.to_ascii_uppercase());
        }
        name.push('_');
    }
    let name = name.trim_matches('_');
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        format!("VALUE_{name}").trim_matches('_').to_owned()
    }
}

/// An id for expressions, made of any text; `fallback` where nothing of it is left.
pub(crate) fn id_of(text: &str, fallback: &str) -> String {
    let mut id = String::new();
    for character in text.trim().chars() {
        let plain = character.is_ascii_alphanumeric() || character == '_';
        if plain {
            id.push(character);
        } else if !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_matches('-');
    let id = if is_identifier(id) {
        id.to_owned()
    } else {
        format!("{fallback}-{id}")
    };
    id.trim_matches('-').to_owned()
}

/// The name, or the first free one made of it.
pub(crate) fn free_name(wanted: &str, taken: &[String]) -> String {
    let is_taken = |name: &str| taken.iter().any(|known| known.eq_ignore_ascii_case(name));
    let mut name = wanted.to_owned();
    let mut number = 2;
    while is_taken(&name) {
        name = format!("{wanted}-{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{Variables, free_name, id_of, shouted};

    #[test]
    fn names_are_made_of_names() {
        assert_eq!(shouted(["steps", "a-b", "outputs"]), "STEPS_A_B_OUTPUTS");
        assert_eq!(shouted(["1"]), "VALUE_1");
        assert_eq!(shouted([]), "VALUE");
        assert_eq!(id_of("Unit tests (fast)", "step"), "Unit-tests-fast");
        assert_eq!(id_of("1st", "step"), "step-1st");
        assert_eq!(id_of("…", "step"), "step");
        assert_eq!(free_name("a", &["A".to_owned(), "a-2".to_owned()]), "a-3");
    }

    #[test]
    fn one_value_has_one_variable() {
        let mut variables = Variables::new(vec![("A".to_owned(), "z".to_owned())]);
        assert_eq!(variables.name_for("B", "z"), "A");
        assert_eq!(variables.name_for("A", "x"), "A_2");
        assert_eq!(variables.name_for("B", "x"), "A_2");
        assert_eq!(variables.name_for("A", "y"), "A_3");
        assert_eq!(variables.into_pairs().len(), 2);
    }
}
