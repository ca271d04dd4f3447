"""Makes the stack of a template in moto's CloudFormation, an engine that shares no code with the CDK or with cfn-lint:
it orders the resources by what they refer to and resolves every reference by itself. Types that it does not know are
left out with all that refers to them, and made one by one instead (moto_rest.py); a resource that neither way makes is
a failure. The arguments are the templates."""

import collections
import io
import json
import logging
import os
import re
import sys
import zipfile

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cloudformation.parsing import NULL_MODELS, get_model_map
from moto.core import DEFAULT_ACCOUNT_ID

from moto_rest import make_rest

# Where a bootstrap of the CDK keeps what is deployed.
ASSETS = f"cdk-hnb659fds-assets-{DEFAULT_ACCOUNT_ID}-us-east-1"
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
UNKNOWN = "unknown to moto"
# Says where a template came from, and deploys nothing.
NOTHING = "AWS::CDK::Metadata"


def references(node):
    """Logical ids that a part of a template refers to; DependsOn is looked at where it stands."""
    if isinstance(node, list):
        return set().union(*map(references, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    if set(node) == {"Ref"}:
        return {node["Ref"]}
    if set(node) == {"Fn::GetAtt"}:
        return {node["Fn::GetAtt"][0]}
    if set(node) == {"Fn::Sub"} and isinstance(node["Fn::Sub"], str):
        return set(re.findall(r"\$\{([\w:]+)", node["Fn::Sub"]))
    return references(list(node.values()))


def known_part(template):
    """The template without what moto lacks, and what was left out: for each logical id, why."""
    known = set(get_model_map()) | set(NULL_MODELS)
    resources = template["Resources"]
    left_out = {name: UNKNOWN for name, r in resources.items() if r["Type"] not in known}
    while True:
        more = {n for n, r in resources.items() if n not in left_out and references(r["Properties"]) & set(left_out)}
        if not more:
            break
        left_out.update({name: "refers to what is left out" for name in more})
    kept = {}
    for name, resource in resources.items():
        if name not in left_out:
            depends = [n for n in resource.get("DependsOn", []) if n not in left_out]
            kept[name] = {**resource, "DependsOn": depends}
    outputs = {n: o for n, o in template.get("Outputs", {}).items() if not references(o) & set(left_out)}
    return {**template, "Resources": kept, "Outputs": outputs}, left_out


def code():
    """Something to put where the functions' bundles would be: what is in them is not this check's business."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("index.mjs", "export const handler = () => {};")
    return body.getvalue()


def make(template, rest_of=None):
    """Physical by logical ids of what moto made, the outputs, queues_without_target(), and what make_rest() says of the
    whole template. Raises ClientError where moto refuses the template."""
    with mock_aws():
        s3, stacks = boto3.client("s3"), boto3.client("cloudformation")
        s3.create_bucket(Bucket=ASSETS)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Lambda::Function":
                s3.put_object(Bucket=ASSETS, Key=resource["Properties"]["Code"]["S3Key"], Body=code())
        s3.put_object(Bucket=ASSETS, Key="template.json", Body=json.dumps(template))
        boto3.client("ssm").put_parameter(Name=BOOTSTRAP_VERSION, Value="30", Type="String")
        url = f"https://{ASSETS}.s3.amazonaws.com/template.json"
        stacks.create_stack(StackName="Wattline", TemplateURL=url, Capabilities=["CAPABILITY_NAMED_IAM"])
        pages = stacks.get_paginator("list_stack_resources").paginate(StackName="Wattline")
        made = {r["LogicalResourceId"]: r["PhysicalResourceId"] for p in pages for r in p["StackResourceSummaries"]}
        [stack] = stacks.describe_stacks(StackName="Wattline")["Stacks"]
        outputs = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
        return made, outputs, queues_without_target(), make_rest(rest_of, made) if rest_of else None


def queues_without_target():
    """Queues whose dead letters go to a queue that is not there, as SQS itself says, and how many have a target."""
    sqs = boto3.client("sqs")
    attributes = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "RedrivePolicy"])["Attributes"]
        for url in sqs.list_queues().get("QueueUrls", [])
    ]
    there = {a["QueueArn"] for a in attributes}
    targets = [json.loads(a["RedrivePolicy"])["deadLetterTargetArn"] for a in attributes if "RedrivePolicy" in a]
    return [t for t in targets if t not in there], len(targets)


def broken(template):
    """The same template with one reference that leads nowhere: an engine that takes it would show nothing."""
    copy = json.loads(json.dumps(template))
    functions = [r for r in copy["Resources"].values() if r["Type"] == "AWS::Lambda::Function"]
    functions[0]["Properties"]["Role"] = {"Fn::GetAtt": ["NoSuchRole", "Arn"]}
    return copy


def is_refused(template):
    try:
        make(template)
    except ClientError as error:
        return "NoSuchRole" in str(error)
    return False


def checked(path):
    """What moto lacks (lines), what it made (a line), and what is wrong (lines)."""
    with open(path, encoding="utf-8") as file:
        template = json.load(file)
    resources = template["Resources"]
    known, left_out = known_part(template)
    lacking = collections.Counter(resources[name]["Type"] for name, why in left_out.items() if why == UNKNOWN)
    lines = [f"moto's CloudFormation lacks {kind} ({n})" for kind, n in lacking.most_common()]
    lines += [f"left out as well: {n} ({resources[n]['Type']})" for n, why in left_out.items() if why != UNKNOWN]
    try:
        made, outputs, (nowhere, redriven), (rest, problems_of_rest) = make(known, template)
    except Exception as error:  # Models of moto let a ValueError or KeyError through where AWS would refuse.
        return lines, f"moto made 0 of {len(resources)} resources", [f"{type(error).__name__}: {error}"]
    problems = problems_of_rest + [f"{name} ({r['Type']}) was not made" for name, r in known["Resources"].items() if not made.get(name)]
    problems += [f"output {name} has no value" for name in known["Outputs"] if not outputs.get(name)]
    problems += [f"dead letters go to {target}, which is not there" for target in nowhere]
    if not made or not redriven:
        problems.append(f"{len(made)} resources and {redriven} queues with dead letters: expected some of each")
    if not is_refused(broken(known)):
        problems.append("moto takes a template with a reference that leads nowhere")
    metadata = sum(r["Type"] == NOTHING for r in resources.values())
    if len(made) + sum(rest.values()) + metadata != len(resources):
        problems.append(f"{len(made)} and {sum(rest.values())} of {len(resources)} resources: some were made by nobody")
    counts = (
        f"{len(made)} of {len(resources)} resources by its CloudFormation, {sum(rest.values())} by its services, "
        f"{metadata} {NOTHING}; {len(outputs)} of {len(template['Outputs'])} outputs"
    )
    return lines, f"moto made {counts}", problems


def main(*paths):
    said, failed = set(), False
    for path in paths:
        lines, made, problems = checked(path)
        # Stages lack much the same: each line once.
        print("\n".join([line for line in lines if line not in said] + [f"{os.path.basename(path)}: {made}"]))
        said.update(lines)
        for problem in problems:
            print(f"{os.path.basename(path)}: {problem}", file=sys.stderr)
        failed = failed or bool(problems)
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    logging.getLogger("moto").setLevel(logging.ERROR)
    sys.exit(main(*sys.argv[1:]))
