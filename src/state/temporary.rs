//! The temporary folders of jobs: empty when a job begins and gone when it has ended, as on GitHub.
//!
//! They are not in the folder of the run, which is inside of the repository: a tool that looks for
//! its project in the folders above would find the person's. So that nothing stays for ever, the
//! folder of the run tells where they are, and takes them with it when it goes.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::state::run_folder::RunFolder;
use crate::sys::{Error, files};

/// How the name of the folder of a run begins; the run follows.
const NAME: &str = "git-mmm-";

/// Longest path that is read, in bytes.
const PATH_BYTES: u64 = 64 * 1024;

/// The temporary folders of the jobs of one run.
#[derive(Debug)]
pub(crate) struct Temporary {
    /// The file in the folder of the run that tells of them.
    record: PathBuf,
    /// The folder around them.
    place: PathBuf,
}

impl Temporary {
    /// Those of a run: where it has them already, else below the machine's temporary folder.
    pub(crate) fn of(folder: &RunFolder, (run, below): (&str, &Path)) -> Result<Self, Error> {
        let record = folder.temporary();
        let place = recorded(&record)?.unwrap_or_else(|| below.join(format!("{NAME}{run}")));
        Ok(Self { record, place })
    }

    /// The folder around them.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// Makes the folder of a job, for its user alone, unless it is there.
    pub(crate) fn make(&self, job: &str) -> Result<(), Error> {
        if !self.record.exists() {
            files::write_atomic(&self.record, self.place.as_os_str().as_bytes())?;
        }
        make_own(&self.place)?;
        make_own(&self.place.join(job))
    }

    /// Removes the folder of a job with all that is in it.
    pub(crate) fn clear(&self, job: &str) -> Result<(), Error> {
        remove(&self.place.join(job))
    }
}

/// Removes all temporary folders of a run, by what the folder of the run tells. Whatever else it
/// may name stays.
pub(super) fn remove_all(folder: &RunFolder) -> Result<(), Error> {
    let Some(place) = recorded(&folder.temporary())? else {
        return Ok(());
    };
    let run = folder.path().file_name().unwrap_or_default();
    let name = [NAME.as_bytes(), run.as_bytes()].concat();
    if place
        .file_name()
        .is_some_and(|known| known.as_bytes() == name)
    {
        remove(&place)?;
    }
    Ok(())
}

fn recorded(record: &Path) -> Result<Option<PathBuf>, Error> {
    match files::read_bytes(record, PATH_BYTES) {
        Ok(bytes) => Ok(Some(PathBuf::from(OsString::from_vec(bytes)))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a folder for its user alone. What others put at its place is not used.
fn make_own(path: &Path) -> Result<(), Error> {
    files::create_private_folder(path)?;
    if files::is_own_folder(path)? {
        return Ok(());
    }
    let taken = std::io::Error::from(ErrorKind::AlreadyExists);
    Err(Error::file("make", path, taken))
}

fn remove(path: &Path) -> Result<(), Error> {
    if files::is_own_folder(path)? {
        files::remove_stubborn_folder(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    use super::Temporary;
    use crate::state::run_folder::RunFolder;
    use crate::sys::files;

    const RUN: &str = "01jd3v9w8x7k3q9x2m4c8tzp0m";

    fn run_folder(root: &Path) -> RunFolder {
        let folder = RunFolder::at(root.join("runs").join(RUN));
        folder.create().expect("makes");
        folder
    }

    #[test]
    fn the_folders_of_a_run_go_with_it_whatever_is_in_them() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = run_folder(root.path());
        let temporary = Temporary::of(&folder, (RUN, root.path())).expect("reads");
        for job in ["a", "b@1"] {
            temporary.make(job).expect("makes");
            temporary.make(job).expect("is there");
        }
        let place = root.path().join(format!("git-mmm-{RUN}"));
        let mode = |path: &Path| path.metadata().expect("is there").permissions().mode() & 0o777;
        assert_eq!((mode(&place), mode(&place.join("a"))), (0o700, 0o700));
        // As a module cache that nobody may write to.
        let cache = place.join("a/cache/deep");
        files::create_folder(&cache).expect("makes");
        files::write_atomic(&cache.join("file"), b"x").expect("writes");
        for path in [&cache, &place.join("a/cache")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o555)).expect("chmod");
        }
        // Wherever temporary files are when the run goes on.
        let again = Temporary::of(&folder, (RUN, Path::new("/elsewhere"))).expect("reads");
        assert_eq!(again.place(), place);
        again.clear("a").expect("removes");
        assert!(!place.join("a").exists() && place.join("b@1").exists());
        folder.remove().expect("removes");
        assert!(!place.exists() && !folder.path().exists());
    }

    #[test]
    fn what_is_not_of_the_run_stays() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let precious = root.path().join("precious");
        files::create_folder(&precious).expect("makes");
        files::write_atomic(&precious.join("file"), b"x").expect("writes");
        let folder = run_folder(root.path());
        files::write_atomic(&folder.temporary(), precious.as_os_str().as_encoded_bytes())
            .expect("writes");
        folder.remove().expect("removes");
        assert!(precious.join("file").exists());

        let folder = run_folder(root.path());
        files::create_folder(&folder.temporary()).expect("makes");
        folder.remove().expect("ends all the same");
        assert!(!folder.path().exists());

        let folder = run_folder(root.path());
        let place = root.path().join(format!("git-mmm-{RUN}"));
        symlink(&precious, &place).expect("links");
        let temporary = Temporary::of(&folder, (RUN, root.path())).expect("reads");
        assert!(temporary.make("a").is_err());
        folder.remove().expect("removes");
        assert!(precious.join("file").exists() && !precious.join("a").exists());
    }
}
