//! Makes new specs.

use std::collections::HashSet;

use crate::base::diagnostic::Problem;
use crate::base::ids::{BASE32, CriterionId, SPEC_ID_LENGTH, SpecId};
use crate::base::source::SourceText;
use crate::model::spec::render::{self, NewCriterion, NewSpec};
use crate::model::spec::{Spec, Status};
use crate::spec::Desk;
use crate::spec::Error;
use crate::spec::find;
use crate::state::format;
use crate::state::layout::StatePath;
use crate::state::save::Saved;
use crate::state::specs::SpecBook;
use crate::sys::clock;

/// Ids that are tried: with 100,000 specs the second one is free but for 3 in 10^9 cases.
const TRIES: usize = 100;

/// What a person says about a new spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// One line that says what will be true.
    pub(crate) title: String,
    /// The status.
    pub(crate) status: Option<Status>,
    /// Such as `feature`.
    pub(crate) kind: Option<String>,
    /// A name or `@me`.
    pub(crate) owner: Option<String>,
    /// Lower comes first.
    pub(crate) priority: Option<i64>,
    /// Name of the workflow.
    pub(crate) workflow: Option<String>,
    /// Free words.
    pub(crate) labels: Vec<String>,
    /// References to other specs.
    pub(crate) depends_on: Vec<String>,
    /// Texts of criteria with their commands.
    pub(crate) criteria: Vec<(String, Option<String>)>,
}

/// A spec that was made.
#[derive(Debug)]
pub(crate) struct Created {
    /// Its id.
    pub(crate) id: SpecId,
    /// Slug and id.
    pub(crate) name: String,
    /// Its file, relative to the top of the work tree.
    pub(crate) path: String,
    /// What was written.
    pub(crate) saved: Saved,
}

/// Makes a spec; `commit` commits it.
pub(crate) fn create(desk: &Desk<'_>, wish: &Wish, commit: bool) -> Result<Created, Error> {
    let title = one_line("the title", &wish.title)?;
    let mut writer = desk.writer()?;
    let book = desk.book()?;
    let new = NewSpec {
        id: free_id(desk, &book)?,
        status: wish.status.unwrap_or(Status::Draft),
        kind: line("the kind", wish.kind.as_ref())?,
        owner: match &wish.owner {
            Some(owner) => Some(one_line("the owner", &desk.person(owner)?)?),
            None => None,
        },
        priority: wish.priority,
        created: Some(clock::day(desk.clock.now_ms())),
        workflow: line("the workflow", wish.workflow.as_ref())?,
        labels: sorted(wish.labels.iter().map(|label| one_line("the label", label)))?,
        depends_on: dependencies(&book, &wish.depends_on)?,
        prose: String::new(),
        criteria: criteria(desk, &wish.criteria)?,
        title,
    };
    let slug = render::slug(&new.title);
    let path = StatePath::spec(&slug, &new.id)?;
    let text = text(desk, &new);
    let spec = read_again(path.as_str(), &text, &new)?;
    let (name, path_text) = (spec.name(), path.to_string());
    writer.create(path, &text);
    let message = format!("mmm: spec new {name}");
    let saved = writer.save(desk.repository, commit.then_some(message.as_str()))?;
    Ok(Created {
        id: new.id,
        name,
        path: path_text,
        saved,
    })
}

/// The file, with a word on how to write criteria when there are none.
fn text(desk: &Desk<'_>, new: &NewSpec) -> String {
    if !new.criteria.is_empty() {
        return render::spec(new);
    }
    let id = desk.identifiers.criterion_id();
    let prose = format!(
        "## Acceptance criteria\n\n\
        <!-- One list item for each, with an id and the command that proves it:\n\n\
        - [ ] what must be true ({id})\n\n  verify: `a command that fails until it is`\n-->"
    );
    render::spec(&NewSpec {
        prose,
        ..new.clone()
    })
}

/// Whatever was said must be what is read.
fn read_again(path: &str, text: &str, new: &NewSpec) -> Result<Spec, Error> {
    let (spec, problems) = format::spec::read(&SourceText::new(path, text));
    let same = |spec: &Spec| {
        let commands = |spec: &Spec| -> Vec<Option<String>> {
            let criteria = spec.criteria.iter();
            criteria
                .map(|criterion| Some(criterion.verify.as_ref()?.command.trim().to_owned()))
                .collect()
        };
        let wanted = new.criteria.iter();
        let wanted: Vec<Option<String>> = wanted
            .map(|criterion| Some(criterion.command.as_ref()?.trim().to_owned()))
            .collect();
        spec.title == new.title && commands(spec) == wanted
    };
    match spec {
        Some(spec) if same(&spec) && !problems.iter().any(Problem::is_error) => Ok(spec),
        _ => Err(Error::Breaks {
            path: path.to_owned(),
            problems,
        }),
    }
}

/// An id that no spec has, readable or not.
fn free_id(desk: &Desk<'_>, book: &SpecBook) -> Result<SpecId, Error> {
    let mut taken: HashSet<&str> = book.specs().iter().map(|spec| spec.id.as_str()).collect();
    for row in book.rows() {
        let name = row.path.strip_suffix(".md").unwrap_or(&row.path);
        let start = name.len().saturating_sub(SPEC_ID_LENGTH);
        let id = name.get(start..).unwrap_or("");
        if id.bytes().all(|byte| BASE32.contains(&byte)) {
            taken.insert(id);
        }
    }
    for _ in 0..TRIES {
        let id = desk.identifiers.spec_id();
        if !taken.contains(id.as_str()) {
            return Ok(id);
        }
    }
    Err(Error::NoFreeId { tries: TRIES })
}

/// The full names of the specs that are meant, sorted, each once.
pub(crate) fn dependencies(book: &SpecBook, wanted: &[String]) -> Result<Vec<String>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let graph = book.graph();
    let names = wanted.iter().map(|reference| {
        let index = find::one(book, &graph, reference)?;
        Ok(book.specs().get(index).map(Spec::name).unwrap_or_default())
    });
    sorted(names)
}

fn criteria(
    desk: &Desk<'_>,
    wanted: &[(String, Option<String>)],
) -> Result<Vec<NewCriterion>, Error> {
    let mut criteria: Vec<NewCriterion> = Vec::with_capacity(wanted.len());
    for (text, command) in wanted {
        let text = one_line("the criterion", text)?;
        if let Some(command) = command {
            let control = |it: char| it.is_control() && !"\n\t".contains(it);
            if command.trim().is_empty() || command.chars().any(control) {
                return Err(Error::Command {
                    found: command.clone(),
                });
            }
        }
        let taken = |id: &CriterionId| criteria.iter().any(|criterion| criterion.id == *id);
        let id = (0..TRIES)
            .map(|_| desk.identifiers.criterion_id())
            .find(|id| !taken(id))
            .ok_or(Error::NoFreeId { tries: TRIES })?;
        criteria.push(NewCriterion {
            id,
            text,
            command: command.clone(),
            timeout: None,
        });
    }
    Ok(criteria)
}

fn sorted(items: impl Iterator<Item = Result<String, Error>>) -> Result<Vec<String>, Error> {
    let mut items = items.collect::<Result<Vec<_>, _>>()?;
    items.sort();
    items.dedup();
    Ok(items)
}

fn line(what: &'static str, text: Option<&String>) -> Result<Option<String>, Error> {
    text.map(|text| one_line(what, text)).transpose()
}

/// The text without surrounding white space, if it is one line of something.
pub(crate) fn one_line(what: &'static str, text: &str) -> Result<String, Error> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.chars().any(char::is_control) {
        return Err(Error::NotOneLine {
            what,
            found: text.to_owned(),
        });
    }
    Ok(trimmed.to_owned())
}
