//! What a repository is called where it was cloned from: `owner/name`.

use crate::git::configuration::Configuration;

/// The name that the server of `origin` has for this repository. Nothing where there is no such
/// remote, where it is no server, and where the name has characters that no server allows.
pub(crate) fn name(configuration: &Configuration) -> Option<&str> {
    named(configuration.get("remote.origin.url")?)
}

fn named(url: &str) -> Option<&str> {
    let path = match url.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?.1,
        // As Git does: a colon makes a server of what stands before it, unless that is a path.
        None => {
            let (server, path) = url.split_once(':')?;
            if server.contains('/') {
                return None;
            }
            path.trim_start_matches('/')
        }
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_plain = |part: &str| {
        let mut characters = part.chars();
        !part.is_empty()
            && characters.all(|each| each.is_ascii_alphanumeric() || "._-".contains(each))
    };
    (path.contains('/') && path.split('/').all(is_plain)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_are_those_of_the_server() {
        let check = |url: &str, expected: Option<&str>| assert_eq!(named(url), expected, "{url}");
        check("https://github.com/ada/engine.git", Some("ada/engine"));
        check(
            "https://ada:secret@github.com/ada/engine",
            Some("ada/engine"),
        );
        check("ssh://git@example.org:22/ada/engine/", Some("ada/engine"));
        check("git@github.com:ada/engine.git", Some("ada/engine"));
        check("host:/ada/engine.git", Some("ada/engine"));
        check(
            "https://gitlab.com/group/sub/engine.git",
            Some("group/sub/engine"),
        );
        check("https://example.org/engine.git", None);
        check("https://example.org", None);
        check("file:///srv/git/engine.git", None);
        check("/srv/git/engine.git", None);
        check("../a:b/engine", None);
        check("https://example.org/ada/$(id)", None);
        check("https://example.org/ada//engine", None);
    }
}
