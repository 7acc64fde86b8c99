//! What expressions can read before anything ran, and what of it is not known.

use crate::model::expression::evaluate::{Known, evaluate_known, known_truth};
use crate::model::expression::tree::Expression;
use crate::model::expression::{Context, Error, JobStatus, Template, Value};
use crate::model::workflow::Variable;
use crate::model::workflow::data::Data;
use crate::model::workflow::forecast::HOW_IT_GOES;

/// The contexts at one place, with what is not known of them.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    context: Context,
    /// Dotted names in lower case; what is below one of them is not known either.
    hidden: Vec<String>,
    variables: Vec<Seen>,
    /// Whether variables that nobody named may be there.
    open_variables: bool,
    going: Going,
}

/// A variable with its value, where that is known.
#[derive(Clone, Debug)]
struct Seen {
    name: String,
    value: Option<String>,
}

/// What `success()` and `failure()` say, where that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Going {
    /// Something that was needed does surely not run.
    pub(super) skipped: bool,
    /// Something has run before, and may have gone either way.
    pub(super) ran: bool,
}

impl Sight {
    /// These contexts; what is below the names is not known, nor what nobody can know before.
    pub(crate) fn new(context: Context, hidden: &[&str]) -> Self {
        let mut sight = Self {
            context,
            hidden: Vec::new(),
            variables: Vec::new(),
            open_variables: false,
            going: Going::default(),
        };
        for name in hidden
            .iter()
            .chain(&["run.id", "github.run_id", "secrets", "job.status"])
        {
            sight.hide(name);
        }
        if matches!(sight.context.get("vars"), Value::Null) {
            sight.hide("vars");
        }
        sight
    }

    /// What is below this name is not known.
    pub(super) fn hide(&mut self, name: &str) {
        self.hidden.push(name.to_ascii_lowercase());
    }

    /// A context is known from now on, all of it.
    pub(super) fn show(&mut self, name: &str, value: impl Into<Value>) {
        let below = format!("{name}.");
        self.hidden
            .retain(|hidden| hidden != name && !hidden.starts_with(&below));
        self.context.set(name, value);
    }

    /// A context has this value; what is hidden of it stays so.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.context.set(name, value);
    }

    /// What the jobs of a workflow see that is called from here, but for its inputs.
    pub(super) fn called(&self) -> Self {
        const OF_JOB: [&str; 6] = ["checkpoint", "item", "matrix", "needs", "steps", "strategy"];
        let mut called = self.clone();
        called.hidden.retain(|hidden| {
            let context = hidden.split('.').next().unwrap_or_default();
            !OF_JOB.contains(&context)
        });
        for name in OF_JOB {
            called.context.set(name, Value::Null);
        }
        called.variables.clear();
        called.context.set_env([]);
        called.open_variables = false;
        called.set_going(Going::default());
        called
    }

    /// What came before goes like this.
    pub(super) fn set_going(&mut self, going: Going) {
        self.going = going;
        self.context.set_status(if going.skipped {
            JobStatus::Skipped
        } else {
            JobStatus::Success
        });
    }

    /// Variables that nobody named may be there from now on.
    pub(super) fn open_variables(&mut self) {
        self.open_variables = true;
    }

    /// What is known of variables is not any more: a step may have set any of them.
    pub(super) fn forget_variables(&mut self) {
        self.open_variables = true;
        for variable in &mut self.variables {
            variable.value = None;
        }
    }

    /// Sets the variables of one place; they do not see one another.
    pub(super) fn set_variables(&mut self, variables: &[Variable]) -> Result<(), Error> {
        let mut seen = Vec::with_capacity(variables.len());
        for variable in variables {
            let value = self.text(&variable.value)?.ok();
            if !variable.is_all() {
                seen.push((variable.name.clone(), value));
            } else if value.is_some() {
                let values = variable.values(&self.context)?.into_iter();
                seen.extend(values.map(|(name, value)| (name, Some(value))));
            } else {
                self.open_variables = true;
            }
        }
        for (name, value) in seen {
            self.variables.retain(|known| known.name != name);
            self.variables.push(Seen { name, value });
        }
        let known = self.variables.iter();
        let known = known.filter_map(|known| Some((known.name.clone(), known.value.clone()?)));
        self.context.set_env(known.collect::<Vec<_>>());
        Ok(())
    }

    fn is_known(&self, path: &[&str]) -> bool {
        match path {
            ["success()"] => self.going.skipped || !self.going.ran,
            ["failure()"] => !self.going.ran,
            [function] if function.ends_with("()") => false,
            ["env"] => {
                !self.open_variables && self.variables.iter().all(|known| known.value.is_some())
            }
            ["env", name, ..] => {
                let known = self.variables.iter().find(|known| known.name == *name);
                known.map_or(!self.open_variables, |known| known.value.is_some())
            }
            path => {
                let dotted = path.join(".").to_ascii_lowercase();
                let inside = |outer: &str, inner: &str| {
                    let rest = inner.strip_prefix(outer);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                let hides = |hidden: &String| inside(hidden, &dotted) || inside(&dotted, hidden);
                !self.hidden.iter().any(hides)
            }
        }
    }

    /// The value of an expression, or what is missing.
    pub(super) fn value(
        &self,
        expression: &Expression,
    ) -> Result<Result<Value, Vec<String>>, Error> {
        let known = evaluate_known(expression, &self.context, &|path| self.is_known(path))?;
        Ok(match known {
            Known::Value(value) => Ok(value),
            Known::Missing(names) => Err(missing(names)),
        })
    }

    /// Whether a condition holds, or what is missing to know that.
    pub(super) fn truth(&self, condition: &Expression) -> Result<Result<bool, Vec<String>>, Error> {
        let known = known_truth(condition, &self.context, &|path| self.is_known(path))?;
        Ok(known.map_err(missing))
    }

    /// What is missing to know these templates.
    fn unknown<'t>(
        &self,
        templates: impl Iterator<Item = &'t Template>,
    ) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        for embedded in templates.flat_map(Template::expressions) {
            names.extend(self.value(&embedded.expression)?.err().unwrap_or_default());
        }
        Ok(missing(names))
    }

    /// The text of a template, or what is missing.
    pub(super) fn text(&self, template: &Template) -> Result<Result<String, Vec<String>>, Error> {
        let names = self.unknown(std::iter::once(template))?;
        if names.is_empty() {
            return template.render(&self.context).map(Ok);
        }
        Ok(Err(names))
    }

    /// The text of a template with what is not known left as it is written.
    pub(super) fn shown(&self, template: &Template) -> String {
        template.render_where(&self.context, &|path| self.is_known(path))
    }

    /// The value of what is written in YAML, or what is missing.
    pub(super) fn data(&self, data: &Data) -> Result<Result<Value, Vec<String>>, Error> {
        let names = self.data_unknown(data)?;
        if names.is_empty() {
            return data.evaluate(&self.context).map(Ok);
        }
        Ok(Err(names))
    }

    /// What is missing to know the value of what is written in YAML.
    pub(super) fn data_unknown(&self, data: &Data) -> Result<Vec<String>, Error> {
        let mut templates = Vec::new();
        data.templates(&mut |template| templates.push(template));
        self.unknown(templates.into_iter())
    }

    /// The contexts.
    pub(super) fn context(&self) -> &Context {
        &self.context
    }
}

/// Names of what is missing, each once, the functions that ask how things went as what they ask.
pub(super) fn missing(names: Vec<String>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for name in names {
        let name = match name.as_str() {
            "success()" | "failure()" | "cancelled()" => HOW_IT_GOES.to_owned(),
            _ => name,
        };
        if !told.contains(&name) {
            told.push(name);
        }
    }
    told
}
