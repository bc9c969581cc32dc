"""Owner of a person's home, read and set through the Docker API before the server starts.

A container that has been created and not started has its volumes already. The first header of the home's
archive tells the owner, and an archive with that folder alone sets it: milliseconds, where a helper container
would take half a second, and nothing is run as root.
"""

import io
import posixpath
import tarfile

import docker
from docker.errors import create_api_error_from_http_exception
from requests import HTTPError


def ensure_owner(client: docker.APIClient, container: str, path: str, uid: int, gid: int) -> bool:
    """Gives the folder at `path` in a container that does not run yet to `uid` and `gid`.

    The folder's mode and time of change stay; what is in it is not touched. Says if anything was to be done.
    """
    folder = _header(client, container, path)
    if (folder.uid, folder.gid) == (uid, gid):
        return False
    parent, name = posixpath.split(path)
    client.put_archive(container, parent, owner_archive(name, folder.mode, int(folder.mtime), uid, gid))
    return True


def owner_archive(name: str, mode: int, mtime: int, uid: int, gid: int) -> bytes:
    """An archive with one empty folder. Unpacked over such a folder it sets owner, mode and time."""
    folder = tarfile.TarInfo(name)
    folder.type = tarfile.DIRTYPE
    folder.mode = mode
    folder.mtime = mtime
    folder.uid = uid
    folder.gid = gid
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(folder)
    return buffer.getvalue()


def _header(client: docker.APIClient, container: str, path: str) -> tarfile.TarInfo:
    url = f"{client.base_url}/v{client.api_version}/containers/{container}/archive"
    # The client's own call leaves the connection open. Here the rest of a large home ends with the block.
    with client.get(url, params={"path": path}, stream=True, timeout=client.timeout) as answer:
        try:
            answer.raise_for_status()
        except HTTPError as error:
            raise create_api_error_from_http_exception(error) from None
        with tarfile.open(fileobj=answer.raw, mode="r|", bufsize=tarfile.BLOCKSIZE) as archive:
            return archive.next()
