"""Says where a deployment would go, before anything is built: one line of JSON, or why nothing can be deployed.

The arguments are the names of the stack and of its table, and a region or nothing. With exit status 1 the words on standard error are
for people.
"""

import json
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

FOUND_NOTHING = ("ValidationError", "ResourceNotFoundException")


def found(ask, *path):
    """What a service answers, or nothing where it says that there is no such thing."""
    try:
        answer = ask()
    except ClientError as wrong:
        if wrong.response["Error"]["Code"] in FOUND_NOTHING:
            return ""
        raise
    for key in path:
        answer = answer[key]
    return answer


stack, table, region = sys.argv[1:]
try:
    session = boto3.session.Session(region_name=region or None)
    account = session.client("sts").get_caller_identity()["Account"]
    status = found(lambda: session.client("cloudformation").describe_stacks(StackName=stack), "Stacks", 0, "StackStatus")
    left = found(lambda: session.client("dynamodb").describe_table(TableName=table), "Table", "TableName")
except NoRegionError:
    sys.exit("AWS does not know which region: export AWS_REGION=eu-central-1, or the region of your own")
except NoCredentialsError:
    sys.exit(
        "there are no AWS credentials. Sign in with the AWS CLI (`aws sso login`, or `aws configure`), or export AWS_PROFILE, or"
        " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws sts get-caller-identity` must answer"
    )
except (BotoCoreError, ClientError) as wrong:
    sys.exit(f"AWS refuses the credentials, or cannot be reached: {wrong}")
json.dump({"account": account, "region": session.region_name, "stack": status, "table": left}, sys.stdout)
