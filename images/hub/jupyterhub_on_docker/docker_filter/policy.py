"""What is allowed.

Pure: takes what a call says and what the engine knows, and raises Denied or returns what to send on.
"""

import io
import re
import tarfile
from typing import Any

from pydantic import BaseModel, ConfigDict

from ..config.profiles import GpuRequest
from ..labels import IMAGE, ROLE, STACK, USER
from ..servers.object_names import is_server_name
from ..servers.owners import Folder, folders_archive
from .bodies import CreateContainer, CreateVolume, DeviceRequest
from .denied import Denied, NotReady
from .json_text import parse
from .limits import check_limits
from .logs import check_log
from .mounts import Mounts, check_path
from .people import check_server
from .settings import FilterSettings

ARCHIVE_LIMIT = 512 * 1024
"""Bytes. A folder takes half a KiB or, with a long name, one and a half."""

_IMAGE_ID = re.compile(r"sha256:[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{64}")


class ContainerFilters(BaseModel):
    """Which containers are asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    label: list[str]


class Policy:
    """The rules of one stack."""

    def __init__(self, settings: FilterSettings):
        self._settings = settings
        self._mounts = Mounts(settings)

    def image(self, name: str) -> str:
        """Checks that servers may be made from this image."""
        if name not in self._settings.images:
            raise Denied(f"image {name!r} is not on the list")
        return name

    def old_image(self, reference: str) -> str:
        """Checks that an image may be looked at for its removal: by id, and no server is made from it."""
        if not _IMAGE_ID.fullmatch(reference) or reference in self._settings.images:
            raise Denied(f"image {reference!r} is not an old image")
        return reference

    def remove_image(self, inspected: dict[str, Any]) -> None:
        """Checks that an image that exists is a notebook image of this stack."""
        labels = inspected["Config"]["Labels"] or {}
        self._stack_label(labels)
        if labels.get(ROLE) != IMAGE:
            raise Denied("image is not a notebook image")

    def reference(self, reference: str) -> str:
        """Checks a name or id in a path: a server's name, or the full id of what may be one."""
        if not _ID.fullmatch(reference):
            self._container_name(reference)
        return reference

    def container(self, inspected: dict[str, Any]) -> dict[str, Any]:
        """Checks that a container that exists is a notebook server of this stack."""
        self._container_name(inspected["Name"].removeprefix("/"))
        self._stack_label(inspected["Config"]["Labels"] or {})
        return inspected

    def containers(self, filters: str) -> None:
        """Checks that the running servers of this stack are asked for, and no other containers."""
        wanted = parse(ContainerFilters, filters)
        if missing := {f"{STACK}={self._settings.prefix}", f"{ROLE}=user"} - set(wanted.label):
            raise Denied(f"containers may only be listed by the label {min(missing)}")

    def create_container(self, name: str, body: bytes) -> bytes:
        self._container_name(name)
        wanted = parse(CreateContainer, body)
        self.image(wanted.image)
        is_for_folders = name.startswith(self._settings.folders_prefix)
        person = check_server(self._settings, name, wanted.labels, "folders" if is_for_folders else "user")
        if wanted.user != f"{self._settings.uid}:{self._settings.gid}":
            raise Denied(f"user {wanted.user!r} is not {self._settings.uid}:{self._settings.gid}")
        host = wanted.host_config
        if host.log_config is None and not is_for_folders:
            raise Denied("HostConfig.LogConfig: missing")
        if host.log_config is not None:
            check_log(self._settings.log, host.log_config.type, host.log_config.config)
        if host.network_mode != self._settings.network:
            raise Denied(f"network {host.network_mode!r} is not {self._settings.network!r}")
        if (host.dns or []) != self._settings.dns:
            raise Denied(f"name servers {host.dns or []} are not {self._settings.dns}")
        check_limits(self._settings.limits, host)
        targets = {self._mounts.check_bind(bind, person, unused=is_for_folders) for bind in host.binds}
        if more := set(wanted.volumes or ()) - targets:
            # The engine makes a volume for each, and copies into it what the image has there.
            raise Denied(f"Volumes has {min(more)!r}, which HostConfig.Binds does not mount")
        for request in host.device_requests or []:
            self._gpus(request)
        return wanted.forwarded()

    def mounted(self, body: bytes) -> list[tuple[str, str]]:
        """Volumes of a container whose labels have to be looked at, with the name of their person."""
        wanted = parse(CreateContainer, body)
        person = wanted.labels[USER]
        sources = {bind.split(":")[0] for bind in wanted.host_config.binds}
        return [(source, person) for source in sorted(sources) if self._mounts.to_look_at(source, person)]

    def made(self, body: bytes) -> list[tuple[str, str]]:
        """The same of a volume that is made: the engine gives the one that is there already."""
        wanted = parse(CreateVolume, body)
        person = wanted.labels.get(USER, "")
        return [(wanted.name, person)] if person and self._mounts.to_look_at(wanted.name, person) else []

    def volume(self, name: str, person: str, inspected: dict[str, Any] | None) -> None:
        """Checks a volume of `mounted` or `made`."""
        self._mounts.check_found(name, person, inspected)

    @staticmethod
    def firewall(inspected: dict[str, Any]) -> None:
        """Checks that the firewall holds its rules: without them no server starts."""
        state = inspected["State"]
        health = (state.get("Health") or {}).get("Status", "unknown")
        if state["Status"] != "running" or health != "healthy":
            raise NotReady(f"the firewall is not ready: it is {state['Status']} and {health}")

    def start(self, name: str) -> None:
        """Checks that a container may run: one in which folders are given to their owners never does."""
        if name.startswith(self._settings.folders_prefix):
            raise Denied("a container for folders may not be started")

    def create_volume(self, body: bytes) -> bytes:
        wanted = parse(CreateVolume, body)
        self._mounts.check_volume(wanted.name, wanted.driver, wanted.driver_opts or {}, wanted.labels)
        return wanted.forwarded()

    def look(self, inspected: dict[str, Any], path: str) -> None:
        """Checks that a mode is asked for before the server ran: later it is the person's business."""
        self._not_started(inspected)
        check_path(path)

    def give(self, inspected: dict[str, Any], path: str, archive: bytes) -> bytes:
        """Checks that an archive gives folders at mounts to a user, and no more, before the server ran."""
        self._not_started(inspected)
        check_path(path)
        if len(archive) > ARCHIVE_LIMIT:
            raise Denied(f"archive has more than {ARCHIVE_LIMIT} bytes")
        try:
            with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as members:
                found = members.getmembers()
        except (tarfile.TarError, ValueError, LookupError, OverflowError, EOFError, RecursionError):
            raise Denied("body is not a tar archive") from None
        owner = self._settings.uid, self._settings.gid
        for folder in found:
            if folder.type != tarfile.DIRTYPE or (folder.uid, folder.gid) != owner:
                raise Denied(f"{folder.name!r} in the archive is not a folder of {owner[0]}:{owner[1]}")
            if folder.name.startswith("/"):
                raise Denied(f"{folder.name!r} in the archive is not a plain name")
            at = f"{path.removesuffix('/')}/{folder.name}"
            check_path(at)
            self._near_mount(inspected, at)
        if not found:
            raise Denied("archive contains no folder")
        # Written anew: readers of archives differ on what is at its edges.
        folders = [Folder(folder.name, folder.mode & 0o3777) for folder in found]
        return folders_archive(folders, *owner)

    @staticmethod
    def _near_mount(inspected: dict[str, Any], path: str) -> None:
        """Checks that a path is that of a mount, on the way to one, or in one."""
        targets = [mount["Destination"] for mount in inspected["Mounts"]]
        if not any(
            target == path or target.startswith(f"{path}/") or path.startswith(f"{target}/")
            for target in targets
        ):
            raise Denied(f"path {path!r} is not at, above or below a mount of this container")

    @staticmethod
    def _not_started(inspected: dict[str, Any]) -> None:
        if inspected["State"]["Status"] != "created":
            raise Denied(f"container has already been started: it is {inspected['State']['Status']}")

    def _container_name(self, name: str) -> None:
        prefixes = self._settings.container_prefix, self._settings.folders_prefix
        if not any(name.startswith(prefix) and is_server_name(name[len(prefix) :]) for prefix in prefixes):
            raise Denied(f"container {name!r} does not belong to this stack's servers")

    def _stack_label(self, labels: dict[str, str]) -> None:
        if labels.get(STACK) != self._settings.prefix:
            raise Denied(f"label {STACK} is not {self._settings.prefix!r}")

    def _gpus(self, wanted: DeviceRequest) -> None:
        if GpuRequest(count=wanted.count, ids=wanted.device_ids) not in self._settings.gpus:
            raise Denied(f"GPUs {wanted.device_ids or wanted.count} are not on the list")
