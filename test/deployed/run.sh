#!/usr/bin/env bash
# Deploys the CDK app to a local AWS emulator with the real CDK command line, drives it with the real SDK, compares what
# comes out with what the local pipeline gives, and destroys it again. Needs Python 3 and npm's packages; starts and
# stops its own server on 127.0.0.1.
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
# Not development dependencies: only these checks need them, and the lock file stays as small as it is.
export WATTLINE_SDK=$root/.venv/aws-sdk-3.1169
if [ ! -d "$WATTLINE_SDK/node_modules/@aws-sdk/client-sns" ]; then
  mkdir -p "$WATTLINE_SDK"
  echo '{ "private": true }' >"$WATTLINE_SDK/package.json"
  npm install --prefix "$WATTLINE_SDK" --no-audit --no-fund --silent \
    @aws-sdk/client-{cloudformation,cloudwatch-logs,glue,iam,scheduler,sns}@3.1169.0 \
    @aws-sdk/client-{athena,kms,lambda,sfn}@3.1164.0
fi
work=$(mktemp -d)
port=$(node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
export AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
export CDK_DEFAULT_ACCOUNT=000000000000 CDK_DEFAULT_REGION=us-east-1 CDK_DISABLE_CLI_TELEMETRY=1
# With AUTH it looks at every policy of roles and resources, as AWS does.
( cd "$work" && exec env BIND_HOST=127.0.0.1 MINISTACK_HOST=127.0.0.1 GATEWAY_PORT="$port" PERSIST_STATE=0 AUTH=true "$root/$venv/bin/ministack" ) >"$work/emulator.log" 2>&1 &
server=$!
finish() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$work"; }
trap 'code=$?; if [ $code -ne 0 ]; then echo "--- what failed in functions"; grep -E "record failed|failed processing" -A3 "$work/emulator.log" | head -40; echo "--- end of the emulator log"; tail -40 "$work/emulator.log"; fi; finish; exit $code' EXIT
for _ in $(seq 100); do
  if node -e "fetch('$AWS_ENDPOINT_URL/').then(()=>process.exit(0),()=>process.exit(1))"; then break; fi
  sleep 0.3
done
echo "emulator on $AWS_ENDPOINT_URL"
# Says nothing unless it fails.
quietly() { local name=$1; shift; "$@" >"$work/$name.log" 2>&1 || { tail -40 "$work/$name.log"; exit 1; }; }
quietly bootstrap cdk bootstrap aws://000000000000/us-east-1
node test/deployed/adapt-bootstrap.ts
app="$work/cdk.out"
quietly synth cdk synth --quiet --output "$app"
cp "$app/Wattline.template.json" "$work/template.json"
node test/deployed/adapt.ts "$app/Wattline.template.json" "$AWS_ENDPOINT_URL"
quietly deploy cdk deploy --app "$app" --require-approval never --outputs-file "$work/outputs.json"
echo "deployed"
output() { node -p "require('$work/outputs.json').Wattline.$1"; }
failed=0
# First, as docs/deploy.md says: the check after it also sees that nothing of it is left in the buckets.
smoke=0
node cli/wattline.js smoke --landing "$(output LandingBucketName)" --lake "$(output LakeBucketName)" \
  --reports "$(output ReportsBucketName)" --region us-east-1 --endpoint-url "$AWS_ENDPOINT_URL" --timeout 120 || smoke=$?
node test/deployed/check.ts "$work/template.json" "$app/Wattline.template.json" "$work/outputs.json" "$smoke" || failed=1
echo "=== destroyed"
quietly destroy cdk destroy --app "$app" --force
node test/deployed/destroyed.ts "$work/template.json" || failed=1
exit "$failed"
