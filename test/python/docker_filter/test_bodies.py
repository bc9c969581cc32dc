"""Bodies of the calls that make a server: hardened, limited, and nothing that is not known."""

import json

import pytest

from helpers.docker_filter import CREATE, denied, server, without


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
    # The settings name none: the engine's defaults.
    "ShmSize": [64 * 1024**2, 0, -1],
    "MemoryReservation": [1],
    "CpuShares": [1024],
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
        assert denied(call, engine, "POST", CREATE, twice) == "key 'Image' appears twice"


def test_a_body_that_is_too_large(call, engine):
    denied(call, engine, "POST", CREATE, b" " * 2_000_000)
