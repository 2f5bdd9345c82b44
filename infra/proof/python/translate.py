"""Translates SAM templates as CloudFormation would, without an account.

Reads requests from standard input, one JSON object a line: {"template": text, "parameters": {name: value}}. Answers each with
one line: {"template": object} or {"error": text}.
"""

import json
import logging
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")  # the translator asks which partition it is in

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

CODE = "s3://artefacts/code.zip"  # what `sam package` would put in the place of a folder


def translate(request):
    try:
        template = yaml_parse(request["template"])
        template["Globals"]["Function"]["CodeUri"] = CODE
        # No managed policies are known: our template uses none of AWS's, and a name of one is an error here.
        return {"template": Translator({}, Parser()).translate(template, request["parameters"])}
    except InvalidDocumentException as wrong:
        return {"error": "; ".join(cause.message for cause in wrong.causes)}
    except Exception as wrong:  # a spoiled template may break anything; the caller wants to hear of it
        return {"error": f"{type(wrong).__name__}: {wrong}"}


logging.disable(logging.WARNING)
for line in sys.stdin:
    print(json.dumps(translate(json.loads(line))), flush=True)
