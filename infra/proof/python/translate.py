"""Translates SAM templates as CloudFormation would, without an account.

With the path of a template, writes it translated, with the defaults of its parameters. Without one, reads requests from standard
input, one JSON object a line: {"template": text, "parameters": {name: value}}, and answers each with one line:
{"template": object} or {"error": text}.
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
if len(sys.argv) > 1:
    with open(sys.argv[1], encoding="utf-8") as file:
        answer = translate({"template": file.read(), "parameters": {}})
    if "error" in answer:
        sys.exit(answer["error"])
    json.dump(answer["template"], sys.stdout, indent=1)
for line in sys.stdin if len(sys.argv) == 1 else ():
    print(json.dumps(translate(json.loads(line))), flush=True)
