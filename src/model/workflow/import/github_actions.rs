//! What becomes of a step that uses an action.

use crate::model::tree::Node;

/// What an action is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It gets the code, which is here.
    Checkout,
    /// It installs a tool, which is to be on this machine: its name.
    Setup(String),
    /// It keeps files between runs, which nothing takes away here.
    Cache,
    /// It keeps files of a run.
    Upload,
    /// It gets files that another job kept.
    Download,
    /// It is a folder of this repository.
    Local,
    /// It is something else.
    Other,
}

/// Actions that set up a tool under another kind of name, with the tool.
const SETUPS: &[(&str, &str)] = &[
    ("actions-rs/toolchain", "rust"),
    ("actions-rust-lang/setup-rust-toolchain", "rust"),
    ("dtolnay/rust-toolchain", "rust"),
    ("moonrepo/setup-rust", "rust"),
    ("pnpm/action-setup", "pnpm"),
];

/// What the action of a `uses` is.
pub(crate) fn action(uses: &str) -> Action {
    let name = uses.split('@').next().unwrap_or(uses).trim();
    let name = name.to_lowercase();
    if name.starts_with("./") {
        return Action::Local;
    }
    if let Some((_, tool)) = SETUPS.iter().find(|(known, _)| *known == name) {
        return Action::Setup((*tool).to_owned());
    }
    let repository = name.split('/').nth(1).unwrap_or("");
    match name.as_str() {
        "actions/checkout" => Action::Checkout,
        "swatinem/rust-cache" => Action::Cache,
        "actions/upload-artifact" => Action::Upload,
        "actions/download-artifact" => Action::Download,
        _ if name == "actions/cache" || name.starts_with("actions/cache/") => Action::Cache,
        // Those that start or log in to something do more than to install a tool.
        _ if ["setup-qemu-action", "setup-buildx-action"].contains(&repository) => Action::Other,
        _ => match repository.strip_prefix("setup-") {
            Some(tool) if !tool.is_empty() => Action::Setup(tool.to_owned()),
            _ => Action::Other,
        },
    }
}

/// What a checkout asks for that the work tree may not be.
pub(crate) fn unusual_checkout(step: &Node) -> bool {
    let with = step.get("with").and_then(Node::mapping);
    let unusual = ["repository", "ref", "path", "sparse-checkout"];
    with.unwrap_or_default()
        .iter()
        .any(|entry| unusual.contains(&entry.key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{Action, action};

    #[test]
    fn actions_are_known_by_their_names() {
        let setup = |tool: &str| Action::Setup(tool.to_owned());
        let table = [
            ("actions/checkout@v4", Action::Checkout),
            ("Actions/Checkout@v4", Action::Checkout),
            ("actions/setup-node@v4", setup("node")),
            ("ruby/setup-ruby@v1", setup("ruby")),
            ("dtolnay/rust-toolchain@stable", setup("rust")),
            ("actions/cache/restore@v4", Action::Cache),
            ("Swatinem/rust-cache@v2", Action::Cache),
            ("actions/upload-artifact@v4", Action::Upload),
            ("actions/download-artifact@v4", Action::Download),
            ("./.github/actions/x", Action::Local),
            ("docker://alpine:3", Action::Other),
            ("docker/setup-buildx-action@v3", Action::Other),
            ("actions/github-script@v7", Action::Other),
        ];
        for (uses, expected) in table {
            assert_eq!(action(uses), expected, "{uses}");
        }
    }
}
