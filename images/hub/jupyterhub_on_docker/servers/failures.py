"""Why a server did not start: the one place that tells the engine's and the hub's errors apart. Pure."""

import re
import shlex
import traceback
from dataclasses import dataclass
from http import HTTPStatus

import requests
from docker.errors import APIError, DockerException

from ..extra_config import part_of
from .texts import line

ASK = "Ask an administrator."
LATER = "Try again in a minute. If it happens again, ask an administrator."


@dataclass(frozen=True)
class Reason:
    sentence: str
    """For the person: what is wrong, and what to do. No names of the host."""
    detail: str
    """For the administrator, in one line."""


@dataclass(frozen=True)
class Circumstances:
    """Of a start, as far as its error does not say them."""

    stack: str = ""
    """Name of the stack, for commands; empty where nobody said it."""
    image: str = ""
    start_timeout: int = 0
    http_timeout: int = 0
    extra_config: str = ""
    """Path of the extra configuration."""
    said: str = ""
    """How the server ended, if it did."""

    def command(self, command: str) -> str:
        """A command that works when it is pasted."""
        if command == "./up":
            return f"./up {self.stack}".rstrip()
        return f"{command} --stack {self.stack}" if self.stack else command

    def logs_of(self, person: str) -> str:
        """The command for the last lines of somebody's server. A shell would run what some names say."""
        if person.startswith("-"):
            return f"{self.command('./hub logs --previous')} -- {shlex.quote(person)}"
        return self.command(f"./hub logs {shlex.quote(person)} --previous")


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    sentence: str
    advice: str
    """What an administrator does, with `{up}`, `{check}`, `{firewall}` for commands."""


def _rule(pattern: str, sentence: str, advice: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), sentence, advice)


# The first that fits. What Docker Engine 20.10 to 29 and the Docker filter say.
_RULES = (
    _rule(
        r"docker-filter: the firewall",
        f"The firewall for servers is not ready. {LATER}",
        "See {firewall}",
    ),
    _rule(
        r"docker-filter: no answer from the engine",
        f"Docker does not answer now. {LATER}",
        "Check the Docker Engine: {check}",
    ),
    _rule(
        r"docker-filter: image .* is not on the list",
        f"The image of your server is not one of this hub's. {ASK}",
        "The Docker filter allows the images of notebook.image and notebook.profiles only: {up}",
    ),
    _rule(
        r"docker-filter: ",
        f"This hub's Docker filter does not allow a setting that your server was given. {ASK}",
        "Remove what hub.extraConfig sets of it, or use the key for it (docs/configuration.md)",
    ),
    _rule(
        r"pull access denied|unauthorized|authentication required|denied: requested access",
        f"The registry does not allow the hub to pull your server's image. {ASK}",
        "Log in to the registry, then run {up}",
    ),
    _rule(
        r"toomanyrequests|manifest (?:for .* )?(?:unknown|not found)|could not be accessed on a registry"
        r"|(?:dial tcp|request canceled|TLS handshake|server misbehaving).*registry|registry.*dial tcp",
        f"The image of your server could not be pulled from its registry. {LATER}",
        "Check the image's name and the way to its registry, then run {up}",
    ),
    _rule(
        r"no such image|image .*(?:not found|does not exist)|manifest unknown",
        f"The image that your server is started from is missing. {ASK}",
        "It was removed from the Docker host. Build or pull it again: {up}",
    ),
    _rule(
        r"no space left on device|disk quota exceeded",
        f"The disk of the server's host is full. {ASK}",
        "Free disk space on the Docker host (docker system df shows what takes it)",
    ),
    _rule(
        r"executable file not found|no such file or directory.*(?:exec|entrypoint)|exec format error"
        r"|permission denied.*exec|exec.*permission denied",
        f"The image of your server does not have the program that starts it. {ASK}",
        "The image needs jupyterhub-singleuser, or set the command: notebook.command",
    ),
    _rule(
        r"could not select device driver|nvidia-container-cli|unresolvable CDI devices",
        f"No GPU can be used on the server's host now. {ASK}",
        "Check the GPU's driver and the NVIDIA Container Toolkit on the Docker host, or notebook.gpus",
    ),
    _rule(
        r"failed to mount local volume|error while mounting volume|VolumeDriver|plugin .* not found"
        r"|invalid mount config|bind source path does not exist|error evaluating symlinks from mount source"
        r"|volume .*(?:no such|not found)|no such volume|cannot create /",
        f"A folder of your server could not be mounted. {ASK}",
        "Check the volume or folder of the host, and what it is mounted from (storage in the stack file)",
    ),
    _rule(
        r"port is already allocated|address already in use|failed programming external connectivity",
        f"A port that your server needs is in use on its host. {ASK}",
        "Servers need no port of the host: remove what hub.extraConfig publishes",
    ),
    _rule(
        r"network .* not found|no such network|endpoint with name .* already exists"
        r"|no available (?:IPv4 )?address",
        f"The network of the servers is missing or has no free address. {ASK}",
        "Create it again: {up}. If all addresses are taken, stop unused servers or set a larger subnet",
    ),
    _rule(
        r"cannot allocate memory|not enough memory|fork/exec .*resource temporarily unavailable"
        r"|pthread_create failed|failed to create new OS thread",
        f"The server's host has no memory or processes left. {LATER}",
        "Stop servers, or give the Docker host more memory (free -m)",
    ),
    _rule(
        r"insufficient resources",
        f"No node has enough memory or processors free for your server. {LATER}",
        "Stop servers, add a node, or lower swarm.notebooks.reservedMemory and reservedCpus",
    ),
    _rule(
        r"no suitable node",
        f"No node can take your server now. {LATER}",
        "Check the nodes and their labels: docker node ls",
    ),
    _rule(
        r"minimum memory limit|range of cpus|memory limit.*(?:lower|smaller|larger)|invalid (?:cpu|memory)",
        f"The limits of your server do not fit its host. {ASK}",
        "Correct the limits of the person, group, profile or of notebook.limits",
    ),
    _rule(
        r"(?:name .* is|already) in use|removal .* is already in progress|marked for removal",
        "Your previous server has not stopped yet. Try again in a minute.",
        "If it lasts, remove the container of that name",
    ),
)


def explain(error: BaseException, where: Circumstances) -> Reason:
    """The reason of a start that failed with this error."""
    if place := _in_extra_config(error, where.extra_config):
        return Reason(
            f"Your server did not start because of an error in this hub's own configuration. {ASK}",
            f"hub.extraConfig: {place}: {type(error).__name__}: {line(str(error))}",
        )
    if isinstance(error, APIError):
        return _of_engine(error, where)
    if isinstance(error, requests.RequestException | DockerException):
        return Reason(
            f"The hub cannot reach Docker now. {LATER}",
            f"{line(str(error))}. {_advice('Check the way to Docker: {check}', where)}",
        )
    if isinstance(error, TimeoutError):
        return not_started(where)
    return Reason(
        f"Your server did not start because of an error in the hub. {ASK}",
        f"{type(error).__name__}: {line(str(error))}. {_advice('See the traceback: {hub}', where)}",
    )


def explain_text(text: str, where: Circumstances) -> Reason:
    """The reason in what an engine says."""
    said = line(text)
    for rule in _RULES:
        if rule.pattern.search(said):
            return Reason(rule.sentence, f"{_sentence(said)} {_advice(rule.advice, where)}")
    return Reason(f"Docker could not start your server. {ASK}", said)


def not_started(where: Circumstances) -> Reason:
    seconds = where.start_timeout
    return Reason(
        f"Your server did not start within {seconds} s. {LATER}",
        f"not started within {seconds} s (servers.startTimeout). "
        "Check whether the Docker host is busy, or its storage slow",
    )


def not_answering(where: Circumstances) -> Reason:
    seconds = where.http_timeout
    return Reason(
        f"Your server started but did not answer within {seconds} s. {LATER}",
        f"no answer within {seconds} s (servers.httpTimeout). "
        "The image has to start jupyterhub-singleuser, or something that answers as it does",
    )


def _of_engine(error: APIError, where: Circumstances) -> Reason:
    explanation = error.explanation or ""
    if isinstance(explanation, bytes):
        explanation = explanation.decode(errors="replace")
    said = explanation or str(error)
    if error.status_code == HTTPStatus.NOT_FOUND and where.image and where.image in said:
        # In whatever words the engine says that it does not have the image.
        said = f"no such image: {where.image}"
    return explain_text(said, where)


def _advice(advice: str, where: Circumstances) -> str:
    return advice.format(
        up=where.command("./up"),
        check=where.command("./hub check"),
        firewall=where.command("./hub logs firewall"),
        hub=where.command("./hub logs hub"),
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _in_extra_config(error: BaseException, path: str) -> str | None:
    """The last line of the extra configuration that it came from, with the part where there are several."""
    if not path:
        return None
    frames = traceback.extract_tb(error.__traceback__)
    found = [(part_of(path, frame.filename), frame.lineno) for frame in frames]
    lines = [(part, f"line {number}") for part, number in found if part is not None]
    return ": ".join(filter(None, lines[-1])) if lines else None
