//! The artifacts of a run: kept by a ref while it lives, in the tree of its seal afterwards.
//!
//! What each step and job left is a tree. They are kept alive from the moment they are written by
//! `refs/mmm/live/<run>`, which stands for a tree with a folder for each of them, and goes when the
//! run is over. Those of one name become one artifact when they are read or sealed: of two files
//! with one path the later one counts.

use std::collections::BTreeMap;

use crate::base::ids::RunId;
use crate::git::Repository;
use crate::git::nested::{self, Leaf};
use crate::git::objects::Objects;
use crate::git::refs::{Expected, RefUpdate};
use crate::git::stored;
use crate::git::tree::{FOLDER, TreeEntry};
use crate::model::run::RunState;
use crate::model::run::artifact::ArtifactStored;
use crate::state::Error;
use crate::state::runs::{self, RunPlace, RunSummary};

/// The folder of a sealed run with a folder for each artifact.
const FOLDER_NAME: &str = "artifacts";

/// The files of each artifact by its name.
pub(crate) type Artifacts = BTreeMap<String, Vec<Leaf>>;

/// The ref that keeps the artifacts of a run while it lives.
pub(crate) fn live_ref(run: RunId) -> String {
    format!("refs/mmm/live/{run}")
}

/// Keeps the trees that a run refers to, and only those. They must be on the disk.
pub(crate) fn keep(
    repository: &Repository,
    run: RunId,
    stored: &[ArtifactStored],
) -> Result<(), Error> {
    let objects = repository.objects()?;
    let name = live_ref(run);
    let known = repository.refs().resolve(&name)?;
    let folder = |(number, stored): (usize, &ArtifactStored)| {
        TreeEntry::new(FOLDER, format!("{number:06}"), stored.tree.clone())
    };
    let tree = objects.write_tree(stored.iter().enumerate().map(folder).collect())?;
    objects.sync()?;
    if known.as_ref() == Some(&tree) {
        return Ok(());
    }
    let update = RefUpdate {
        name,
        new: Some(tree),
        expected: Expected::from(known),
    };
    Ok(repository.refs().update(&[update], "mmm: artifacts")?)
}

/// Nothing keeps the artifacts of a run any more but its seal.
pub(crate) fn let_go(repository: &Repository, run: RunId) -> Result<(), Error> {
    let name = live_ref(run);
    let Some(known) = repository.refs().resolve(&name)? else {
        return Ok(());
    };
    let update = RefUpdate {
        name,
        new: None,
        expected: Expected::Is(known),
    };
    Ok(repository.refs().update(&[update], "mmm: record")?)
}

/// The artifacts of a run, live or sealed.
pub(crate) fn of(
    repository: &Repository,
    summary: &RunSummary,
    state: &RunState,
) -> Result<Artifacts, Error> {
    let objects = repository.objects()?;
    if let RunPlace::Live(_) = summary.place {
        return together(objects, &state.artifacts);
    }
    let Some(tree) = runs::sealed_folder(repository, summary, FOLDER_NAME)? else {
        return Ok(Artifacts::new());
    };
    let mut artifacts = Artifacts::new();
    for leaf in nested::read(objects, &tree)? {
        if let Some((name, path)) = leaf.path.split_once('/') {
            let path = path.to_owned();
            let files = artifacts.entry(name.to_owned()).or_default();
            files.push(Leaf { path, ..leaf });
        }
    }
    Ok(artifacts)
}

/// What another run takes over of an artifact that this one has. What several steps left under one
/// name is together in a sealed run, and apart only where Git still has what they left.
pub(crate) fn handed_on(
    repository: &Repository,
    summary: &RunSummary,
    stored: &ArtifactStored,
) -> Result<Option<ArtifactStored>, Error> {
    let objects = repository.objects()?;
    if objects.exists(&stored.tree)? {
        return Ok(Some(stored.clone()));
    }
    let folder = format!("{FOLDER_NAME}/{}", stored.name);
    let Some(tree) = runs::sealed_folder(repository, summary, &folder)? else {
        return Ok(None);
    };
    let files = nested::read(objects, &tree)?.len() as u64;
    Ok(Some(ArtifactStored {
        tree,
        files,
        ..stored.clone()
    }))
}

/// The files of all artifacts, with their paths in a sealed run.
pub(crate) fn to_seal(objects: &Objects, stored: &[ArtifactStored]) -> Result<Vec<Leaf>, Error> {
    let artifacts = together(objects, stored)?.into_iter();
    let files = artifacts.flat_map(|(name, files)| {
        files.into_iter().map(move |leaf| Leaf {
            path: format!("{FOLDER_NAME}/{name}/{}", leaf.path),
            ..leaf
        })
    });
    Ok(files.collect())
}

/// Makes one artifact of everything with one name.
fn together(objects: &Objects, stored: &[ArtifactStored]) -> Result<Artifacts, Error> {
    let mut all: BTreeMap<String, BTreeMap<String, Leaf>> = BTreeMap::new();
    for stored in stored {
        // Only somebody who removed our ref can have lost it; the rest of the run is there.
        if !objects.exists(&stored.tree)? {
            continue;
        }
        let files = all.entry(stored.name.clone()).or_default();
        for leaf in nested::read(objects, &stored.tree)? {
            put(files, leaf);
        }
    }
    let all = all.into_iter();
    let lists = all.map(|(name, files)| (name, files.into_values().collect()));
    Ok(lists.collect())
}

/// Adds a file; one with its path goes, and so does whatever cannot stand beside it.
fn put(files: &mut BTreeMap<String, Leaf>, leaf: Leaf) {
    let below = format!("{}/", leaf.path);
    let inside = files.range(below.clone()..);
    let inside = inside.take_while(|(path, _)| path.starts_with(&below));
    let mut gone: Vec<String> = inside.map(|(path, _)| path.clone()).collect();
    let slashes = leaf.path.match_indices('/');
    gone.extend(slashes.filter_map(|(at, _)| leaf.path.get(..at).map(str::to_owned)));
    for path in gone {
        files.remove(&path);
    }
    files.insert(leaf.path.clone(), leaf);
}

/// How many bytes files have together.
pub(crate) fn bytes(objects: &Objects, files: &[Leaf]) -> Result<u64, Error> {
    let mut bytes = 0_u64;
    for leaf in files {
        bytes = bytes.saturating_add(stored::blob_size(objects, &leaf.id)?);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::put;
    use crate::git::nested::Leaf;

    #[test]
    fn of_two_with_one_path_the_later_counts() {
        let check = |paths: &[&str], expected: &[(&str, bool)]| {
            let mut files = BTreeMap::new();
            for (number, path) in paths.iter().enumerate() {
                let leaf = Leaf {
                    path: (*path).to_owned(),
                    executable: number + 1 == paths.len(),
                    id: "0".repeat(40).parse().expect("an id"),
                };
                put(&mut files, leaf);
            }
            let found: Vec<(&str, bool)> = files
                .values()
                .map(|leaf| (leaf.path.as_str(), leaf.executable))
                .collect();
            assert_eq!(found, expected, "{paths:?}");
        };
        check(&["a", "b", "a"], &[("a", true), ("b", false)]);
        check(
            &["a/b", "a.b", "a/c/d", "a"],
            &[("a", true), ("a.b", false)],
        );
        check(&["a", "x", "a/b/c"], &[("a/b/c", true), ("x", false)]);
    }
}
