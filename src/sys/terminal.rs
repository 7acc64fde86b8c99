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
