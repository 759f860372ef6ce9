#!/bin/sh
# Connects `pivotal` with Singer programs of others, on an embedded sandbox, and compares what arrives.
#
# A maintainer's check and no part of `cargo test`: it needs Python 3 and a network to install from.
#
#   tests/singer-peers.sh
#
# PIVOTAL names a built `pivotal`; without it, one is built.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM

if [ -z "${PIVOTAL:-}" ]; then
    cargo build --quiet --manifest-path "$root/Cargo.toml" -p pivotal-cli
    PIVOTAL=${CARGO_TARGET_DIR:-$root/target}/debug/pivotal
fi
cd "$scratch"

# Installs a program of PyPI, by name, into an environment of its own: they need different libraries.
install() {
    python3 -m venv "venv-$1"
    "./venv-$1/bin/pip" --quiet --disable-pip-version-check install "$1"
}

# `pivotal export --format singer` into a target that checks every record against its schema, and writes JSON Lines.
export_to_target() {
    install target-jsonl
    mkdir jsonl
    echo '{"destination_path": "jsonl", "do_timestamp_file": false}' >target.json
    "$PIVOTAL" export all --sandbox --format singer | ./venv-target-jsonl/bin/target-jsonl --config target.json >state
    echo "state: $(cat state)"
    for rows in customers contacts onboardings; do
        "$PIVOTAL" export "$rows" --sandbox --format jsonl >"expected-$rows.jsonl" 2>/dev/null
        python3 - "expected-$rows.jsonl" "jsonl/$rows.jsonl" <<'PYTHON'
import json, sys
expected, arrived = ([json.loads(line) for line in open(name)] for name in sys.argv[1:])
assert expected and expected == arrived, f"{len(expected)} rows were exported, {len(arrived)} arrived, or they differ"
print(f"{sys.argv[2]}: all {len(arrived)} rows arrived as they were exported")
PYTHON
    done
}

export_to_target
