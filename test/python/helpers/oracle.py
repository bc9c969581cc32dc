"""Which changes of what the spawners ask mean the same: written without the filter's own rules."""

import copy
import json
import re


def texts(value):
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def whole(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def target(path):
    return isinstance(path, str) and re.fullmatch(r"(/(?!\.\.?(/|$))[^/\0-\x1f\x7f]+)+", path) is not None


def binds(value, original):
    """Only what was mounted, nowhere strange, and not with more rights."""
    if not texts(value):
        return False
    known = {one.split(":")[0]: one.split(":")[2] for one in original}
    for one in value:
        if one.count(":") not in (1, 2):
            return False
        source, path, mode = (*one.split(":"), "rw")[:3]
        if mode not in ("rw", "ro") or not target(path) or known.get(source) not in (mode, "rw"):
            return False
    return True


def container_means_the_same(found, original, for_folders):
    """Whether a container is one that the spawner could ask for."""
    host, like = found.get("HostConfig"), original["HostConfig"]
    if not isinstance(host, dict) or found.keys() - original.keys() - {"Cmd", "Env"} - OFF - PLAIN:
        return False
    mounted = host.get("Binds", [])
    checks = [
        *(found.get(key) == original[key] for key in ("Image", "User", "Labels")),
        *(not found[key] for key in OFF & found.keys()),
        *(found[key] is None or texts(found[key]) for key in {"Cmd", "Env"} & found.keys()),
        all(isinstance(found[key], bool) for key in {"AttachStdout", "AttachStderr"} & found.keys()),
        *(found[key] is False for key in {"AttachStdin", "OpenStdin", "StdinOnce", "Tty"} & found.keys()),
        not host.keys() - like.keys() - {"LogConfig", "AutoRemove", "Init", "Dns", "Links", "Mounts"},
        *(host.get(key) == like[key] for key in ("CapDrop", "NetworkMode")),
        host.get("SecurityOpt") in (["no-new-privileges"], ["no-new-privileges:true"]),
        whole(host.get("Memory"), 1, 4 * 1024**3) and host.get("MemorySwap") == host["Memory"],
        whole(host.get("PidsLimit"), 1, 1024),
        whole(host.get("CpuPeriod", 100_000), 1000, 10**6) and whole(host.get("CpuQuota"), 1, 10**9),
        binds(mounted, like["Binds"]),
        *(isinstance(host[key], bool) for key in {"AutoRemove", "Init"} & host.keys()),
        *(not host[key] for key in {"Links", "Mounts"} & host.keys()),
        host.get("Dns") in (None, []),
        host.get("LogConfig", None) in ([None] if for_folders else [])
        or log(host.get("LogConfig"), "Type", "Config"),
    ]
    if not all(checks) or host["CpuQuota"] / host.get("CpuPeriod", 100_000) > 2.01:
        return False
    made, ports = found.get("Volumes", None), found.get("ExposedPorts", {})
    places = {one.split(":")[1] for one in mounted}
    return (made is None or (empties(made) and made.keys() <= places)) and (
        empties(ports) and all(re.fullmatch("[0-9]{1,5}/tcp", port) for port in ports)
    )


OFF = frozenset(
    {
        *("Domainname", "Entrypoint", "Healthcheck", "Hostname", "MacAddress", "NetworkDisabled"),
        *("NetworkingConfig", "Runtime", "StopSignal", "StopTimeout", "WorkingDir"),
    }
)
FLAGS = frozenset({"AttachStdout", "AttachStderr", "AttachStdin", "OpenStdin", "StdinOnce", "Tty"})
PLAIN = FLAGS | {"Volumes", "ExposedPorts"}


def empties(value):
    return isinstance(value, dict) and all(one in ({}, None) for one in value.values())


def log(value, kind, options):
    return (
        isinstance(value, dict)
        and value.keys() == {kind, options}
        and value[kind] == "json-file"
        and isinstance(value[options], dict)
        and value[options].keys() == {"max-size", "max-file"}
        and all(isinstance(one, str) for one in value[options].values())
        and re.fullmatch("[1-9][0-9]?m", value[options]["max-size"]) is not None
        and re.fullmatch("[1-9]", value[options]["max-file"]) is not None
    )


def is_gate(mount, gate):
    """Whether a mount is the folder without which no server starts. As JSON: there, 1 is not true."""
    known = {key: value for key, value in mount.items() if (key, value) != ("VolumeOptions", None)}
    return json.dumps(known, sort_keys=True) == json.dumps(gate, sort_keys=True)


def service_means_the_same(found, original):
    """Whether a service is one that the spawner could ask for: what may differ is taken out of both."""
    found, wanted = copy.deepcopy(found), copy.deepcopy(original)
    for key in {"Mode", "Networks"} & found.keys():
        if found.pop(key):
            return False
    try:
        container, like = found["TaskTemplate"]["ContainerSpec"], wanted["TaskTemplate"]["ContainerSpec"]
        for spec in (container, like):
            spec.setdefault("Args", None)
            spec.setdefault("Env", None)
            spec.setdefault("Init", False)
            if not (spec["Args"] is None or texts(spec["Args"])) or not (
                spec["Env"] is None or texts(spec["Env"])
            ):
                return False
            if not isinstance(spec.pop("Init"), bool):
                return False
            spec.pop("Args"), spec.pop("Env")
        known = {mount["Source"]: mount for mount in like.pop("Mounts")}
        if not isinstance(container["Mounts"], list):
            return False
        (gate,) = (mount for mount in known.values() if mount["Type"] == "bind")
        opens = [mount for mount in container["Mounts"] if is_gate(mount, gate)]
        if len(opens) != 1:
            return False
        for mount in container.pop("Mounts"):
            if mount is opens[0]:
                continue
            of = known[mount["Source"]]
            read_only = mount.get("ReadOnly", False)
            if not isinstance(read_only, bool) or not target(mount["Target"]):
                return False
            if of.get("ReadOnly") and not read_only:
                return False
            local = {"Name": "local", "Options": {}}
            options, same = copy.deepcopy(mount["VolumeOptions"]), copy.deepcopy(of["VolumeOptions"])
            if (options.pop("DriverConfig", None) or local) != (same.pop("DriverConfig", None) or local):
                return False
            role = options["Labels"].get("org.jupyterhub.role")
            if role not in ("home", "settings", "folder", "volume"):
                return False
            if {**options, "Labels": {**options["Labels"], "org.jupyterhub.role": 0}} != {
                **same,
                "Labels": {**same["Labels"], "org.jupyterhub.role": 0},
            }:
                return False
            if mount.keys() - {"ReadOnly"} != of.keys() - {"ReadOnly"} or mount["Type"] != "volume":
                return False
        template, resources = found["TaskTemplate"], found["TaskTemplate"]["Resources"]
        most = resources["Limits"]
        reserved = resources.pop("Reservations", None)
        if reserved is not None:
            least = [reserved.pop("MemoryBytes"), reserved.pop("NanoCPUs")]
            if (
                reserved
                or not whole(least[0], 0, most["MemoryBytes"])
                or not whole(least[1], 0, most["NanoCPUs"])
            ):
                return False
        wanted["TaskTemplate"]["Resources"].pop("Reservations")
        limits = {"MemoryBytes": 4 * 1024**3, "NanoCPUs": 2 * 10**9, "Pids": 1024}
        if most.keys() != limits.keys() or not all(whole(most[key], 1, limits[key]) for key in limits):
            return False
        restart = template["RestartPolicy"]
        times = [restart.pop("Delay"), restart.pop("MaxAttempts"), restart.pop("Window")]
        if not all(whole(*one) for one in zip(times, (10**9, 1, 0), (2**63 - 1,) * 3, strict=True)):
            return False
        if restart.pop("Condition") not in ("on-failure", "none") or restart:
            return False
        rules_ = template["Placement"].pop("Constraints")
        if not texts(rules_) or "node.role==worker" not in rules_ or template.pop("Placement"):
            return False
        if not log(template.pop("LogDriver"), "Name", "Options"):
            return False
        for key in ("LogDriver", "RestartPolicy", "Placement", "Resources"):
            wanted["TaskTemplate"].pop(key)
        resources.pop("Limits")
        if template.pop("Resources") or template.pop("RestartPolicy"):
            return False
    except (KeyError, TypeError, AttributeError, ValueError):
        return False
    return found == wanted and strictly(found, wanted)


def strictly(one, other):
    """Equal, and of the same types: to Python, 1 is True."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
