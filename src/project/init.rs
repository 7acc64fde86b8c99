//! Makes `.mmm/` in a repository, or adds what is missing of it.
//!
//! Nothing that is there is overwritten, and nothing is committed unless it is asked for.

use std::path::Path;
use std::rc::Rc;

use crate::base::diagnostic::Problem;
use crate::base::ids::CriterionId;
use crate::base::source::SourceText;
use crate::git::{Repository, stored};
use crate::model::project::{self, ProjectId, RunPolicy};
use crate::project::Error;
use crate::project::templates::{self, DEFAULT, HELLO, Hello};
use crate::state;
use crate::state::config;
use crate::state::format::config_v1::edit::{self, Setting};
use crate::state::format::{config_v1, toml_tree};
use crate::state::ignored;
use crate::state::layout::{self, ATTRIBUTES_TEXT, Local, StatePath};
use crate::state::save::{Saved, Writer};
use crate::state::state_files::StateFiles;
use crate::state::tracked_files::{Kind, OTHER_WORKFLOWS, SPECS, WORKFLOWS};
use crate::state::transaction::Place;
use crate::sys;
use crate::sys::clock::{Clock, day};
use crate::sys::environment::Environment;
use crate::sys::identifiers::Identifiers;

/// Longest name of a project, in characters.
const NAME_CHARACTERS: usize = 100;

/// Tries to draw two criterion ids that differ; each fails once in a million.
const DRAWS: usize = 100;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// The environment of the command.
    pub(crate) environment: &'a Environment,
    /// Where the command was started.
    pub(crate) folder: &'a Path,
    /// Tells the day.
    pub(crate) clock: Clock,
    /// Makes the ids.
    pub(crate) identifiers: &'a Identifiers,
    /// The project's name, else that of the folder.
    pub(crate) name: Option<&'a str>,
    /// Whether to commit what was written; `mmm.commit` asks for it too.
    pub(crate) commit: bool,
}

/// What was done.
#[derive(Debug)]
pub(crate) struct Initialized {
    /// The project as it is now.
    pub(crate) project: project::Project,
    /// Files that were not there before.
    pub(crate) created: Vec<StatePath>,
    /// Files that were completed.
    pub(crate) completed: Vec<StatePath>,
    /// The same as it was written and, if asked for, committed.
    pub(crate) saved: Saved,
    /// Files that were there before and that the commit has for the first time.
    pub(crate) pending: Vec<StatePath>,
    /// Whether a spec `hello` was made, to be run.
    pub(crate) has_hello: bool,
    /// Files that Git is told to ignore.
    pub(crate) problems: Vec<Problem>,
}

/// Makes a project of the repository that holds the folder.
pub(crate) fn init(request: Request<'_>) -> Result<Initialized, Error> {
    let repository = Rc::new(Repository::discover(request.folder, request.environment)?);
    let top = repository.top()?.to_owned();
    let files = StateFiles::of(&repository);
    // What cannot be read is told of by who is about to write there.
    if matches!(files.read(&StatePath::config()), Ok(None))
        && let Some(at_head) = files.only_at_head()?
    {
        return Err(Error::AtHead(at_head));
    }
    let mut writer = Writer::begin(&files, place(&repository, &top))?;
    let mut changes = Changes {
        top: &top,
        files: &files,
        writer: &mut writer,
        created: Vec::new(),
        completed: Vec::new(),
    };
    changes.add(StatePath::new(layout::ATTRIBUTES)?, || {
        Ok(ATTRIBUTES_TEXT.to_owned())
    })?;
    let (project, is_new) = configuration(&mut changes, request)?;
    let has_hello = samples(&mut changes, request, &project, is_new)?;
    let Changes {
        created, completed, ..
    } = changes;
    let settings = config::effective(
        Some(&project.run),
        repository.configuration()?,
        request.environment,
    );
    let wanted = request.commit || settings.commit.get()?;
    let pending = if wanted {
        pending(&files, &created)?
    } else {
        Vec::new()
    };
    for path in &pending {
        writer.take_along(path);
    }
    let saved = writer.save(&repository, wanted.then_some("mmm: init"))?;
    let all = saved.paths.iter().map(String::as_str);
    Ok(Initialized {
        problems: ignored::problems(&repository, all)?,
        project,
        created,
        completed,
        pending,
        saved,
        has_hello,
    })
}

/// What an earlier call has made and `HEAD` does not have: the files that we make, as they are now.
fn pending(files: &StateFiles, created: &[StatePath]) -> Result<Vec<StatePath>, Error> {
    let mut ours = vec![
        StatePath::new(layout::ATTRIBUTES)?,
        StatePath::config(),
        StatePath::workflow(HELLO)?,
        StatePath::workflow(DEFAULT)?,
    ];
    let hello = format!("{HELLO}-");
    for name in names(files, &[SPECS])? {
        if name.starts_with(&hello) {
            ours.push(StatePath::new(format!("{}/{name}.md", SPECS.folder))?);
        }
    }
    let known = stored::at_head(files.repository(), layout::FOLDER)?;
    let mut pending = Vec::new();
    for path in ours {
        let is_known = known
            .iter()
            .any(|file| file.path == path.as_str().as_bytes());
        if !is_known && !created.contains(&path) && files.read(&path)?.is_some() {
            pending.push(path);
        }
    }
    Ok(pending)
}

/// Where transactions of a work tree take place.
fn place(repository: &Repository, top: &Path) -> Place {
    Place {
        local: Local::new(repository.local_folder()),
        top: top.to_owned(),
        key: layout::work_tree_key(repository.common_dir(), repository.git_dir()),
    }
}

/// The changes of one call.
struct Changes<'a> {
    top: &'a Path,
    files: &'a StateFiles,
    writer: &'a mut Writer,
    created: Vec<StatePath>,
    completed: Vec<StatePath>,
}

impl Changes<'_> {
    /// Adds a file, unless something stands in its place.
    fn add(
        &mut self,
        path: StatePath,
        text: impl FnOnce() -> Result<String, Error>,
    ) -> Result<(), Error> {
        let place = path.to_write(self.top)?;
        if place.symlink_metadata().is_ok() || self.files.has(&path)? {
            return Ok(());
        }
        self.writer.create(path.clone(), &text()?);
        self.created.push(path);
        Ok(())
    }
}

/// Makes or completes the configuration. Tells whether that made the project: whether it had no
/// id before.
fn configuration(
    changes: &mut Changes<'_>,
    request: Request<'_>,
) -> Result<(project::Project, bool), Error> {
    if let Some(name) = request.name {
        check_name(name)?;
    }
    let path = StatePath::config();
    let Some(bytes) = changes.files.read(&path)? else {
        let project = project::Project {
            id: ProjectId::from_random(request.identifiers.random()),
            name: name_of(changes.top, request.name),
            run: RunPolicy::default(),
        };
        changes.add(path, || Ok(config_v1::render(&project)))?;
        return Ok((project, true));
    };
    let text = String::from_utf8(bytes).map_err(|error| sys::Error::NotUtf8 {
        path: path.as_str().into(),
        offset: error.utf8_error().valid_up_to(),
    })?;
    let source = SourceText::new(path.as_str(), text.as_str());
    config_v1::read(&source).writable(path.as_str())?;
    let (complete, is_new) = complete(&source, changes.top, request)?;
    let read = config_v1::read(&SourceText::new(path.as_str(), complete.as_str()));
    let project = read.project.ok_or_else(|| {
        // Told of the file as it is: what was added to it nobody can look at.
        let same = |known: &Problem| {
            let mut found = read.problems.iter();
            found.any(|found| (found.code, &found.message) == (known.code, &known.message))
        };
        let mut problems = config_v1::read(&source).problems;
        problems.retain(same);
        state::Error::Invalid {
            path: path.to_string(),
            problems,
        }
    })?;
    if let Some(asked) = request.name.filter(|name| *name != project.name) {
        return Err(Error::OtherName {
            found: project.name,
            asked: asked.to_owned(),
        });
    }
    if complete != text {
        changes.writer.replace(path.as_str(), &text, &complete)?;
        changes.completed.push(path);
    }
    Ok((project, is_new))
}

/// The configuration with an id and a name, and whether it had no id; what is written there stays,
/// comments included.
fn complete(
    source: &SourceText,
    top: &Path,
    request: Request<'_>,
) -> Result<(String, bool), Error> {
    let (root, _) = toml_tree::parse(source);
    let has = |key| {
        root.get("project")
            .and_then(|table| table.get(key))
            .is_some()
    };
    let mut text = source.text().to_owned();
    let mut set = |key, value: String| -> Result<(), Error> {
        let source = SourceText::new(source.path(), text.as_str());
        text = edit::set(&source, "project", key, &Setting::Text(value))?;
        Ok(())
    };
    let is_new = !has("id");
    if is_new {
        let id = ProjectId::from_random(request.identifiers.random());
        set("id", id.to_string())?;
    }
    if !has("name") {
        set("name", name_of(top, request.name))?;
    }
    Ok((text, is_new))
}

/// Adds the spec `hello` and its workflow to a new project without specs, and the default workflow
/// where it is missed. Tells whether it added the spec: what a team has removed stays away.
fn samples(
    changes: &mut Changes<'_>,
    request: Request<'_>,
    project: &project::Project,
    is_new: bool,
) -> Result<bool, Error> {
    let specs = names(changes.files, &[SPECS])?;
    let wanted = is_new && specs.is_empty();
    if wanted {
        let hello = Hello {
            id: request.identifiers.spec_id(),
            created: day(request.clock.now_ms()),
            criteria: criteria(request.identifiers),
        };
        let path = StatePath::spec(HELLO, &hello.id)?;
        changes.add(path, || templates::hello_spec(&hello))?;
    }
    let workflows = names(changes.files, &[WORKFLOWS, OTHER_WORKFLOWS])?;
    let misses = |name: &str| !workflows.iter().any(|known| known == name);
    if wanted && misses(HELLO) {
        let path = StatePath::workflow(HELLO)?;
        changes.add(path, || Ok(templates::HELLO_WORKFLOW.to_owned()))?;
    }
    // Where the team has workflows of its own, or names its default, ours would be in the way.
    let own = workflows.iter().any(|name| name != HELLO);
    if !own && project.run.workflow.is_none() {
        let path = StatePath::workflow(DEFAULT)?;
        changes.add(path, || Ok(templates::DEFAULT_WORKFLOW.to_owned()))?;
    }
    Ok(wanted)
}

/// The names of the files of these kinds, without folder and ending.
fn names(files: &StateFiles, kinds: &[Kind]) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for kind in kinds {
        for file in files.load(*kind)?.files {
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            names.extend(name.strip_suffix(kind.ending).map(str::to_owned));
        }
    }
    Ok(names)
}

fn criteria(identifiers: &Identifiers) -> [CriterionId; 2] {
    let first = identifiers.criterion_id();
    let mut second = identifiers.criterion_id();
    for _ in 0..DRAWS {
        if second != first {
            break;
        }
        second = identifiers.criterion_id();
    }
    [first, second]
}

/// The name asked for, else that of the folder, made printable.
fn name_of(top: &Path, asked: Option<&str>) -> String {
    if let Some(name) = asked {
        return name.to_owned();
    }
    let folder = top.file_name().unwrap_or_default().to_string_lossy();
    let name: String = folder
        .chars()
        .filter(|character| !character.is_control())
        .take(NAME_CHARACTERS)
        .collect();
    match name.trim() {
        "" => "project".to_owned(),
        name => name.to_owned(),
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let reason = if name.trim().is_empty() {
        "it is empty"
    } else if name.trim() != name {
        "it begins or ends with white space"
    } else if name.chars().any(char::is_control) {
        "it holds control characters"
    } else if name.chars().count() > NAME_CHARACTERS {
        "it is longer than 100 characters"
    } else {
        return Ok(());
    };
    Err(Error::Name {
        name: name.to_owned(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::{check_name, name_of};
    use std::path::Path;

    #[test]
    fn a_project_is_called_as_its_folder() {
        let check = |top: &str, asked: Option<&str>, expected: &str| {
            assert_eq!(name_of(Path::new(top), asked), expected, "{top}");
        };
        check("/home/ada/greeter", None, "greeter");
        check("/home/ada/greeter", Some("Greeter 2"), "Greeter 2");
        check("/", None, "project");
        check("/tmp/a\u{1b}[2J", None, "a[2J");
    }

    #[test]
    fn names_are_one_printable_line() {
        let check = |name: &str, good: bool| assert_eq!(check_name(name).is_ok(), good, "{name:?}");
        check("greeter", true);
        check("Grüße & co", true);
        check("", false);
        check(" a", false);
        check("a\nb", false);
        check(&"x".repeat(101), false);
    }
}
