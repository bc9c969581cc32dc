"""Folders that are given to their owners before a server starts."""

import io
import tarfile

import pytest

from helpers.docker_filter import CREATE, STACK, denied, labels, server
from jupyterhub_on_docker.servers.owners import Folder, folders_archive


def archive(*folders, **changes):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as members:
        for name in folders or ("jovyan",):
            folder = tarfile.TarInfo(name)
            folder.type, folder.uid, folder.gid, folder.mode = tarfile.DIRTYPE, 1000, 100, 0o755
            for key, value in changes.items():
                setattr(folder, key, value)
            members.addfile(folder)
    return buffer.getvalue()


NEW = "/v1.41/containers/jh-user-new/archive"


def test_folders_are_given_to_their_owner_before_the_first_start(call, engine):
    folders = [Folder("jovyan", 0o7755), Folder("jovyan/shared", 0o700)]
    assert call("PUT", f"{NEW}?path=/home", folders_archive(folders, 1000, 100))[0] == 200
    ((_, path, given),) = engine.written
    assert path == "/home"
    # No set-user-id bit.
    assert [(one.name, one.uid, one.gid, one.mode) for one in given] == [
        ("jovyan", 1000, 100, 0o3755),
        ("jovyan/shared", 1000, 100, 0o700),
    ]
    assert call("HEAD", f"{NEW}?path=/home/jovyan")[0] == 200
    assert call("HEAD", f"{NEW}?path=/home/jovyan/.jupyter")[0] == 404


def test_a_container_for_folders_is_made_and_removed(call, engine):
    made = server(Labels=labels(role="folders"), HostConfig={"Binds": ["datasets:/folders/0:rw"]})
    del made["HostConfig"]["LogConfig"]
    assert call("POST", CREATE.replace("jh-user-alice", "jh-folders-alice"), made)[0] == 201
    # What is mounted in it may be written, so it never runs.
    assert call("POST", "/v1.41/containers/jh-folders-alice/start")[0] == 403
    assert call("DELETE", "/v1.41/containers/jh-folders-alice?v=0&force=1")[0] == 204


@pytest.mark.parametrize("path", ["/home/jovyan/", "/home/jovyan/..", "home", ".", ""])
def test_what_is_looked_at_has_a_plain_path(call, engine, path):
    status, _ = call("HEAD", f"{NEW}?path={path}")
    assert status == 403
    assert not any(made.startswith("HEAD") for made in engine.calls)


def test_no_archive_is_read(call, engine):
    denied(call, engine, "GET", f"{NEW}?path=/home/jovyan")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", archive()),
        ("/etc", archive("jovyan")),
        ("home", archive()),
        ("/home/../home", archive()),
        ("/home", archive("other")),
        ("/home", archive("jovyan", "other")),
        ("/home", archive("../home/jovyan")),
        ("/home", archive("/home/jovyan")),
        ("/home", archive("./jovyan")),
        ("/home", archive(uid=0)),
        ("/home", archive(gid=0)),
        ("/home", archive(type=tarfile.REGTYPE)),
        ("/home", archive(type=tarfile.SYMTYPE, linkname="/etc")),
        ("/home", archive()[: tarfile.BLOCKSIZE] + archive("jovyan", uid=1001)),
        ("/home", b""),
        ("/home", b"x" * 1024),
        ("/home", archive() + bytes(600_000)),
    ],
)
def test_nothing_else_is_written(call, engine, path, body):
    denied(call, engine, "PUT", f"{NEW}?path={path}", body)
    assert engine.written == []


def test_nothing_is_written_or_looked_at_once_it_runs(call, engine):
    engine.add("jh-user-ran", labels=STACK, mounts=[("jh-home-ran", "/home/jovyan")])
    ran = NEW.replace("new", "ran")
    assert (
        denied(call, engine, "PUT", f"{ran}?path=/home", archive())
        == "container has already been started: it is running"
    )
    assert call("HEAD", f"{ran}?path=/home/jovyan")[0] == 403
