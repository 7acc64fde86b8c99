//! Secrets from everywhere they may be, with real git.

use std::path::PathBuf;

use super::{Error, Secrets, resolve};
use crate::git::Repository;
use crate::model::expression::value::Value;
use crate::proc::command::Invocation;
use crate::sys::environment::Environment;
use crate::sys::files;

const VALUE: &str = "hunter2 & more";

/// A repository with an environment of its own.
struct Sandbox {
    _folder: tempfile::TempDir,
    root: PathBuf,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    fn new(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("is there");
        files::create_folder(&root.join("work")).expect("makes");
        let path = Environment::of_process();
        let path = path.var("PATH").unwrap_or("/usr/bin:/bin");
        let home = root.to_string_lossy();
        let fixed = [
            ("PATH", path),
            ("HOME", &home),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            // What must never be used to ask a person.
            ("GIT_ASKPASS", "/no/such/askpass"),
        ];
        let pairs = fixed.iter().chain(variables);
        let sandbox = Self {
            variables: pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            root: root.clone(),
            _folder: folder,
        };
        sandbox.git(&["init", "--quiet"]);
        sandbox
    }

    fn environment(&self) -> Environment {
        self.variables.iter().cloned().collect()
    }

    fn git(&self, arguments: &[&str]) {
        let output = Invocation::new("git")
            .args(arguments)
            .environment(&self.environment())
            .folder(self.root.join("work"))
            .run()
            .expect("git runs");
        assert!(
            output.exit.success(),
            "{arguments:?}: {}",
            output.complaint()
        );
    }

    fn resolve(&self, names: &[&str]) -> Result<Secrets, Error> {
        let work = self.root.join("work");
        let repository = Repository::discover(&work, &self.environment()).expect("a repository");
        resolve(&repository, names.iter().copied())
    }

    /// The error, which must not hold the value.
    fn refused(&self, name: &str) -> String {
        let error = self.resolve(&[name]).expect_err("is refused");
        let told = format!("{error}\n{error:?}\n{:?}", error.hint());
        assert!(!told.contains("hunter2"), "{told}");
        error.to_string()
    }
}

#[test]
fn the_environment_is_the_last_resort_and_no_other_variable_is_read() {
    let sandbox = Sandbox::new(&[("TOKEN", VALUE), ("OTHER", "x"), ("lower", "l")]);
    let secrets = sandbox.resolve(&["Token", "lower"]).expect("resolves");
    assert_eq!(secrets.get("TOKEN"), Some(VALUE));
    assert_eq!(secrets.get("token"), Some(VALUE));
    assert_eq!(secrets.get("LOWER"), Some("l"));
    assert_eq!(secrets.get("OTHER"), None);
    assert_eq!(secrets.values().collect::<Vec<_>>(), ["l", VALUE]);
    assert_eq!(secrets.missing, []);
    assert_eq!(format!("{secrets:?}"), r#"{"lower", "Token"}"#);
    let context = secrets.context();
    assert!(matches!(context.get("token"), Some(Value::String(text)) if &**text == VALUE));
}

#[test]
fn the_persons_configuration_says_where_a_secret_is() {
    let sandbox = Sandbox::new(&[("TOKEN", "wrong"), ("MINE", VALUE)]);
    sandbox.git(&["config", "--global", "mmm.secret.token.env", "MINE"]);
    let found = |name: &str| {
        let secrets = sandbox.resolve(&[name]).expect("resolves");
        secrets.get(name).map(str::to_owned)
    };
    assert_eq!(found("TOKEN").as_deref(), Some(VALUE));
    // The nearest setting counts, whatever its kind.
    let script = format!("printf '%s\\n\\n' '{VALUE} 2'");
    sandbox.git(&["config", "mmm.secret.TOKEN.command", &script]);
    assert_eq!(found("Token"), Some(format!("{VALUE} 2\n")));
    sandbox.git(&["config", "mmm.secret.DEPLOY.command", "pwd; echo \"$MINE\""]);
    let work = sandbox.root.join("work");
    let expected = format!("{}\n{VALUE}", work.display());
    assert_eq!(found("deploy"), Some(expected));
}

#[test]
fn git_credentials_are_asked_without_asking_a_person() {
    let sandbox = Sandbox::new(&[]);
    let helper =
        "!f() { test \"$1\" = get && echo username=u && echo 'password=hunter2 & more'; }; f";
    let key = "credential.https://example.org.helper";
    sandbox.git(&["config", key, helper]);
    let url = "mmm.secret.api.credential";
    sandbox.git(&["config", url, "https://example.org/api"]);
    let secrets = sandbox.resolve(&["API"]).expect("resolves");
    assert_eq!(secrets.get("api"), Some(VALUE));
    sandbox.git(&["config", url, "https://elsewhere.example.org"]);
    insta::assert_snapshot!(sandbox.refused("API"), @"the secret `API` cannot be read: git has no credential for the URL of the Git setting `mmm.secret.api.credential`");
    sandbox.git(&["config", url, "nonsense"]);
    let refused = sandbox.refused("API");
    assert!(
        refused.starts_with("the Git setting `mmm.secret.api.credential` has no URL ("),
        "{refused}"
    );
}

#[test]
fn what_is_not_there_is_empty_and_told() {
    let sandbox = Sandbox::new(&[("EMPTY", "")]);
    sandbox.git(&["config", "mmm.secret.second.env", "NOWHERE"]);
    let secrets = sandbox.resolve(&["empty", "SECOND"]).expect("resolves");
    assert_eq!(secrets.get("EMPTY"), Some(""));
    assert_eq!(secrets.values().count(), 0);
    insta::assert_snapshot!(secrets.doubts().join("\n"), @r"
    the secret `empty` is not set and is empty: set the variable `empty`, or `git config --global mmm.secret.empty.command '<command that prints it>'`
    the secret `SECOND` is not set and is empty: set the variable `NOWHERE`, which the Git setting `mmm.secret.second.env` names
    ");
}

#[test]
fn what_is_too_short_to_be_masked_is_named() {
    let sandbox = Sandbox::new(&[("PIN", " ab\n"), ("LONG", "abc"), ("NONE", "")]);
    let secrets = sandbox.resolve(&["pin", "LONG", "NONE"]).expect("resolves");
    let told = secrets.doubts().join("\n");
    insta::assert_snapshot!(told, @r"
    the secret `NONE` is not set and is empty: set the variable `NONE`, or `git config --global mmm.secret.NONE.command '<command that prints it>'`
    the secret `pin` has fewer than 3 bytes and is not masked
    ");
}

#[test]
fn failures_are_told_without_the_value() {
    let sandbox = Sandbox::new(&[]);
    let command = |script: &str| {
        sandbox.git(&["config", "mmm.secret.x.command", script]);
        sandbox.refused("x")
    };
    let failed = command("echo hunter2; echo hunter2 >&2; exit 3");
    insta::assert_snapshot!(failed, @"the secret `x` cannot be read: the Git setting `mmm.secret.x.command` names a command that ended with exit code 3");
    let loud = command("exec yes hunter2");
    insta::assert_snapshot!(loud, @"the secret `x` cannot be read: a command that the Git setting `mmm.secret.x.command` names printed more than 64 KiB");
    insta::assert_snapshot!(command("printf 'hunter2\\0'"), @"the secret `x` is text with a NUL character");
    insta::assert_snapshot!(command("printf 'hunter2\\377'"), @"the secret `x` is not UTF-8");
    insta::assert_snapshot!(sandbox.refused("1x"), @"`1x` is not a name of a secret");
    sandbox.git(&["config", "mmm.secret.y.file", "hunter2"]);
    let unknown = sandbox.refused("y");
    assert!(
        unknown.starts_with("the Git setting `mmm.secret.y.file` is none of `env`, "),
        "{unknown}"
    );
}
