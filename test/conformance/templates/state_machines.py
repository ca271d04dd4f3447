"""Takes the state machines out of templates. The arguments are a folder and the templates; into the folder comes, for
each machine, its definition as AWS would get it (`<stack>-<id>.asl.json`, with placeholders for names that only a
deployment gives) and a template with nothing but it (`<stack>-<id>.template.json`: cfn-lint does not look into a
definition that is joined together). The last one comes broken too, for what the tools
have to refuse: `broken-type` has a state without a type, `broken-next` one that leads nowhere."""

import json
import os
import sys

PARTITION, REGION, ACCOUNT = "aws", "us-east-1", "111122223333"
PSEUDO = {"AWS::Partition": PARTITION, "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
ARNS = {
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::S3::Bucket": "s3:::{name}",
}


def resolved(value, resources):
    """A string with every reference replaced. Fails on one that it does not know: a guess could hide an error."""
    if isinstance(value, str):
        return value
    [(function, argument)] = value.items()
    if function == "Fn::Join":
        separator, parts = argument
        return separator.join(resolved(part, resources) for part in parts)
    if function == "Ref" and argument in PSEUDO:
        return PSEUDO[argument]
    if function == "Ref" and resources.get(argument, {}).get("Type") == "AWS::S3::Bucket":
        return argument.lower()
    if function == "Fn::GetAtt" and argument[1] == "Arn":
        kind = resources.get(argument[0], {}).get("Type")
        if kind in ARNS:
            return f"arn:{PARTITION}:" + ARNS[kind].format(region=REGION, account=ACCOUNT, name=argument[0])
    raise SystemExit(f"{json.dumps(value)}: expected text, Fn::Join, a bucket's Ref or the Arn of one of {', '.join(ARNS)}")


def machines(template):
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            yield name, json.loads(resolved(resource["Properties"]["DefinitionString"], template["Resources"]))


def write(folder, name, definition):
    properties = {"Definition": definition, "RoleArn": f"arn:{PARTITION}:iam::{ACCOUNT}:role/machine"}
    template = {"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    for ending, content in (("asl.json", definition), ("template.json", template)):
        with open(os.path.join(folder, f"{name}.{ending}"), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)


def with_start_changed(definition, change):
    copy = json.loads(json.dumps(definition))
    change(copy["States"][copy["StartAt"]])
    return copy


def main(folder, *paths):
    definition = None
    for path in paths:
        with open(path, encoding="utf-8") as file:
            template = json.load(file)
        found = list(machines(template))
        if not found:
            raise SystemExit(f"{path}: expected a state machine")
        for name, definition in found:
            write(folder, f"{os.path.basename(path).removesuffix('.template.json')}-{name}", definition)
    write(folder, "broken-type", with_start_changed(definition, lambda state: state.pop("Type")))
    write(folder, "broken-next", with_start_changed(definition, lambda state: state.update(Next="NoSuchState")))


if __name__ == "__main__":
    main(*sys.argv[1:])
