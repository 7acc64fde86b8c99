//! Git as the state layer sees it: commits that carry notes, and values of the configuration.

use crate::base::ids::ObjectId;
use crate::git::{self, Repository};
use crate::state::Error;
use crate::state::config::{GitValues, Origin};
use crate::state::verdicts::Commits;

impl GitValues for git::configuration::Configuration {
    fn get(&self, key: &str) -> Option<String> {
        self.get(key).map(str::to_owned)
    }

    fn all(&self, key: &str) -> Vec<String> {
        self.all(key).into_iter().map(str::to_owned).collect()
    }

    fn origin(&self, key: &str) -> Option<Origin> {
        let entry = self.entry(key)?;
        let place = entry.origin.strip_prefix("file:").unwrap_or(&entry.origin);
        Some(Origin {
            scope: entry.scope.clone(),
            place: place.trim_end_matches(':').to_owned(),
        })
    }
}

impl Commits for Repository {
    fn head(&self) -> Result<Option<ObjectId>, Error> {
        Ok(Repository::head(self)?.commit)
    }

    fn recent(&self, since_ms: u64) -> Result<Vec<ObjectId>, Error> {
        Ok(git::head::recent(self, since_ms)?)
    }

    fn code_tree(&self, commit: &ObjectId) -> Result<ObjectId, Error> {
        Ok(git::code_tree::commit_code_tree(self, commit)?)
    }

    fn code_tree_here(&self, commit: &ObjectId) -> Result<Option<ObjectId>, Error> {
        Ok(git::code_tree::commit_code_tree_here(self, commit)?)
    }

    fn patch_id(&self, commit: &ObjectId) -> Result<Option<ObjectId>, Error> {
        Ok(git::patch::patch_id(self, commit)?)
    }

    fn amend(
        &self,
        notes: &str,
        commit: &ObjectId,
        lines: &mut dyn FnMut(&str) -> Result<Vec<String>, Error>,
    ) -> Result<(), Error> {
        let seen = git::notes::look(self, notes)?;
        let present = git::notes::read(self, &seen, commit)?;
        let batch = [(commit.clone(), lines(&present.unwrap_or_default())?)];
        Ok(git::notes::append(self, seen, &batch, "mmm: record")?)
    }

    fn all_notes(&self, notes: &str) -> Result<Vec<(ObjectId, String)>, Error> {
        Ok(git::notes::read_all(self, notes)?)
    }
}
