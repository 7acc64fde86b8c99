//! The sample project: `.mmm-example/` with the few files that it is about, embedded.
//!
//! The same files are documentation and the fixture of the tests.

/// One file of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SampleFile {
    /// Where it goes, relative to the top of the work tree.
    pub(crate) path: &'static str,
    /// What it holds.
    pub(crate) text: &'static str,
}

macro_rules! state_file {
    ($path:literal) => {
        SampleFile {
            path: concat!(".mmm/", $path),
            text: include_str!(concat!("../../.mmm-example/", $path)),
        }
    };
}

/// The state of the sample project.
pub(crate) const STATE: &[SampleFile] = &[
    state_file!(".gitattributes"),
    state_file!("config.toml"),
    state_file!("runs/01m7ma19p82b6w0hzs4j9pdg7e.toml"),
    state_file!("specs/greeting-in-other-languages-9rv4h6c.md"),
    state_file!("specs/greeting-knows-the-hour-1m4c8tz.md"),
    state_file!("specs/greeting-names-the-person-7k3q9x2.md"),
    state_file!("specs/greeting-names-the-person-7k3q9x2/01m7ht2ht07t3x9kqv2m5n8r1c.md"),
    state_file!("specs/nobody-is-greeted-too-3fz8m1k.md"),
    state_file!("workflows/default.yaml"),
    state_file!("workflows/release.yaml"),
];

/// What the sample project is about.
pub(crate) const CODE: &[SampleFile] = &[
    SampleFile {
        path: "README.md",
        text: include_str!("../../templates/project/quickstart/README.md"),
    },
    SampleFile {
        path: "greet.sh",
        text: include_str!("../../templates/project/quickstart/greet.sh"),
    },
    SampleFile {
        path: "test.sh",
        text: include_str!("../../templates/project/quickstart/test.sh"),
    },
];

/// The spec that `quickstart` runs.
pub(crate) const SPEC: &str = "greeting-names-the-person";

#[cfg(test)]
mod tests;
