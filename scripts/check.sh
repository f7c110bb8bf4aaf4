#!/usr/bin/env bash
# Everything a change must pass, in the order of what fails fastest. Needs Rust alone; Python, where it
# is there, adds the tests of its package, and HSIC_DATA_DIR, where it is set, those on data sets that are not in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
  local start=$SECONDS
  printf '\n== %s\n' "$*"
  "$@"
  printf '== %s s\n' $((SECONDS - start))
}

step cargo fmt --all -- --check
step cargo clippy --locked --workspace --all-targets --all-features --release -- -D warnings
# the README's test command
step cargo test --release --workspace
# one choice of crates and features for all that is not default: each other choice would build the dependencies again
extra=(--locked --release -p hsic-kernels -p hsic-eval -p hsic-cli --features hsic-kernels/nalgebra,hsic-cli/baselines)
step cargo test "${extra[@]}" --test baselines
step cargo test "${extra[@]}" --lib --test reproduce -- baselines perceptrons
step cargo test "${extra[@]}" --doc nalgebra
RUSTDOCFLAGS="-D warnings --html-in-header $PWD/docs/katex-header.html" step cargo doc --locked --release --workspace --no-deps --all-features
grep -q 'language-math' target/doc/hsic_layer/index.html || { echo "no formula for KaTeX in the docs" >&2; exit 1; }
step cargo bench --locked --workspace --bench '*' --no-run
step scripts/check_packages.sh
# built by the tests already
for example in own_table fit_and_save hsic_of_two_samples one_layer rings third_solver; do
  step cargo run --quiet --locked --release --example "$example"
done
step cargo run --quiet --locked --release --example selection -- 0 closed-form wine
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
step cargo run --locked --release -- run configs/spiral.toml --out "$out"
for file in results.json folds.csv layers.csv config.toml metrics-spectral.svg metrics-spectral.png \
  gram-spectral.png scatter-spectral.png comparison.png report.html; do
  test -s "$out/$file" || { echo "the run left no $file" >&2; exit 1; }
done
step scripts/check_python.sh
printf '\nall checks passed\n'
