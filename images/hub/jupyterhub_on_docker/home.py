"""Owner of a person's home, read and set through the Docker API before the server starts.

A container that has been created and not started has its volumes already. The first header of the home's
archive tells the owner, and an archive with that folder alone sets it: milliseconds, where a helper container
would take half a second, and nothing is run as root.
"""

import io
import posixpath
import tarfile

import docker


class _Stream(io.RawIOBase):
    """The chunks of an answer as a file, of which no more is read than is asked for."""

    def __init__(self, chunks):
        self._chunks = chunks
        self._rest = b""

    def read(self, size=-1):
        while len(self._rest) < size and (chunk := next(self._chunks, b"")):
            self._rest += chunk
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


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
    chunks, _ = client.get_archive(container, path, chunk_size=tarfile.BLOCKSIZE)
    try:
        with tarfile.open(fileobj=_Stream(chunks), mode="r|", bufsize=tarfile.BLOCKSIZE) as archive:
            return archive.next()
    finally:
        # The rest of a large home is not wanted: this ends the call.
        chunks.close()
