#!/usr/bin/env bash
# Compiles each package without features, with its default features, and with each feature alone. A warning is an error: code that
# only another feature uses is found so. Needs cargo-hack.
# `_rustls` is what the two features of rustls have in common, and does not compile without one of them.
set -euo pipefail

RUSTFLAGS="-D warnings" exec cargo hack check --workspace --each-feature --exclude-features _rustls --locked
