//! From a step to what the supervisor spawns: its script, environment, folder and limits.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::limits;
use crate::base::text;
use crate::git::Repository;
use crate::git::action::Refused;
use crate::model::expression::{self, Context, Template};
use crate::model::run::AttemptName;
use crate::model::run::event::Named;
use crate::model::run::step_context::StepContext;
use crate::model::spec::Verify;
use crate::model::workflow::Step;
use crate::model::workflow::policy::Defaults;
use crate::model::workflow::shell::{self, Shell};
use crate::proc::supervisor::{HoldsNul, Start};
use crate::state::run_folder::RunFolder;
use crate::state::temporary::Temporary;
use crate::sys::files;
use crate::workflow::kind_data::BadKind;
use crate::workflow::left;
use crate::workflow::shared::Shared;

/// The variable that tells a step which run it is part of.
pub(crate) const RUN_VARIABLE: &str = "MMM_RUN_ID";

/// The variable that tells a step which paths are in conflict, one a line.
pub(crate) const CONFLICTS_VARIABLE: &str = "MMM_CONFLICTS";

/// The variable that tells a step the top of its work tree, under its GitHub name.
const WORKSPACE_VARIABLE: &str = "GITHUB_WORKSPACE";
/// The variable that tells a step the id of its job.
const JOB_VARIABLE: &str = "GITHUB_JOB";

/// The variable that tells a step the temporary folder of its job.
const TEMP_VARIABLE: &str = "RUNNER_TEMP";

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
    /// A variable that no process can have.
    #[error(transparent)]
    Nul(#[from] HoldsNul),
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
    #[error("`timeout-minutes` is not a number of minutes from 0")]
    Timeout,
    /// What our own program is to do makes no sense.
    #[error(transparent)]
    Kind(#[from] BadKind),
    /// It would commit what must not be written.
    #[error("it would commit a secret, in {0}; nothing was added or committed")]
    HoldsMasked(String),
    /// What it would commit cannot be told.
    #[error("what it would commit cannot be told: {0}")]
    Untold(#[from] Refused),
    /// A step of this kind has no process.
    #[error("it has no process")]
    NoProcess,
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

/// What our own program is to do for a step.
pub(crate) struct Own {
    /// What it reads from its file.
    pub(crate) parameters: Vec<u8>,
    /// Variables of its process with what must not be written.
    pub(crate) hidden: Vec<Named>,
}

/// What the steps of one job share.
#[derive(Debug, Default)]
pub(crate) struct Bench<'a> {
    /// Folders before the `PATH`, the first one first of all.
    pub(crate) path: Vec<String>,
    /// For the steps that say nothing themselves.
    pub(crate) defaults: Option<&'a Defaults>,
    /// The top of their work tree, when that is not the person's own.
    pub(crate) top: Option<PathBuf>,
    /// The paths whose conflict they are to solve, one a line.
    pub(crate) conflicts: Option<String>,
    /// Its id.
    pub(crate) job: Option<&'a str>,
}

/// What all steps of a run share.
#[derive(Debug)]
pub(crate) struct Workbench {
    /// The environment that steps start from.
    shared: Shared,
    /// Top of the work tree.
    top: PathBuf,
    folder: RunFolder,
    run: String,
    /// Our own program.
    program: PathBuf,
    /// The temporary folders of jobs.
    pub(super) temporary: Temporary,
    /// The jobs whose files are there, with the variables that name them.
    filed: HashMap<String, Vec<Named>>,
    /// Whether steps are told the id of their job: what surrounds us does not.
    names_jobs: bool,
    programs: HashMap<String, Option<PathBuf>>,
    path: OsString,
}

impl Workbench {
    /// A workbench for the steps of one run.
    pub(crate) fn new(
        repository: &Repository,
        top: &Path,
        (folder, run): (RunFolder, String),
        (program, temporary): (&Path, Temporary),
    ) -> Self {
        let environment = repository.child_environment();
        let path = environment.var_os("PATH").map_or_else(
            || OsString::from("/usr/local/bin:/usr/bin:/bin"),
            OsStr::to_owned,
        );
        Self {
            shared: Shared::of(repository),
            top: top.to_owned(),
            folder,
            run,
            program: program.to_owned(),
            temporary,
            filed: HashMap::new(),
            names_jobs: environment.var_os(JOB_VARIABLE).is_none(),
            programs: HashMap::new(),
            path,
        }
    }

    /// Gives all steps these variables, where what surrounds us does not set them.
    pub(crate) fn set_defaults(&mut self, variables: &[Named]) {
        self.shared.set_defaults(variables);
    }

    /// Makes a `run` step ready.
    pub(crate) fn run_step(
        &mut self,
        attempt: &AttemptName,
        step: &Step,
        (script, shell): (&Template, Option<&str>),
        (prepared, bench): (StepContext, &Bench<'_>),
    ) -> Result<Start, Unready> {
        let StepContext { context, variables } = prepared;
        let script = script.render(&context)?;
        let variables = self.variables(attempt, variables?, bench)?;
        let default = bench.defaults.filter(|_| shell.is_none());
        let default = default.and_then(|defaults| defaults.shell.as_ref());
        let default = default.map(|shell| shell.render(&context)).transpose()?;
        let folder = self.step_folder(step, &context, bench)?;
        let (program, shell) = self.shell(shell.or(default.as_deref()), &variables, &folder)?;
        let path = self.folder.script(attempt, shell.extension);
        files::create_new(&path, shell.script(&script).as_bytes())?;
        let mut arguments = vec![program.into_os_string().into_vec()];
        arguments.extend(shell.arguments_for(path.as_os_str().as_bytes()));
        let timeout = timeout(step, &context)?;
        let place = (bench.top.as_deref(), folder.as_path());
        self.start(attempt, arguments, variables, place, timeout)
    }

    /// Makes a step ready that our own program carries out: `git-mmm step <word> <file>`, with its
    /// parameters in the file.
    pub(crate) fn own_step(
        &mut self,
        attempt: &AttemptName,
        step: &Step,
        own: Own,
        (prepared, bench): (StepContext, &Bench<'_>),
    ) -> Result<Start, Unready> {
        let StepContext { context, variables } = prepared;
        let word = step.kind.word();
        let mut variables = self.variables(attempt, variables?, bench)?;
        variables.extend(own.hidden);
        let folder = self.step_folder(step, &context, bench)?;
        let path = self.folder.parameters(attempt);
        files::create_new(&path, &own.parameters)?;
        let words = [
            self.program.as_os_str(),
            OsStr::new("step"),
            OsStr::new(word),
        ];
        let words = words.into_iter().chain([path.as_os_str()]);
        let arguments = words.map(|word| word.as_bytes().to_vec()).collect();
        let timeout = timeout(step, &context)?;
        let place = (bench.top.as_deref(), folder.as_path());
        self.start(attempt, arguments, variables, place, timeout)
    }

    /// The folder and the variables of a step, with nothing to run.
    pub(crate) fn surroundings(
        &mut self,
        attempt: &AttemptName,
        step: &Step,
        (prepared, bench): (StepContext, &Bench<'_>),
    ) -> Result<Start, Unready> {
        let StepContext { context, variables } = prepared;
        let variables = self.variables(attempt, variables?, bench)?;
        let folder = self.step_folder(step, &context, bench)?;
        let timeout = limits::STEP_TIMEOUT;
        let place = (bench.top.as_deref(), folder.as_path());
        self.start(attempt, Vec::new(), variables, place, timeout)
    }

    /// The folder that a step runs in.
    fn step_folder(
        &self,
        step: &Step,
        context: &Context,
        bench: &Bench<'_>,
    ) -> Result<PathBuf, Unready> {
        let own = step.working_directory.as_ref();
        let own = own.map(|template| (template, step.working_directory_place.as_ref()));
        let default = bench.defaults.and_then(|defaults| {
            let place = defaults.working_directory_place.as_ref();
            Some((defaults.working_directory.as_ref()?, place))
        });
        let written = own.or(default);
        let top = bench.top.as_ref().unwrap_or(&self.top);
        let folder = match written {
            None => top.to_owned(),
            Some((template, _)) => top.join(template.render(context)?),
        };
        if folder.is_dir() {
            return Ok(folder);
        }
        let place = written.and_then(|(_, place)| place.cloned());
        Err(Unready::NoFolder { folder, place })
    }

    /// The variables of a step: those of the workflow, the `PATH` with what earlier steps put
    /// before it, and the files in which it says something to later ones.
    fn variables(
        &mut self,
        attempt: &AttemptName,
        mut variables: Vec<Named>,
        bench: &Bench<'_>,
    ) -> Result<Vec<Named>, Unready> {
        let conflicts = bench.conflicts.iter();
        variables.extend(conflicts.map(|paths| (CONFLICTS_VARIABLE.to_owned(), paths.clone())));
        let long = |(_, value): &&Named| value.len() > VARIABLE_BYTES;
        if let Some((name, value)) = variables.iter().find(long) {
            return Err(Unready::LongVariable {
                name: name.clone(),
                bytes: value.len(),
            });
        }
        if !bench.path.is_empty() {
            let known = variables.iter().rev().find(|(name, _)| name == "PATH");
            let rest = known.map_or_else(
                || self.path.to_string_lossy().into_owned(),
                |(_, value)| value.clone(),
            );
            let path = format!("{}:{rest}", bench.path.join(":"));
            variables.push(("PATH".to_owned(), path));
        }
        if let Some(job) = bench.job.filter(|_| self.names_jobs) {
            variables.insert(0, (JOB_VARIABLE.to_owned(), job.to_owned()));
        }
        let files = match self.filed.entry(attempt.job.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                left::create(&self.folder, &attempt.job)?;
                self.temporary.make(&attempt.job)?;
                new.insert(files_of(&self.folder, &self.temporary, &attempt.job))
            }
        };
        // What the workflow says about the temporary folder counts; the files are where they are.
        let (temporary, others) = files.split_at(files.len().min(1));
        variables.splice(..0, temporary.iter().cloned());
        variables.extend_from_slice(others);
        Ok(variables)
    }

    /// Makes the command of a criterion ready: `sh -c` at the top of the work tree, or of another
    /// one.
    pub(crate) fn criterion(
        &mut self,
        attempt: &AttemptName,
        verify: &Verify,
        elsewhere: Option<&Path>,
    ) -> Result<Start, Unready> {
        let arguments = ["/bin/sh", "-c", &verify.command]
            .map(|word| word.as_bytes().to_vec())
            .to_vec();
        let timeout = verify.timeout.unwrap_or(limits::VERIFY_TIMEOUT);
        let top = elsewhere.unwrap_or(&self.top).to_owned();
        if !top.is_dir() {
            let place = None;
            return Err(Unready::NoFolder { folder: top, place });
        }
        let place = (elsewhere, top.as_path());
        self.start(attempt, arguments, Vec::new(), place, timeout)
    }

    fn start(
        &mut self,
        attempt: &AttemptName,
        arguments: Vec<Vec<u8>>,
        mut variables: Vec<Named>,
        (top, folder): (Option<&Path>, &Path),
        timeout: Duration,
    ) -> Result<Start, Unready> {
        let workspace = top.unwrap_or(&self.top).to_string_lossy().into_owned();
        variables.extend([
            (WORKSPACE_VARIABLE.to_owned(), workspace),
            (RUN_VARIABLE.to_owned(), self.run.clone()),
        ]);
        let mark = format!("{}/{attempt}", self.run);
        let environment = self.shared.with(top.is_none(), variables, &mark)?;
        let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
        Ok(Start {
            attempt: attempt.to_string(),
            arguments,
            environment,
            folder: bytes(folder),
            claim: bytes(&self.folder.claim(attempt)),
            output: bytes(&self.folder.output(attempt)),
            timeout_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
            output_limit: limits::STEP_OUTPUT_BYTES,
        })
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

/// The variables that name the temporary folder and the files of a job.
fn files_of(folder: &RunFolder, temporary: &Temporary, job: &str) -> Vec<Named> {
    let temporary = temporary.place().join(job).to_string_lossy().into_owned();
    let mut named = vec![(TEMP_VARIABLE.to_owned(), temporary)];
    for (name, known_as) in left::STEP_FILES {
        let path = left::file(folder, job, name).to_string_lossy().into_owned();
        let all = known_as.iter();
        named.extend(all.map(|known| ((*known).to_owned(), path.clone())));
    }
    named
}

/// How long a step may take: where it has no limit of its own, so long as any.
fn timeout(step: &Step, context: &Context) -> Result<Duration, Unready> {
    let own = match &step.timeout {
        None => Duration::ZERO,
        Some(setting) => setting.evaluate(context)?.ok_or(Unready::Timeout)?,
    };
    Ok(if own.is_zero() {
        limits::STEP_TIMEOUT
    } else {
        own
    })
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
