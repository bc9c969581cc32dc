"""Errors that a person reads: what is wrong, where, and never a secret's value."""

from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

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
    return parse_settings(path, text, model)


def parse_settings(path: Path, text: str | bytes, model: type[Model]) -> Model:
    """The same of a file's text, which may have been put together; errors name the file."""
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise SettingsError("\n".join(f"{path}: {line}" for line in describe(error, model))) from None


def describe(error: ValidationError, model: type[BaseModel] | None = None) -> list[str]:
    """One line for each problem: `key: what is wrong`. Values are left out: they may be secret.

    With the model, a key is named as it is in the file where what it may hold depends on a `kind`.
    """
    return [_line(problem, model) for problem in error.errors(include_input=False, include_url=False)]


def _keys(location: tuple[int | str, ...], model: type[BaseModel] | None) -> list[str]:
    """The keys of a problem's place. Pydantic puts the kind behind a key whose value has kinds."""
    keys: list[str] = []
    kinds: tuple[Any, ...] = ()
    for part in location:
        if kinds:
            model = next(
                (one for one in kinds if part in get_args(one.model_fields["kind"].annotation)), None
            )
            kinds = ()
            continue
        keys.append(str(part))
        fields = model.model_fields.values() if model else ()
        field = next((one for one in fields if part == one.alias), None)
        inner = field.annotation if field else None
        kinds = get_args(inner) if field and field.discriminator else ()
        model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None
    return keys


def _line(problem: ErrorDetails, model: type[BaseModel] | None) -> str:
    key = ".".join(_keys(problem["loc"], model))
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
