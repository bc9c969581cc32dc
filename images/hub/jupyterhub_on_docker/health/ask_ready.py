"""The question that `readiness` answers, asked in the hub's container. Standard library only: people wait."""

import hashlib
import hmac
import json
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from .. import paths

TIMEOUT = 8.0
"""Seconds for the hub to look at all its parts."""


def login(cookie_secret: bytes) -> str:
    """The header of whoever can read the hub's secrets. It is good for nothing else."""
    return f"ready {hmac.new(cookie_secret, b'readiness', hashlib.sha256).hexdigest()}"


def ask() -> dict[str, Any]:
    """The parts of this container's hub: None for one that is well, else what is wrong and since when."""
    try:
        base_url = json.loads(Path(paths.SETTINGS).read_bytes())["hub"]["baseUrl"]
        secret = bytes.fromhex((Path(paths.SECRETS) / "cookie_secret").read_text().strip())
        connection = HTTPConnection("127.0.0.1", paths.HUB_PORT, timeout=TIMEOUT)
        try:
            connection.request("GET", f"{base_url}hub/ready", headers={"Authorization": login(secret)})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            return _silent(f"answer {answer.status}")
        found: dict[str, Any] = json.loads(body)
    except (OSError, HTTPException, ValueError) as error:
        return _silent(str(error) or type(error).__name__)
    return {**found, "parts": {"hub": None, **found["parts"]}}


def _silent(reason: str) -> dict[str, Any]:
    problem = f"the hub does not answer on port {paths.HUB_PORT}: {reason}"
    return {"version": 1, "parts": {"hub": {"problem": problem, "since": None}}}
