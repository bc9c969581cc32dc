"""Bodies of the calls that make something: the keys that may be there, and the values they may have.

A key that is not here is denied, whatever its value: a new option of a new engine is closed until somebody
opens it. Where the client library always sends a key, the one harmless value is here.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

LARGEST = 2**63 - 1
"""What the engine has numbers in."""

PositiveInt = Annotated[int, Field(gt=0, le=LARGEST)]
EmptyDict = Annotated[dict[str, Any], Field(max_length=0)]


def _nothing(value: object) -> object:
    if value:
        raise ValueError("must be left out")
    return value


def _set(value: bool) -> bool:
    if not value:
        raise ValueError("must be true")
    return value


Off = Annotated[bool, AfterValidator(_nothing)]
On = Annotated[bool, AfterValidator(_set)]
Nothing = Annotated[Any, AfterValidator(_nothing)]
"""Null, false, zero, or an empty text, list or object."""


class Body(BaseModel):
    # Keys are compared as they are written, and the engine is given only these: it ignores case, and
    # takes the last of two equal keys.
    model_config = ConfigDict(alias_generator=to_pascal, extra="forbid", serialize_by_alias=True, strict=True)

    def forwarded(self) -> bytes:
        """The body for the engine, from what was checked."""
        return self.model_dump_json(exclude_unset=True).encode()


class LogOptions(Body):
    """A log that ends somewhere: it is on the engine's disk."""

    max_size: str = Field(alias="max-size", pattern=r"^[1-9][0-9]?m$")
    max_file: str = Field(alias="max-file", pattern=r"^[1-9]$")


class LogConfig(Body):
    """Which driver, and with what options, is checked against the settings."""

    type: str
    config: dict[str, str]


class DeviceRequest(Body):
    """GPUs, of whatever driver: which and how many is checked against the settings."""

    capabilities: list[list[Literal["gpu"]]] = Field(min_length=1)
    count: Annotated[int, Field(ge=-1, le=LARGEST)] = 0
    device_ids: list[str] = Field(alias="DeviceIDs", default=[])
    driver: Literal[""] = ""
    options: EmptyDict = {}


class HostConfig(Body):
    """Limits and hardening are required, not just allowed."""

    memory: PositiveInt
    memory_swap: Annotated[int, Field(ge=-1, le=LARGEST)]
    pids_limit: PositiveInt
    cap_drop: Annotated[list[Literal["ALL"]], Field(min_length=1)]
    security_opt: Annotated[list[Literal["no-new-privileges", "no-new-privileges:true"]], Field(min_length=1)]
    network_mode: str
    binds: list[str] = []
    auto_remove: bool = False
    init: bool = False
    dns: list[str] | None = None
    dns_options: list[Annotated[str, Field(pattern=r"^(timeout|attempts):[0-9]$")]] | None = None
    cpu_period: Annotated[int, Field(ge=1_000, le=1_000_000)] = 100_000
    cpu_quota: PositiveInt | None = None
    cpu_shares: PositiveInt | None = None
    memory_reservation: PositiveInt | None = None
    shm_size: PositiveInt | None = None
    log_config: LogConfig | None = None
    device_requests: list[DeviceRequest] | None = None
    links: Nothing = None
    mounts: Nothing = None


class CreateContainer(Body):
    image: str
    user: Annotated[str, Field(pattern=r"^[1-9][0-9]*:[1-9][0-9]*$")]
    """Numbers, as a name means whatever the image says."""
    labels: dict[str, str]
    host_config: HostConfig
    cmd: list[str] | None = None
    env: list[str] | None = None
    exposed_ports: dict[Annotated[str, Field(pattern=r"^[0-9]{1,5}/tcp$")], EmptyDict | None] = {}
    volumes: dict[str, EmptyDict | None] | None = None
    attach_stdout: bool = False
    attach_stderr: bool = False
    attach_stdin: Off = False
    open_stdin: Off = False
    stdin_once: Off = False
    tty: Off = False
    domainname: Nothing = None
    entrypoint: Nothing = None
    healthcheck: Nothing = None
    hostname: Nothing = None
    mac_address: Nothing = None
    network_disabled: Nothing = None
    networking_config: Nothing = None
    runtime: Nothing = None
    stop_signal: Nothing = None
    stop_timeout: Nothing = None
    working_dir: Nothing = None


class CreateVolume(Body):
    """Options of the local driver can mount any folder of the host: the settings name those that may be."""

    name: str
    labels: dict[str, str]
    driver: str = "local"
    driver_opts: dict[str, str] | None = None
