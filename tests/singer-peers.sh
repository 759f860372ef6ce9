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
sandbox=
finish() {
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT INT TERM

if [ -z "${PIVOTAL:-}" ]; then
    cargo build --quiet --manifest-path "$root/Cargo.toml" -p pivotal-cli
    PIVOTAL=${CARGO_TARGET_DIR:-$root/target}/debug/pivotal
fi
cd "$scratch"

# Installs a version of a program of PyPI into an environment of its own: they need different libraries.
install() {
    python3 -m venv "venv-$1"
    "./venv-$1/bin/pip" --quiet --disable-pip-version-check install "$1==$2"
}

# `pivotal export --format singer` into a target that checks every record against its schema, and writes JSON Lines.
export_to_target() {
    install target-jsonl 0.1.4
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

# A tap into `pivotal sync`, twice: the first run creates, and the second, from the state that the first passed on, changes nothing.
tap_to_sync() {
    install tap-jsonl 0.3.1
    export PIVOTAL_API_KEY=pivotal_test_singer
    "$PIVOTAL" sandbox --listen 127.0.0.1:0 --api-key "$PIVOTAL_API_KEY" --address-file address >/dev/null &
    sandbox=$!
    tries=0
    until [ -s address ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "the sandbox did not start" >&2; exit 1; }
        sleep 0.1
    done
    PIVOTAL_BASE_URL=$(cat address)
    export PIVOTAL_BASE_URL
    cat >companies.jsonl <<'END'
{"id": 1, "name": "Aurora", "website": "https://www.aurora-demo.com/", "billing": {"plan": "Growth", "mrr": 99.5}}
{"id": 2, "name": "Borealis", "website": "borealis-demo.com", "billing": {"plan": null, "mrr": null}}
END
    echo '{"path": "companies.jsonl", "stream_name": "companies", "primary_keys": ["id"]}' >tap.json
    cat >pivotal-sync.toml <<'END'
[source]
type = "singer"
stream = "companies"
[sync]
match = ["domain"]
[fields]
name = "name"
domain = { column = "website", transform = ["domain"] }
plan = "billing__plan"
mrr = { column = "billing__mrr", transform = ["cents"] }
END
    tap ./venv-tap-jsonl/bin/tap-jsonl --config tap.json
    expect '2 create, 0 update'
    rows=$("$PIVOTAL" customers list --jq '[.name, .domain, .plan, .mrr]' --output jsonl | sort | tr -d '\n')
    [ "$rows" = '["Aurora","aurora-demo.com","Growth",9950]["Borealis","borealis-demo.com",null,null]' ] ||
        { echo "other customers than those of the tap: $rows" >&2; exit 1; }
    # The tap may send less, from its bookmark.
    tap ./venv-tap-jsonl/bin/tap-jsonl --config tap.json --state tap-state.json
    expect '0 create, 0 update'
}

# Runs a tap, with its arguments, into `pivotal sync`, and keeps the state that this passes on.
tap() {
    if ! "$@" 2>tap.log | "$PIVOTAL" sync --allow-shrunk-source >passed.json 2>sync.log; then
        cat tap.log sync.log >&2
        exit 1
    fi
    python3 -c 'import json; json.load(open("passed.json"))["bookmarks"]["companies"]'
    mv passed.json tap-state.json
    echo "state: $(cat tap-state.json)"
}

# Checks the plan of the last sync.
expect() {
    grep -m 1 "^plan .*$1" sync.log || { cat sync.log >&2; exit 1; }
}

export_to_target
tap_to_sync
