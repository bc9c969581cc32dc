"""The hub's settings file: its shape, and nothing else.

The program that renders the file describes the same shape; a key that only one of both knows is an error.
"""

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
WebUrl = Annotated[str, AfterValidator(_web_url)]


class Section(BaseModel):
    """Part of the settings: keys in camelCase, none that is not known here, no value of another type."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)


class Hub(Section):
    public_url: WebUrl
    """Address that browsers use, with the base URL."""
    base_url: Annotated[str, AfterValidator(_base_url)]
    log_level: Literal["DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL"]
    connect_host: NotEmpty
    """Name of the hub on the notebooks' network."""
    data_dir: AbsolutePath


class TraefikFile(Section):
    kind: Literal["traefik-file"]
    api_url: WebUrl
    api_user: NotEmpty
    dynamic_file: Annotated[str, Field(pattern=r"^/.+\.(toml|yaml)$")]
    """File that the hub writes and Traefik watches the folder of."""
    entry_point: NotEmpty


class Docker(Section):
    host: NotEmpty
    """Address of the Docker API: tcp://… or unix://…"""


class Sqlite(Section):
    kind: Literal["sqlite"]
    path: AbsolutePath


class SharedPassword(Section):
    kind: Literal["shared-password"]
    users: list[NotEmpty]
    admins: list[NotEmpty]


class Limits(Section):
    memory: PositiveInt
    """Bytes."""
    swap: Annotated[int, Field(ge=0)]
    """Bytes on top of memory."""
    cpus: Annotated[float, Field(gt=0)]
    processes: PositiveInt


class Home(Section):
    volume: Annotated[str, Field(pattern=r"\{username\}")]
    """Name of the volume; `{username}` stands for the escaped name of the user."""
    mount_path: Annotated[str, Field(pattern=r"^(/[^/.][^/]*)+$")]


class DockerServers(Section):
    kind: Literal["docker"]
    image: NotEmpty
    network: NotEmpty
    name_prefix: NotEmpty
    command: list[str] | None
    """Command of a server, or null for the image's own."""
    start_page: AbsolutePath
    environment: dict[str, str]
    limits: Limits
    home: Home
    uid: PositiveInt
    gid: PositiveInt
    labels: dict[str, str]


class Settings(Section):
    version: Literal[1]
    hub: Hub
    proxy: TraefikFile
    docker: Docker
    database: Sqlite
    auth: SharedPassword
    spawner: DockerServers
