# The tasks of this repository; `just` lists them.

_list:
    @just --list --unsorted

# Check everything that must hold before a change is taken
ci:
    .ci/run

# Run the tests
test *arguments:
    cargo test --locked {{ arguments }}

# Run the tests that kill the program many times, in full
soak:
    MMM_SOAK=1 cargo test --locked --release --test it -- soak

# Measure against the controls
bench:
    cargo bench --features internals

# Format the sources
fmt:
    cargo fmt

# Find what the compiler lets pass
lint:
    cargo clippy --all-targets --locked -- -D warnings

# Build the documentation of the sources
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# Check licences, advisories and sources of the dependencies (needs cargo-deny)
deny:
    cargo deny --locked check
