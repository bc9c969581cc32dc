"""Errors that a person reads: what is wrong, where, and never a secret's value."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class SettingsError(Exception):
    """Settings or secrets that can't be used. Each line of the message names one key or file."""


def read_settings(path: Path, model: type[Model]) -> Model:
    """Reads a JSON file as a model.

    Raises SettingsError with one line for each thing that is wrong with it.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise SettingsError("\n".join(f"{path}: {line}" for line in describe(error))) from None


def describe(error: ValidationError) -> list[str]:
    """One line for each problem: `key: what is wrong`. Values are left out: they may be secret."""
    return [_line(problem) for problem in error.errors(include_input=False, include_url=False)]


def _line(problem) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    match problem["type"]:
        case "extra_forbidden":
            return f"{key}: unknown key"
        case "missing":
            return f"{key}: missing"
        case "union_tag_invalid":
            return f"{key}.kind: input should be one of {problem['ctx']['expected_tags']}"
        case "json_invalid":
            return f"not JSON: {problem['ctx']['error']}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {message[0].lower()}{message[1:]}" if key else message
