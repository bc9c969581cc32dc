"""Environment variables that a profile, a group or a person gives to servers."""

from pydantic import Field

from .base import NotEmpty, Section


class Variables(Section):
    environment: dict[str, str] = Field(default={})
    """`{username}` stands for the name of the server's person."""
    secrets: dict[str, NotEmpty] = Field(default={})
    """Names of the secrets with the values."""
