//! Making, moving and checking out a branch.

use crate::git::action::hand::{Hand, short};
use crate::git::action::{Outcome, Refused};

/// A branch that is to be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Branch {
    /// Its name.
    pub(crate) name: String,
    /// Where it is to be; `HEAD` unless named.
    pub(crate) from: Option<String>,
    /// Whether it is to be checked out.
    pub(crate) checkout: bool,
    /// Whether one that is elsewhere is moved.
    pub(crate) force: bool,
}

/// Does it.
pub(super) fn perform(hand: &mut Hand<'_>, branch: &Branch) -> Result<Outcome, Refused> {
    let name = branch.name.as_str();
    let full = format!("refs/heads/{name}");
    hand.check_name("branch", &full)?;
    let wanted = hand.commit(branch.from.as_deref().unwrap_or("HEAD"))?;
    let found = hand.resolve(&full)?;
    let is_current = hand.current()?.as_deref() == Some(name);
    let is_there = found.as_ref() == Some(&wanted);
    if let Some(found) = &found
        && !is_there
        && !branch.force
    {
        return Err(Refused::Exists {
            kind: "branch",
            name: name.to_owned(),
            found: found.clone(),
            wanted,
        });
    }
    let at = wanted.as_str();
    let mut changed = true;
    match (is_there, branch.checkout) {
        (true, true) if !is_current => hand.act(&["switch", "--quiet", "--no-guess", name])?,
        (true, _) => changed = false,
        // Git moves a branch that is checked out with its work tree only.
        (false, checkout) if checkout || is_current => {
            let flag = if found.is_some() { "-C" } else { "-c" };
            hand.act(&["switch", "--quiet", "--no-track", flag, name, at])?;
        }
        (false, _) if found.is_some() => {
            hand.act(&["branch", "--quiet", "--no-track", "--force", name, at])?;
        }
        (false, _) => hand.act(&["branch", "--quiet", "--no-track", name, at])?,
    }
    let place = if branch.checkout { ", checked out" } else { "" };
    hand.say(format!("branch {name} is at {}{place}", short(&wanted)));
    Ok(Outcome {
        branch: Some(name.to_owned()),
        commit: Some(wanted),
        changed,
        ..Outcome::default()
    })
}
