//! Files: bounded reads, atomic writes, appends, folders.
//!
//! The only place that writes to the file system.
#![expect(
    clippy::disallowed_methods,
    reason = "the one module that may touch files"
)]

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::sys::Error;
use crate::sys::bounded::{self, Fill};

/// A file that is written and synced, and not yet under its name; dropping it removes it.
pub(crate) type Prepared = tempfile::NamedTempFile;

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    read_known(path, limit).map(|(bytes, _)| bytes)
}

/// Reads a file of at most `limit` bytes, with what is known of this very file.
pub(crate) fn read_known(path: &Path, limit: u64) -> Result<(Vec<u8>, Metadata), Error> {
    let fail = |error| Error::file("read", path, error);
    let (file, known) = bounded::open(path).map_err(fail)?;
    let too_large = |found| Error::TooLarge {
        path: path.to_owned(),
        found,
        limit,
    };
    if known.len() > limit {
        return Err(too_large(known.len()));
    }
    // Files of `/proc` have no size, and room for what they usually hold.
    let room = match known.len() {
        0 => 1024,
        size => size.saturating_add(1),
    };
    let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
    // The file may have grown since, or be a device without a size.
    match bounded::fill(&file, limit, &mut bytes).map_err(fail)? {
        Fill::Whole => Ok((bytes, known)),
        Fill::Part => Err(too_large(limit.saturating_add(1))),
    }
}

/// Reads a file of at most `limit` bytes as UTF-8.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String, Error> {
    String::from_utf8(read_bytes(path, limit)?).map_err(|error| Error::NotUtf8 {
        path: path.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })
}

/// Makes a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|error| Error::file("make", path, error))
}

/// Makes a folder that only its user may look into, and those above it as usual.
pub(crate) fn create_private_folder(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::DirBuilderExt;

    if let Some(above) = path.parent() {
        create_folder(above)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::file("make", path, error))
        }
        _ => Ok(()),
    }
}

/// Whether it is a folder of this user, and no link to one.
pub(crate) fn is_own_folder(path: &Path) -> Result<bool, Error> {
    use std::os::unix::fs::MetadataExt;

    match fs::symlink_metadata(path) {
        Ok(known) => Ok(known.is_dir() && known.uid() == rustix::process::geteuid().as_raw()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file("look at", path, error)),
    }
}

/// Replaces a file by `bytes`: a reader sees the old or the new content, never a part, and the
/// content is on the disk when the call returns. The mode of an existing file is kept.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let temporary = prepare(path, bytes)?;
    temporary
        .persist(path)
        .map_err(|error| Error::file("write", path, error.error))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// As [`write_atomic`], for a file that everybody who may read it can run, or nobody.
pub(crate) fn write_program(path: &Path, bytes: &[u8], executable: bool) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let temporary = prepare(path, bytes)?;
    let fail = |error| Error::file("write", path, error);
    let file = temporary.as_file();
    let mode = file.metadata().map_err(fail)?.permissions().mode() & 0o666;
    let mode = if executable {
        mode | (mode & 0o444) >> 2
    } else {
        mode
    };
    file.set_permissions(fs::Permissions::from_mode(mode))
        .map_err(fail)?;
    finish(temporary, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Writes `bytes` into a temporary file beside `path`, synced, ready to be renamed onto it.
pub(crate) fn prepare(path: &Path, bytes: &[u8]) -> Result<Prepared, Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let fail = |error| Error::file("write", path, error);
    let mut temporary = tempfile::Builder::new()
        .prefix(".mmm-tmp-")
        .permissions(permissions(path))
        .tempfile_in(folder)
        .map_err(fail)?;
    temporary.write_all(bytes).map_err(fail)?;
    temporary.as_file().sync_all().map_err(fail)?;
    Ok(temporary)
}

/// Writes `bytes` into a temporary file of a folder, synced, ready to become a file that is never
/// changed: whoever may read the folder may read it, and nobody may write it.
pub(crate) fn prepare_final(folder: &Path, prefix: &str, bytes: &[u8]) -> Result<Prepared, Error> {
    use std::os::unix::fs::PermissionsExt;
    create_folder(folder)?;
    let fail = |error| Error::file("write", folder, error);
    let mode = fs::metadata(folder).map_err(fail)?.permissions().mode();
    let mut temporary = tempfile::Builder::new()
        .prefix(prefix)
        .tempfile_in(folder)
        .map_err(fail)?;
    temporary.write_all(bytes).map_err(fail)?;
    let file = temporary.as_file();
    file.set_permissions(fs::Permissions::from_mode(mode & 0o444))
        .and_then(|()| file.sync_all())
        .map_err(fail)?;
    Ok(temporary)
}

/// Gives a prepared file its name; its folder is not synced.
pub(crate) fn finish(prepared: Prepared, path: &Path) -> Result<(), Error> {
    match prepared.persist(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::file("write", path, error.error)),
    }
}

/// The mode that a new file at `path` gets: that of the file there, else what the umask leaves.
fn permissions(path: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).map_or_else(
        |_| fs::Permissions::from_mode(0o666),
        |metadata| metadata.permissions(),
    )
}

/// Creates a file that must not exist; `false` when it does.
pub(crate) fn create_new(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let open = || OpenOptions::new().write(true).create_new(true).open(path);
    let opened = match (open(), path.parent()) {
        // As a rule the folder is there.
        (Err(error), Some(folder)) if error.kind() == std::io::ErrorKind::NotFound => {
            create_folder(folder)?;
            open()
        }
        (opened, _) => opened,
    };
    match opened {
        Ok(mut file) => file
            .write_all(bytes)
            .map(|()| true)
            .map_err(|error| Error::file("write", path, error)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Error::file("create", path, error)),
    }
}

/// Opens a file for appending; it is created when it is not there.
pub(crate) fn open_append(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(|error| Error::file("open", path, error))
}

/// Keeps room on the disk for the next bytes behind the end of a file, where the system can: a disk
/// that is full by then does not matter to them. The size of the file stays as it is.
pub(crate) fn reserve(file: &File, bytes: u64) {
    #[cfg(target_os = "linux")]
    if let Ok(about) = file.metadata() {
        // Where this fails, appending may fail later, which is noticed there.
        let _ = rustix::fs::fallocate(
            file,
            rustix::fs::FallocateFlags::KEEP_SIZE,
            about.len(),
            bytes,
        );
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, bytes);
}

/// Opens a file for appending that only its user may read; it is created when it is not there.
pub(crate) fn open_private(path: &Path) -> Result<File, Error> {
    use std::os::unix::fs::OpenOptionsExt;

    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Error::file("open", path, error))
}

/// Opens a file for reading.
pub(crate) fn open_read(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|error| Error::file("read", path, error))
}

/// Opens a file that a lock is taken on, for reading and writing, without emptying it.
pub(crate) fn open_for_lock(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| Error::file("open", path, error))
}

/// Creates a file for writing that must not exist; `None` when it does.
pub(crate) fn open_new(path: &Path) -> Result<Option<File>, Error> {
    match OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path)
    {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(Error::file("create", path, error)),
    }
}

/// Whether a path is a file without a byte, or not there. A folder is neither, whatever its size.
pub(crate) fn holds_nothing(path: &Path) -> Result<bool, Error> {
    match path.metadata() {
        Ok(metadata) => Ok(metadata.len() == 0 && !metadata.is_dir()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::file("read", path, error)),
    }
}

/// Whether a path is a file that may be executed by somebody.
pub(crate) fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|known| may_run(&known))
}

/// Whether what is known is of a file that may be executed by somebody.
pub(crate) fn may_run(known: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    known.is_file() && known.permissions().mode() & 0o111 != 0
}

/// Renames a file, replacing what is at `to`.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(|error| Error::file("rename", from, error))
}

/// Removes a file; one that is not there is fine.
pub(crate) fn remove_file(path: &Path) -> Result<(), Error> {
    take_away(path).map(drop)
}

/// Removes a file, and tells whether it was there.
pub(crate) fn take_away(path: &Path) -> Result<bool, Error> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file("remove", path, error)),
    }
}

/// Tries of removing a folder that another process is removing too.
const REMOVALS: u32 = 100;

/// Removes a folder of ours with all in it; one that is not there is fine.
pub(crate) fn remove_folder(path: &Path) -> Result<(), Error> {
    for _ in 0..REMOVALS {
        match fs::remove_dir_all(path) {
            // Two that remove at once hide entries from one another: look again.
            Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file("remove", path, error));
            }
            // Not there, or an entry went while we looked at it.
            Err(_) if path.exists() => {}
            _ => return Ok(()),
        }
    }
    let full = std::io::ErrorKind::DirectoryNotEmpty;
    Err(Error::file("remove", path, full.into()))
}

/// Removes a folder as [`remove_folder`] does, also where folders in it may not be changed: Go
/// makes its cache of modules like that.
pub(crate) fn remove_stubborn_folder(path: &Path) -> Result<(), Error> {
    let denied = |error: &Error| match error {
        Error::File { source, .. } => source.kind() == std::io::ErrorKind::PermissionDenied,
        _ => false,
    };
    match remove_folder(path) {
        Err(error) if denied(&error) => {
            make_changeable(path)?;
            remove_folder(path)
        }
        removed => removed,
    }
}

/// Lets its user change a folder and all folders in it; links are not followed.
fn make_changeable(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;

    let mut left = vec![path.to_owned()];
    while let Some(folder) = left.pop() {
        let fail = |error| Error::file("change", &folder, error);
        let metadata = fs::symlink_metadata(&folder).map_err(fail)?;
        if metadata.is_dir() {
            let mode = metadata.permissions().mode() | 0o700;
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).map_err(fail)?;
            left.extend(entries(&folder)?);
        }
    }
    Ok(())
}

/// The entries of a folder, sorted by name; a folder that is not there has none.
pub(crate) fn entries(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let listing = match fs::read_dir(path) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file("list", path, error)),
    };
    let mut paths = listing
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::file("list", path, error))?;
    paths.sort();
    Ok(paths)
}

/// Puts the content and the name of a file on the disk.
pub(crate) fn sync_file(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|error| Error::file("sync", path, error))
}

/// Puts the names in a folder on the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<(), Error> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    sync_file(path)
}

#[cfg(test)]
mod tests {
    use super::{create_new, entries, read_bytes, read_text, write_atomic};
    use crate::sys::Error;

    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_atomic_write_keeps_the_mode_and_leaves_no_other_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a/b.txt");
        write_atomic(&path, b"one").expect("writes");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("chmod");
        write_atomic(&path, b"two").expect("writes");
        assert_eq!(read_text(&path, 10).expect("reads"), "two");
        let mode = std::fs::metadata(&path)
            .expect("is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            entries(path.parent().expect("a folder")).expect("lists"),
            [path]
        );
    }

    #[test]
    fn reads_are_bounded_and_say_why() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("big");
        std::fs::write(&path, b"12345").expect("writes");
        assert!(matches!(
            read_bytes(&path, 4),
            Err(Error::TooLarge {
                found: 5,
                limit: 4,
                ..
            })
        ));
        std::fs::write(&path, b"ab\xff").expect("writes");
        assert!(matches!(
            read_text(&path, 9),
            Err(Error::NotUtf8 { offset: 2, .. })
        ));
        assert!(read_text(&folder.path().join("none"), 9).is_err_and(|error| error.is_not_found()));
    }

    #[test]
    fn many_may_remove_a_folder_at_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("gone");
        for number in 0..200 {
            let file = path.join(format!("{}/{number}", number % 7));
            write_atomic(&file, b"x").expect("writes");
        }
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| super::remove_folder(&path).expect("removes"));
            }
        });
        assert!(!path.exists());
    }

    #[test]
    fn create_new_never_replaces() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x/claim");
        assert!(create_new(&path, b"1").expect("creates"));
        assert!(!create_new(&path, b"2").expect("refuses"));
        assert_eq!(read_text(&path, 9).expect("reads"), "1");
    }
}
