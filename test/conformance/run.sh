#!/usr/bin/env bash
# Runs the object-store suite against a real S3-compatible server that honours versions and preconditions.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
venv=.venv/s3
# awscrt is AWS's own CRC-64/NVME, without which the server would answer with another checksum.
if ! "$venv/bin/python" -c 'import moto, awscrt' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'moto[server,s3]==5.2.5' 'awscrt==0.38.1'
fi
port=$(node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
log=$(mktemp)
"$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$log" 2>&1 &
server=$!
trap 'code=$?; kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; [ $code -eq 0 ] || tail -20 "$log"; rm -f "$log"; exit $code' EXIT
for _ in $(seq 100); do
  if node -e "fetch('http://127.0.0.1:$port/').then(()=>process.exit(0),()=>process.exit(1))"; then break; fi
  sleep 0.3
done
export AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
vitest run --config test/conformance/vitest.config.ts
