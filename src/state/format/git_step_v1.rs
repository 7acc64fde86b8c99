//! Version 1 of the file of parameters of a `git` step: JSON that the engine writes and the step's
//! process reads.

use serde::{Deserialize, Serialize};

use crate::git::action::{Action, Branch, Commit, How, Merge, OnConflict, Tag};

/// The version that this module writes and reads.
const VERSION: u32 = 1;

/// Largest file, in bytes.
pub(crate) const FILE_BYTES: u64 = 1024 * 1024;

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// A newer version wrote it.
    #[error("the parameters have format {0}, newer than {VERSION}")]
    Newer(u32),
    /// It is not what it should be.
    #[error("the parameters cannot be read: {0}")]
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileV1 {
    format: u32,
    git: ActionV1,
}

#[derive(Deserialize)]
struct AnyVersion {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ActionV1 {
    Branch(BranchV1),
    Commit(CommitV1),
    Tag(TagV1),
    Merge(MergeV1),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct BranchV1 {
    name: String,
    from: Option<String>,
    #[serde(default)]
    checkout: bool,
    #[serde(default)]
    force: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CommitV1 {
    message: String,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    all: bool,
    #[serde(default)]
    allow_empty: bool,
    author: Option<String>,
    sign: Option<bool>,
    #[serde(default)]
    no_verify: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TagV1 {
    name: String,
    message: Option<String>,
    at: Option<String>,
    #[serde(default)]
    force: bool,
    sign: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct MergeV1 {
    from: String,
    #[serde(default)]
    how: HowV1,
    message: Option<String>,
    #[serde(default)]
    on_conflict: OnConflictV1,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HowV1 {
    #[default]
    Merge,
    Squash,
    Rebase,
    FfOnly,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OnConflictV1 {
    #[default]
    Fail,
    Leave,
}

/// Reads a file.
pub(crate) fn decode(text: &str) -> Result<Action, Unreadable> {
    let damaged = |error: serde_json::Error| Unreadable::Damaged(error.to_string());
    let any: AnyVersion = serde_json::from_str(text).map_err(damaged)?;
    if any.format > VERSION {
        return Err(Unreadable::Newer(any.format));
    }
    let file: FileV1 = serde_json::from_str(text).map_err(damaged)?;
    Ok(match file.git {
        ActionV1::Branch(branch) => Action::Branch(Branch {
            name: branch.name,
            from: branch.from,
            checkout: branch.checkout,
            force: branch.force,
        }),
        ActionV1::Commit(commit) => Action::Commit(Commit {
            message: commit.message,
            paths: commit.paths,
            all: commit.all,
            allow_empty: commit.allow_empty,
            author: commit.author,
            sign: commit.sign,
            no_verify: commit.no_verify,
        }),
        ActionV1::Tag(tag) => Action::Tag(Tag {
            name: tag.name,
            message: tag.message,
            at: tag.at,
            force: tag.force,
            sign: tag.sign,
        }),
        ActionV1::Merge(merge) => Action::Merge(Merge {
            from: merge.from,
            how: match merge.how {
                HowV1::Merge => How::Merge,
                HowV1::Squash => How::Squash,
                HowV1::Rebase => How::Rebase,
                HowV1::FfOnly => How::FastForward,
            },
            message: merge.message,
            on_conflict: match merge.on_conflict {
                OnConflictV1::Fail => OnConflict::Fail,
                OnConflictV1::Leave => OnConflict::Leave,
            },
        }),
    })
}

/// Writes a file.
pub(crate) fn encode(action: &Action) -> String {
    let git = match action.clone() {
        Action::Branch(branch) => ActionV1::Branch(BranchV1 {
            name: branch.name,
            from: branch.from,
            checkout: branch.checkout,
            force: branch.force,
        }),
        Action::Commit(commit) => ActionV1::Commit(CommitV1 {
            message: commit.message,
            paths: commit.paths,
            all: commit.all,
            allow_empty: commit.allow_empty,
            author: commit.author,
            sign: commit.sign,
            no_verify: commit.no_verify,
        }),
        Action::Tag(tag) => ActionV1::Tag(TagV1 {
            name: tag.name,
            message: tag.message,
            at: tag.at,
            force: tag.force,
            sign: tag.sign,
        }),
        Action::Merge(merge) => ActionV1::Merge(MergeV1 {
            from: merge.from,
            how: match merge.how {
                How::Merge => HowV1::Merge,
                How::Squash => HowV1::Squash,
                How::Rebase => HowV1::Rebase,
                How::FastForward => HowV1::FfOnly,
            },
            message: merge.message,
            on_conflict: match merge.on_conflict {
                OnConflict::Fail => OnConflictV1::Fail,
                OnConflict::Leave => OnConflictV1::Leave,
            },
        }),
    };
    let file = FileV1 {
        format: VERSION,
        git,
    };
    let text = serde_json::to_string(&file).expect("plain structs of text are always JSON");
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, decode, encode};
    use crate::git::action::{Action, Branch, Commit, How, Merge, OnConflict, Tag};

    #[test]
    fn what_is_written_is_read() {
        let some = |text: &str| Some(text.to_owned());
        let actions = [
            Action::Branch(Branch {
                name: "x".to_owned(),
                from: some("main"),
                checkout: true,
                force: true,
            }),
            Action::Commit(Commit {
                message: "m\n\nn".to_owned(),
                paths: vec!["a".to_owned()],
                all: true,
                allow_empty: true,
                author: some("A <a@example.org>"),
                sign: Some(false),
                no_verify: true,
            }),
            Action::Tag(Tag {
                name: "v1".to_owned(),
                message: some("m"),
                at: some("HEAD"),
                force: true,
                sign: Some(true),
            }),
            Action::Merge(Merge {
                from: "x".to_owned(),
                how: How::FastForward,
                message: None,
                on_conflict: OnConflict::Leave,
            }),
        ];
        for action in actions {
            assert_eq!(decode(&encode(&action)), Ok(action));
        }
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let found = decode("{\"format\": 1, \"git\": {\"merge\": {\"from\": \"x\"}}}");
        let expected = Merge {
            from: "x".to_owned(),
            ..Merge::default()
        };
        assert_eq!(found, Ok(Action::Merge(expected)));
    }

    #[test]
    fn what_is_newer_or_odd_is_refused() {
        assert_eq!(
            decode("{\"format\": 2, \"git\": 1}"),
            Err(Unreadable::Newer(2))
        );
        for odd in [
            "",
            "{\"format\": 1}",
            "{\"format\": 1, \"git\": {\"push\": {}}}",
            "{\"format\": 1, \"git\": {\"tag\": {\"name\": \"x\", \"odd\": 1}}}",
        ] {
            assert!(matches!(decode(odd), Err(Unreadable::Damaged(_))), "{odd}");
        }
    }
}
