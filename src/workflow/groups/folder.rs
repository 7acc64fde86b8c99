//! The folder of a group: what its files say, and who is alive.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::base::ids::RecordId;
use crate::base::limits::LOCK_TIMEOUT;
use crate::base::text::one_line;
use crate::git::digest::content_hash;
use crate::model::expression::value::fold;
use crate::proc::bell::Line;
use crate::proc::tree;
use crate::state::layout::Local;
use crate::state::run_folder::RunFolder;
use crate::sys;
use crate::sys::files;
use crate::sys::lock::{self, Lock};
use crate::workflow::groups::Member;

/// Largest file in the folder of a group, in bytes.
const FILE_BYTES: u64 = 4096;

/// How many characters of the name of a group its tickets have.
const NAME_CHARACTERS: usize = 200;

/// Who wants in or is in.
pub(super) const TICKET: &str = "ticket";
/// Marks beside a ticket.
pub(super) const HOLDS: &str = "holds";
pub(super) const SUPERSEDED: &str = "superseded";
pub(super) const END: &str = "end";
/// Everything that may be beside a ticket, the bell last: without it the rest is dead.
const FILES: [&str; 5] = [TICKET, HOLDS, SUPERSEDED, END, "bell"];

/// The folder of a group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) folder: PathBuf,
    local: Local,
}

/// One who is in a group or wants in, besides us.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) id: RecordId,
    pub(super) member: Member,
    pub(super) holds: bool,
    pub(super) superseded: bool,
    /// Nothing when the process died, and the supervisor of its run goes on.
    pub(super) line: Option<Line>,
}

impl Group {
    pub(super) fn new(local: &Local, name: &str) -> Self {
        Self::at(local.group(&content_hash(fold(name).as_bytes())), local)
    }

    /// The group with this folder.
    pub(super) fn at(folder: PathBuf, local: &Local) -> Self {
        let local = local.clone();
        Self { folder, local }
    }

    pub(super) fn open_door(&self) -> Result<Lock, sys::Error> {
        Lock::take_with_folder(&self.folder.join("door"), LOCK_TIMEOUT)
    }

    pub(super) fn hold(&self) -> PathBuf {
        self.folder.join("hold")
    }

    pub(super) fn file(&self, id: RecordId, kind: &str) -> PathBuf {
        self.folder.join(format!("{id}.{kind}"))
    }

    pub(super) fn has(&self, id: RecordId, kind: &str) -> bool {
        self.file(id, kind).exists()
    }

    /// Writes who a ticket, or a mark on one, is of. Nobody reads it without having the door.
    pub(super) fn write(
        &self,
        id: RecordId,
        kind: &str,
        member: &Member,
    ) -> Result<(), sys::Error> {
        let job = member.job.as_deref().unwrap_or_default();
        let text = format!("{}\n{job}\n", member.run);
        files::create_new(&self.file(id, kind), text.as_bytes()).map(drop)
    }

    /// Writes the ticket of somebody, for people with the name of the group.
    pub(super) fn write_ticket(
        &self,
        id: RecordId,
        member: &Member,
        name: &str,
    ) -> Result<(), sys::Error> {
        let job = member.job.as_deref().unwrap_or_default();
        let name: String = one_line(name).chars().take(NAME_CHARACTERS).collect();
        let text = format!("{}\n{job}\n{name}\n", member.run);
        files::create_new(&self.file(id, TICKET), text.as_bytes()).map(drop)
    }

    /// The name of the group as a ticket has it.
    pub(super) fn name_on(&self, id: RecordId) -> Option<String> {
        let text = files::read_text(&self.file(id, TICKET), FILE_BYTES).ok()?;
        text.lines().nth(2).map(str::to_owned)
    }

    pub(super) fn read(&self, id: RecordId, kind: &str) -> Option<Member> {
        let text = files::read_text(&self.file(id, kind), FILE_BYTES).ok()?;
        let mut lines = text.lines();
        Some(Member {
            run: lines.next()?.parse().ok()?,
            job: lines
                .next()
                .filter(|job| !job.is_empty())
                .map(str::to_owned),
        })
    }

    pub(super) fn remove(&self, id: RecordId) -> Result<(), sys::Error> {
        for kind in FILES {
            files::remove_file(&self.file(id, kind))?;
        }
        Ok(())
    }

    /// Everybody else, the oldest first. What the dead left is removed. The door must be ours.
    pub(super) fn others(&self, own: Option<RecordId>) -> Result<Vec<Other>, sys::Error> {
        let mut ids: BTreeSet<RecordId> = BTreeSet::new();
        for path in files::entries(&self.folder)? {
            let name = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(id) = name.and_then(|name| name.parse().ok()) {
                ids.insert(id);
            }
        }
        let mut others = Vec::new();
        for id in ids.into_iter().filter(|id| Some(*id) != own) {
            let line = Line::open(&self.file(id, "bell"))?;
            let member = self.read(id, TICKET);
            let holds = self.has(id, HOLDS);
            match (member, line) {
                (Some(member), line)
                    if line.is_some() || (holds && self.is_supervised(&member)?) =>
                {
                    others.push(Other {
                        id,
                        member,
                        holds,
                        superseded: self.has(id, SUPERSEDED),
                        line,
                    });
                }
                // It is just leaving, and needs nobody's help for it.
                (None, Some(_)) => {}
                _ => self.remove(id)?,
            }
        }
        Ok(others)
    }

    pub(super) fn supervisor_lock(&self, member: &Member) -> PathBuf {
        RunFolder::of(&self.local.runs(), member.run).supervisor_lock()
    }

    /// Whether steps of a run whose engine died are under way.
    fn is_supervised(&self, member: &Member) -> Result<bool, sys::Error> {
        lock::is_held(&self.supervisor_lock(member))
    }

    /// Asks the one in the group to end. A run is asked as `git mmm cancel` asks it; a job hears
    /// its bell, and reads who wants it.
    pub(super) fn ask_to_end(&self, other: &Other, by: &Member) -> Result<(), sys::Error> {
        self.write(other.id, END, by)?;
        if let Some(line) = &other.line {
            line.ring()?;
        }
        if other.member.job.is_none() {
            let folder = RunFolder::of(&self.local.runs(), other.member.run);
            let path = match other.line {
                Some(_) => folder.engine_lock(),
                None => folder.supervisor_lock(),
            };
            ask_to_stop(&path)?;
        }
        Ok(())
    }
}

/// Asks the process that holds a lock to stop.
fn ask_to_stop(path: &Path) -> Result<(), sys::Error> {
    let pid = lock::holder(path).trim().parse().ok();
    if let Some(pid) = pid
        && pid != std::process::id()
        && lock::is_held(path)?
    {
        tree::ask_to_stop(pid);
    }
    Ok(())
}
