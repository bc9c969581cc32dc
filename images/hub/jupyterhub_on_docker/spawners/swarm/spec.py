"""A server's service for the Docker API. Pure.

Written out and not made by the client library's classes, which know neither a limit of processes nor `dnsrr`
beside volumes.
"""

from dataclasses import dataclass
from typing import Any

from ...config.spawner import LogDriver
from ...labels import ROLE, USER
from ...servers.folders import Mount

RESTARTS = 20
"""Attempts within WINDOW after which a server that keeps failing is left alone.

A second apart: a node that has just been switched on has some for its firewall to be ready.
"""

WINDOW = 600_000_000_000
"""Nanoseconds."""

GATE_TARGET = "/run/jupyterhub-firewall"
"""Where a server has the folder that is on a node while the firewall's rules are."""

SHM_TARGET = "/dev/shm"
SHM_MODE = 0o1777
"""Everybody in the server may write there, as the engine's own has it."""


@dataclass(frozen=True)
class Server:
    """What one server needs, all templates filled in."""

    name: str
    image: str
    args: list[str] | None
    environment: dict[str, str]
    user: str
    """`uid:gid`"""
    memory: int
    cpus: float
    processes: int
    reserved_memory: int
    reserved_cpus: float
    mounts: list[dict[str, Any]]
    """One for shared memory among them: a service has no other way to a size of it."""
    constraints: list[str]
    network: str
    labels: dict[str, str]
    log: LogDriver


def mount(wanted: Mount, labels: dict[str, str], user: str) -> dict[str, Any]:
    """A mount of a server. Each node makes its volume by itself, with labels of use and owner."""
    found: dict[str, Any] = {"Type": "volume", "Source": wanted.source, "Target": wanted.target}
    if wanted.read_only:
        found["ReadOnly"] = True
    volume = wanted.volume
    if volume is None:
        return {**found, "Type": "bind"}
    options: dict[str, Any] = {
        "Labels": {**labels, ROLE: volume.role, **({USER: user} if volume.personal else {})}
    }
    if (volume.driver, volume.options) != ("local", {}):
        options["DriverConfig"] = {"Name": volume.driver, "Options": dict(sorted(volume.options.items()))}
    return {**found, "VolumeOptions": options}


def gate(source: str) -> dict[str, Any]:
    """A mount without which no engine starts the server: there is no such folder before there are rules."""
    return {"Type": "bind", "Source": source, "Target": GATE_TARGET, "ReadOnly": True}


def shared_memory(size: int | None) -> list[dict[str, Any]]:
    """The mount for shared memory of so many bytes; none for the engine's own."""
    if size is None:
        return []
    options = {"SizeBytes": size, "Mode": SHM_MODE}
    return [{"Type": "tmpfs", "Source": "", "Target": SHM_TARGET, "TmpfsOptions": options}]


def task_template(server: Server) -> dict[str, Any]:
    container: dict[str, Any] = {
        "Image": server.image,
        "Env": [f"{name}={value}" for name, value in server.environment.items()],
        "User": server.user,
        "Labels": server.labels,
        "Mounts": server.mounts,
        "Init": True,
        "CapabilityDrop": ["ALL"],
        # Engines before 25 do not know it and ignore it: there, nothing is gained by it either, as a program
        # with set-uid finds no capability left to have.
        "Privileges": {"NoNewPrivileges": True},
    }
    if server.args is not None:
        container["Args"] = server.args
    return {
        "ContainerSpec": container,
        "Resources": {
            "Limits": {
                "MemoryBytes": server.memory,
                "NanoCPUs": int(server.cpus * 1e9),
                "Pids": server.processes,
            },
            "Reservations": {
                "MemoryBytes": server.reserved_memory,
                "NanoCPUs": int(server.reserved_cpus * 1e9),
            },
        },
        # A server that its user shuts down stays down; that of a lost node comes back on another one.
        "RestartPolicy": {
            "Condition": "on-failure",
            "Delay": 1_000_000_000,
            "MaxAttempts": RESTARTS,
            "Window": WINDOW,
        },
        "Placement": {"Constraints": server.constraints},
        "Networks": [{"Target": server.network}],
        "LogDriver": {"Name": server.log.driver, "Options": dict(server.log.options)},
    }


ENDPOINT = {"Mode": "dnsrr"}
"""The service's name is the address of its task: no virtual address, for which the kernel needs IPVS."""
