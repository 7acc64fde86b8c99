//! The temporary folder of a job, `RUNNER_TEMP`.

use std::fs;

use crate::run::fixture::{project, sealed_file, told, workflow};

const JOBS: &str = "  fill:
    strategy: {matrix: {n: [1, 2]}}
    steps:
      - run: |
          test -z \"$(ls -A \"$RUNNER_TEMP\")\"
          test \"$RUNNER_TEMP\" = '${{ runner.temp }}'
          test \"$(stat -c %a \"$RUNNER_TEMP\")\" = 700
          mkdir -p \"$RUNNER_TEMP/cache/deep\"
          echo ${{ matrix.n }} > \"$RUNNER_TEMP/cache/deep/n\"
          chmod -R a-w \"$RUNNER_TEMP/cache\"
      - run: cat \"$RUNNER_TEMP/cache/deep/n\"
  look:
    needs: fill
    steps:
      - run: ls -A \"$RUNNER_TEMP\" \"$RUNNER_TEMP/..\"
      - checkpoint: go-on
      - run: touch \"$RUNNER_TEMP/x\"
";

#[test]
fn each_job_has_an_empty_one_and_nothing_stays() {
    let mut repo = project();
    let place = repo.here().path().with_file_name("temporary");
    fs::create_dir(&place).expect("makes");
    let place = place.canonicalize().expect("is there");
    repo.set("TMPDIR", place.to_str().expect("a plain path"));
    let left = || fs::read_dir(&place).expect("is there").count();
    workflow(&repo.here(), "x", JOBS);
    let waits = repo.mmm(["run", "-w", "x", "--json"]);
    waits.assert_code(3);
    let run = told(&waits);
    assert!(place.join(format!("git-mmm-{run}/look")).is_dir());
    assert!(!place.join(format!("git-mmm-{run}/fill@1")).exists());
    // The machine was started again meanwhile.
    fs::remove_dir_all(place.join(format!("git-mmm-{run}"))).expect("removes");
    repo.mmm(["checkpoint", "approve", &run]).assert_ok();
    for (leg, number) in [("fill@1", "1"), ("fill@2", "2")] {
        let name = format!("out/{leg}.2.1.log");
        assert_eq!(sealed_file(&repo.here(), &run, &name), number);
    }
    let listed = sealed_file(&repo.here(), &run, "out/look.1.1.log");
    assert!(listed.ends_with("look"), "{listed}");
    assert!(!listed.contains("fill"), "{listed}");
    assert_eq!(left(), 0);
}
