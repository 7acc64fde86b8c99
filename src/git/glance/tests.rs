//! A glance beside what git says.

use crate::git::testing::everywhere;

#[test]
fn a_glance_sees_what_git_sees() {
    everywhere(|sandbox| {
        let (name, label) = ("refs/mmm/a", &sandbox.label);
        let repository = sandbox.open();
        let refs = repository.refs();
        let same = || {
            let seen = refs.glance(name).expect("looks");
            assert_eq!(seen, refs.resolve(name).expect("asks"), "{label}");
            seen
        };
        assert_eq!(same(), None, "{label}");
        let first = sandbox.id("HEAD");
        sandbox.git(&["update-ref", name, first.as_str()]);
        assert_eq!(same().as_ref(), Some(&first), "{label}");
        sandbox.git(&["pack-refs", "--all"]);
        assert_eq!(same().as_ref(), Some(&first), "{label}");
        let second = sandbox.commit("second");
        sandbox.git(&["update-ref", name, second.as_str()]);
        assert_eq!(same().as_ref(), Some(&second), "{label}");
        sandbox.git(&["symbolic-ref", name, "refs/mmm/b"]);
        sandbox.git(&["update-ref", "refs/mmm/b", first.as_str()]);
        assert_eq!(same().as_ref(), Some(&first), "{label}");
        sandbox.git(&["update-ref", "-d", name]);
        assert_eq!(same(), None, "{label}");
    });
}

#[test]
fn the_last_name_is_the_one_that_git_sorts_last() {
    everywhere(|sandbox| {
        let label = &sandbox.label;
        let folder = "refs/mmm/runs/";
        let same = |expected: Option<&str>| {
            let sorted = sandbox.git(&[
                "for-each-ref",
                "--format=%(refname)",
                "--sort=-refname",
                folder,
            ]);
            let found = sandbox.open().refs().last_name(folder).expect("looks");
            assert_eq!(found.as_deref(), sorted.lines().next(), "{label}");
            assert_eq!(found.as_deref(), expected, "{label}");
        };
        let make = |name: &str| sandbox.git(&["update-ref", name, "HEAD"]);
        same(None);
        make("refs/mmm/rung");
        make("refs/mmm/runs-of-others");
        same(None);
        for run in ["b.1", "a.9", "b.10"] {
            make(&format!("{folder}{run}"));
        }
        same(Some("refs/mmm/runs/b.10"));
        sandbox.git(&["tag", "-a", "-m", "a tag", "v1"]);
        sandbox.git(&["pack-refs", "--all"]);
        same(Some("refs/mmm/runs/b.10"));
        make("refs/mmm/runs/a.7");
        same(Some("refs/mmm/runs/b.10"));
        make("refs/mmm/runs/c.1");
        same(Some("refs/mmm/runs/c.1"));
        sandbox.git(&["update-ref", "-d", "refs/mmm/runs/c.1"]);
        sandbox.git(&["update-ref", "-d", "refs/mmm/runs/b.10"]);
        same(Some("refs/mmm/runs/b.1"));
        // Somebody else's folder: its names sort by more than its own.
        make("refs/mmm/runs/z/1");
        make("refs/mmm/runs/z.1");
        same(Some("refs/mmm/runs/z/1"));
    });
}
