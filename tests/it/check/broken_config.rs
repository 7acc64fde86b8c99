//! A configuration that cannot be read at all is a problem among others.

use crate::support::TestRepo;

#[test]
fn one_broken_file_does_not_stop_the_check() {
    let repo = TestRepo::new();
    repo.write(".mmm/specs/z-8k3q9x2.md", "x");
    let place = repo.path().join(".mmm/config.toml");
    let check = |what: &str| {
        let run = repo.mmm(["check"]);
        run.assert_code(1);
        assert!(run.stderr.contains(what), "{run}");
        assert!(run.stderr.contains("z-8k3q9x2.md:1:1"), "{run}");
        let path = repo.path().to_string_lossy().into_owned();
        assert!(!run.stderr.contains(&path), "{run}");
    };
    repo.write(".mmm/config.toml", "#".repeat(1024 * 1024 + 1));
    check("more than the 1048576 that are read");
    std::fs::remove_file(&place).expect("removes");
    std::fs::create_dir(&place).expect("a folder");
    check("this is a folder, not a file");
    std::fs::remove_dir(&place).expect("removes");
    std::os::unix::fs::symlink("../README", &place).expect("links");
    check("`.mmm/config.toml` is a symbolic link to `../README`");
}
