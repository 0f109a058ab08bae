#!/usr/bin/env bash
# Writes the tar archive that Dockerfile unpacks: the directories Templater writes to, empty, owned by the image's user.
set -euo pipefail
target=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
install -d -m 0755 "$tree/config" "$tree/certs" "$tree/webroot" "$tree/run"
install -d -m 0700 "$tree/state"
install -d -m 1777 "$tree/run/templater"
# Where Dotege's compose files mount volumes.
install -d -m 0755 "$tree/data/config" "$tree/data/output" "$tree/data/certs"
tar -C "$tree" --owner=65532 --group=65532 --numeric-owner --mtime=@0 --format=gnu --no-recursion \
    -cf "$target" config certs webroot state run/templater data/config data/output data/certs
