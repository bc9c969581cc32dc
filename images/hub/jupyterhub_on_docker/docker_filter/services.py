"""What is allowed in a Swarm: a server is a service of one task with a home, on nodes for servers."""

import posixpath
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..config.base import NotEmpty
from ..labels import ROLE, STACK, USER
from ..servers.object_names import LONGEST_SERVICE, is_server_name
from ..spawners.swarm.spec import GATE_TARGET, SHM_MODE, SHM_TARGET
from .bodies import LARGEST, Body, Nothing, On, PositiveInt
from .denied import Denied
from .folders import Bind, SharedFolders
from .json_text import parse
from .logs import check_log
from .mounts import Mounts
from .people import check_server
from .settings import HOST_FOLDERS, FilterSettings, SwarmRules


class DriverConfig(Body):
    name: NotEmpty
    options: dict[str, str]


class VolumeOptions(Body):
    labels: dict[str, str]
    driver_config: DriverConfig | None = None


class TmpfsOptions(Body):
    size_bytes: PositiveInt
    mode: int


class Mount(Body):
    type: Literal["bind", "volume", "tmpfs"]
    source: str
    target: str
    read_only: bool = False
    volume_options: VolumeOptions | None = None
    tmpfs_options: TmpfsOptions | None = None


class Privileges(Body):
    no_new_privileges: On


class ContainerSpec(Body):
    image: str
    user: Annotated[str, Field(pattern=r"^[1-9][0-9]*:[1-9][0-9]*$")]
    labels: dict[str, str]
    mounts: list[Mount]
    capability_drop: Annotated[list[Literal["ALL"]], Field(min_length=1)]
    privileges: Privileges
    env: list[str] | None = None
    args: list[str] | None = None
    init: bool = False


class Limits(Body):
    memory_bytes: PositiveInt
    nano_cpus: Annotated[PositiveInt, Field(alias="NanoCPUs")]
    pids: PositiveInt


class Reservations(Body):
    memory_bytes: Annotated[int, Field(ge=0, le=LARGEST)]
    nano_cpus: Annotated[int, Field(ge=0, le=LARGEST, alias="NanoCPUs")]


class Resources(Body):
    limits: Limits
    reservations: Reservations | None = None


class RestartPolicy(Body):
    condition: Literal["on-failure", "none"]
    delay: Annotated[int, Field(ge=1_000_000_000, le=LARGEST)]
    max_attempts: PositiveInt
    window: Annotated[int, Field(ge=0, le=LARGEST)]


class Placement(Body):
    constraints: list[str]


class NetworkTarget(Body):
    target: str


class LogDriver(Body):
    name: str
    options: dict[str, str]


class TaskTemplate(Body):
    container_spec: ContainerSpec
    resources: Resources
    restart_policy: RestartPolicy
    placement: Placement
    networks: Annotated[list[NetworkTarget], Field(min_length=1, max_length=1)]
    log_driver: LogDriver


class Endpoint(Body):
    mode: Literal["dnsrr"]


class CreateService(Body):
    name: str
    labels: dict[str, str]
    task_template: TaskTemplate
    endpoint_spec: Endpoint
    mode: Nothing = None
    networks: Nothing = None


class TaskFilters(BaseModel):
    """Whose tasks are asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    service: list[str] = []
    label: list[str] = []


class ServicePolicy:
    """The rules for services. `host` is where the filter's container has folders of the nodes."""

    def __init__(self, settings: FilterSettings, rules: SwarmRules, host: Path = HOST_FOLDERS):
        self._settings = settings
        self._rules = rules
        self._mounts = Mounts(settings, host)
        self.folders = SharedFolders(settings, rules, host)

    def create(self, body: bytes) -> tuple[bytes, list[Bind]]:
        """The service for the engine, and the folders that have to be there before."""
        wanted = parse(CreateService, body)
        self.name(wanted.name)
        container = wanted.task_template.container_spec
        person = check_server(self._settings, wanted.name, wanted.labels, "user", LONGEST_SERVICE)
        if container.labels != wanted.labels:
            raise Denied("labels of the container are not those of the service")
        if container.user != f"{self._settings.uid}:{self._settings.gid}":
            raise Denied(f"user {container.user!r} is not {self._settings.uid}:{self._settings.gid}")
        if container.image not in self._settings.images:
            raise Denied(f"image {container.image!r} is not on the list")
        (network,) = wanted.task_template.networks
        if network.target != self._settings.network:
            raise Denied(f"network {network.target!r} is not {self._settings.network!r}")
        if missing := set(self._rules.constraints) - set(wanted.task_template.placement.constraints):
            raise Denied(f"placement lacks the constraints {', '.join(sorted(missing))}")
        self._limits(wanted.task_template.resources)
        log = wanted.task_template.log_driver
        check_log(self._settings.log, log.name, log.options)
        mounts = [mount for mount in container.mounts if not self._is_gate(mount)]
        if len(mounts) != len(container.mounts) - 1:
            raise Denied(f"the firewall's folder {self._rules.firewall.gate!r} is not mounted exactly once")
        for mount in mounts:
            self._mount(mount, person)
        if sum(mount.type == "tmpfs" for mount in mounts) > 1:
            raise Denied("shared memory is mounted twice")
        binds = [Bind(mount.source, mount.target) for mount in mounts if mount.type == "bind"]
        return wanted.forwarded(), binds

    def _is_gate(self, mount: Mount) -> bool:
        return mount == Mount(
            Type="bind", Source=self._rules.firewall.gate, Target=GATE_TARGET, ReadOnly=True
        )

    def name(self, name: str) -> str:
        prefix = self._settings.container_prefix
        if not (name.startswith(prefix) and is_server_name(name[len(prefix) :])):
            raise Denied(f"service {name!r} does not belong to this stack's servers")
        return name

    def service(self, inspected: dict[str, Any]) -> dict[str, Any]:
        """Checks that a service that exists is a server of this stack."""
        self.name(inspected["Spec"]["Name"])
        self._labels(inspected["Spec"].get("Labels") or {})
        return inspected

    def tasks(self, filters: str) -> None:
        """Checks that tasks are asked of this stack's servers, or of its pre-pullers."""
        wanted = parse(TaskFilters, filters)
        for name in wanted.service:
            if name not in (*self._rules.pre_pullers, self._rules.firewall.service):
                self.name(name)
        mine = {f"{STACK}={self._settings.prefix}", f"{ROLE}=user"}
        if not wanted.service and not mine <= set(wanted.label):
            raise Denied("the call asks for tasks of services other than this stack's servers")

    def registry_auth(self) -> dict[str, str]:
        file = self._rules.registry_auth
        return {} if file is None else {"X-Registry-Auth": Path(file).read_text(encoding="ascii").strip()}

    def _labels(self, labels: dict[str, str]) -> None:
        if labels.get(STACK) != self._settings.prefix or labels.get(ROLE) != "user":
            raise Denied(f"labels are not {STACK}={self._settings.prefix} and {ROLE}=user")

    def _limits(self, resources: Resources) -> None:
        most, wanted, kept = self._settings.limits, resources.limits, resources.reservations
        if wanted.memory_bytes > most.memory:
            raise Denied(f"Limits.MemoryBytes is more than {most.memory}")
        if wanted.pids > most.processes:
            raise Denied(f"Limits.Pids is more than {most.processes}")
        if wanted.nano_cpus > most.cpus * 1e9:
            raise Denied(f"Limits.NanoCPUs is more than {most.cpus} processors")
        if kept and (kept.memory_bytes > wanted.memory_bytes or kept.nano_cpus > wanted.nano_cpus):
            raise Denied("Reservations are more than Limits")

    def _shared_memory(self, mount: Mount) -> None:
        most = self._settings.limits.shm_size
        if most is None or mount.tmpfs_options is None or mount.tmpfs_options.size_bytes > most:
            raise Denied(f"mount {mount.target!r} is in memory, and not of at most {most or 0} bytes")
        size = mount.tmpfs_options.size_bytes
        options = {"SizeBytes": size, "Mode": SHM_MODE}
        if mount != Mount(Type="tmpfs", Source="", Target=SHM_TARGET, TmpfsOptions=options):
            raise Denied(f"mount {mount.target!r} is in memory, and not that of {SHM_TARGET}")

    def _mount(self, mount: Mount, person: str) -> None:
        if mount.type == "tmpfs":
            self._shared_memory(mount)
            return
        if mount.tmpfs_options is not None:
            raise Denied(f"mount {mount.source!r} is not in memory, and has options for it")
        mode = "ro" if mount.read_only else "rw"
        if mount.type == "bind":
            if mount.volume_options is not None or posixpath.isabs(mount.source) is False:
                raise Denied(f"mount {mount.source!r} is not a folder of the nodes")
        elif mount.volume_options is None or posixpath.isabs(mount.source):
            raise Denied(f"mount {mount.source!r} is not a volume with labels")
        self._mounts.check_bind(f"{mount.source}:{mount.target}:{mode}", person)
        if options := mount.volume_options:
            driver = options.driver_config or DriverConfig(Name="local", Options={})
            # Each node makes it anew from these.
            self._mounts.check_volume(mount.source, driver.name, driver.options, options.labels)
            if options.labels.get(USER, person) != person:
                raise Denied(f"label {USER} of the volume differs from the server's")
