//! What the steps of a run said is to be masked, for supervisors that hold the run later.
//!
//! The file is made when the first value comes, and only its user may read it. It goes with the
//! folder of the run, and nothing of it is ever stored in Git.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::base::limits::MASK_FILE_BYTES;
use crate::state::format::masks_v1;
use crate::sys::Error;
use crate::sys::files;

/// The file of masks of one run, appended to.
#[derive(Debug)]
pub(crate) struct MaskFile {
    path: PathBuf,
    file: Option<File>,
    /// Whether its last line has no end: whoever wrote it was killed.
    torn: bool,
}

impl MaskFile {
    /// Opens it, and gives what is in it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<String>), Error> {
        let text = match files::read_bytes(path, MASK_FILE_BYTES) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.is_not_found() => String::new(),
            Err(error) => return Err(error),
        };
        let masks = Self {
            path: path.to_owned(),
            file: None,
            torn: !text.is_empty() && !text.ends_with('\n'),
        };
        Ok((masks, masks_v1::parse(&text)))
    }

    /// Adds values.
    pub(crate) fn append(&mut self, values: &[String]) -> Result<(), Error> {
        let mut text = masks_v1::render(values);
        if std::mem::take(&mut self.torn) {
            text.insert(0, '\n');
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => files::open_private(&self.path)?,
        };
        file.write_all(text.as_bytes())
            .map_err(|error| Error::file("write", &self.path, error))?;
        self.file = Some(file);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::MaskFile;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn values_are_there_again_whatever_was_torn() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("masks");
        let (mut masks, learnt) = MaskFile::open(&path).expect("opens");
        assert!(learnt.is_empty());
        assert!(!path.exists(), "made when it is needed");
        let value = |text: &str| text.to_owned();
        masks
            .append(&[value("one\n\"two\""), value("three")])
            .expect("writes");
        masks.append(&[value("four")]).expect("writes");
        let mode = path.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut file = crate::sys::files::open_append(&path).expect("opens");
        file.write_all(b"\"fi").expect("writes");
        let all = [value("one\n\"two\""), value("three"), value("four")];
        let (mut masks, learnt) = MaskFile::open(&path).expect("opens");
        assert_eq!(learnt, all);
        masks.append(&[value("six")]).expect("writes");
        let (_, learnt) = MaskFile::open(&path).expect("opens");
        assert_eq!(learnt.get(3), Some(&value("six")));
    }
}
