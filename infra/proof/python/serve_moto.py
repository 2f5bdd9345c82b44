"""Serves moto, which stands in for AWS, on the port of 127.0.0.1 that the first argument names.

One request at a time: moto looks at a condition and writes without a lock between them, which DynamoDB never does.
"""

import sys

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

run_simple("127.0.0.1", int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=False)
