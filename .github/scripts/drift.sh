#!/usr/bin/env bash
# Compares the contract with the published document or the live API: `drift.sh document` or `drift.sh server`.
# Without the URL or the key there is nothing to compare with: a notice, and success.
set -euo pipefail

case "${1:-}" in
  document)
    if [ -z "${PIVOTAL_DOCUMENT_URL:-}" ]; then
      echo "::notice::The variable PIVOTAL_DOCUMENT_URL is not set: the published document was not checked."
      exit 0
    fi
    exec cargo xtask update --from "$PIVOTAL_DOCUMENT_URL" --dry-run --no-check --fail-on any
    ;;
  server)
    if [ -z "${PIVOTAL_API_KEY:-}" ]; then
      echo "::notice::The secret PIVOTAL_TEST_API_KEY is not set: the live API was not checked."
      exit 0
    fi
    exec cargo xtask contract --live
    ;;
  *)
    echo "usage: drift.sh document|server" >&2
    exit 2
    ;;
esac
