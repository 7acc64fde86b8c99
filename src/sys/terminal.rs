//! What the terminal says about itself.

/// Columns of the terminal that standard output or standard error is; `None` when neither is one.
pub(crate) fn columns() -> Option<usize> {
    [
        rustix::termios::tcgetwinsize(rustix::stdio::stdout()),
        rustix::termios::tcgetwinsize(rustix::stdio::stderr()),
    ]
    .into_iter()
    .flatten()
    .map(|size| usize::from(size.ws_col))
    .find(|columns| *columns > 0)
}

/// Columns and rows of the terminal that standard error is; `None` when it is none, or does not say.
pub(crate) fn size() -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok()?;
    let known = size.ws_col > 0 && size.ws_row > 0;
    known.then(|| (usize::from(size.ws_col), usize::from(size.ws_row)))
}

/// Opens a terminal for writing; nothing when there is none at this path. It does not become ours,
/// and a write to it never waits.
pub(crate) fn open(path: &std::path::Path) -> Option<std::fs::File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty()).ok()?;
    rustix::termios::isatty(&opened).then(|| opened.into())
}
