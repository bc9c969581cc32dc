"""Spawning as DockerSpawner does it: the real client, through the real filter, to an engine that records."""

import asyncio
import json
import time
from types import SimpleNamespace

import docker
import pytest
from docker.errors import APIError
from jupyterhub.objects import Hub
from requests import ReadTimeout
from tornado import web
from traitlets.config import Config

from helpers.docker_filter import listening_filter
from helpers.engine import Engine, filtering, serving
from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings, SomeLimits
from jupyterhub_on_docker.servers import listening, old_images
from jupyterhub_on_docker.servers.spawn_error import SpawnError
from jupyterhub_on_docker.spawners import docker as docker_spawner
from jupyterhub_on_docker.spawners.calls import THREADS
from jupyterhub_on_docker.spawners.docker import OwnedHomeDockerSpawner

LABELS = {"org.jupyterhub.stack": "jh"}


@pytest.fixture(autouse=True)
def waited(monkeypatch):
    """What new servers were waited for, each of which listens at once."""
    waited = []

    async def wait(address, port, _poll):
        waited.append((address, port))

    monkeypatch.setattr(listening, "wait", wait)
    return waited


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def log(request):
    """Where servers' logs go by the filter's settings: a file, or the test's parameter."""
    return getattr(request, "param", None)


@pytest.fixture
def filter_port(engine, tmp_path, log):
    socket = tmp_path / "docker.sock"
    settings = listening_filter(socket, "home-{username}", "settings-{username}", "folder-{folder}", log=log)
    with serving(engine.application(), socket=socket), filtering(settings) as port:
        yield port


@pytest.fixture
def client(filter_port):
    client = docker.APIClient(base_url=f"tcp://127.0.0.1:{filter_port}", version="auto")
    yield client
    client.close()


@pytest.fixture
def make_spawner(raw, secrets, client, monkeypatch, tmp_path):
    """A spawner of a person; what is changed in `raw` before counts."""

    def make(name="Ann@x", *, admin=False, groups=()):
        raw["hub"] |= {"dataDir": str(tmp_path), "stack": "dev"}
        c = Config()
        traits.apply(c, Settings.model_validate_json(json.dumps(raw)), secrets)
        user = SimpleNamespace(
            name=name,
            url="/user/ann/",
            id=1,
            settings={},
            escaped_name=name,
            admin=admin,
            groups=[SimpleNamespace(name=group) for group in groups],
        )
        monkeypatch.setattr(OwnedHomeDockerSpawner, "_client", client)
        monkeypatch.setattr(OwnedHomeDockerSpawner, "owners", {})
        spawner = OwnedHomeDockerSpawner(config=c, user=user, hub=Hub(), api_token="token")
        monkeypatch.setattr(spawner, "get_env", lambda: {"JUPYTERHUB_API_TOKEN": "token"})
        monkeypatch.setattr(spawner, "get_args", list)
        return spawner

    return make


@pytest.fixture
def spawner(make_spawner):
    return make_spawner()


def calls(engine):
    """Calls but for the version, with names in the place of ids."""
    made = [call for call in engine.calls if "/version" not in call]
    engine.calls.clear()
    return made


def test_a_first_spawn_passes_the_filter_with_these_calls_only(spawner, engine):
    name = "jh-user--41nn-40x"
    assert asyncio.run(spawner.start()) == ("10.1.2.3", 8888)
    identifier, for_folders = engine.containers[name]["Id"], f"{2:064x}"
    assert [call for call in calls(engine) if not (call.startswith("GET") and for_folders in call)] == [
        "GET /v1.41/images/sha256:1234/json",
        f"GET /v1.41/containers/{name}/json",
        "POST /v1.41/volumes/create",
        "GET /v1.41/images/sha256:1234/json",
        f"POST /v1.41/containers/create?name={name}",
        # What the home has to have before its first use.
        "POST /v1.41/containers/create?name=jh-folders--41nn-40x",
        f"HEAD /v1.41/containers/{for_folders}/archive?path=%2Fhome",
        f"HEAD /v1.41/containers/{for_folders}/archive?path=%2Ffolders%2F0",
        f"PUT /v1.41/containers/{for_folders}/archive?path=%2Ffolders",
        f"DELETE /v1.41/containers/{for_folders}?v=False&link=False&force=True",
        f"GET /v1.41/containers/{identifier}/json",
        f"PUT /v1.41/containers/{identifier}/archive?path=%2F",
        f"POST /v1.41/containers/{identifier}/start",
        f"GET /v1.41/containers/{identifier}/json",
    ]


def test_starts_at_the_same_time_do_not_wait_for_each_other(make_spawner, engine):
    spawners = [make_spawner(f"user{number}") for number in range(THREADS)]
    engine.takes = 0.05

    async def seconds(*starting):
        begun = time.monotonic()
        await asyncio.gather(*(one.start() for one in starting))
        return time.monotonic() - begun

    async def measure():
        return await seconds(spawners[0]), await seconds(*spawners[1:])

    one, others = asyncio.run(measure())
    assert len(engine.containers) == THREADS
    # One after another they would take seven times as long as one.
    assert others < 3 * one, f"{others:.2f} s, one alone {one:.2f} s"


def test_a_spawn_ends_when_the_server_listens(spawner, waited):
    asyncio.run(spawner.start())
    assert waited == [("10.1.2.3", 8888)]


def test_a_server_that_ends_while_it_starts_is_told_at_once(spawner, engine, monkeypatch):
    async def ended(_address, _port, poll):
        engine.end(NAME, 127)
        return await poll()

    monkeypatch.setattr(listening, "wait", ended)
    with pytest.raises(SpawnError) as raised:
        asyncio.run(spawner.start())
    assert "ended with an error (exit code 127)" in raised.value.jupyterhub_message
    assert raised.value.detail == "ended before it answered: ended with an error (exit code 127)"
    assert engine.containers == {}


def test_a_second_spawn_looks_at_the_home_and_makes_no_other_container(spawner, engine):
    engine.paths["", "/home"] = 1 << 31 | 0o755
    asyncio.run(spawner.start())
    asyncio.run(spawner.stop())
    engine.written.clear()
    calls(engine)
    asyncio.run(spawner.start())
    made = calls(engine)
    assert engine.written == []
    assert [call for call in made if "folders" in call] == []
    assert len([call for call in made if call.startswith("HEAD")]) == 1


def test_volume_and_container_carry_their_owner(spawner, engine):
    asyncio.run(spawner.start())
    volume, container, _for_folders = engine.bodies
    assert volume == {
        "Name": "jh-home--41nn-40x",
        "Driver": "local",
        "DriverOpts": {},
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


def test_a_new_home_is_given_to_the_person_alone(spawner, engine):
    asyncio.run(spawner.start())
    container, path, (folder,) = engine.written[0]
    assert (container, path, folder.name) == ("jh-folders--41nn-40x", "/folders", "0")
    assert (folder.uid, folder.gid, folder.mode) == (1000, 100, 0o700)
    assert list(engine.containers) == ["jh-user--41nn-40x"]


def test_a_temporary_home_takes_no_volume_and_nothing_is_given(make_spawner, raw, engine):
    raw["storage"]["home"] = {"volume": None, "tree": None}
    asyncio.run(make_spawner("alice").start())
    assert engine.bodies[-1]["HostConfig"]["Binds"] == []
    assert engine.written == []


def test_a_home_keeps_the_mode_that_the_person_gave_it(spawner, engine):
    engine.paths["jh-home--41nn-40x", "."] = 1 << 31 | 1 << 22 | 0o711
    asyncio.run(spawner.start())
    assert engine.written[0][2][0].mode == 0o2711


def test_a_home_that_was_deleted_meanwhile_is_made_ready_again(spawner, engine):
    asyncio.run(spawner.start())
    asyncio.run(spawner.stop())
    engine.written.clear()
    engine.paths.clear()
    asyncio.run(spawner.start())
    assert engine.written[0][2][0].mode == 0o700


def test_what_a_hub_left_that_ended_in_between_is_removed(spawner, engine):
    engine.add("jh-folders--41nn-40x", labels=LABELS, status="created")
    asyncio.run(spawner.start())
    assert list(engine.containers) == ["jh-user--41nn-40x"]


def test_folders_are_mounted_and_given_with_the_places_that_they_are_mounted_on(make_spawner, raw, engine):
    raw["storage"]["folders"] |= {"shared": True, "colab": True}
    raw["storage"]["labSettings"] = {
        "volume": "jh-settings-{username}",
        "mountPath": "/home/jovyan/.jupyter/lab",
    }
    raw["groups"] = {
        "data-science": {"members": ["alice"], "folder": "read-only", "limits": {}},
        "staff": {"members": [], "folder": "read-write", "limits": {}},
        "other": {"members": ["bob"], "folder": "read-write", "limits": {}},
    }
    asyncio.run(make_spawner("alice", groups=["staff", "unknown"]).start())
    container = engine.bodies[-2]
    assert container["HostConfig"]["Binds"] == [
        "jh-home-alice:/home/jovyan:rw",
        "jh-folder-shared:/home/jovyan/shared:ro",
        "jh-folder-colab:/home/jovyan/colab:rw",
        "jh-settings-alice:/home/jovyan/.jupyter/lab:rw",
        "jh-folder-group-data-2dscience:/home/jovyan/groups/data-science:ro",
        "jh-folder-group-staff:/home/jovyan/groups/staff:rw",
    ]
    _, path, folders = engine.written[0]
    assert path == "/folders"
    assert {(one.uid, one.gid) for one in folders} == {(1000, 100)}
    assert [(one.name, one.mode) for one in folders] == [
        ("0", 0o700),
        ("0/.jupyter", 0o755),
        ("0/.jupyter/lab", 0o755),
        ("0/colab", 0o755),
        ("0/groups", 0o755),
        ("0/groups/data-science", 0o755),
        ("0/groups/staff", 0o755),
        ("0/shared", 0o755),
        ("1", 0o775),
        ("2", 0o775),
        ("3", 0o700),
        ("4", 0o775),
        ("5", 0o775),
    ]
    volumes = {body["Name"]: body["Labels"] for body in engine.bodies if "Name" in body}
    assert volumes["jh-settings-alice"] == {
        **LABELS,
        "org.jupyterhub.role": "settings",
        "org.jupyterhub.user": "alice",
    }
    assert volumes["jh-folder-shared"] == {**LABELS, "org.jupyterhub.role": "folder"}


def test_something_else_in_the_place_of_a_folder_is_told_to_the_person(make_spawner, raw, engine):
    raw["storage"]["folders"]["shared"] = True
    engine.paths["jh-home-alice", "shared"] = 0o644
    with pytest.raises(web.HTTPError, match="/home/jovyan/shared is not a folder"):
        asyncio.run(make_spawner("alice").start())
    assert engine.containers == {}
    assert engine.written == []


def test_limits_of_the_person_reach_the_engine(make_spawner, raw, engine):
    raw["groups"] = {"staff": {"members": ["alice"], "folder": "none", "limits": {"cpus": 2.0}}}
    raw["users"] = {"alice": {"limits": {"memory": 2 * 1024**3, "swap": -1}}}
    spawner = make_spawner("alice")
    spawner.profile_limits = SomeLimits(memory=1, processes=100)
    asyncio.run(spawner.start())
    for body in (body for body in engine.bodies if "HostConfig" in body):
        host = body["HostConfig"]
        assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (2 * 1024**3, -1, 100)
        assert (host["CpuPeriod"], host["CpuQuota"]) == (100_000, 200_000)


SYSLOG = {
    "driver": "syslog",
    "options": {"syslog-address": "udp://192.0.2.7:514", "tag": "{{.Name}}/{username}"},
}


@pytest.mark.parametrize("log", [SYSLOG], indirect=True)
def test_the_log_goes_where_the_settings_say(make_spawner, raw, engine, log):
    raw["spawner"]["log"] = log
    asyncio.run(make_spawner("alice").start())
    logs = [body["HostConfig"].get("LogConfig") for body in engine.bodies if "HostConfig" in body]
    # The other is a container that never runs.
    assert {"Type": "syslog", "Config": SYSLOG["options"]} in logs


@pytest.mark.parametrize("log", [SYSLOG], indirect=True)
def test_a_log_that_goes_elsewhere_than_the_filter_was_told_is_refused(make_spawner, raw, log):
    raw["spawner"]["log"] = log | {"options": {"syslog-address": "udp://192.0.2.8:514"}}
    with pytest.raises(Exception, match="does not go to 'syslog'"):
        asyncio.run(make_spawner("alice").start())


def test_shared_memory_is_that_of_this_start(make_spawner, raw, engine):
    raw["users"] = {"alice": {"limits": {"shmSize": 4096, "memoryReservation": 8192, "cpuShares": 512}}}
    spawner = make_spawner("alice")
    asyncio.run(spawner.start())
    made = [body["HostConfig"] for body in engine.bodies if "HostConfig" in body]
    assert {(host["ShmSize"], host["MemoryReservation"], host["CpuShares"]) for host in made} == {
        (4096, 8192, 512)
    }
    asyncio.run(spawner.stop())
    engine.bodies.clear()
    spawner.settings = spawner.settings.model_copy(update={"users": {}})
    asyncio.run(spawner.start())
    for host in (body["HostConfig"] for body in engine.bodies if "HostConfig" in body):
        assert not {"ShmSize", "MemoryReservation", "CpuShares"} & set(host)


def test_a_container_whose_home_has_no_owner_is_not_kept(spawner, engine, monkeypatch):
    monkeypatch.setattr(engine, "_mode", lambda *_: 1 / 0)
    with pytest.raises(APIError):
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
        # As JupyterHub does before it stops a server.
        assert await spawner.poll() is None
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


@pytest.mark.parametrize(("status", "calls"), [(409, 3), (500, 3), (404, 1), (403, 1)])
def test_an_image_that_cannot_be_removed_fails_nothing(spawner, monkeypatch, status, calls):
    made = []

    def refuse(image):
        made.append(image)
        raise APIError("in use", response=SimpleNamespace(status_code=status, url="", reason=""))

    monkeypatch.setattr(old_images, "INTERVAL", 0)
    monkeypatch.setattr(old_images, "ATTEMPTS", 3)
    monkeypatch.setattr(spawner.client, "remove_image", refuse, raising=False)
    asyncio.run(old_images.remove(spawner, "sha256:1"))
    assert len(made) == calls


def test_an_engine_that_does_not_answer_is_asked_again(spawner, monkeypatch):
    answers = [ReadTimeout("timed out"), None]

    def wait(_image):
        if problem := answers.pop(0):
            raise problem

    monkeypatch.setattr(old_images, "INTERVAL", 0)
    monkeypatch.setattr(spawner.client, "remove_image", wait, raising=False)
    asyncio.run(old_images.remove(spawner, "sha256:1"))
    assert answers == []


def test_a_server_that_is_gone_has_ended(spawner):
    assert asyncio.run(spawner.poll()) == 0


NAME = "jh-user--41nn-40x"


def test_a_container_that_runs_in_the_way_of_a_start_is_stopped_and_removed(spawner, engine):
    """A database that was lost or restored doesn't know of it."""
    left = engine.add(NAME, labels=LABELS)
    assert asyncio.run(spawner.start()) == ("10.1.2.3", 8888)
    assert f"POST /v1.41/containers/{left}/stop" in engine.calls
    assert engine.containers[NAME]["Id"] != left


def test_a_start_waits_for_the_last_container_to_go(spawner, engine, monkeypatch):
    monkeypatch.setattr(docker_spawner, "AGAIN", 0)
    left = engine.add(NAME, labels=LABELS, status="exited")
    engine.busy = 3
    asyncio.run(spawner.start())
    assert engine.containers[NAME]["Id"] != left


def test_a_container_that_does_not_go_is_told_to_the_person(spawner, engine, monkeypatch):
    monkeypatch.setattr(docker_spawner, "WAY", 0)
    monkeypatch.setattr(docker_spawner, "AGAIN", 0)
    engine.add(NAME, labels=LABELS, status="exited")
    engine.busy = 1000
    with pytest.raises(SpawnError) as raised:
        asyncio.run(spawner.start())
    assert (
        raised.value.jupyterhub_message == "Your previous server has not stopped yet. Try again in a minute."
    )


@pytest.mark.parametrize("theirs", ["old-user--41nn-40x", "jupyter-ann", "jh-user-ann-user-other"])
def test_another_stacks_container_in_the_database_is_forgotten(spawner, engine, caplog, theirs):
    engine.add(theirs, labels={"org.jupyterhub.stack": "other"})
    spawner.load_state({"object_id": "9" * 64, "object_name": theirs})
    with caplog.at_level("WARNING"):
        assert asyncio.run(spawner.poll()) == 0
    assert f"ignoring {theirs} from the database: it does not belong to this stack" in caplog.text
    assert spawner.get_state() == {}
    asyncio.run(spawner.start())
    assert list(engine.containers) == [theirs, NAME]
    assert spawner.get_state()["object_name"] == NAME


def test_a_container_of_others_in_the_way_is_told_to_the_person_and_stays(spawner, engine, caplog):
    engine.add(NAME, labels={"org.jupyterhub.stack": "other"})
    with pytest.raises(SpawnError) as raised:
        asyncio.run(spawner.start())
    assert raised.value.jupyterhub_message == (
        f"Your server cannot start: another container on the Docker host is already named {NAME}. "
        "Ask an administrator to remove it."
    )
    assert f"docker container inspect {NAME}" in caplog.text
    assert list(engine.containers) == [NAME]


@pytest.mark.parametrize("status", [500, 503])
def test_an_engine_in_trouble_does_not_make_a_server_gone(spawner, monkeypatch, status):
    """The hub would forget the server and remove its route."""

    def trouble(*_):
        raise APIError("trouble", response=SimpleNamespace(status_code=status, url="", reason=""))

    monkeypatch.setattr(spawner.client, "inspect_container", trouble)
    with pytest.raises(APIError):
        asyncio.run(spawner.poll())


def test_a_running_server_tells_which_of_its_folders_its_person_would_get_no_more(raw, make_spawner):
    raw["storage"]["folders"] |= {"shared": True, "colab": True}
    raw["groups"] = {
        "physics": {"members": [], "folder": "read-write", "limits": {}},
        "staff": {"members": [], "folder": "read-only", "limits": {}},
    }
    spawner = make_spawner(admin=True, groups=["physics", "staff"])
    assert asyncio.run(spawner.lost_folders()) == []
    asyncio.run(spawner.start())
    assert asyncio.run(spawner.lost_folders()) == []
    spawner.user.groups = spawner.user.groups[1:]
    assert asyncio.run(spawner.lost_folders()) == ["jh-folder-group-physics"]
    spawner.user.admin = False
    assert asyncio.run(spawner.lost_folders()) == [
        "jh-folder-group-physics",
        "jh-folder-group-staff",
        "jh-folder-shared",
    ]
