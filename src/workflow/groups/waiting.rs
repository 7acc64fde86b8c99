//! Who of a run waits for a group, for those who look on.

use crate::base::ids::{RecordId, RunId};
use crate::proc::bell::Line;
use crate::state::layout::Local;
use crate::sys;
use crate::sys::files;
use crate::workflow::groups::folder::{Group, HOLDS, TICKET};

/// Somebody of a run who waits for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaitsFor {
    /// The job or leg; nothing for the run itself.
    pub(crate) job: Option<String>,
    /// The name of the group.
    pub(crate) group: String,
}

/// Those of a run. It takes no lock and changes nothing: what is just being written or removed is
/// left out.
pub(crate) fn waiting(local: &Local, run: RunId) -> Result<Vec<WaitsFor>, sys::Error> {
    let mut found = Vec::new();
    for folder in files::entries(&local.groups())? {
        let group = Group::at(folder, local);
        for path in files::entries(&group.folder)? {
            let is_ticket = path.extension().is_some_and(|kind| kind == TICKET);
            let id = path.file_stem().and_then(|stem| stem.to_str());
            let id = id.filter(|_| is_ticket).and_then(|id| id.parse().ok());
            if let Some(waits) = id.and_then(|id| of_run(&group, id, run)) {
                found.push(waits);
            }
        }
    }
    Ok(found)
}

/// The one with this ticket, when it is of the run, is alive and waits.
fn of_run(group: &Group, id: RecordId, run: RunId) -> Option<WaitsFor> {
    let member = group.read(id, TICKET)?;
    let waits = member.run == run && !group.has(id, HOLDS);
    let line = Line::open(&group.file(id, "bell")).ok()?;
    line.filter(|_| waits).map(|_| WaitsFor {
        job: member.job,
        group: group.name_on(id).unwrap_or_default(),
    })
}
