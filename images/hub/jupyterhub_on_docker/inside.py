"""What the hub is asked from inside its container, by who can read its secrets.

Standard library only: people wait.
"""

import hashlib
import hmac
import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from . import paths


def login(cookie_secret: bytes, purpose: str) -> str:
    """The header of whoever can read the hub's secrets. It is good for one purpose."""
    return f"{purpose} {hmac.new(cookie_secret, purpose.encode(), hashlib.sha256).hexdigest()}"


def fits(given: str, cookie_secret: bytes, purpose: str) -> bool:
    """Whether a header is the login for a purpose."""
    return hmac.compare_digest(given.encode(), login(cookie_secret, purpose).encode())


def ask(purpose: str, page: str, body: Any = None, timeout: float = 8.0) -> Any:
    """The JSON that the hub of this container answers; a question with a body is a POST.

    Raises OSError, HTTPException or ValueError where it does not answer, or not with 200.
    """
    base_url = json.loads(Path(paths.SETTINGS).read_bytes())["hub"]["baseUrl"]
    secret = bytes.fromhex((Path(paths.SECRETS) / "cookie_secret").read_text().strip())
    connection = HTTPConnection("127.0.0.1", paths.HUB_PORT, timeout=timeout)
    try:
        connection.request(
            "GET" if body is None else "POST",
            f"{base_url}hub/{page}",
            body=None if body is None else json.dumps(body),
            headers={"Authorization": login(secret, purpose)},
        )
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise ValueError(f"answer {answer.status}")
    return json.loads(said)
