//! From a step to what the supervisor spawns: its script, environment, folder and limits.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::base::limits;
use crate::base::text;
use crate::model::expression::{self, Context, Template};
use crate::model::run::AttemptName;
use crate::model::run::step_context::StepContext;
use crate::model::spec::Verify;
use crate::model::workflow::Step;
use crate::model::workflow::shell::{self, Shell};
use crate::proc::supervisor::Start;
use crate::state::run_folder::RunFolder;
use crate::sys::environment::Environment;
use crate::sys::files;

/// The variable that marks every process of an attempt: `<run>/<attempt>`.
pub(crate) const ATTEMPT_VARIABLE: &str = "MMM_ATTEMPT";

/// The variable that tells a step which run it is part of.
pub(crate) const RUN_VARIABLE: &str = "MMM_RUN_ID";

/// Longest value of a variable, in bytes: Linux takes 128 KiB with its name (`MAX_ARG_STRLEN`).
const VARIABLE_BYTES: usize = 127 * 1024;

/// Why a step cannot be spawned as it is written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unready {
    /// An expression has no value.
    #[error("{0}")]
    Expression(#[from] expression::Error),
    /// No shell is on the `PATH`.
    #[error("{} on the PATH{}", text::neither(shells), set_by_env(path.as_deref()))]
    NoShell {
        /// The shells that would do.
        shells: Vec<String>,
        /// The `PATH`, where `env` sets it.
        path: Option<String>,
    },
    /// The program of a `shell` that is named by its path.
    #[error("`shell` is `{0}`, which is no program that can be run")]
    NoProgram(String),
    /// A variable is longer than the system takes.
    #[error("the variable `{name}` has {bytes} bytes, and a program can be given {VARIABLE_BYTES}")]
    LongVariable {
        /// Its name.
        name: String,
        /// Bytes of its value.
        bytes: usize,
    },
    /// The shell cannot be used.
    #[error(transparent)]
    Shell(#[from] crate::model::workflow::error::ShellError),
    /// The folder that it is to run in is not there.
    #[error("{}", no_folder(folder, place.as_deref()))]
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// Where `working-directory` stands, when the step has one.
        place: Option<String>,
    },
    /// A computed time limit is none.
    #[error("`timeout-minutes` is not a number of minutes above 0")]
    Timeout,
    /// The script could not be written.
    #[error(transparent)]
    Machine(#[from] crate::sys::Error),
}

impl Unready {
    /// Whether what it says names a place in the workflow already.
    pub(crate) fn has_place(&self) -> bool {
        matches!(self, Self::NoFolder { place: Some(_), .. })
    }
}

fn no_folder(folder: &Path, place: Option<&str>) -> String {
    let folder = folder.display();
    match place {
        Some(place) => format!("`working-directory`: there is no folder {folder} ({place})"),
        None => format!("the work tree is gone: there is no folder {folder}"),
    }
}

/// What all steps of a run share.
#[derive(Debug)]
pub(crate) struct Workbench {
    /// The environment that steps start from.
    environment: Vec<(Vec<u8>, Vec<u8>)>,
    /// Top of the work tree.
    top: PathBuf,
    folder: RunFolder,
    run: String,
    programs: HashMap<String, Option<PathBuf>>,
    path: OsString,
}

impl Workbench {
    /// A workbench for the steps of one run.
    pub(crate) fn new(
        environment: &Environment,
        top: &Path,
        folder: RunFolder,
        run: String,
    ) -> Self {
        let path = environment.var_os("PATH").map_or_else(
            || OsString::from("/usr/local/bin:/usr/bin:/bin"),
            OsStr::to_owned,
        );
        let environment = environment
            .iter()
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .collect();
        Self {
            environment,
            top: top.to_owned(),
            folder,
            run,
            programs: HashMap::new(),
            path,
        }
    }

    /// Makes a `run` step ready.
    pub(crate) fn run_step(
        &mut self,
        attempt: &AttemptName,
        step: &Step,
        (script, shell): (&Template, Option<&str>),
        prepared: StepContext,
    ) -> Result<Start, Unready> {
        let StepContext { context, variables } = prepared;
        let variables = variables?;
        let script = script.render(&context)?;
        let folder = match &step.working_directory {
            None => self.top.clone(),
            Some(template) => self.top.join(template.render(&context)?),
        };
        if !folder.is_dir() {
            return Err(Unready::NoFolder {
                folder,
                place: step.working_directory_place.clone(),
            });
        }
        let long = |(_, value): &&(String, String)| value.len() > VARIABLE_BYTES;
        if let Some((name, value)) = variables.iter().find(long) {
            return Err(Unready::LongVariable {
                name: name.clone(),
                bytes: value.len(),
            });
        }
        let (program, shell) = self.shell(shell, &variables, &folder)?;
        let path = self.folder.script(attempt, shell.extension);
        files::create_new(&path, script.as_bytes())?;
        let mut arguments = vec![program.into_os_string().into_vec()];
        arguments.extend(shell.arguments_for(path.as_os_str().as_bytes()));
        let timeout = match &step.timeout {
            None => limits::STEP_TIMEOUT,
            Some(setting) => setting.evaluate(&context)?.ok_or(Unready::Timeout)?,
        };
        Ok(self.start(attempt, arguments, variables, &folder, timeout))
    }

    /// Makes the command of a criterion ready: `sh -c` at the top of the work tree.
    pub(crate) fn criterion(
        &self,
        attempt: &AttemptName,
        verify: &Verify,
    ) -> Result<Start, Unready> {
        let arguments = ["/bin/sh", "-c", &verify.command]
            .map(|word| word.as_bytes().to_vec())
            .to_vec();
        let timeout = verify.timeout.unwrap_or(limits::VERIFY_TIMEOUT);
        let top = self.top.clone();
        if !top.is_dir() {
            let place = None;
            return Err(Unready::NoFolder { folder: top, place });
        }
        Ok(self.start(attempt, arguments, Vec::new(), &top, timeout))
    }

    fn start(
        &self,
        attempt: &AttemptName,
        arguments: Vec<Vec<u8>>,
        variables: Vec<(String, String)>,
        folder: &Path,
        timeout: std::time::Duration,
    ) -> Start {
        let mut environment = self.environment.clone();
        let ours = [
            (RUN_VARIABLE.to_owned(), self.run.clone()),
            (
                ATTEMPT_VARIABLE.to_owned(),
                format!("{}/{attempt}", self.run),
            ),
        ];
        for (name, value) in variables.into_iter().chain(ours) {
            environment.retain(|(known, _)| known != name.as_bytes());
            environment.push((name.into_bytes(), value.into_bytes()));
        }
        let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
        Start {
            attempt: attempt.to_string(),
            arguments,
            environment,
            folder: bytes(folder),
            claim: bytes(&self.folder.claim(attempt)),
            output: bytes(&self.folder.output(attempt)),
            timeout_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
            output_limit: limits::STEP_OUTPUT_BYTES,
        }
    }

    /// The shell of a step, its program found on the `PATH` that the step will have.
    fn shell(
        &mut self,
        text: Option<&str>,
        variables: &[(String, String)],
        folder: &Path,
    ) -> Result<(PathBuf, Shell), Unready> {
        let path = variables
            .iter()
            .rev()
            .find(|(name, _)| name == "PATH")
            .map(|(_, value)| OsString::from(value));
        let candidates = match text {
            Some(text) => vec![shell::parse(text)?],
            None => shell::defaults().to_vec(),
        };
        for shell in candidates.iter().cloned() {
            let found = match &path {
                Some(path) => find_program(&shell.program, path),
                None => self
                    .programs
                    .entry(shell.program.clone())
                    .or_insert_with(|| find_program(&shell.program, &self.path))
                    .clone(),
            };
            if let Some(found) = found {
                if shell.program.contains('/') && !files::is_executable(&folder.join(&found)) {
                    return Err(Unready::NoProgram(shell.program));
                }
                return Ok((found, shell));
            }
        }
        let names = candidates.iter().map(|shell| shell.program.clone());
        Err(Unready::NoShell {
            shells: names.collect(),
            path: path.map(|path| path.to_string_lossy().into_owned()),
        })
    }
}

fn set_by_env(path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| {
        format!(", which `env` sets to `{path}`")
    })
}

/// The text of a name or a message; when it has no value, the text as written says more than
/// nothing would.
pub(crate) fn shown(template: &Template, context: &Context) -> String {
    template
        .render(context)
        .unwrap_or_else(|_| template.source_text().to_owned())
}

/// The program that a name means: a path as it is, else the first one on the `PATH`.
fn find_program(name: &str, path: &OsStr) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name));
    }
    path.as_bytes()
        .split(|byte| *byte == b':')
        .filter(|folder| !folder.is_empty())
        .map(|folder| PathBuf::from(OsString::from_vec(folder.to_vec())).join(name))
        .find(|program| files::is_executable(program))
}
