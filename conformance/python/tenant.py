"""The tenant under test: where it is, its control API, and a record of what it answered.

The environment variable TENANT holds the line that `tandem tenant` prints when it is ready, TENANT_CA the file of the
authority that signed its certificate, TENANT_BODIES the file in which exchanges are recorded for the check of types.
"""

import itertools
import json
import os
from urllib.request import Request, urlopen

READY = json.loads(os.environ["TENANT"])
GRAPH, LOGIN, CONTROL = READY["graph"], READY["login"], READY["control"]
TENANT_ID, CLIENT_ID, CLIENT_SECRET = READY["tenant_id"], READY["client_id"], READY["client_secret"]
CA = os.environ["TENANT_CA"]
AUTHORITY = f"{LOGIN}/{TENANT_ID}"
SCOPES = ["https://graph.microsoft.com/.default"]

_people = itertools.count(1)


def control(method, path, body=None):
    """Asks the control API; an HTTPError when it refuses."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(CONTROL + path, data, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def person(**more):
    """A new user with an empty mailbox."""
    name = f"python.{os.getpid()}.{next(_people)}"
    body = {"mail": f"{name}@meridian.example", "displayName": name, "timeZone": "Europe/Vienna", **more}
    return control("POST", "/users", body)


def record(method, url, request_body, status, content_type, body):
    """Keeps an exchange with the tenant for the check of types, one line of JSON each."""
    if not url.startswith((GRAPH, LOGIN)):
        return
    exchange = {
        "method": method.upper(),
        "url": url,
        "requestBody": _text(request_body),
        "status": status,
        "contentType": content_type,
        "body": _text(body),
    }
    with open(os.environ["TENANT_BODIES"], "a", encoding="utf-8") as file:
        file.write(json.dumps(exchange) + "\n")


def _text(body):
    if isinstance(body, bytes):
        return body.decode("utf-8", "replace")
    return body if isinstance(body, str) else ""
