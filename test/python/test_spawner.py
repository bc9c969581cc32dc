"""Spawning as DockerSpawner does it: the real client, through the real filter, to an engine that records."""

import asyncio
import io
import tarfile
import time
from types import SimpleNamespace

import docker
import pytest
from docker.errors import APIError
from engine import Engine, home_tar, serving
from jupyterhub.objects import Hub
from traitlets.config import Config

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.docker_filter.server import DockerFilter
from jupyterhub_on_docker.docker_filter.settings import FilterSettings
from jupyterhub_on_docker.home import ensure_owner, owner_archive
from jupyterhub_on_docker.servers import old_images
from jupyterhub_on_docker.spawner import OwnedHomeDockerSpawner

LABELS = {"org.jupyterhub.stack": "jh"}


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def filter_port(engine, tmp_path):
    socket = tmp_path / "docker.sock"
    settings = FilterSettings.model_validate(
        {
            "version": 1,
            "socket": str(socket),
            "listen": "127.0.0.1:0",
            "namePrefix": "jh",
            "network": "jh-notebooks",
            "images": ["sha256:1234"],
            "volumePrefix": "jh-home-",
            "binds": [],
        }
    )
    with serving(engine.application(), socket=socket), serving(DockerFilter(settings).application()) as port:
        yield port


@pytest.fixture
def client(filter_port):
    client = docker.APIClient(base_url=f"tcp://127.0.0.1:{filter_port}", version="auto")
    yield client
    client.close()


@pytest.fixture
def spawner(settings, secrets, client, monkeypatch):
    c = Config()
    traits.apply(c, settings, secrets)
    user = SimpleNamespace(name="Ann@x", url="/user/ann/", id=1, settings={}, escaped_name="Ann@x")
    monkeypatch.setattr(OwnedHomeDockerSpawner, "_client", client)
    spawner = OwnedHomeDockerSpawner(config=c, user=user, hub=Hub(), api_token="token")
    monkeypatch.setattr(spawner, "get_env", lambda: {"JUPYTERHUB_API_TOKEN": "token"})
    monkeypatch.setattr(spawner, "get_args", list)
    return spawner


def test_a_spawn_passes_the_filter_with_these_calls_only(spawner, engine):
    name = "jh-user--41nn-40x"
    assert asyncio.run(spawner.start()) == ("10.1.2.3", 8888)
    identifier = engine.containers[name]["Id"]
    assert [call for call in engine.calls if "/version" not in call] == [
        "GET /v1.41/images/sha256:1234/json",
        f"GET /v1.41/containers/{name}/json",
        "POST /v1.41/volumes/create",
        "GET /v1.41/images/sha256:1234/json",
        f"POST /v1.41/containers/create?name={name}",
        # The filter's own questions before it lets the two calls for the owner through.
        f"GET /v1.41/containers/{identifier}/json",
        f"GET /v1.41/containers/{identifier}/archive?path=%2Fhome%2Fjovyan",
        f"GET /v1.41/containers/{identifier}/json",
        f"PUT /v1.41/containers/{identifier}/archive?path=%2Fhome",
        f"POST /v1.41/containers/{identifier}/start",
        f"GET /v1.41/containers/{identifier}/json",
    ]


def test_volume_and_container_carry_their_owner(spawner, engine):
    asyncio.run(spawner.start())
    volume, container = engine.bodies
    assert volume == {
        "Name": "jh-home--41nn-40x",
        "Labels": {**LABELS, "org.jupyterhub.role": "home", "org.jupyterhub.user": "Ann@x"},
    }
    assert container["Labels"] == {
        **LABELS,
        "org.jupyterhub.role": "user",
        "org.jupyterhub.user": "Ann@x",
    }
    assert container["User"] == "1000:100"
    assert container["Image"] == "sha256:1234"
    assert container["HostConfig"] == {
        "AutoRemove": True,
        "Binds": ["jh-home--41nn-40x:/home/jovyan:rw"],
        "CapDrop": ["ALL"],
        "CpuPeriod": 100_000,
        "CpuQuota": 150_000,
        "Init": True,
        "Links": [],
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}},
        "Memory": 1073741824,
        "MemorySwap": 1073741824,
        "Mounts": [],
        "NetworkMode": "jh-notebooks",
        "PidsLimit": 512,
        "SecurityOpt": ["no-new-privileges:true"],
    }


def test_a_home_of_root_is_given_to_the_user_with_its_mode_and_time(spawner, engine):
    asyncio.run(spawner.start())
    ((path, (folder,)),) = engine.written
    assert (path, folder.name, folder.type) == ("/home", "jovyan", tarfile.DIRTYPE)
    assert (folder.uid, folder.gid) == (1000, 100)
    # The set-group-id bit goes: the filter lets no such bit through.
    assert (folder.mode, folder.mtime) == (0o750, 1)


def test_a_home_that_has_its_owner_is_left_alone(spawner, engine):
    engine.archive = home_tar(1000, 100)
    asyncio.run(spawner.start())
    assert engine.written == []


def test_no_more_of_a_large_home_is_read_than_its_first_header(client, engine):
    engine.archive = home_tar(1000, 100, content=bytes(64 * 1024 * 1024))
    identifier = engine.add(
        "jh-user-a", labels=LABELS, status="created", mounts=[("jh-home-a", "/home/jovyan")]
    )
    assert ensure_owner(client, identifier, "/home/jovyan", 1000, 100) is False
    time.sleep(0.2)
    assert engine.sent < len(engine.archive) / 2


def test_a_container_whose_home_has_no_owner_is_not_kept(spawner, engine):
    engine.archive = b"no archive"
    with pytest.raises(tarfile.TarError):
        asyncio.run(spawner.start())
    assert engine.containers == {}


def test_stop_removes_the_container(spawner, engine):
    asyncio.run(spawner.start())
    asyncio.run(spawner.stop())
    assert engine.containers == {}


def stop_and_settle(spawner):
    """Stops a server, and waits for what goes on behind it."""

    async def stop():
        await spawner.start()
        await spawner.stop()
        await asyncio.gather(*old_images._tasks)

    asyncio.run(stop())


def test_the_last_server_of_an_old_image_takes_it_along(spawner, engine):
    engine.image = f"sha256:{'0' * 64}"
    engine.image_labels = {**LABELS, "org.jupyterhub.role": "notebook-image"}
    stop_and_settle(spawner)
    assert engine.removed_images == [engine.image]


def test_an_image_that_servers_are_started_from_stays(spawner, engine):
    engine.image_labels = {**LABELS, "org.jupyterhub.role": "notebook-image"}
    stop_and_settle(spawner)
    assert engine.removed_images == []


@pytest.mark.parametrize(("status", "calls"), [(409, old_images.ATTEMPTS), (404, 1), (403, 1), (500, 1)])
def test_an_image_that_cannot_be_removed_fails_nothing(spawner, monkeypatch, status, calls):
    made = []

    def refuse(image):
        made.append(image)
        raise APIError("in use", response=SimpleNamespace(status_code=status, url="", reason=""))

    monkeypatch.setattr(old_images, "INTERVAL", 0)
    monkeypatch.setattr(spawner.client, "remove_image", refuse, raising=False)
    asyncio.run(old_images.remove(spawner, "sha256:1"))
    assert len(made) == calls


def test_a_server_that_is_gone_has_ended(spawner):
    assert asyncio.run(spawner.poll()) == 0


@pytest.mark.parametrize("status", [500, 503, 403])
def test_an_engine_in_trouble_does_not_make_a_server_gone(spawner, monkeypatch, status):
    """The hub would forget the server and remove its route."""

    def trouble(*_):
        raise APIError("trouble", response=SimpleNamespace(status_code=status, url="", reason=""))

    monkeypatch.setattr(spawner.client, "inspect_container", trouble)
    with pytest.raises(APIError):
        asyncio.run(spawner.poll())


def test_an_archive_of_an_owner_is_one_folder():
    with tarfile.open(fileobj=io.BytesIO(owner_archive("jovyan", 0o700, 7, 1000, 100))) as archive:
        (folder,) = archive.getmembers()
    assert (folder.name, folder.mode, folder.mtime, folder.uid, folder.gid) == ("jovyan", 0o700, 7, 1000, 100)
