#!/bin/sh
# Lets schemathesis, a property-based tester of APIs, loose on `pivotal sandbox` with the contract, over all operations. It
# runs all of its checks with three seeds, while the sandbox serves pages, saves its state and sends webhooks.
#
# A maintainer's check and no part of `cargo test`: it needs Python 3 and, the first time, a network to install from.
#
#   crates/pivotal-sandbox/tests/schemathesis.sh [--max-examples=N and other options of `schemathesis run`]
#
# SCHEMATHESIS names an installed schemathesis, PIVOTAL a built `pivotal`; without them, both are made. SEEDS names other seeds.
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
scratch=$(mktemp -d)
processes=
finish() {
    [ -z "$processes" ] || kill $processes 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT INT TERM

if [ -z "${SCHEMATHESIS:-}" ]; then
    if SCHEMATHESIS=$(command -v schemathesis); then :; else
        python3 -m venv "$scratch/venv"
        "$scratch/venv/bin/pip" --quiet install 'schemathesis>=4,<5'
        SCHEMATHESIS=$scratch/venv/bin/schemathesis
    fi
fi
if [ -z "${PIVOTAL:-}" ]; then
    cargo build --quiet --manifest-path "$root/Cargo.toml" -p pivotal-cli
    PIVOTAL=${CARGO_TARGET_DIR:-$root/target}/debug/pivotal
fi

key=pivotal_test_schemathesis
export PIVOTAL_WEBHOOK_SECRET=whsec_c2NoZW1hdGhlc2lz
"$PIVOTAL" webhooks listen --listen 127.0.0.1:0 >"$scratch/events" 2>"$scratch/receiver" &
processes=$!
until url=$(grep -o 'http://.*' "$scratch/receiver"); do sleep 0.1; done
"$PIVOTAL" sandbox --listen 127.0.0.1:0 --api-key "$key" --seed 1 --ui --state "$scratch/state" --webhook "$url" \
    --address-file "$scratch/address" >/dev/null &
processes="$processes $!"
tries=0
until [ -s "$scratch/address" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "the sandbox did not start" >&2; exit 1; }
    sleep 0.1
done

cd "$scratch"
for seed in ${SEEDS:-1 2 3}; do
    "$SCHEMATHESIS" run "$root/openapi/pivotal.json" \
        --url "$(cat "$scratch/address")" \
        --header "Authorization: Bearer $key" \
        --checks all --seed "$seed" --continue-on-failure --no-color "$@"
done
