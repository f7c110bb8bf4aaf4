#!/usr/bin/env bash
# Packs every crate that is published, without building or network, and looks into the packages: what is a symbolic link here must
# be a file there.
set -euo pipefail
cd "$(dirname "$0")/.."

unpublished=$(grep -lx 'publish = false' crates/*/Cargo.toml | xargs -n 1 dirname | xargs -n 1 basename)
# shellcheck disable=SC2046 # a word each
cargo package --quiet --workspace $(printf -- '--exclude %s ' $unpublished) --allow-dirty --no-verify --offline 2> >(grep -v '^warning: manifest has no documentation\|^ *|$\|^ *= note: see https://doc.rust-lang.org/cargo' >&2)
packages=$(cargo metadata --no-deps --offline --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/package
for crate in crates/*; do
  name=$(basename "$crate")
  grep -qx "$name" <<< "$unpublished" && continue
  archive=$(ls -t "$packages/$name"-[0-9]*.crate | head -n 1)
  files="README.md LICENSE-MIT LICENSE-APACHE Cargo.toml"
  case $name in
    hsic-data) files+=" data/registry.toml data/wine.csv" ;;
    hsic-kernels | hsic-layer) files+=" katex-header.html" ;;
    hsic-net) files+=" PROJECT.md PASSES.md katex-header.html" ;;
    hsic-report) files+=" assets/DejaVuSans-subset.ttf assets/DejaVuSans-LICENSE.txt" ;;
    hsic) files+=" GUIDE.md" ;;
    hsic-cli) files+=" configs/spiral.toml configs/own-data.toml" ;;
  esac
  listing=$(tar -tvzf "$archive")
  if grep -q '^l' <<< "$listing"; then
    echo "$archive holds a symbolic link" >&2
    exit 1
  fi
  for file in $files; do
    # a regular file of more than nothing
    if ! awk -v path="/$file" '$1 ~ /^-/ && $3 > 0 && substr($6, length($6) - length(path) + 1) == path { found = 1 } END { exit !found }' <<< "$listing"; then
      echo "$archive lacks $file" >&2
      exit 1
    fi
  done
  for key in description license keywords categories readme; do
    grep -q "^$key = " <<< "$(tar -xzOf "$archive" "$(tar -tzf "$archive" | grep '^[^/]*/Cargo.toml$')")" || { echo "$name has no $key" >&2; exit 1; }
  done
done
echo "$(ls -d crates/* | grep -vcFf <(sed 's|^|crates/|' <<< "$unpublished")) packages are whole"
