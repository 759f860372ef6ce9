#!/usr/bin/env bash
# Runs fuzz targets for some minutes each, two at a time: ./run.sh [MINUTES [TARGET...]], by default all
# for 20 minutes. What is found is in artifacts/TARGET, the output in corpus/TARGET.log.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

minutes="${1:-20}"
targets=("${@:2}")
if [ ${#targets[@]} -eq 0 ]; then
  for file in targets/*.rs; do
    targets+=("$(basename "$file" .rs)")
  done
fi
# Where inputs that reach new code are kept.
export CORPUS="${CORPUS:-$PWD/corpus}"
export LIMITS="-max_total_time=$((minutes * 60)) -rss_limit_mb=2048 -timeout=25"

cargo +nightly fuzz build --sanitizer none

run() {
  local dictionary=sdk.dict
  case "$1" in diff | load | lower | overlay) dictionary=openapi.dict ;; esac
  mkdir -p "$CORPUS/$1"
  # shellcheck disable=SC2086 # The limits are several arguments.
  nice -n 19 cargo +nightly fuzz run --sanitizer none "$1" "$CORPUS/$1" "seeds/$1" -- \
    $LIMITS -dict="$dictionary" -print_final_stats=1 >"$CORPUS/$1.log" 2>&1 ||
    { tail -n 20 "$CORPUS/$1.log"; return 1; }
  grep -E "DONE|new_units_added" "$CORPUS/$1.log" | sed "s/^/$1: /"
}
export -f run
# All are run, also after one has found something.
printf '%s\n' "${targets[@]}" | xargs -P 2 -I TARGET bash -c 'run TARGET'
