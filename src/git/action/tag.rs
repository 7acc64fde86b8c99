//! Making and moving a tag.

use crate::git::action::hand::{Hand, short};
use crate::git::action::{Outcome, Refused};

/// A tag that is to be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Its name.
    pub(crate) name: String,
    /// Its message; without one the tag is a name alone.
    pub(crate) message: Option<String>,
    /// Where it is to be; `HEAD` unless named.
    pub(crate) at: Option<String>,
    /// Whether one that is elsewhere is moved.
    pub(crate) force: bool,
    /// Whether it is signed; Git's settings decide unless it says so.
    pub(crate) sign: Option<bool>,
}

/// Does it.
pub(super) fn perform(hand: &mut Hand<'_>, tag: &Tag) -> Result<Outcome, Refused> {
    let name = tag.name.as_str();
    let full = format!("refs/tags/{name}");
    hand.check_name("tag", &full)?;
    if tag.message.is_none() && tag.sign == Some(true) {
        return Err(Refused::NoMessage { kind: "tag" });
    }
    let wanted = hand.commit(tag.at.as_deref().unwrap_or("HEAD"))?;
    let outcome = |changed| Outcome {
        tag: Some(name.to_owned()),
        commit: Some(wanted.clone()),
        changed,
        ..Outcome::default()
    };
    if let Some(object) = hand.resolve(&full)? {
        let found = hand
            .resolve(&format!("{full}^{{}}"))?
            .unwrap_or(object.clone());
        let is_name_alone = object == found;
        if found == wanted && (tag.message.is_none() || !is_name_alone) {
            hand.say(format!("tag {name} is at {}", short(&wanted)));
            return Ok(outcome(false));
        }
        if !tag.force && found == wanted {
            return Err(Refused::NameAlone {
                name: name.to_owned(),
            });
        }
        if !tag.force {
            return Err(Refused::Exists {
                kind: "tag",
                name: name.to_owned(),
                found,
                wanted,
            });
        }
    }
    let message = tag.message.as_deref();
    let message = message.map(|text| hand.message("tag", text)).transpose()?;
    let path = message.as_ref().map(|file| file.path().to_string_lossy());
    let mut words = vec!["tag"];
    words.extend(tag.force.then_some("--force"));
    match (&path, tag.sign) {
        (Some(path), sign) => {
            words.push(match sign {
                Some(true) => "--sign",
                Some(false) => "--no-sign",
                None => "--annotate",
            });
            words.extend(["--cleanup=whitespace", "--file", path.as_ref()]);
        }
        // A signature needs a message, whatever the settings say.
        (None, _) => words.push("--no-sign"),
    }
    words.extend([name, wanted.as_str()]);
    hand.act(&words)?;
    hand.say(format!("tag {name} is at {}", short(&wanted)));
    Ok(outcome(true))
}
