//! Advisory locks on files, released by the kernel when their holder dies.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::{Errno, retry_on_intr};

use crate::sys::Error;
use crate::sys::files;

/// First pause between two tries; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A held lock; dropping it, or the death of the process, gives it back.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock if nobody has it; `None` when somebody does.
    ///
    /// The file is made, its folder is not: a folder that went away must not come back for a lock.
    pub(crate) fn try_take(path: &Path) -> Result<Option<Self>, Error> {
        let file = files::open_for_lock(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self {
                file,
                path: path.to_owned(),
            })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(Error::file("lock", path, error.into())),
        }
    }

    /// Takes the lock, waiting at most `limit`.
    pub(crate) fn take(path: &Path, limit: Duration) -> Result<Self, Error> {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(lock) = Self::try_take(path)? {
                return Ok(lock);
            }
            if start.elapsed() >= limit {
                return Err(Error::Locked {
                    path: path.to_owned(),
                    waited: limit,
                    holder: holder(path),
                });
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Takes the lock as [`Self::take`] does, and makes the folder of its file before.
    pub(crate) fn take_with_folder(path: &Path, limit: Duration) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            files::create_folder(folder)?;
        }
        Self::take(path, limit)
    }

    /// Writes who holds the lock and what for, for those who wait; replaces what stood there.
    pub(crate) fn note(&mut self, text: &str) -> Result<(), Error> {
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(text.as_bytes())
        };
        write(&mut self.file).map_err(|error| Error::file("write", &self.path, error))
    }
}

/// Whether some process holds the lock at this path. A path that is not there is not held, and
/// asking does not make it: its folder may just be going away.
pub(crate) fn is_held(path: &Path) -> Result<bool, Error> {
    let file = match files::open_read(path) {
        Ok(file) => file,
        Err(error) if error.is_not_found() => return Ok(false),
        Err(error) => return Err(error),
    };
    // Shared: those who only ask do not see one another.
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(Errno::WOULDBLOCK) => Ok(true),
        Err(error) => Err(Error::file("lock", path, error.into())),
    }
}

/// Waits, without a limit, until nobody holds the lock at this path. One that is not there is not
/// held.
pub(crate) fn wait_until_free(path: &Path) -> Result<(), Error> {
    let file = match files::open_read(path) {
        Ok(file) => file,
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error),
    };
    retry_on_intr(|| flock(&file, FlockOperation::LockShared))
        .map_err(|error| Error::file("lock", path, error.into()))
}

/// What the holder of a lock wrote about itself; empty when it cannot be read.
pub(crate) fn holder(path: &Path) -> String {
    files::read_text(path, 4096).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Lock, holder, is_held};
    use std::time::Duration;

    #[test]
    fn one_holder_at_a_time() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let away = folder.path().join("sub/lock");
        assert!(!is_held(&away).expect("asks"));
        let error = Lock::take(&away, Duration::ZERO).expect_err("no folder");
        assert!(error.is_not_found(), "{error}");
        assert!(!folder.path().join("sub").exists());
        let path = folder.path().join("own/lock");
        let mut lock = Lock::take_with_folder(&path, Duration::ZERO).expect("free");
        lock.note("me").expect("writes");
        assert!(is_held(&path).expect("asks"));
        assert_eq!(holder(&path), "me");
        assert!(Lock::try_take(&path).expect("asks").is_none());
        assert!(Lock::take(&path, Duration::from_millis(5)).is_err());
        drop(lock);
        assert!(Lock::try_take(&path).expect("asks").is_some());
    }
}
