//! Patterns of paths with `*`, `?`, `[…]` and `**`, as GitHub's `hashFiles` reads them.
//!
//! A pattern and a path are lists of names; a `/` never stands in one. Names that begin with a dot
//! are like others.

/// A pattern.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq)]
enum Segment {
    /// One name as it is.
    Literal(String),
    /// Any number of names, none included.
    Deep,
    /// One name of this form.
    Name(Vec<Piece>),
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Exactly(char),
    /// `?`.
    One,
    /// `*`.
    Any,
    /// `[…]`: the ranges, and whether the character is to be in none of them.
    Class(Vec<(char, char)>, bool),
}

impl Glob {
    /// Reads a pattern. Every text is one: a `[` without its `]` stands for itself.
    pub(crate) fn new(pattern: &str) -> Self {
        let names = pattern.split('/').filter(|name| !name.is_empty());
        Self {
            segments: names.map(segment).collect(),
        }
    }

    /// Whether it is the whole path.
    pub(crate) fn matches(&self, path: &[String]) -> bool {
        let reached = self.reached(path);
        self.skip_deep(reached).contains(&self.segments.len())
    }

    /// Whether something below the folder of this path can match.
    pub(crate) fn leads_through(&self, folder: &[String]) -> bool {
        let reached = self.reached(folder);
        reached.iter().any(|at| *at < self.segments.len())
    }

    /// The names that it begins with before the first one that is not fixed.
    pub(crate) fn fixed(&self) -> Vec<String> {
        self.segments
            .iter()
            .map_while(|segment| match segment {
                Segment::Literal(name) => Some(name.clone()),
                Segment::Deep | Segment::Name(_) => None,
            })
            .collect()
    }

    /// Whether it ends with `**`.
    pub(crate) fn ends_deep(&self) -> bool {
        self.segments.last() == Some(&Segment::Deep)
    }

    /// The segments that may come next after these names, as sorted numbers.
    fn reached(&self, path: &[String]) -> Vec<usize> {
        let mut reached = vec![0];
        for name in path {
            let mut next = Vec::new();
            for at in self.skip_deep(reached) {
                match self.segments.get(at) {
                    Some(Segment::Deep) => next.push(at),
                    Some(segment) if segment.matches(name) => next.push(at + 1),
                    Some(_) | None => {}
                }
            }
            next.sort_unstable();
            next.dedup();
            reached = next;
        }
        reached
    }

    /// Adds what follows each `**`, which may stand for nothing.
    fn skip_deep(&self, mut reached: Vec<usize>) -> Vec<usize> {
        let mut index = 0;
        while let Some(&at) = reached.get(index) {
            if self.segments.get(at) == Some(&Segment::Deep) && !reached.contains(&(at + 1)) {
                reached.push(at + 1);
            }
            index += 1;
        }
        reached
    }
}

impl Segment {
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == name,
            Self::Deep => true,
            Self::Name(pieces) => matches_name(pieces, name),
        }
    }
}

fn segment(text: &str) -> Segment {
    if text == "**" {
        return Segment::Deep;
    }
    let mut pieces = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        pieces.push(match character {
            '*' => Piece::Any,
            '?' => Piece::One,
            '[' => match class(rest.as_str()) {
                Some((piece, after)) => {
                    rest = after.chars();
                    piece
                }
                None => Piece::Exactly('['),
            },
            '\\' => Piece::Exactly(rest.next().unwrap_or('\\')),
            plain => Piece::Exactly(plain),
        });
    }
    let literal: Option<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Exactly(character) => Some(*character),
            _ => None,
        })
        .collect();
    literal.map_or(Segment::Name(pieces), Segment::Literal)
}

/// What stands behind a `[`, up to its `]`; and what follows.
fn class(text: &str) -> Option<(Piece, &str)> {
    let inside = text.strip_prefix(['!', '^']);
    let negated = inside.is_some();
    let inside = inside.unwrap_or(text);
    // A `]` right at the start is one of the characters.
    let first = inside.chars().next()?.len_utf8();
    let end = first + inside.get(first..)?.find(']')?;
    let characters: Vec<char> = inside.get(..end)?.chars().collect();
    let mut ranges = Vec::new();
    let mut rest = characters.as_slice();
    while let [from, after @ ..] = rest {
        let (to, after) = match after {
            ['-', to, after @ ..] => (to, after),
            after => (from, after),
        };
        ranges.push((*from, *to));
        rest = after;
    }
    Some((Piece::Class(ranges, negated), inside.get(end + 1..)?))
}

/// One name against its pieces: on a mismatch the last `*` takes one character more.
fn matches_name(pieces: &[Piece], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut piece, mut at) = (0, 0);
    let mut star = None;
    loop {
        let found = match (pieces.get(piece), name.get(at)) {
            (None, None) => return true,
            (Some(Piece::Any), _) => {
                star = Some((piece, at));
                piece += 1;
                continue;
            }
            (Some(Piece::One), Some(_)) => true,
            (Some(Piece::Exactly(wanted)), Some(found)) => wanted == found,
            (Some(Piece::Class(ranges, negated)), Some(found)) => {
                ranges.iter().any(|(from, to)| (from..=to).contains(&found)) != *negated
            }
            _ => false,
        };
        if found {
            piece += 1;
            at += 1;
            continue;
        }
        match star {
            Some((back, taken)) if taken < name.len() => {
                star = Some((back, taken + 1));
                piece = back + 1;
                at = taken + 1;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn path(text: &str) -> Vec<String> {
        text.split('/').map(str::to_owned).collect()
    }

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let glob = Glob::new(pattern);
        for text in yes {
            assert!(glob.matches(&path(text)), "{pattern} is not {text}");
        }
        for text in no {
            assert!(!glob.matches(&path(text)), "{pattern} is {text}");
        }
    }

    #[test]
    fn patterns_match_whole_paths() {
        check("a/b.rs", &["a/b.rs"], &["a", "a/b.rs/c", "b.rs", "a/B.rs"]);
        check("*.rs", &["a.rs", ".rs", ".a.rs"], &["a/b.rs", "a.rsx"]);
        check("a*b*c", &["abc", "axbbyc", "abcbc"], &["ab", "abcd"]);
        check("**", &["a", "a/b", ".x/y"], &[]);
        check("**/*.lock", &["a.lock", "x/y/a.lock"], &["a.lock/x"]);
        check("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["b", "a/b/c"]);
        check("a/**", &["a", "a/b/c"], &["b/a"]);
        check("a**b", &["ab", "axb"], &["a/b"]);
        check("?.[ch]", &["a.c", "é.h"], &["ab.c", "a.d"]);
        check("[!a-c]x[]]", &["dx]"], &["ax]", "dx"]);
        check("[ab", &["[ab"], &["a"]);
        check(r"\*[*]", &["**"], &["a*"]);
    }

    #[test]
    fn a_folder_is_looked_into_where_that_can_help() {
        let check = |pattern: &str, folder: &str, expected: bool| {
            let found = Glob::new(pattern).leads_through(&path(folder));
            assert_eq!(found, expected, "{pattern} through {folder}");
        };
        check("src/*.rs", "src", true);
        check("src/*.rs", "src/deep", false);
        check("**/x", "any/where", true);
        check("a/*/c/**", "a/b", true);
        check("a/*/c/**", "a/b/d", false);
        assert_eq!(Glob::new("a/b/*.c/d").fixed(), ["a", "b"]);
    }
}
