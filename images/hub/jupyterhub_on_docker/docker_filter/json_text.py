"""JSON that means one thing to every reader: what two could take for two things is none."""

import json
from collections import Counter
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import describe
from .denied import Denied

JSON_LIMIT = 256 * 1024
"""Bytes of a JSON body; the largest part is a server's environment."""

_SHOWN = 5
"""Problems that are named: a body may have thousands."""

_M = TypeVar("_M", bound=BaseModel)


def parse(model: type[_M], text: bytes | str) -> _M:
    """Reads a JSON document as a model. Raises Denied, whatever the text is."""
    if len(text) > JSON_LIMIT:
        raise Denied(f"body has more than {JSON_LIMIT} bytes")
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        json.loads(decoded, object_pairs_hook=_unique, parse_constant=_no_number)
    except _DuplicateKey as key:
        raise Denied(f"key {str(key)!r} appears twice") from None
    except (ValueError, RecursionError):
        raise Denied("body is not JSON") from None
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise Denied("; ".join(describe(error)[:_SHOWN])) from None
    except ValueError:
        # A text with half of a surrogate pair, from a query.
        raise Denied("body is not JSON") from None


class _DuplicateKey(Exception):
    pass


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _DuplicateKey(next(key for key in counts if counts[key] > 1))
    return found


def _no_number(text: str) -> None:
    raise ValueError(text)
