"""Whose volumes and folders a server may have."""

import json
from http.client import HTTPConnection
from urllib.parse import quote

import pytest

from helpers.docker_filter import CREATE, FILTER, STACK, denied, labels, server
from helpers.engine import filtering, serving
from jupyterhub_on_docker.docker_filter.settings import FilterSettings
from jupyterhub_on_docker.servers.object_names import folder_name, person_part, personal
from jupyterhub_on_docker.servers.object_names import server as server_name


def bob(call, **host_config):
    return call("POST", CREATE.replace("alice", "bob"), server("bob", HostConfig=host_config))


def test_folders_of_the_host_on_the_list(call, engine):
    binds = ["/srv/tree/users:/users:rw", "/srv/tree/users/bob:/home/jovyan", "/srv/tree/groups/new:/g:ro"]
    assert bob(call, Binds=[*binds, "/srv/tree/shared:/shared", "datasets:/data:ro"])[0] == 201


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
def test_a_folder_of_homes_that_others_can_change_is_not_trusted(call, engine, host, mode):
    (host / "srv/tree/users").chmod(mode)
    reason = denied(call, engine, "POST", CREATE, server(HostConfig={"Binds": ["/srv/tree/users/alice:/x"]}))
    assert reason.startswith("users other than root can write to the host's folder '/srv/tree/users'")


def test_a_folder_of_homes_that_is_gone_is_not_made_by_the_engine(call, engine, host):
    (host / "srv/tree/groups").rmdir()
    reason = denied(call, engine, "POST", CREATE, server(HostConfig={"Binds": ["/srv/tree/groups/a:/x"]}))
    assert reason.startswith("folder '/srv/tree/groups' does not exist on the host")


def test_limits_up_to_the_largest_of_the_settings(call):
    assert bob(call, Memory=2048, MemorySwap=2560)[0] == 201


def test_swap_without_a_limit_where_the_settings_have_it(call, engine, tmp_path, host):
    limits = {**FILTER["limits"], "swap": -1}
    socket = tmp_path / "docker.sock"
    settings = FilterSettings.model_validate({**FILTER, "limits": limits, "socket": str(socket)})
    with filtering(settings) as port:
        for swap, status in ((-1, 201), (1024, 201), (1023, 403)):
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            person = f"bob{abs(swap)}"
            body = json.dumps(server(person, HostConfig={"MemorySwap": swap}))
            connection.request("POST", CREATE.replace("alice", person), body=body)
            assert connection.getresponse().status == status
            connection.close()


@pytest.mark.parametrize(
    ("host_config", "status"),
    [
        ({"ShmSize": 1024, "MemoryReservation": 512, "CpuShares": 2048}, 201),
        ({"ShmSize": 1025}, 403),
        ({"MemoryReservation": 513}, 403),
        ({"CpuShares": 2049}, 403),
        ({"ShmSize": 0}, 403),
    ],
)
def test_what_the_engine_has_a_default_for_up_to_the_largest_of_the_settings(
    engine, tmp_path, host, host_config, status
):
    limits = {**FILTER["limits"], "shmSize": 1024, "memoryReservation": 512, "cpuShares": 2048}
    socket = tmp_path / "docker.sock"
    settings = FilterSettings.model_validate({**FILTER, "limits": limits, "socket": str(socket)})
    with serving(engine.application(), socket=socket), filtering(settings) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        body = json.dumps(server("bob", HostConfig=host_config))
        connection.request("POST", CREATE.replace("alice", "bob"), body=body)
        assert connection.getresponse().status == status
        connection.close()


@pytest.mark.parametrize(
    "body",
    [
        {"Name": "jh-home-alice", "Driver": "local", "DriverOpts": {}},
        {"Name": "jh-home-alice"},
        {"Name": "datasets", "Driver": "local"},
        {
            "Name": "nfs-alice",
            "DriverOpts": {"type": "nfs", "o": "addr=10.0.0.5", "device": ":/export/alice"},
        },
    ],
)
def test_volumes_of_the_settings_are_made(call, engine, body):
    person = {"datasets": {}}.get(body["Name"], labels("alice"))
    body = {**body, "Labels": {**STACK, **person, "org.jupyterhub.role": "home"}}
    assert call("POST", "/v1.41/volumes/create", body)[0] == 201
    assert engine.bodies == [body]


@pytest.mark.parametrize(
    "change",
    [
        {"Name": "jh-hub-data"},
        {"Name": "jh-home-"},
        {"Name": "jh-home-a/b"},
        {"Labels": {}},
        {"Driver": "nfs"},
        {"DriverOpts": {"type": "none", "o": "bind", "device": "/"}},
        {"driveropts": {"type": "none", "o": "bind", "device": "/"}},
        {"ClusterVolumeSpec": {}},
        {"Name": "datasets2"},
        {"Name": "datasets"},
        {"Name": "jh-home-alice2"},
        {"Name": "jh-home-bob"},
        {"Name": "jh-home-bob", "Labels": {**STACK, "org.jupyterhub.role": "home"}},
        {"Name": "jh-folder-shared"},
        {"Name": "jh-folder-other", "Labels": {**STACK, "org.jupyterhub.role": "folder"}},
        {"Name": "jh-folder-group-a--b", "Labels": {**STACK, "org.jupyterhub.role": "folder"}},
        {"Labels": labels()},
        {"Labels": {**labels(role="home"), "traefik.enable": "true"}},
        {"Labels": labels("bob", "home")},
        {"Name": "nfs-alice"},
        {
            "Name": "nfs-alice",
            "DriverOpts": {"type": "nfs", "o": "addr=10.0.0.5", "device": ":/export/bob"},
        },
        {"Name": "nfs-alice", "DriverOpts": {"type": "none", "o": "bind", "device": "/"}},
    ],
)
def test_other_volumes_are_not(call, engine, change):
    body = {"Name": "jh-home-alice", "Labels": labels(role="home"), **change}
    denied(call, engine, "POST", "/v1.41/volumes/create", body)


# What could stand for a person, and is not what the hub makes of a name.
NOT_MADE = [
    "",
    ".",
    "..",
    "...",
    "-",
    "--",
    "a.",
    "a_b",
    "A",
    "a-",
    "a-2",
    "a-2D",
    "a-zz",
    "a--",
    "%2E",
    "a\n",
    "a/b",
]


@pytest.mark.parametrize("part", [*NOT_MADE, "bob"])
@pytest.mark.parametrize("label", ["alice", "same"])
def test_what_stands_for_a_person_is_what_the_hub_makes_of_the_name(call, engine, part, label):
    person = part if label == "same" else "alice"
    export = {"type": "nfs", "o": "addr=10.0.0.5", "device": f":/export/{part}"}
    volume = {"Labels": labels(person, "volume"), "Name": f"nfs-{part}", "DriverOpts": export}
    if (part, label) == ("bob", "same"):
        assert call("POST", "/v1.41/volumes/create", volume)[0] == 201
        return
    denied(call, engine, "POST", "/v1.41/volumes/create", volume)
    for bind in (f"nfs-{part}:/x", f"jh-home-{part}:/x", f"/srv/tree/users/{part}:/x"):
        made = {**server("alice", HostConfig={"Binds": [bind]}), "Labels": labels(person)}
        denied(call, engine, "POST", CREATE, made)
    denied(call, engine, "POST", f"/v1.41/containers/create?name=jh-user-{quote(part)}", server(person))


@pytest.mark.parametrize("name", ["a\x1b[2J\nwarning: x", "a\u202eb", "..", "a\\b", "{username}", "x" * 256])
def test_nothing_is_made_for_a_name_that_nobody_can_have(call, engine, name):
    """People read the label elsewhere."""
    home = personal("jh-home-{username}", name)
    denied(call, engine, "POST", "/v1.41/volumes/create", {"Labels": labels(name, "home"), "Name": home})
    path = f"/v1.41/containers/create?name=jh-user-{person_part(name)}"
    denied(call, engine, "POST", path, {**server(HostConfig={"Binds": []}), "Labels": labels(name)})


@pytest.mark.parametrize("name", ["Ann@x", "-", "a-b", "日本", "x" * 255, "é" * 100, "王" * 255])
def test_every_name_has_its_own_place(call, engine, name):
    nfs, home = (personal(template, name) for template in ("nfs-{username}", "jh-home-{username}"))
    export = {"type": "nfs", "o": "addr=10.0.0.5", "device": personal(":/export/{username}", name)}
    volume = {"Labels": labels(name, "volume"), "Name": nfs, "DriverOpts": export}
    assert call("POST", "/v1.41/volumes/create", volume)[0] == 201
    binds = [f"{nfs}:/nfs", f"{home}:/home/jovyan", f"/srv/tree/users/{folder_name(name)}:/t"]
    made = {**server(HostConfig={"Binds": binds}), "Labels": labels(name)}
    part = person_part(name)
    for own, whole in (("", part), ("lab", f"{part}--lab"), ("My Lab", f"{part}--{person_part('My Lab')}")):
        container = server_name(f"jh-user-{whole}", "jh-user-", 255, name, own)
        assert len(container) <= 255
        assert call("POST", f"/v1.41/containers/create?name={container}", made)[0] == 201, container


@pytest.mark.parametrize(
    "name", ["bob", "alice-2", "alice--", "alice--..", "alice--a.b", "alice--a--b", "alicea"]
)
def test_a_name_of_another_persons_server(call, engine, name):
    denied(call, engine, "POST", f"/v1.41/containers/create?name=jh-user-{name}", server())


@pytest.mark.parametrize(
    "change",
    [
        {"org.jupyterhub.role": "folders"},
        {"org.jupyterhub.role": "hub"},
        {"traefik.http.routers.x.rule": "PathPrefix(`/`)"},
        {"ofelia.job-exec.x.command": "sh"},
        {"org.jupyterhub.user": ""},
        {"org.jupyterhub.user": "a" * 256},
    ],
)
def test_labels_are_the_hubs_and_no_more(call, engine, change):
    """Other programs on the host obey labels of containers."""
    denied(call, engine, "POST", CREATE, server(Labels={**labels(), **change}))


@pytest.mark.parametrize("bind", ["datasets:/x", "datasets:/x:rw"])
def test_what_may_only_be_read_is_not_mounted_to_be_written(call, engine, bind):
    reason = denied(call, engine, "POST", CREATE, server(HostConfig={"Binds": [bind]}))
    assert reason == "volume 'datasets' may only be mounted read-only"


def test_a_volume_is_made_only_where_something_is_mounted(call, engine):
    """The engine copies into it what the image has there: all of it, at `/`."""
    for target in ("/", "/x", "/home", "/home/jovyan/", "//home/jovyan"):
        reason = denied(call, engine, "POST", CREATE, server(Volumes={"/home/jovyan": {}, target: {}}))
        assert reason == f"Volumes has {target!r}, which HostConfig.Binds does not mount"
