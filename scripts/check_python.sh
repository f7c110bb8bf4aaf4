#!/usr/bin/env bash
# The Python package: a wheel of the release build, installed into a fresh environment, its tests, its types and its examples. Says aloud what
# it skips where there is no Python, or no package index.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() { printf 'SKIPPED: the Python package is not checked: %s\n' "$*" >&2; exit 0; }

command -v python3 > /dev/null || skip "there is no python3"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || skip "$(python3 --version) is older than 3.10"
case $(uname -s) in Linux) ;; *) skip "pack_wheel.py knows Linux alone; maturin build makes wheels elsewhere" ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/tools" 2> /dev/null || skip "python3 has no venv"
"$work/tools/bin/pip" install --quiet --disable-pip-version-check 'maturin>=1.9,<2' 2> "$work/pip" || skip "no package index: $(tail -n 1 "$work/pip")"

cargo build --locked --release --workspace
"$work/tools/bin/python" scripts/pack_wheel.py target/release/lib_hsic.so "$work/dist"
wheel=$(ls "$work"/dist/*.whl)
size=$(stat -c %s "$wheel")
echo "the wheel has $((size / 1024)) KiB"
test "$size" -lt $((15 * 1024 * 1024)) || { echo "the wheel is larger than 15 MiB" >&2; exit 1; }
(cd crates/hsic-python && PATH="$work/tools/bin:$PATH" maturin sdist --out "$work/dist" > /dev/null)

python3 -m venv "$work/venv"
venv=$work/venv/bin
"$venv/pip" install --quiet --disable-pip-version-check "$wheel"
# NumPy alone
(cd "$work" && "$venv/python" -c 'import hsic, numpy; assert hsic.gram(numpy.zeros((3, 1)), 1.0).sum() == 9')
"$venv/pip" install --quiet --disable-pip-version-check "$wheel[test]" matplotlib
# Spark is large, and needs Java
command -v java > /dev/null || printf 'SKIPPED: hsic.spark is not checked: there is no java\n' >&2
doctest=(--doctest-modules)
if ! "$venv/pip" install --quiet --disable-pip-version-check "$wheel[spark]" 2> "$work/pip"; then
  printf 'SKIPPED: hsic.spark is not checked: PySpark cannot be installed: %s\n' "$(tail -n 1 "$work/pip")" >&2
  doctest+=(--doctest-ignore-import-errors)
fi
export MPLBACKEND=Agg HSIC_CLI=$PWD/target/release/hsic-cli
"$venv/python" -m pytest -q -p no:cacheprovider crates/hsic-python/tests
"$venv/python" -m mypy --config-file crates/hsic-python/pyproject.toml --cache-dir "$work/mypy" crates/hsic-python/examples
"$venv/python" -m pytest -q -p no:cacheprovider "${doctest[@]}" --pyargs hsic
for example in crates/hsic-python/examples/*.py; do
  (cd "$work" && "$venv/python" "$OLDPWD/$example")
done
echo "the Python package is whole"
