#!/usr/bin/env bash
# Compares the contract of a pull request with that of the branch that it goes to, and annotates the lines that differ.
# BASE_REF names that branch. A breaking change is shown, not refused: whether to release it is for people to say.
set -euo pipefail

contract=openapi/pivotal.json

git fetch --quiet --depth=1 origin "${BASE_REF:?the branch that the pull request goes to}"
if ! git cat-file -e "FETCH_HEAD:$contract" 2>/dev/null; then
  echo "::notice::$BASE_REF has no $contract yet: nothing to compare."
  exit 0
fi
if git cat-file blob "FETCH_HEAD:$contract" | cmp --silent - "$contract"; then
  echo "The contract is that of $BASE_REF."
  exit 0
fi
cargo xtask diff "FETCH_HEAD:$contract" "$contract" --format github --fail-on never
