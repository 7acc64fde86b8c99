//! The settings in force: built-in, then what the team agreed on, then what the person's own Git
//! configuration says, then the variables of this one call.

use std::fmt;
use std::io::ErrorKind;

use crate::base::diagnostic::Problem;
use crate::base::limits::PARALLEL_JOBS;
use crate::base::source::SourceText;
use crate::model::project::RunPolicy;
use crate::state::Error;
use crate::state::format::config_v1;
use crate::state::layout::{self, StatePath};
use crate::state::state_files::StateFiles;
use crate::sys;
use crate::sys::environment::Environment;

/// The workflow of specs that name none, when nobody says otherwise.
const WORKFLOW: &str = "default";

/// What the settings are for this call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The workflow of specs that name none.
    pub(crate) workflow: String,
    /// Names of variables whose values are masked in outputs: those of every layer together, so
    /// that no layer can show what another one hides.
    pub(crate) mask: Vec<String>,
    /// Whether commands commit their changes of `.mmm/`; never from a tracked file.
    pub(crate) commit: Checked<bool>,
    /// Jobs of one run that are under way at once.
    pub(crate) parallel_jobs: Checked<usize>,
}

/// A setting that may have a value that it cannot have: only who needs it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked<T>(Result<T, BadSetting>);

impl<T: Copy> Checked<T> {
    /// The value.
    pub(crate) fn get(&self) -> Result<T, Error> {
        self.0.clone().map_err(Error::Setting)
    }
}

/// A value that a setting cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadSetting {
    /// The variable, or the key in Git's configuration.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) found: String,
    /// What it may be.
    pub(crate) expected: &'static str,
    /// Where Git's configuration has it; nothing for a variable.
    pub(crate) origin: Option<Origin>,
}

/// Where a value of Git's configuration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub(crate) scope: String,
    /// The file, or something else in Git's words.
    pub(crate) place: String,
}

impl fmt::Display for BadSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            found,
            expected,
            origin,
        } = self;
        let kind = match origin {
            Some(_) => "Git setting",
            None => "variable",
        };
        write!(
            formatter,
            "the {kind} `{name}` is `{found}`, not {expected}"
        )?;
        match origin {
            Some(origin) => write!(formatter, " ({})", origin.place),
            None => Ok(()),
        }
    }
}

/// Reads what the team agreed on, with all its problems; nothing where there is no such file.
pub(crate) fn agreed(files: &StateFiles) -> Result<Option<config_v1::Read>, Error> {
    let bytes = match files.read(&StatePath::config()) {
        Ok(None) => return Ok(None),
        Ok(Some(bytes)) => bytes,
        Err(Error::Machine(sys::Error::TooLarge { found, limit, .. })) => {
            let message =
                format!("the file has {found} bytes, more than the {limit} that are read");
            return Ok(Some(unreadable("too-large", &message)));
        }
        Err(Error::NoFile { .. }) => {
            return Ok(Some(unreadable("not-a-file", "this is not a file")));
        }
        Err(Error::Machine(sys::Error::File { source, .. }))
            if source.kind() == ErrorKind::IsADirectory =>
        {
            return Ok(Some(unreadable(
                "not-a-file",
                "this is a folder, not a file",
            )));
        }
        // Where `.mmm/` itself is a link, nothing can be read.
        Err(error @ Error::Link { .. }) if !matches!(&error, Error::Link { path, .. } if path == layout::FOLDER) =>
        {
            return Ok(Some(unreadable("link", &error.to_string())));
        }
        Err(error) => return Err(error),
    };
    Ok(Some(match String::from_utf8(bytes) {
        Ok(text) => config_v1::read(&SourceText::new(layout::CONFIG, text)),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let problem = Problem::not_utf8(layout::CONFIG, error.as_bytes(), offset);
            refused(problem)
        }
    }))
}

fn unreadable(code: &'static str, message: &str) -> config_v1::Read {
    refused(Problem::in_file(code, layout::CONFIG, message))
}

fn refused(problem: Problem) -> config_v1::Read {
    config_v1::Read {
        project: None,
        format: None,
        problems: vec![problem],
    }
}

/// The person's Git configuration, as far as settings need it.
pub(crate) trait GitValues {
    /// The value that holds for a key.
    fn get(&self, key: &str) -> Option<String>;

    /// Every value of a key, in the order of Git.
    fn all(&self, key: &str) -> Vec<String>;

    /// Where the value stands that holds for a key.
    fn origin(&self, key: &str) -> Option<Origin>;
}

/// Puts the layers together. A repository without a project has no policy.
pub(crate) fn effective(
    policy: Option<&RunPolicy>,
    git: &impl GitValues,
    environment: &Environment,
) -> Settings {
    let layers = Layers { git, environment };
    let mut mask: Vec<String> = policy.map(|policy| policy.mask.clone()).unwrap_or_default();
    mask.extend(git.all("mmm.mask"));
    let listed = environment.var("MMM_MASK").unwrap_or_default();
    mask.extend(listed.split(',').map(str::trim).map(str::to_owned));
    mask.retain(|name| !name.is_empty());
    mask.sort();
    mask.dedup();
    let agreed = policy.and_then(|policy| policy.workflow.clone());
    let agreed_jobs = policy.and_then(|policy| policy.parallel_jobs);
    let parallel_jobs = match layers.find("mmm.parallelJobs", "MMM_PARALLEL_JOBS") {
        Some(found) => found.parse(jobs, "a number from 1 to 8"),
        None => Ok(agreed_jobs.unwrap_or(PARALLEL_JOBS)),
    };
    let commit = match layers.find("mmm.commit", "MMM_COMMIT") {
        Some(found) => found.parse(boolean, "`true` or `false`"),
        None => Ok(false),
    };
    Settings {
        workflow: layers
            .find("mmm.workflow", "MMM_WORKFLOW")
            .map(|found| found.value)
            .or(agreed)
            .unwrap_or_else(|| WORKFLOW.to_owned()),
        mask,
        commit: Checked(commit),
        parallel_jobs: Checked(parallel_jobs),
    }
}

struct Layers<'a, G> {
    git: &'a G,
    environment: &'a Environment,
}

/// A value with the name that it was found under.
struct Found {
    name: &'static str,
    value: String,
    origin: Option<Origin>,
}

impl<G: GitValues> Layers<'_, G> {
    /// The value of a variable, else of a key of Git's configuration.
    fn find(&self, key: &'static str, variable: &'static str) -> Option<Found> {
        if let Some(value) = self.environment.var(variable) {
            return Some(Found {
                name: variable,
                value: value.to_owned(),
                origin: None,
            });
        }
        self.git.get(key).map(|value| Found {
            name: key,
            value,
            origin: self.git.origin(key),
        })
    }
}

impl Found {
    fn parse<T>(
        &self,
        read: impl Fn(&str) -> Option<T>,
        expected: &'static str,
    ) -> Result<T, BadSetting> {
        read(&self.value).ok_or_else(|| BadSetting {
            name: self.name,
            found: self.value.clone(),
            expected,
            origin: self.origin.clone(),
        })
    }
}

fn jobs(text: &str) -> Option<usize> {
    text.parse()
        .ok()
        .filter(|count| (1..=PARALLEL_JOBS).contains(count))
}

/// A boolean as Git spells them; a key without a value reads as the empty text, which is false
/// for Git too.
fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" | "" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{GitValues, Origin, Settings, effective};
    use crate::model::project::RunPolicy;
    use crate::sys::environment::Environment;

    struct Pairs(&'static [(&'static str, &'static str)]);

    impl GitValues for Pairs {
        fn get(&self, key: &str) -> Option<String> {
            self.all(key).pop()
        }

        fn all(&self, key: &str) -> Vec<String> {
            let pairs = self.0.iter().filter(|(name, _)| *name == key);
            pairs.map(|(_, value)| (*value).to_owned()).collect()
        }

        fn origin(&self, _: &str) -> Option<Origin> {
            Some(Origin {
                scope: "local".to_owned(),
                place: ".git/config".to_owned(),
            })
        }
    }

    fn check(
        policy: Option<&RunPolicy>,
        git: &'static [(&'static str, &'static str)],
        variables: &[(&str, &str)],
    ) -> Settings {
        let environment: Environment = variables.iter().copied().collect();
        effective(policy, &Pairs(git), &environment)
    }

    #[test]
    fn each_layer_beats_the_one_below() {
        let policy = RunPolicy {
            workflow: Some("team".to_owned()),
            mask: vec!["B".to_owned()],
            parallel_jobs: Some(3),
        };
        let shown = |settings: Settings| {
            let mask = settings.mask.join("+");
            let Settings {
                workflow,
                commit,
                parallel_jobs,
                ..
            } = settings;
            let (commit, jobs) = (commit.get(), parallel_jobs.get());
            let (commit, jobs) = (commit.expect("good"), jobs.expect("good"));
            format!("{workflow} {mask} {commit} {jobs}")
        };
        let all: &[_] = &[
            ("mmm.workflow", "mine"),
            ("mmm.mask", "A"),
            ("mmm.mask", "B"),
            ("mmm.commit", "Yes"),
            ("mmm.parallelJobs", "2"),
        ];
        let variables = [
            ("MMM_WORKFLOW", "now"),
            ("MMM_MASK", "C, D"),
            ("MMM_COMMIT", "0"),
            ("MMM_PARALLEL_JOBS", "1"),
        ];
        let none = check(None, &[], &[]);
        assert_eq!(shown(none), "default  false 8");
        let team = check(Some(&policy), &[], &[]);
        assert_eq!(shown(team), "team B false 3");
        let mine = check(Some(&policy), all, &[]);
        assert_eq!(shown(mine), "mine A+B true 2");
        let now = check(Some(&policy), all, &variables);
        assert_eq!(shown(now), "now A+B+C+D false 1");
    }

    #[test]
    fn a_value_that_cannot_be_is_named() {
        let told = |git: &'static [(&'static str, &'static str)], variables: &[(&str, &str)]| {
            let settings = check(None, git, variables);
            let commit = settings.commit.get().err().map(|error| error.to_string());
            let jobs = settings.parallel_jobs.get().err();
            commit.or(jobs.map(|error| error.to_string()))
        };
        assert_eq!(
            told(&[("mmm.commit", "maybe")], &[]).as_deref(),
            Some("the Git setting `mmm.commit` is `maybe`, not `true` or `false` (.git/config)")
        );
        assert_eq!(
            told(&[], &[("MMM_PARALLEL_JOBS", "9")]).as_deref(),
            Some("the variable `MMM_PARALLEL_JOBS` is `9`, not a number from 1 to 8")
        );
    }
}
