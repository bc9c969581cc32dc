"""Owner and mode of what is mounted in a server, set through the Docker API before the server starts.

Whatever the engine makes for a mount belongs to root: the folder of a tree, a new volume, and in the home the
places where other folders are mounted. A container that is never started has the same mounts side by side and
writable; one archive gives them all to their owner. Nothing runs as root, on this host or a remote one.
"""

import base64
import io
import json
import posixpath
import stat
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import create_api_error_from_http_exception
from requests import HTTPError

from .folders import Mount, inside, outside

PLACE = "/folders"
"""Where the mounts are in the container that is never started: `/folders/0`, `/folders/1`, …"""

ENGINES_MODE = 0o755
"""Mode of what the engine makes."""

_GO_FOLDER = 1 << 31


class NotAFolder(Exception):
    """Something of the person's is where a folder has to be mounted. The message is for the person."""


@dataclass(frozen=True)
class Folder:
    """A folder for an archive."""

    name: str
    mode: int


class Owners:
    """Gives mounts to a user and group. Knows what it has seen, so that it asks little at a second start."""

    def __init__(self, uid: int, gid: int):
        self._owner = uid, gid
        # Mode of each mounted folder as it was left, and what is mounted in it.
        self._seen: dict[tuple[str, tuple[str, ...]], int] = {}
        # Folders on the way to mounts that an image has or has not.
        self._images: dict[tuple[str, str], bool] = {}

    def ensure(
        self, client: docker.APIClient, container: str, mounts: Sequence[Mount], wanted: Mapping[str, Any]
    ) -> bool:
        """Makes a container that has not been started ready for its user.

        `wanted` is how to make the container that is never started: all of `create_container` but its mounts.
        Says if anything was to be done. Raises NotAFolder.
        """
        owned = [mount for mount in mounts if mount.mode is not None]
        way = outside(mounts)
        image = wanted["image"]
        known = all((image, path) in self._images for path in way)
        if known and all(self._unchanged(client, container, mounts, mount) for mount in owned):
            self._give_way(client, container, image, way)
            return False
        made = _create(client, wanted, mounts)
        try:
            for path in way:
                self._images[image, path] = _mode(client, made, path) is not None
            self._give(client, made, mounts)
        finally:
            client.remove_container(made, v=False, force=True)
        self._give_way(client, container, image, way)
        return True

    def _unchanged(
        self, client: docker.APIClient, container: str, mounts: Sequence[Mount], mount: Mount
    ) -> bool:
        # What was deleted and made anew by the engine has the engine's mode.
        seen = self._seen.get(_key(mounts, mount))
        return seen is not None and _mode(client, container, mount.target) == seen

    def _give(self, client: docker.APIClient, container: str, mounts: Sequence[Mount]) -> None:
        folders, seen = [], {}
        for at, mount in enumerate(mounts):
            if mount.mode is None:
                continue
            found = _mode(client, container, f"{PLACE}/{at}")
            mode = mount.mode if found in (None, ENGINES_MODE) else found
            folders.append(Folder(str(at), mode))
            seen[_key(mounts, mount)] = mode
            for path in inside(mounts, mount):
                found = _mode(
                    client, container, f"{PLACE}/{at}/{path}", what=posixpath.join(mount.target, path)
                )
                folders.append(Folder(f"{at}/{path}", ENGINES_MODE if found is None else found))
        client.put_archive(container, PLACE, folders_archive(folders, *self._owner))
        self._seen |= seen

    def _give_way(self, client: docker.APIClient, container: str, image: str, way: Sequence[str]) -> None:
        """What is on the way to a mount and not in the image would be root's: `~/.jupyter`, say."""
        made = [Folder(path[1:], ENGINES_MODE) for path in way if not self._images[image, path]]
        if made:
            client.put_archive(container, "/", folders_archive(made, *self._owner))


def _key(mounts: Sequence[Mount], mount: Mount) -> tuple[str, tuple[str, ...]]:
    return mount.source, tuple(inside(mounts, mount))


def _create(client: docker.APIClient, wanted: Mapping[str, Any], mounts: Sequence[Mount]) -> str:
    binds = [f"{mount.source}:{PLACE}/{at}:rw" for at, mount in enumerate(mounts) if mount.mode is not None]
    arguments = {**wanted, "host_config": {**wanted["host_config"], "Binds": binds}}
    try:
        return str(client.create_container(**arguments)["Id"])
    except docker.errors.APIError as error:
        if error.status_code != 409:
            raise
    # Left by a hub that ended in between.
    client.remove_container(wanted["name"], v=False, force=True)
    return str(client.create_container(**arguments)["Id"])


def _mode(client: docker.APIClient, container: str, path: str, what: str | None = None) -> int | None:
    """Mode of a folder in a container that does not run; None where there is none.

    With `what`, raises NotAFolder for anything else at its place.
    """
    url = f"{client.base_url}/v{client.api_version}/containers/{container}/archive"
    answer = client.head(url, params={"path": path}, timeout=client.timeout)
    if answer.status_code == 404:
        return None
    try:
        answer.raise_for_status()
    except HTTPError as error:
        raise create_api_error_from_http_exception(error) from None
    found = json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))
    if found["mode"] & _GO_FOLDER:
        return _unix_mode(found["mode"])
    if what is None:
        return None
    raise NotAFolder(
        f"{what} is not a folder, but a folder is to be mounted there. Rename it, or ask an administrator to."
    )


def _unix_mode(mode: int) -> int:
    """Mode of a folder as tar has it, from Go's."""
    set_gid, sticky = mode >> 22 & 1, mode >> 20 & 1
    return mode & 0o777 | set_gid * stat.S_ISGID | sticky * stat.S_ISVTX


def folders_archive(folders: Sequence[Folder], uid: int, gid: int) -> bytes:
    """An archive of empty folders: over folders it sets owner, mode and time, and leaves the rest."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in folders:
            header = tarfile.TarInfo(folder.name)
            header.type = tarfile.DIRTYPE
            header.mode = folder.mode
            header.mtime = int(time.time())
            header.uid = uid
            header.gid = gid
            archive.addfile(header)
    return buffer.getvalue()
