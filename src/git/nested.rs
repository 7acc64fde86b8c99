//! Whole folders as trees: files by their paths, written and read.

use std::collections::BTreeMap;

use crate::base::ids::ObjectId;
use crate::base::limits;
use crate::git::Error;
use crate::git::objects::Objects;
use crate::git::tree::{self, EXECUTABLE, FILE, FOLDER, TreeEntry};

/// A file below a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Its path, with `/` between names.
    pub(crate) path: String,
    /// Whether it can be run.
    pub(crate) executable: bool,
    /// Its content.
    pub(crate) id: ObjectId,
}

/// Writes files as a tree, with a tree for each folder. Every path stands there once.
pub(crate) fn write(
    objects: &Objects,
    leaves: impl IntoIterator<Item = Leaf>,
) -> Result<ObjectId, Error> {
    // The content of each folder by its path, the top under the empty one.
    let mut folders: BTreeMap<String, Vec<TreeEntry>> = BTreeMap::new();
    for leaf in leaves {
        let (folder, name) = leaf.path.rsplit_once('/').unwrap_or(("", &leaf.path));
        let mut above = Some(folder);
        while let Some(path) = above {
            folders.entry(path.to_owned()).or_default();
            above = match path {
                "" => None,
                path => Some(path.rsplit_once('/').map_or("", |(above, _)| above)),
            };
        }
        let mode = if leaf.executable { EXECUTABLE } else { FILE };
        let entry = TreeEntry::new(mode, name.to_owned(), leaf.id);
        folders.entry(folder.to_owned()).or_default().push(entry);
    }
    // A folder comes before those in it, so from the end each is complete when it is written.
    let mut top = None;
    while let Some((path, entries)) = folders.pop_last() {
        let id = objects.write_tree(entries)?;
        let (above, name) = path.rsplit_once('/').unwrap_or(("", &path));
        match folders.get_mut(above) {
            Some(entries) if !path.is_empty() => {
                entries.push(TreeEntry::new(FOLDER, name.to_owned(), id));
            }
            _ => top = Some(id),
        }
    }
    top.map_or_else(|| objects.write_tree(Vec::new()), Ok)
}

/// The files below a tree. A tree that no work tree could have is damaged: it may come from
/// anybody.
pub(crate) fn read(objects: &Objects, root: &ObjectId) -> Result<Vec<Leaf>, Error> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), root.clone())];
    while let Some((above, id)) = open.pop() {
        let damaged = || Error::Damaged {
            id: id.clone(),
            kind: "tree",
        };
        let entries = objects.read_tree(&id)?;
        tree::validate(&entries).map_err(|_| damaged())?;
        for entry in entries {
            let name = String::from_utf8(entry.name).map_err(|_| damaged())?;
            let path = format!("{above}{name}");
            match entry.mode {
                FOLDER => open.push((format!("{path}/"), entry.id)),
                FILE | EXECUTABLE => found.push(Leaf {
                    path,
                    executable: entry.mode == EXECUTABLE,
                    id: entry.id,
                }),
                _ => return Err(damaged()),
            }
        }
        if found.len() + open.len() > limits::ARTIFACT_FILES * 2 {
            return Err(damaged());
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Leaf, read, write};
    use crate::git::objects::ObjectKind;
    use crate::git::testing::everywhere;
    use crate::git::tree::{FOLDER, LINK, TreeEntry};

    #[test]
    fn what_is_written_is_read() {
        everywhere(|sandbox| {
            let repository = sandbox.open();
            let objects = repository.objects().expect("opens");
            let blob = objects.write(ObjectKind::Blob, b"x").expect("writes");
            let leaf = |path: &str, executable| Leaf {
                path: path.to_owned(),
                executable,
                id: blob.clone(),
            };
            let leaves = [leaf("a", false), leaf("b/c/d", true), leaf("b/e", false)];
            let tree = write(objects, leaves.clone()).expect("writes");
            assert_eq!(read(objects, &tree).expect("reads"), leaves);
            let empty = write(objects, []).expect("writes");
            assert_eq!(read(objects, &empty).expect("reads"), []);
            let link = TreeEntry::new(LINK, "l", blob.clone());
            let link = objects.write_tree(vec![link]).expect("writes");
            let above = TreeEntry::new(FOLDER, "f", link);
            let above = objects.write_tree(vec![above]).expect("writes");
            read(objects, &above).expect_err("links are not read");
            sandbox.fsck();
        });
    }
}
