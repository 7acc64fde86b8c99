//! `git mmm spec new`.

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde::Serialize;

use crate::app::Error;
use crate::app::context::Context;
use crate::app::project::Access;
use crate::app::specs;
use crate::cli::commit::Commit;
use crate::cli::exit_code::ExitCode;
use crate::cli::output::Output;
use crate::cli::saved;
use crate::cli::spec::edit;
use crate::model::spec::Status;
use crate::spec::check;
use crate::spec::create::{self, Wish};

/// Arguments of `git mmm spec new`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What will be true, in one line
    #[arg(required = true, value_name = "title")]
    title: Vec<String>,
    /// What kind of work it is, such as `feature` or `fix`
    #[arg(long, value_name = "kind")]
    kind: Option<String>,
    /// Who drives it; `@me` is your `user.name`
    #[arg(long, value_name = "name")]
    owner: Option<String>,
    /// How urgent it is: lower comes first
    #[arg(long, value_name = "n", allow_negative_numbers = true)]
    priority: Option<i64>,
    /// Label it (repeatable)
    #[arg(long, value_name = "label")]
    label: Vec<String>,
    /// Name a spec that must be done first (repeatable)
    #[arg(long, value_name = "spec")]
    depends_on: Vec<String>,
    /// The workflow that builds it
    #[arg(long, value_name = "name")]
    workflow: Option<String>,
    /// The status that it begins with
    #[arg(
        long,
        value_name = "status",
        default_value = "draft",
        value_parser = PossibleValuesParser::new(["draft", "ready"])
    )]
    status: String,
    #[command(flatten)]
    criteria: Criteria,
    /// Open it in your editor
    #[arg(short, long)]
    edit: bool,
    #[command(flatten)]
    commit: Commit,
}

/// `--criterion` and `--verify`: which command belongs to which criterion is told by their order.
#[derive(Clone, Debug, Default)]
struct Criteria(Vec<(String, Option<String>)>);

impl clap::Args for Criteria {
    fn augment_args(command: Command) -> Command {
        let flag = |name: &'static str, value: &'static str, help: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .help(help)
                .action(ArgAction::Append)
        };
        command
            .arg(flag(
                "criterion",
                "text",
                "Add an acceptance criterion (repeatable)",
            ))
            .arg(flag(
                "verify",
                "command",
                "The command that proves the criterion before it",
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Criteria {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let words = |name: &str| -> Vec<(usize, String)> {
            let indices = matches.indices_of(name).into_iter().flatten();
            let values = matches.get_many::<String>(name).into_iter().flatten();
            indices.zip(values.cloned()).collect()
        };
        let mut criteria: Vec<(usize, String, Option<String>)> = words("criterion")
            .into_iter()
            .map(|(index, text)| (index, text, None))
            .collect();
        for (index, command) in words("verify") {
            let before = criteria.iter_mut().rev().find(|(at, _, _)| *at < index);
            match before {
                Some((_, _, slot)) if slot.is_none() => *slot = Some(command),
                _ => {
                    let message = format!(
                        "`--verify {command}` does not follow a `--criterion` of its own\n"
                    );
                    return Err(clap::Error::raw(ErrorKind::ValueValidation, message));
                }
            }
        }
        let criteria = criteria.into_iter();
        Ok(Self(
            criteria.map(|(_, text, command)| (text, command)).collect(),
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The answer in JSON.
#[derive(Debug, Serialize)]
struct Data<'a> {
    id: String,
    name: &'a str,
    path: &'a str,
    commit: Option<String>,
}

/// Makes a spec and prints the path of its file.
pub(crate) fn run(context: &Context, output: &mut Output, args: &Args) -> Result<ExitCode, Error> {
    // A project could not be made here either.
    context.repository()?.top()?;
    let project = specs::open(context, Access::Write)?;
    let desk = specs::desk(context, &project);
    let wish = Wish {
        title: args.title.join(" "),
        status: Status::from_word(&args.status),
        kind: args.kind.clone(),
        owner: args.owner.clone(),
        priority: args.priority,
        workflow: args.workflow.clone(),
        labels: args.label.clone(),
        depends_on: args.depends_on.clone(),
        criteria: args.criteria.0.clone(),
    };
    if args.edit {
        edit::require_editor(&desk)?;
    }
    let commit = args.commit.is_wanted(&project.settings)?;
    // What is edited at once is committed as it is then.
    let created = create::create(&desk, &wish, commit && !args.edit)?;
    saved::tell(output, &created.saved);
    let mut code = ExitCode::Ok;
    let mut warnings = Vec::new();
    if args.workflow.is_some() && !args.edit {
        warnings = check::named_workflow(&desk, &created.path)?;
    }
    let mut made = created.saved.commit;
    if args.edit {
        let message = format!("mmm: spec new {}", created.name);
        let message = commit.then_some(message.as_str());
        let edited = edit::open(&desk, &created.path, edit::prints(output), message)?;
        output.problems(&edited.problems);
        saved::committed(output, edited.commit.as_ref());
        code = edited.code();
        made = edited.commit;
    }
    if output.is_json() {
        let data = Data {
            id: created.id.to_string(),
            name: &created.name,
            path: &created.path,
            commit: made.as_ref().map(ToString::to_string),
        };
        output.json("spec-new", data, &warnings)?;
    } else {
        output.problems(&warnings);
        let path = output.paint(anstyle::Style::new(), &created.path);
        output.line(path);
    }
    Ok(code)
}
