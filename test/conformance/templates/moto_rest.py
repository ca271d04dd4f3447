"""Makes what moto's CloudFormation lacks by moto's own services, with the properties as the template has them and
every reference resolved. On the way boto3 checks them against AWS's own description of each service (names, types and
lengths of fields), and each is read back."""

import json
import re

import boto3
from botocore.exceptions import ParamValidationError
from moto.core import DEFAULT_ACCOUNT_ID

REGION = "us-east-1"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": DEFAULT_ACCOUNT_ID}
ARNS = {
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{name}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
}


def resolved(node, template, made):
    """The same with every reference replaced. KeyError for one that leads nowhere or is not known here."""

    def walk(value):
        if isinstance(value, list):
            return [walk(part) for part in value]
        if not isinstance(value, dict):
            return value
        if len(value) != 1 or not (set(value) & {"Ref"} or next(iter(value)).startswith("Fn::")):
            return {key: walk(part) for key, part in value.items()}
        [(function, argument)] = value.items()
        if function == "Ref":
            return PSEUDO.get(argument) or made[argument]
        if function == "Fn::Join":
            return argument[0].join(walk(argument[1]))
        if function == "Fn::Select":
            return walk(argument[1])[int(argument[0])]
        if function == "Fn::Split":
            return walk(argument[1]).split(argument[0])
        if function == "Fn::Sub":
            return re.sub(r"\$\{([\w:]+)\}", lambda m: walk({"Ref": m.group(1)}), argument)
        if function == "Fn::GetAtt":
            name = made[argument[0]].split("/")[-1]
            if argument[1] == "QueueName":
                return name
            kind = {"Arn": template["Resources"][argument[0]]["Type"]}[argument[1]]
            return ARNS[kind].format(name=name, region=REGION, account=DEFAULT_ACCOUNT_ID)
        raise KeyError(function)

    return walk(node)


def client(service):
    return boto3.client(service, region_name=REGION)


def alarm(_name, p):
    client("cloudwatch").put_metric_alarm(**p)
    return p["AlarmName"], client("cloudwatch").describe_alarms(AlarmNames=[p["AlarmName"]])["MetricAlarms"][0]


def database(_name, p):
    client("glue").create_database(**p)
    name = p["DatabaseInput"]["Name"]
    return name, {"DatabaseInput": client("glue").get_database(Name=name)["Database"]}


def table(_name, p):
    client("glue").create_table(**p)
    name = p["TableInput"]["Name"]
    return name, {"TableInput": client("glue").get_table(DatabaseName=p["DatabaseName"], Name=name)["Table"]}


def work_group(_name, p):
    configuration = p["WorkGroupConfiguration"]
    client("athena").create_work_group(Name=p["Name"], Description=p["Description"], Configuration=configuration)
    found = client("athena").get_work_group(WorkGroup=p["Name"])["WorkGroup"]
    return p["Name"], {**found, "WorkGroupConfiguration": found["Configuration"]}


def named_query(_name, p):
    made = client("athena").create_named_query(**p)["NamedQueryId"]
    return made, client("athena").get_named_query(NamedQueryId=made)["NamedQuery"]


def schedule(name, p):
    client("scheduler").create_schedule(Name=name, **p)
    return name, client("scheduler").get_schedule(Name=name)


def dashboard(name, p):
    client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=p["DashboardBody"])
    return name, client("cloudwatch").get_dashboard(DashboardName=name)


def bucket_policy(name, p):
    client("s3").put_bucket_policy(Bucket=p["Bucket"], Policy=json.dumps(p["PolicyDocument"]))
    return name, {"PolicyDocument": json.loads(client("s3").get_bucket_policy(Bucket=p["Bucket"])["Policy"])}


def queue_policy(name, p):
    for url in p["Queues"]:
        client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(p["PolicyDocument"])})
        found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    return name, {"PolicyDocument": json.loads(found["Policy"])}


def topic_policy(name, p):
    for arn in p["Topics"]:
        policy = json.dumps(p["PolicyDocument"])
        client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        found = client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    return name, {"PolicyDocument": json.loads(found["Policy"])}


MAKERS = {
    "AWS::Glue::Database": database,
    "AWS::Glue::Table": table,
    "AWS::Athena::WorkGroup": work_group,
    "AWS::Athena::NamedQuery": named_query,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,  # refers to alarms
}


def lifecycle_rule(rule):
    """The API has the fields of a rule elsewhere than the template."""
    expiration = {"Days": rule.get("ExpirationInDays"), "ExpiredObjectDeleteMarker": rule.get("ExpiredObjectDeleteMarker")}
    expiration = {key: value for key, value in expiration.items() if value is not None}
    moved = {"ExpirationInDays", "ExpiredObjectDeleteMarker", "Prefix"}
    kept = {key: value for key, value in rule.items() if key not in moved}
    return {**kept, "Filter": {"Prefix": rule.get("Prefix", "")}, **({"Expiration": expiration} if expiration else {})}


def lifecycles(template, made):
    """How many buckets took the lifecycle of their template, which neither emulator's CloudFormation looks at."""
    s3, taken = client("s3"), 0
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::S3::Bucket":
            rules = [lifecycle_rule(rule) for rule in resource["Properties"]["LifecycleConfiguration"]["Rules"]]
            s3.put_bucket_lifecycle_configuration(Bucket=made[name], LifecycleConfiguration={"Rules": rules})
            found = s3.get_bucket_lifecycle_configuration(Bucket=made[name])["Rules"]
            taken += all(differences(rule, other) == [] for rule, other in zip(rules, found, strict=True))
    return taken


def differences(expected, found, path=""):
    """Where what was read back says otherwise; what moto does not tell, and what it adds, is no difference."""
    if found is None:
        return []
    if isinstance(expected, dict) and isinstance(found, dict):
        return [d for key, part in expected.items() for d in differences(part, found.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [d for pair in zip(expected, found) for d in differences(*pair, path)]
    if isinstance(expected, (int, float)) and isinstance(found, (int, float)):
        return [] if expected == found else [path]
    return [] if str(expected) == str(found) else [path]


def is_misspelling_refused(template, made):
    """A check that takes a property which AWS does not know would show nothing."""
    properties = next(r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm")
    wrong = {**resolved(properties, template, made), "AlarmName": "misspelt", "Treshold": 1}
    try:
        alarm("misspelt", wrong)
    except ParamValidationError as error:
        return "Treshold" in str(error)
    return False


def make_rest(template, made):
    """What was made besides `made` (a count by type), and what is wrong (lines)."""
    counts, problems, made = {}, [], dict(made)
    for kind, maker in MAKERS.items():
        for name, resource in template["Resources"].items():
            if resource["Type"] != kind or name in made:
                continue
            try:
                properties = resolved(resource["Properties"], template, made)
                made[name], found = maker(name, properties)
            except Exception as error:  # A refusal has many classes: of boto3's check, of moto, of a lost reference.
                problems.append(f"{name} ({kind}): {type(error).__name__}: {error}")
                continue
            counts[kind] = counts.get(kind, 0) + 1
            problems += [f"{name} ({kind}): {path[1:]} was read back otherwise" for path in differences(properties, found)]
    buckets = sum(r["Type"] == "AWS::S3::Bucket" for r in template["Resources"].values())
    taken = lifecycles(template, made)
    if taken != buckets:
        problems.append(f"{taken} of {buckets} buckets have the lifecycle of their template")
    if not is_misspelling_refused(template, made):
        problems.append("boto3 takes an alarm with a misspelt property")
    return counts, problems
