//! The control of the row `--version`: a program of the same shape that has clap and nothing else.

#![expect(
    clippy::print_stdout,
    reason = "it prints what it read, so that nothing is left out"
)]

use clap::{Args, Parser, Subcommand};

/// Says hello
#[derive(Debug, Parser)]
#[command(name = "hello", version)]
struct Arguments {
    /// Work as if started in this folder
    #[arg(short = 'C', global = true)]
    folder: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// As many commands as the program had when the row was written.
#[derive(Debug, Subcommand)]
enum Command {
    /// Greets one
    Init(Greeting),
    /// Greets one
    Status(Greeting),
    /// Greets one
    Run(Greeting),
    /// Greets one
    Runs(Greeting),
    /// Greets one
    Show(Greeting),
    /// Greets one
    Log(Greeting),
    /// Greets one
    Cancel(Greeting),
    /// Greets one
    Check(Greeting),
    /// Greets several
    #[command(subcommand)]
    Spec(Group),
    /// Greets several
    #[command(subcommand)]
    Workflow(Group),
    /// Greets several
    #[command(subcommand)]
    Checkpoint(Group),
}

/// A group of commands.
#[derive(Debug, Subcommand)]
enum Group {
    /// Greets one
    New(Greeting),
    /// Greets one
    List(Greeting),
    /// Greets one
    Show(Greeting),
    /// Greets one
    Check(Greeting),
}

/// Whom to greet, and how.
#[derive(Debug, Args)]
struct Greeting {
    /// Whom
    name: Option<String>,
    /// How
    #[arg(short, long)]
    message: Option<String>,
}

fn main() {
    let arguments = Arguments::parse();
    // Nothing is dropped by the optimizer when all of it is shown.
    println!("{arguments:?}");
}
