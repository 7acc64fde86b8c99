//! `git mmm workflow import`.

use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Project;
use crate::base::diagnostic::Problem;
use crate::base::text::{file_stem, one_line};
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::saved;
use crate::model::workflow::import::Dialect;
use crate::model::workflow::import::notes::{DROPPED, NOT_TAKEN, REPLACED};
use crate::model::workflow::import::variables::id_of;
use crate::state::layout::WORKFLOWS;
use crate::workflow::import::{self, Made};

/// Make a workflow of one for GitHub Actions, prodigy or the original mmm
///
/// What cannot be taken is reported with its place, and is a comment `# import: …` in the new file.
/// The file is `.mmm/workflows/<name>.yaml`; one that is there is never overwritten.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file to read
    #[arg(value_name = "file")]
    file: String,
    /// The program that the file is for; by default the one whose keys it has
    #[arg(long, value_name = "program", value_enum)]
    from: Option<Program>,
    /// The name of the new workflow; by default that of the file
    #[arg(long, value_name = "name")]
    name: Option<String>,
    /// Write to another file, or with `-` to standard output
    #[arg(long, value_name = "-|path", conflicts_with = "commit")]
    output: Option<String>,
    #[command(flatten)]
    commit: Commit,
}

/// A program whose workflows can be read.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Program {
    /// GitHub Actions
    Github,
    /// prodigy
    Prodigy,
    /// The original mmm
    Mmm,
}

impl Program {
    fn dialect(self) -> Dialect {
        match self {
            Self::Github => Dialect::Github,
            Self::Prodigy => Dialect::Prodigy,
            Self::Mmm => Dialect::Original,
        }
    }
}

#[derive(Debug, Serialize)]
struct Answer {
    name: String,
    from: &'static str,
    path: Option<String>,
    /// The workflow itself, when it goes to standard output.
    text: Option<String>,
    valid: bool,
    not_taken: usize,
    replaced: usize,
    dropped: usize,
    commit: Option<String>,
}

/// Runs it.
pub(crate) fn run(
    context: &Context,
    output: &mut Output,
    arguments: &Args,
) -> Result<ExitCode, Error> {
    let name = arguments.name.clone();
    let name = name.unwrap_or_else(|| name_of(&arguments.file));
    let target = match arguments.output.as_deref() {
        None => format!("{WORKFLOWS}/{name}.yaml"),
        Some("-") => "(standard output)".to_owned(),
        Some(path) => path.to_owned(),
    };
    let path = context.folder.join(&arguments.file);
    let from = arguments.from.map(Program::dialect);
    let place = (path.as_path(), arguments.file.as_str());
    let made = import::make(place, from, &name, &target)?;
    let mut answer = answer(name, &made);
    write(context, output, (arguments, &made), &mut answer)?;
    let mut problems = made.imported.remarks;
    problems.extend(made.problems);
    let code = if answer.valid {
        ExitCode::Ok
    } else {
        ExitCode::No
    };
    if output.is_json() {
        output.json("workflow-import", answer, &problems)?;
        return Ok(code);
    }
    output.problems(&problems);
    tell(output, &answer, made.imported.from);
    Ok(code)
}

fn answer(name: String, made: &Made) -> Answer {
    let count = |code: &str| {
        let remarks = made.imported.remarks.iter();
        remarks.filter(|remark| remark.code == code).count()
    };
    Answer {
        name,
        from: made.imported.from.as_str(),
        path: None,
        text: None,
        valid: !made.problems.iter().any(Problem::is_error),
        not_taken: count(NOT_TAKEN),
        replaced: count(REPLACED),
        dropped: count(DROPPED),
        commit: None,
    }
}

/// Writes the workflow to where it is wanted.
fn write(
    context: &Context,
    output: &mut Output,
    (arguments, made): (&Args, &Made),
    answer: &mut Answer,
) -> Result<(), Error> {
    let text = made.imported.text.as_str();
    match arguments.output.as_deref() {
        Some("-") => answer.text = Some(text.to_owned()),
        Some(path) => {
            import::write_to(&context.folder.join(path), path, &answer.name, text)?;
            answer.path = Some(path.to_owned());
        }
        None => {
            let project = Project::to_work_on(context)?;
            let mut writer = project.writer()?;
            let path = import::write(&project.files, &mut writer, &answer.name, text)?;
            let message = format!("mmm: workflow import {}", answer.name);
            let message = arguments.commit.message(&project.settings, message)?;
            let saved = writer.save(&project.repository, message.as_deref())?;
            saved::tell(output, &saved);
            answer.path = Some(path.to_string());
            answer.commit = saved.commit.as_ref().map(ToString::to_string);
        }
    }
    Ok(())
}

fn tell(output: &mut Output, answer: &Answer, from: Dialect) {
    let counts = format!(
        "{} not taken, {} replaced, {} dropped",
        answer.not_taken, answer.replaced, answer.dropped
    );
    if let Some(text) = &answer.text {
        output.text(text);
        output.note(format!("read as {}: {counts}", from.title()));
        return;
    }
    let path = one_line(answer.path.as_deref().unwrap_or(""));
    output.line(format!(
        "created {path}, read as {}: {counts}",
        from.title()
    ));
    if answer.not_taken > 0 {
        output.line("next: read the comments `# import: …` in it");
    } else if answer.valid {
        output.line(format!("next: git mmm run -w {}", answer.name));
    }
}

/// The name of a workflow by the file that it is made of.
fn name_of(path: &str) -> String {
    id_of(file_stem(path), "workflow")
}
