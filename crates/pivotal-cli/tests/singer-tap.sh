#!/bin/sh
# Runs a real Singer tap into `pivotal sync`, twice: the second run finds nothing to do, and the state that the first printed goes
# back into the tap.
#
# A maintainer's check and no part of `cargo test`: it needs Python 3 and, the first time, a network to install from.
#
#   crates/pivotal-cli/tests/singer-tap.sh
#
# TAP_JSONL names an installed tap-jsonl, PIVOTAL a built `pivotal`; without them, both are made.
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
scratch=$(mktemp -d)
sandbox=
finish() {
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT INT TERM

if [ -z "${TAP_JSONL:-}" ]; then
    python3 -m venv "$scratch/venv"
    "$scratch/venv/bin/pip" --quiet install 'tap-jsonl==0.3.1'
    TAP_JSONL=$scratch/venv/bin/tap-jsonl
fi
if [ -z "${PIVOTAL:-}" ]; then
    cargo build --quiet --manifest-path "$root/Cargo.toml" -p pivotal-cli
    PIVOTAL=${CARGO_TARGET_DIR:-$root/target}/debug/pivotal
fi

PIVOTAL_API_KEY=pivotal_test_singer
export PIVOTAL_API_KEY
"$PIVOTAL" sandbox --listen 127.0.0.1:0 --api-key "$PIVOTAL_API_KEY" --address-file "$scratch/address" >/dev/null &
sandbox=$!
tries=0
until [ -s "$scratch/address" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "the sandbox did not start" >&2; exit 1; }
    sleep 0.1
done
PIVOTAL_BASE_URL=$(cat "$scratch/address")
export PIVOTAL_BASE_URL

cd "$scratch"
cat >companies.jsonl <<'END'
{"id": 1, "name": "Aurora", "website": "https://www.aurora-demo.com/", "billing": {"plan": "Growth", "mrr": 99.5}}
{"id": 2, "name": "Borealis", "website": "borealis-demo.com", "billing": {"plan": null, "mrr": null}}
END
cat >tap.json <<'END'
{"path": "companies.jsonl", "stream_name": "companies", "primary_keys": ["id"]}
END
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

echo "== first run"
"$TAP_JSONL" --config tap.json 2>tap.log | "$PIVOTAL" sync >state.json 2>sync.log || { cat tap.log sync.log; exit 1; }
cat sync.log
echo "== state"
cat state.json
[ "$(wc -l <state.json)" -eq 1 ]
python3 -c 'import json; json.load(open("state.json"))["bookmarks"]["companies"]'
echo "== customers"
"$PIVOTAL" customers list --columns name,domain,plan,mrr
[ "$("$PIVOTAL" customers list --jq '[.name, .plan, .mrr]' --output jsonl | sort | tr -d '\n')" = '["Aurora","Growth",9950]["Borealis",null,null]' ]
echo "== second run, from the state"
"$TAP_JSONL" --config tap.json --state state.json 2>tap.log | "$PIVOTAL" sync --allow-shrunk-source >again.json 2>sync.log || { cat tap.log sync.log; exit 1; }
cat sync.log
grep -q "0 create, 0 update" sync.log
echo "== done"
