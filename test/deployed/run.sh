#!/usr/bin/env bash
# Deploys the CDK app to a local AWS emulator with the real CDK command line, and checks that what comes out equals
# what the local pipeline gives. Needs Python 3 and npm's packages; starts and stops its own server on 127.0.0.1.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
export PATH="$root/node_modules/.bin:$PATH"
# The emulator of this version was seen to run CDK deployments, EventBridge, SQS, Node functions and a Distributed Map.
version=1.5.33
venv=.venv/emulator-$version
if [ ! -x "$venv/bin/ministack" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "ministack==$version" 'hypercorn>=0.18'
fi
work=$(mktemp -d)
port=$(node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
export AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
export CDK_DEFAULT_ACCOUNT=000000000000 CDK_DEFAULT_REGION=us-east-1 CDK_DISABLE_CLI_TELEMETRY=1
( cd "$work" && exec env BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" PERSIST_STATE=0 "$root/$venv/bin/ministack" ) >"$work/emulator.log" 2>&1 &
server=$!
finish() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$work"; }
trap 'code=$?; if [ $code -ne 0 ]; then echo "--- end of the emulator log"; tail -40 "$work/emulator.log"; fi; finish; exit $code' EXIT
for _ in $(seq 100); do
  if node -e "fetch('$AWS_ENDPOINT_URL/').then(()=>process.exit(0),()=>process.exit(1))"; then break; fi
  sleep 0.3
done
echo "emulator on $AWS_ENDPOINT_URL"
cdk bootstrap aws://000000000000/us-east-1 >"$work/bootstrap.log" 2>&1 || { tail -30 "$work/bootstrap.log"; exit 1; }
cdk deploy --require-approval never --outputs-file "$work/outputs.json" -c endpoint="$AWS_ENDPOINT_URL" --output "$work/cdk.out" >"$work/deploy.log" 2>&1 || { tail -40 "$work/deploy.log"; exit 1; }
echo "deployed"
output() { node -p "require('$work/outputs.json').Wattline.$1"; }
# First, as docs/deploy.md says: the check after it also sees that nothing of it is left in the buckets.
smoke=0
node cli/wattline.js smoke --landing "$(output LandingBucketName)" --lake "$(output LakeBucketName)" \
  --reports "$(output ReportsBucketName)" --region us-east-1 --endpoint-url "$AWS_ENDPOINT_URL" --timeout 120 || smoke=$?
node test/deployed/check.ts "$work/outputs.json" "$work/local" "$smoke"
