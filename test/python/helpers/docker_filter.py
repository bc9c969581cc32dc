"""Settings of a filter, and what a hub sends it."""

import json

from jupyterhub_on_docker.docker_filter.settings import FilterSettings

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


def listening_filter(socket, *volumes, log=None):
    """A filter in front of an engine at a socket, for volumes of these names after the prefix."""
    return FilterSettings.model_validate(
        {
            "version": 1,
            "socket": str(socket),
            "listen": "127.0.0.1:0",
            "namePrefix": "jh",
            "network": "jh-notebooks",
            "images": ["sha256:1234"],
            "uid": 1000,
            "gid": 100,
            "volumes": [{"name": f"jh-{volume}", "driver": "local", "options": {}} for volume in volumes],
            "folders": [],
            "parents": [],
            "log": log,
            "limits": {
                "memory": 4 * 1024**3,
                "swap": -1,
                "cpus": 2,
                "processes": 1024,
                "shmSize": 4096,
                "memoryReservation": 8192,
                "cpuShares": 512,
            },
        }
    )


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


def denied(call, engine, *arguments, **options):
    """Sends a call that has to be denied without the engine hearing of it; gives the reason."""
    status, body = call(*arguments, **options)
    assert status == 403, body
    # The filter may ask what a container is; it changes nothing.
    assert [made for made in engine.calls if not (made.startswith("GET") and made.endswith("/json"))] == []
    message = json.loads(body)["message"]
    assert message.startswith("docker-filter: ")
    return message.removeprefix("docker-filter: ")
