"""What is allowed.

Pure: takes what a call says and what the engine knows, and raises Denied or returns what to send on.
"""

import io
import posixpath
import re
import tarfile
from typing import TypeVar

from pydantic import ValidationError

from ..config.profiles import GpuRequest
from ..errors import describe
from ..home import owner_archive
from ..labels import IMAGE, ROLE, STACK
from .bodies import Body, CreateContainer, CreateVolume, DeviceRequest
from .settings import FilterSettings

OWNER_ARCHIVE_LIMIT = 64 * 1024
"""Bytes. An archive with one empty folder has 10 KiB."""

_REST_OF_NAME = re.compile(r"[a-zA-Z0-9_.-]+")
_IMAGE_ID = re.compile(r"sha256:[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{64}")
_B = TypeVar("_B", bound=Body)


class Denied(Exception):
    """A call that is not let through; the message says why."""


class NotReady(Exception):
    """A call that would be let through later; the message says what for."""


class Policy:
    """The rules of one stack."""

    def __init__(self, settings: FilterSettings):
        self._settings = settings

    def image(self, name: str) -> str:
        """Checks that servers may be made from this image."""
        if name not in self._settings.images:
            raise Denied(f"image {name!r} is not on the list")
        return name

    def old_image(self, reference: str) -> str:
        """Checks that an image may be looked at for its removal: by id, and no server is made from it."""
        if not _IMAGE_ID.fullmatch(reference) or reference in self._settings.images:
            raise Denied(f"image {reference!r} is no old image")
        return reference

    def remove_image(self, inspected: dict) -> None:
        """Checks that an image that exists is a notebook image of this stack."""
        labels = inspected["Config"]["Labels"] or {}
        self._stack_label(labels)
        if labels.get(ROLE) != IMAGE:
            raise Denied("image is no notebook image")

    def reference(self, reference: str) -> str:
        """Checks a name or id in a path: a server's name, or the full id of what may be one."""
        if not _ID.fullmatch(reference):
            self._container_name(reference)
        return reference

    def container(self, inspected: dict) -> dict:
        """Checks that a container that exists is a notebook server of this stack."""
        self._container_name(inspected["Name"].removeprefix("/"))
        self._stack_label(inspected["Config"]["Labels"] or {})
        return inspected

    def create_container(self, name: str, body: bytes) -> bytes:
        self._container_name(name)
        wanted = _parse(CreateContainer, body)
        self.image(wanted.image)
        self._stack_label(wanted.labels)
        host = wanted.host_config
        if host.network_mode != self._settings.network:
            raise Denied(f"network {host.network_mode!r} is not {self._settings.network!r}")
        if host.memory_swap < host.memory:
            raise Denied("HostConfig.MemorySwap is less than HostConfig.Memory")
        if (host.dns or []) != self._settings.dns:
            raise Denied(f"name servers {host.dns or []} are not {self._settings.dns}")
        for bind in host.binds:
            self._bind(bind)
        for request in host.device_requests or []:
            self._gpus(request)
        return wanted.forwarded()

    @staticmethod
    def firewall(inspected: dict) -> None:
        """Checks that the firewall holds its rules: without them no server starts."""
        state = inspected["State"]
        health = (state.get("Health") or {}).get("Status", "unknown")
        if state["Status"] != "running" or health != "healthy":
            raise NotReady(f"the firewall is not ready: it is {state['Status']} and {health}")

    def create_volume(self, body: bytes) -> bytes:
        wanted = _parse(CreateVolume, body)
        self._volume_name(wanted.name)
        self._stack_label(wanted.labels)
        return wanted.forwarded()

    def read_owner(self, inspected: dict, path: str) -> None:
        """Checks that an archive is asked of a home, before the server ran."""
        self._not_started(inspected)
        if path not in self._homes(inspected):
            raise Denied(f"path {path!r} is not a home of this container")

    def write_owner(self, inspected: dict, path: str, archive: bytes) -> bytes:
        """Checks that an archive changes the owner of a home and nothing else, before the server ran."""
        self._not_started(inspected)
        if len(archive) > OWNER_ARCHIVE_LIMIT:
            raise Denied(f"archive has more than {OWNER_ARCHIVE_LIMIT} bytes")
        try:
            with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as members:
                folders = members.getmembers()
        except tarfile.TarError:
            raise Denied("body is not a tar archive") from None
        if len(folders) != 1 or folders[0].type != tarfile.DIRTYPE or folders[0].uid == 0:
            raise Denied("archive is not one folder with an owner")
        if "/" in folders[0].name or posixpath.join(path, folders[0].name) not in self._homes(inspected):
            raise Denied(f"archive's folder is not a home of this container: {folders[0].name!r} in {path!r}")
        # Written anew: readers of archives differ on what is at its edges.
        folder = folders[0]
        return owner_archive(folder.name, folder.mode & 0o1777, int(folder.mtime), folder.uid, folder.gid)

    def _homes(self, inspected: dict) -> set[str]:
        return {
            mount["Destination"]
            for mount in inspected["Mounts"]
            if mount["Type"] == "volume" and mount["Name"].startswith(self._settings.volume_prefix)
        }

    @staticmethod
    def _not_started(inspected: dict) -> None:
        if inspected["State"]["Status"] != "created":
            raise Denied(f"container has been started: it is {inspected['State']['Status']}")

    def _container_name(self, name: str) -> None:
        _prefixed(name, self._settings.container_prefix, "container")

    def _volume_name(self, name: str) -> None:
        _prefixed(name, self._settings.volume_prefix, "volume")

    def _stack_label(self, labels: dict) -> None:
        if labels.get(STACK) != self._settings.name_prefix:
            raise Denied(f"label {STACK} is not {self._settings.name_prefix!r}")

    def _gpus(self, wanted: DeviceRequest) -> None:
        if GpuRequest(count=wanted.count, ids=wanted.device_ids) not in self._settings.gpus:
            raise Denied(f"GPUs {wanted.device_ids or wanted.count} are not on the list")

    def _bind(self, bind: str) -> None:
        source, *rest = bind.split(":")
        if len(rest) not in (1, 2) or rest[1:] not in ([], ["rw"], ["ro"]):
            raise Denied(f"mount {bind!r} is not source:target[:rw|:ro]")
        target = rest[0]
        if not target.startswith("/") or posixpath.normpath(target) != target or target == "/":
            raise Denied(f"mount {bind!r}: target is not a plain absolute path")
        if not source.startswith("/"):
            self._volume_name(source)
        # A folder further down could be a link that a user made to anywhere on the host.
        elif posixpath.normpath(source) != source or not {source, posixpath.dirname(source)} & set(
            self._settings.binds
        ):
            raise Denied(f"folder {source!r} of the host is not on the list")


def _prefixed(name: str, prefix: str, kind: str) -> None:
    if not (name.startswith(prefix) and _REST_OF_NAME.fullmatch(name[len(prefix) :])):
        raise Denied(f"{kind} {name!r} does not belong to this stack's servers")


def _parse(model: type[_B], body: bytes) -> _B:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise Denied("; ".join(describe(error))) from None
