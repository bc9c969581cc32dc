"""The filter: what gets through, and that nothing else does."""

import io
import json
import logging
import tarfile
from http.client import HTTPConnection
from urllib.parse import quote

import pytest

from helpers.engine import Engine, filtering, serving
from jupyterhub_on_docker.docker_filter import mounts
from jupyterhub_on_docker.docker_filter.denied import Denied, NotReady
from jupyterhub_on_docker.docker_filter.policy import Policy
from jupyterhub_on_docker.docker_filter.settings import FilterSettings
from jupyterhub_on_docker.errors import SettingsError, read_settings
from jupyterhub_on_docker.servers.names import folder_name, person_part, personal
from jupyterhub_on_docker.servers.names import server as server_name
from jupyterhub_on_docker.servers.owners import Folder, folders_archive

STACK = {"org.jupyterhub.stack": "jh"}


def labels(person="alice", role="user"):
    return {**STACK, "org.jupyterhub.role": role, "org.jupyterhub.user": person}


CREATE = "/v1.41/containers/create?name=jh-user-alice"
FILTER = {
    "version": 1,
    "socket": "/var/run/docker.sock",
    "listen": "127.0.0.1:2375",
    "namePrefix": "jh",
    "network": "jh-notebooks",
    "images": ["sha256:1234", "registry.example.org:5000/lab/notebook@sha256:5678"],
    "uid": 1000,
    "gid": 100,
    "volumes": [
        {"name": "jh-home-{username}", "driver": "local", "options": {}},
        {"name": "jh-folder-{folder}", "driver": "local", "options": {}},
        {"name": "datasets", "driver": "local", "options": {}, "readOnly": True},
        {
            "name": "nfs-{username}",
            "driver": "local",
            "options": {"type": "nfs", "o": "addr=10.0.0.5", "device": ":/export/{username}"},
        },
    ],
    "folders": ["/srv/tree/shared", "/srv/tree/users"],
    "parents": ["/srv/tree/users", "/srv/tree/groups"],
    "limits": {"memory": 2048, "swap": 512, "cpus": 1.5, "processes": 100},
}


def server(person="alice", **changes):
    """A body that the filter lets through, changed."""
    body = {
        "Image": "sha256:1234",
        "User": "1000:100",
        "Labels": labels(person),
        "HostConfig": {
            "Memory": 1024,
            "MemorySwap": 1024,
            "PidsLimit": 100,
            "CpuPeriod": 100_000,
            "CpuQuota": 150_000,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges:true"],
            "NetworkMode": "jh-notebooks",
            "Binds": [f"jh-home-{person}:/home/jovyan:rw"],
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}},
        },
    }
    body["HostConfig"].update(changes.pop("HostConfig", {}))
    return {**body, **changes}


def without(key):
    body = server()
    (body["HostConfig"] if key in body["HostConfig"] else body).pop(key)
    return body


@pytest.fixture
def engine():
    engine = Engine()
    engine.add("jh-user-alice", labels=STACK)
    engine.add("jh-user-new", labels=STACK, status="created", mounts=[("jh-home-new", "/home/jovyan")])
    engine.add("jh-hub", labels=STACK)
    engine.add("jh-user-forged")
    engine.add("other", labels=STACK)
    return engine


@pytest.fixture
def host(tmp_path, monkeypatch):
    """Folders of the host, as the filter's container has them; all belong to root here."""
    host = tmp_path / "host"
    for folder in ("shared", "users/alice", "groups"):
        (host / "srv/tree" / folder).mkdir(parents=True)
    (host / "srv/tree/users/mallory").symlink_to("/etc")
    lstat = mounts.os.lstat

    def of_root(path):
        found = lstat(path)
        values = [0 if at == 4 else value for at, value in enumerate(found[:10])]
        return mounts.os.stat_result(values)

    monkeypatch.setattr(mounts.os, "lstat", of_root)
    monkeypatch.setattr(mounts.Mounts.__init__, "__defaults__", (host,))
    return host


@pytest.fixture
def call(engine, tmp_path, host):
    """Calls the filter; gives status and body."""
    socket = tmp_path / "docker.sock"
    settings = FilterSettings.model_validate({**FILTER, "socket": str(socket)})
    with serving(engine.application(), socket=socket), filtering(settings) as port:

        def send(method, target, body=None, headers=None):
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            if isinstance(body, dict | list):
                body = json.dumps(body)
            connection.request(method, target, body=body, headers=headers or {})
            answer = connection.getresponse()
            data = answer.read()
            connection.close()
            return answer.status, data

        yield send


def denied(call, engine, *arguments, **options):
    """Sends a call that has to be denied without the engine hearing of it; gives the reason."""
    status, body = call(*arguments, **options)
    assert status == 403, body
    # The filter may ask what a container is; it changes nothing.
    assert [made for made in engine.calls if not (made.startswith("GET") and made.endswith("/json"))] == []
    message = json.loads(body)["message"]
    assert message.startswith("docker-filter: ")
    return message.removeprefix("docker-filter: ")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ping(call, method):
    assert call(method, "/_ping")[0] == 200


def test_the_engines_version_can_be_asked(call):
    assert json.loads(call("GET", "/version")[1]) == {"ApiVersion": "1.41"}


@pytest.mark.parametrize(
    "call_line",
    [
        "GET /v1.41/info",
        "GET /v1.41/containers/json",
        "GET /v1.41/images/json",
        "GET /v1.41/volumes",
        "GET /v1.41/events",
        "POST /v1.41/build",
        "POST /v1.41/images/create?fromImage=alpine",
        "POST /v1.41/auth",
        "POST /v1.41/networks/create",
        "POST /v1.41/networks/jh-control/connect",
        "POST /v1.41/containers/jh-user-alice/exec",
        "POST /v1.41/containers/jh-user-alice/attach",
        "POST /v1.41/containers/jh-user-alice/update",
        "POST /v1.41/containers/jh-user-alice/rename?name=x",
        "POST /v1.41/containers/jh-user-alice/kill",
        "GET /v1.41/containers/jh-user-alice/export",
        "POST /v1.41/containers/prune",
        "POST /v1.41/commit?container=jh-user-alice",
        "POST /v1.41/services/create",
        "POST /v1.41/swarm/init",
        "POST /v1.41/plugins/pull",
        "DELETE /v1.41/volumes/jh-home-alice",
        "DELETE /v1.41/images/sha256:1234",
        "POST /session",
        "POST /grpc",
        "OPTIONS /_ping",
        # The start of a container took a configuration before 1.24, and there is no need for what is old.
        "POST /v1.23/containers/jh-user-alice/start",
        "POST /v1.39/containers/jh-user-alice/start",
        "POST /containers/jh-user-alice/start",
        "GET /v1.41/containers/jh-user-alice/../jh-hub/json",
        "GET /v1.41/containers/jh-user-alice%2f..%2fjh-hub/json",
        "GET /v1.41//containers/jh-user-alice/json",
        "GET /v1.41/containers/jh-user-alice/json/",
        "GET /v1.41/containers/jh-user-alice/json?size=1",
        "DELETE /v1.41/containers/jh-user-alice?v=1&v=1",
        "DELETE /v1.41/containers/jh-user-alice?link=1",
        # A long s: `false` without regard to case, and true for the engine.
        "DELETE /v1.41/containers/jh-user-alice?link=fal%C5%BFe",
        "POST /v1.41/containers/jh-user-alice/stop?t=%D9%A1",
        "GET /v1.4%D9%A1/containers/jh-user-alice/json",
        "GET /v1.41/containers/jh-user-%ff/json",
        "GET /v1.41/containers/jh-user-alice/logs?tail=%ff",
        "GET /v1.41/containers/jh-user-.../json",
        "GET /v1.41/containers/jh-user-A/json",
        "GET /v1.41/containers/jh-user-alice/logs?follow=1&stdout=1",
    ],
)
def test_other_calls_are_denied(call, engine, call_line):
    assert denied(call, engine, *call_line.split())
    assert engine.calls == []


@pytest.mark.parametrize(
    "name", ["jh-hub", "jh-docker-filter", "other", "jh-user-", "jh-userx", "xjh-user-alice"]
)
@pytest.mark.parametrize("action", ["GET /json", "POST /start", "POST /stop", "DELETE "])
def test_containers_with_other_names_cannot_be_reached(call, engine, name, action):
    method, _, path = action.partition(" ")
    reason = denied(call, engine, method, f"/v1.41/containers/{name}{path}")
    assert reason == f"container '{name}' does not belong to this stack's servers"
    assert engine.calls == []


@pytest.mark.parametrize("name", ["jh-hub", "jh-user-forged", "other"])
@pytest.mark.parametrize("action", ["GET /json", "POST /start", "POST /stop", "DELETE ", "GET /logs"])
def test_containers_that_are_no_servers_cannot_be_reached_by_id(call, engine, name, action):
    method, _, path = action.partition(" ")
    identifier = engine.containers[name]["Id"]
    denied(call, engine, method, f"/v1.41/containers/{identifier}{path}")


@pytest.mark.parametrize("prefix", [1, 12, 63])
def test_an_id_has_to_be_whole(call, engine, prefix):
    """The beginning of an id could be made to fit another container later."""
    identifier = engine.containers["jh-user-alice"]["Id"][:prefix]
    denied(call, engine, "GET", f"/v1.41/containers/{identifier}/json")


@pytest.mark.parametrize("reference", ["jh-user-alice", "id"])
def test_servers_are_inspected_started_stopped_and_removed(call, engine, reference):
    identifier = engine.containers["jh-user-alice"]["Id"]
    path = f"/v1.41/containers/{identifier if reference == 'id' else reference}"
    assert json.loads(call("GET", f"{path}/json")[1])["Id"] == identifier
    assert call("POST", f"{path}/stop?t=10")[0] == 204
    assert call("POST", f"{path}/start")[0] == 204
    assert call("GET", f"{path}/logs?stdout=1&tail=10") == (200, b"a line")
    assert call("DELETE", f"{path}?v=True&link=False&force=False")[0] == 204
    # By id, whatever name was given: the container that was looked at is the one that is removed.
    assert engine.calls[-1] == f"DELETE /v1.41/containers/{identifier}?v=True&link=False&force=False"


def test_a_container_that_is_not_there(call):
    status, body = call("GET", "/v1.41/containers/jh-user-nobody/json")
    assert (status, json.loads(body)) == (404, {"message": "No such container: jh-user-nobody"})
    assert call("POST", "/v1.41/containers/jh-user-nobody/stop")[0] == 404


def test_a_start_takes_no_body(call, engine):
    reason = denied(call, engine, "POST", "/v1.41/containers/jh-user-alice/start", {"Privileged": True})
    assert reason == "this call takes no body"


def test_images_on_the_list_only(call, engine):
    name = "registry.example.org:5000/lab/notebook@sha256:5678"
    assert call("GET", f"/v1.41/images/{name}/json")[0] == 200
    assert call("GET", f"/v1.41/images/{name.replace('@', '%40')}/json")[0] == 200
    engine.calls.clear()
    assert denied(call, engine, "GET", "/v1.41/images/alpine/json") == "image 'alpine' is not on the list"


OLD = f"sha256:{'0' * 64}"
NOTEBOOK_IMAGE = {**STACK, "org.jupyterhub.role": "notebook-image"}


def test_an_old_notebook_image_is_removed_without_force(call, engine):
    engine.image_labels = NOTEBOOK_IMAGE
    assert call("DELETE", f"/v1.41/images/{OLD}?force=False&noprune=False")[0] == 200
    assert engine.removed_images == [OLD]


@pytest.mark.parametrize(
    ("reference", "labels", "reason"),
    [
        ("sha256:1234", NOTEBOOK_IMAGE, "image 'sha256:1234' is no old image"),
        ("debian:trixie-slim", NOTEBOOK_IMAGE, "image 'debian:trixie-slim' is no old image"),
        (OLD, None, "label org.jupyterhub.stack is not 'jh'"),
        (OLD, {**NOTEBOOK_IMAGE, "org.jupyterhub.stack": "other"}, "label org.jupyterhub.stack is not 'jh'"),
        (OLD, STACK, "image is no notebook image"),
        (f"{OLD}?force=1", NOTEBOOK_IMAGE, "query force='1' is not allowed"),
    ],
)
def test_no_other_image_is_removed(call, engine, reference, labels, reason):
    engine.image_labels = labels
    assert denied(call, engine, "DELETE", f"/v1.41/images/{reference}") == reason
    assert engine.removed_images == []


def test_an_image_that_servers_are_made_from_is_not_removed():
    with pytest.raises(Denied):
        Policy(FilterSettings.model_validate({**FILTER, "images": [OLD]})).old_image(OLD)


GPU = {"Driver": "", "Count": 1, "DeviceIDs": [], "Capabilities": [["gpu"]], "Options": {}}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (GPU, None),
        ({**GPU, "Count": 0, "DeviceIDs": ["0", "1"]}, None),
        ({**GPU, "Count": 2}, "GPUs 2 are not on the list"),
        ({**GPU, "Count": -1}, "GPUs -1 are not on the list"),
        ({**GPU, "Count": 0, "DeviceIDs": ["1"]}, "GPUs ['1'] are not on the list"),
        ({**GPU, "Capabilities": [["gpu"], ["compute"]]}, "HostConfig.DeviceRequests"),
        ({**GPU, "Capabilities": []}, "HostConfig.DeviceRequests"),
        ({**GPU, "Driver": "cdi"}, "HostConfig.DeviceRequests"),
        ({**GPU, "Options": {"a": "b"}}, "HostConfig.DeviceRequests"),
    ],
)
def test_gpus_that_are_configured_only(request_, reason):
    gpus = [{"count": 1, "ids": []}, {"count": 0, "ids": ["0", "1"]}]
    policy = Policy(FilterSettings.model_validate({**FILTER, "gpus": gpus}))
    body = json.dumps(server(HostConfig={"DeviceRequests": [request_]})).encode()
    if reason is None:
        sent = json.loads(policy.create_container("jh-user-alice", body))
        assert sent["HostConfig"]["DeviceRequests"] == [request_]
        return
    with pytest.raises(Denied) as denial:
        policy.create_container("jh-user-alice", body)
    assert reason in str(denial.value)


def test_a_hardened_server_is_made(call, engine):
    status, _ = call("POST", CREATE.replace("alice", "bob"), server("bob"))
    assert status == 201
    assert engine.bodies == [server("bob")]


def test_what_the_client_library_always_sends_is_let_through(call):
    body = server(
        "bob",
        Hostname=None,
        Tty=False,
        OpenStdin=False,
        AttachStdin=False,
        AttachStdout=True,
        AttachStderr=True,
        ExposedPorts={"8888/tcp": {}},
        Volumes={"/home/jovyan": {}},
        NetworkDisabled=False,
        Entrypoint=None,
        HostConfig={"Links": [], "Mounts": [], "AutoRemove": True, "Init": True},
    )
    assert call("POST", CREATE.replace("alice", "bob"), body)[0] == 201


HOST_CONFIG = {
    "Privileged": True,
    "NetworkMode": ["host", "none", "bridge", "jh-control", "container:jh-hub", ""],
    "PidMode": ["host", "container:jh-hub"],
    "IpcMode": ["host", "shareable"],
    "UTSMode": "host",
    "UsernsMode": "host",
    "CgroupnsMode": "host",
    "CgroupParent": "/",
    "CapAdd": [["SYS_ADMIN"], []],
    "CapDrop": [[], ["NET_RAW"], ["ALL", "NET_RAW"]],
    "SecurityOpt": [
        [],
        ["seccomp=unconfined"],
        ["no-new-privileges:true", "apparmor=unconfined"],
        ["no-new-privileges:false"],
        ["label=disable"],
    ],
    "Devices": [[{"PathOnHost": "/dev/sda"}]],
    "DeviceRequests": [[{"Driver": "nvidia", "Count": -1}]],
    "DeviceCgroupRules": [["a *:* rwm"]],
    "VolumesFrom": [["jh-hub"]],
    "VolumeDriver": "nfs",
    "Mounts": [
        [{"Type": "bind", "Source": "/", "Target": "/host"}],
        [{"Type": "volume", "Source": "jh-hub-data"}],
    ],
    "Links": [["jh-hub:hub"]],
    "PortBindings": [{"8888/tcp": [{"HostPort": "80"}]}],
    "PublishAllPorts": True,
    "ExtraHosts": [["hub:1.2.3.4"]],
    "Dns": [["1.2.3.4"]],
    "GroupAdd": [["0"]],
    "Sysctls": [{"kernel.core_pattern": "|/x"}],
    "Runtime": "other",
    "OomKillDisable": True,
    "MaskedPaths": [[]],
    "ReadonlyPaths": [[]],
    "Tmpfs": [{"/run": ""}],
    "RestartPolicy": [{"Name": "always"}],
    "ContainerIDFile": "/etc/cron.d/x",
    "LogConfig": [
        {"Type": "syslog", "Config": {"max-size": "1m", "max-file": "1"}},
        {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "1", "env": "X"}},
        {"Type": "json-file", "Config": {"max-size": "9g", "max-file": "1"}},
        {"Type": "json-file", "Config": {"max-size": "-1", "max-file": "1"}},
        {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "10000"}},
        None,
    ],
    "Memory": [0, -1, "1024", 2049],
    "MemorySwap": [-1, 1, 0, -2, 1024 + 513],
    "PidsLimit": [0, -1, 101],
    "CpuQuota": [0, -1, None, 152_000],
    "CpuPeriod": [0],
    "Binds": [
        ["/:/host"],
        ["/etc:/host:ro"],
        ["/var/run/docker.sock:/x"],
        ["/srv/tree:/x"],
        ["/srv/tree/groups:/x"],
        ["/srv/tree/shared/a:/x"],
        ["/srv/tree/users/alice/b:/x"],
        ["/srv/tree/users/../../etc:/x"],
        ["/srv/tree/users/..:/x"],
        ["/srv/tree/users/:/x"],
        ["/srv/tree/users2:/x"],
        # A link.
        ["/srv/tree/users/mallory:/x"],
        ["datasets2:/x"],
        ["jh-hub-data:/x"],
        ["other-volume:/x"],
        ["jh-home-:/x"],
        ["jh-home-alice"],
        ["jh-home-alice:/"],
        ["jh-home-alice:relative"],
        ["jh-home-alice:/x/../y"],
        ["jh-home-alice:/x:rw,rshared"],
        ["jh-home-alice:/x:rw:y"],
        ["jh-home-alice:/x:z"],
        ["jh-home-alice://x"],
        ["jh-home-alice:/x\n"],
        ["jh-home-alice:/x\0"],
        ["jh-home-alice:/proc/1"],
        ["jh-home-alice:/sys"],
        ["jh-home-alice:/dev"],
        [f"jh-home-alice:/{'x' * 256}"],
        [f"jh-home-alice:{'/x' * 1000}"],
        ["jh-home-bob:/x"],
        ["jh-home-alice:/home/jovyan", "jh-home-bob:/x"],
        ["/srv/tree/users/bob:/x"],
        ["/srv/tree/groups/a\0:/x"],
        [f"/srv/tree/groups/{'x' * 300}:/x"],
        ["/srv/tree/groups/..:/x"],
        ["/srv/tree/groups/a b:/x"],
        ["/srv/tree/groups/%2f:/x"],
        ["jh-home-alice:/home/jovyan", "/:/host"],
        "jh-home-alice:/x",
    ],
    # The engine does not mind the case of a key.
    "privileged": True,
    "PRIVILEGED": True,
    "binds": [["/:/host"]],
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (key, value)
        for key, values in HOST_CONFIG.items()
        for value in (values if isinstance(values, list) else [values])
    ],
)
def test_a_server_with_more_than_it_needs_is_denied(call, engine, key, value):
    denied(call, engine, "POST", CREATE, server(HostConfig={key: value}))
    assert engine.bodies == []


@pytest.mark.parametrize(
    "change",
    [
        {"Image": "alpine"},
        {"Image": "sha256:1234 "},
        {"User": ""},
        {"User": "0:0"},
        {"User": "0:100"},
        {"User": "1000:0"},
        {"User": "root"},
        {"User": "1000"},
        {"User": "00:100"},
        {"User": "1000:100\n"},
        # Somebody of the host, or a group with rights there.
        {"User": "1001:100"},
        {"User": "1000:999"},
        {"Labels": {}},
        {"Labels": {"org.jupyterhub.stack": "other"}},
        {"Entrypoint": ["/bin/sh"]},
        {"Tty": True},
        {"OpenStdin": True},
        {"Runtime": "other"},
        {"MacAddress": "02:42:ac:11:00:02"},
        {"NetworkingConfig": {"EndpointsConfig": {"jh-control": {}}}},
        {"Healthcheck": {"Test": ["CMD", "x"]}},
        {"Volumes": {"/x": {"a": 1}}},
        {"ExposedPorts": {"\u0661/tcp": {}}},
        {"ExposedPorts": {"53/udp": {}}},
        {"hostconfig": {"Privileged": True}},
        {"image": "alpine"},
    ],
)
def test_a_server_of_another_kind_is_denied(call, engine, change):
    denied(call, engine, "POST", CREATE, server(**change))


@pytest.mark.parametrize(
    "key",
    [
        "User",
        "Labels",
        "HostConfig",
        "Memory",
        "MemorySwap",
        "PidsLimit",
        "CapDrop",
        "SecurityOpt",
        "NetworkMode",
    ],
)
def test_a_server_without_its_limits_and_hardening_is_denied(call, engine, key):
    assert f"{key}: missing" in denied(call, engine, "POST", CREATE, without(key))


@pytest.mark.parametrize(
    "name",
    ["", "jh-hub", "jh-user-", "jh-user-a/b", "jh-user-a%20b", "other", "jh-user-%0a", "jh-docker-filter"],
)
def test_a_server_has_a_servers_name(call, engine, name):
    denied(call, engine, "POST", f"/v1.41/containers/create?name={name}", server())


@pytest.mark.parametrize(
    "target", ["/v1.41/containers/create", f"{CREATE}&platform=linux/arm64", f"{CREATE}&name=jh-hub"]
)
def test_the_query_of_a_create_is_its_name(call, engine, target):
    denied(call, engine, "POST", target, server())


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '"x"', b"\xff"])
def test_bodies_that_are_none(call, engine, body):
    denied(call, engine, "POST", CREATE, body)


def test_of_two_equal_keys_none_is_taken(call, engine):
    text = json.dumps(server())
    for twice in (
        text[:-1] + ', "Image": "alpine"}',
        text[:1] + '"Image": "alpine", ' + text[1:],
        text[:1] + '"\\u0049mage": "alpine", ' + text[1:],
    ):
        assert denied(call, engine, "POST", CREATE, twice) == "key 'Image' is there twice"


def test_a_body_that_is_too_large(call, engine):
    denied(call, engine, "POST", CREATE, b" " * 2_000_000)


def bob(call, **host_config):
    return call("POST", CREATE.replace("alice", "bob"), server("bob", HostConfig=host_config))


def test_folders_of_the_host_on_the_list(call, engine):
    binds = ["/srv/tree/users:/users:rw", "/srv/tree/users/bob:/home/jovyan", "/srv/tree/groups/new:/g:ro"]
    assert bob(call, Binds=[*binds, "/srv/tree/shared:/shared", "datasets:/data:ro"])[0] == 201


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
def test_a_folder_of_homes_that_others_can_change_is_not_trusted(call, engine, host, mode):
    (host / "srv/tree/users").chmod(mode)
    reason = denied(call, engine, "POST", CREATE, server(HostConfig={"Binds": ["/srv/tree/users/alice:/x"]}))
    assert reason.startswith("folder '/srv/tree/users' of the host can be changed by others than root")


def test_a_folder_of_homes_that_is_gone_is_not_made_by_the_engine(call, engine, host):
    (host / "srv/tree/groups").rmdir()
    reason = denied(call, engine, "POST", CREATE, server(HostConfig={"Binds": ["/srv/tree/groups/a:/x"]}))
    assert reason.startswith("folder '/srv/tree/groups' is not on the host")


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


@pytest.mark.parametrize("bind", ["datasets:/x", "datasets:/x:rw"])
def test_what_may_only_be_read_is_not_mounted_to_be_written(call, engine, bind):
    reason = denied(call, engine, "POST", CREATE, server(HostConfig={"Binds": [bind]}))
    assert reason == "volume 'datasets' may be read only"


def test_a_volume_is_made_only_where_something_is_mounted(call, engine):
    """The engine copies into it what the image has there: all of it, at `/`."""
    for target in ("/", "/x", "/home", "/home/jovyan/", "//home/jovyan"):
        reason = denied(call, engine, "POST", CREATE, server(Volumes={"/home/jovyan": {}, target: {}}))
        assert reason == f"Volumes has {target!r}, where nothing of HostConfig.Binds is mounted"


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
        == "container has been started: it is running"
    )
    assert call("HEAD", f"{ran}?path=/home/jovyan")[0] == 403


def test_headers_of_the_call_do_not_reach_the_engine(call, engine):
    headers = {"Upgrade": "tcp", "Connection": "Upgrade", "X-Registry-Auth": "x", "Accept-Encoding": "gzip"}
    assert call("GET", "/_ping", headers=headers)[0] == 200
    (got,) = engine.headers
    assert not {"Upgrade", "X-Registry-Auth"} & got.keys()
    assert got["Accept-Encoding"] == "identity"


def test_denials_are_logged_with_their_reason(call, engine, caplog):
    with caplog.at_level(logging.WARNING, logger="docker-filter"):
        denied(call, engine, "POST", CREATE, server(HostConfig={"Privileged": True}))
    (record,) = caplog.records
    assert record.getMessage() == f"denied POST {CREATE} from 127.0.0.1: HostConfig.Privileged: unknown key"


def test_the_reason_is_one_a_person_can_read(call, engine):
    options = {"type": "none", "o": "bind", "device": "/"}
    body = {"Name": "jh-home-alice", "Labels": labels(role="home"), "DriverOpts": options}
    assert (
        denied(call, engine, "POST", "/v1.41/volumes/create", body)
        == "volume 'jh-home-alice' has a driver or options that are not those of the settings"
    )


def test_no_engine_is_no_answer_about_a_container(tmp_path):
    """DockerSpawner takes 404 and 500 for a server that is gone."""
    settings = FilterSettings.model_validate({**FILTER, "socket": str(tmp_path / "absent.sock")})
    with filtering(settings) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/v1.41/containers/jh-user-alice/json")
        answer = connection.getresponse()
        assert answer.status == 503
        assert json.loads(answer.read())["message"].startswith("docker-filter: no answer from the engine")
        connection.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": "x"}, "images: input should be a valid array"),
        ({"imagez": []}, "imagez: unknown key"),
        ({"listen": "2375"}, "listen: string should match"),
        ({"folders": ["srv"]}, "folders.0: expected a path that starts with /"),
        ({"version": 2}, "version: input should be 1"),
    ],
)
def test_bad_settings_are_named(tmp_path, change, message):
    path = tmp_path / "filter.json"
    path.write_text(json.dumps({**FILTER, **change}))
    with pytest.raises(SettingsError, match=message):
        read_settings(path, FilterSettings)


class TestLockdown:
    """What a stack with a firewall and name servers of its own adds."""

    @pytest.fixture
    def closed(self, engine, tmp_path):
        socket = tmp_path / "closed.sock"
        settings = FilterSettings.model_validate(
            {**FILTER, "socket": str(socket), "firewall": "jh-firewall", "dns": ["127.0.0.1"]}
        )
        with (
            serving(engine.application(), socket=socket),
            filtering(settings) as port,
        ):

            def send(method, target, body=None):
                connection = HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request(method, target, body=None if body is None else json.dumps(body))
                answer = connection.getresponse()
                data = answer.read()
                connection.close()
                return answer.status, data

            yield send

    def test_no_server_starts_without_a_firewall(self, closed, engine):
        status, body = closed("POST", "/v1.41/containers/jh-user-alice/start")
        assert status == 503
        assert b"there is no firewall" in body
        assert not [call for call in engine.calls if call.startswith("POST")]

    @pytest.mark.parametrize("dns", [None, [], ["1.1.1.1"], ["127.0.0.1", "1.1.1.1"]])
    def test_no_server_asks_other_name_servers(self, closed, dns):
        status, body = closed("POST", CREATE, server(HostConfig={"Dns": dns}))
        assert status == 403
        assert b"name servers" in body

    def test_a_server_with_these_name_servers_is_made(self, closed):
        wanted = server("carol", HostConfig={"Dns": ["127.0.0.1"], "DnsOptions": ["timeout:1", "attempts:1"]})
        assert closed("POST", CREATE.replace("alice", "carol"), wanted)[0] == 201


@pytest.mark.parametrize(
    ("state", "ready"),
    [
        ({"Status": "running", "Health": {"Status": "healthy"}}, True),
        ({"Status": "running", "Health": {"Status": "starting"}}, False),
        ({"Status": "running", "Health": {"Status": "unhealthy"}}, False),
        ({"Status": "running"}, False),
        ({"Status": "exited", "Health": {"Status": "healthy"}}, False),
        ({"Status": "paused", "Health": {"Status": "healthy"}}, False),
    ],
)
def test_a_firewall_is_ready_only_when_it_runs_and_is_healthy(state, ready):
    if ready:
        Policy.firewall({"State": state})
    else:
        with pytest.raises(NotReady, match="the firewall is not ready"):
            Policy.firewall({"State": state})


def test_name_servers_are_closed_where_none_are_named(call, engine):
    assert "name servers" in denied(call, engine, "POST", CREATE, server(HostConfig={"Dns": ["1.1.1.1"]}))
