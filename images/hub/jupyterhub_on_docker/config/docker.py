"""The Docker API."""

from .base import NotEmpty, Section


class Docker(Section):
    host: NotEmpty
    """Address of the Docker API: tcp://… or unix://…"""
