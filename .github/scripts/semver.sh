#!/usr/bin/env bash
# Compares the public items of the published libraries with those of the branch that a pull request goes to, which BASE_REF names.
# pivotal-api promises no compatibility of its own, but pivotal-sdk re-exports its types, so it is compared too.
set -euo pipefail

git fetch --quiet --depth=1 origin "${BASE_REF:?the branch that the pull request goes to}"
exec cargo semver-checks --baseline-rev FETCH_HEAD --workspace
