#!/usr/bin/env bash
# Everything a change must pass, in the order of what fails fastest. Needs Rust alone; Python, where it
# is there, adds the tests of its package, and HSIC_DATA_DIR, where it is set, those on data sets that are not in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; "$@"; }

step cargo fmt --all -- --check
step cargo clippy --locked --workspace --all-targets --all-features --release -- -D warnings
# the README's test command
step cargo test --release --workspace
step cargo test --locked --release -p hsic-kernels --features nalgebra --doc
step cargo test --locked --release -p hsic-eval --features baselines --lib --test baselines
step cargo test --locked --release -p hsic-cli --features baselines --test reproduce perceptrons
RUSTDOCFLAGS="-D warnings" step cargo doc --locked --workspace --no-deps --all-features
step cargo bench --locked -p hsic-kernels --no-run
RUSTDOCFLAGS="-D warnings --html-in-header $PWD/docs/katex-header.html" step cargo doc --locked -p hsic-layer --no-deps
grep -q 'language-math' target/doc/hsic_layer/index.html || { echo "no formula for KaTeX in the docs" >&2; exit 1; }
step scripts/check_packages.sh
for example in hsic-data:own_table hsic:fit_and_save hsic-kernels:hsic_of_two_samples hsic-layer:one_layer hsic-net:rings hsic-net:third_solver; do
  step cargo run --quiet --locked --release -p "${example%:*}" --example "${example#*:}"
done
step cargo run --quiet --locked --release -p hsic-eval --example selection -- 0 closed-form wine
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
step cargo run --locked --release -- run configs/spiral.toml --out "$out"
for file in results.json folds.csv layers.csv config.toml metrics-spectral.svg metrics-spectral.png \
  gram-spectral.png scatter-spectral.png comparison.png report.html; do
  test -s "$out/$file" || { echo "the run left no $file" >&2; exit 1; }
done
step scripts/check_python.sh
printf '\nall checks passed\n'
