"""What the sections of the settings are made of."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

PositiveInt = Annotated[int, Field(gt=0)]
NotEmpty = Annotated[str, Field(min_length=1)]


def _base_url(value: str) -> str:
    if not (value.startswith("/") and value.endswith("/")):
        raise ValueError("expected a path that starts and ends with /")
    return value


def _absolute(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError("expected a path that starts with /")
    return value


def _web_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("expected an address that starts with http:// or https://")
    return value


AbsolutePath = Annotated[str, AfterValidator(_absolute)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Prefix = Annotated[NotEmpty, Field(alias="namePrefix")]
"""Of the names of all that the stack makes, and the value of its stack label."""


class Section(BaseModel):
    """Part of the settings: keys in camelCase, none that is not known here, no value of another type."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)


class Listening(Section):
    """Of what listens on an address of its own."""

    listen: Annotated[str, Field(pattern=r"^[^:]+:\d{1,5}$")]
    """Address and port to listen on."""

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host, int(port)


class ServerSettings(Listening):
    """Settings of a program of this package that listens."""

    version: Literal[1]
