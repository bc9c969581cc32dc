"""Homes that another deployment has made, in volumes that are called as people are."""

import json
from http.client import HTTPConnection

import pytest

from helpers.docker_filter import CREATE, FILTER, STACK, labels, server
from helpers.engine import filtering, serving
from jupyterhub_on_docker.docker_filter.settings import FilterSettings

HOMES = {"name": "{username}", "driver": "local", "options": {}, "takenOver": ["alice"]}
OTHERS = {
    "alice": None,
    "postgres": None,
    "mallory": {"com.example": "data"},
    "bob": labels("bob", "home"),
    "forged": labels("bob", "home"),
    "hub": {**STACK, "org.jupyterhub.role": "hub-data"},
    "elsewhere": {**labels("elsewhere", "home"), "org.jupyterhub.stack": "jh2"},
}


@pytest.fixture
def call(engine, tmp_path, host):
    """Sends what the filter is to pass on; gives status and message."""
    engine.volumes = dict(OTHERS)
    socket = tmp_path / "docker.sock"
    settings = FilterSettings.model_validate({**FILTER, "volumes": [HOMES], "socket": str(socket)})
    with serving(engine.application(), socket=socket), filtering(settings) as port:

        def send(target, body):
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("POST", target, body=json.dumps(body))
            answer = connection.getresponse()
            text = json.loads(answer.read()).get("message", "")
            connection.close()
            return answer.status, text

        yield send


def start(call, person, volume=None):
    binds = {"Binds": [f"{volume or person}:/home/jovyan:rw"]}
    return call(CREATE.replace("alice", person), server(person, HostConfig=binds))


def make(call, person):
    return call("/v1.41/volumes/create", {"Name": person, "Labels": labels(person, "home")})


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_a_home_on_the_list_and_one_with_labels_are_mounted(call, engine, person):
    assert make(call, person)[0] == 201
    engine.containers.pop(f"jh-user-{person}", None)
    assert start(call, person)[0] == 201


def test_a_new_person_gets_a_new_volume_with_labels(call, engine):
    assert make(call, "carol")[0] == 201
    assert engine.bodies[-1]["Labels"] == labels("carol", "home")
    status, reason = start(call, "carol")
    assert status == 403
    # The engine would make one without labels.
    assert "volume 'carol' does not exist: create it first" in reason


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ("postgres", "was not made by this stack: add 'postgres' to storage.homes.takenOver"),
        ("mallory", "was not made by this stack"),
        ("forged", "has labels that do not make it the home of 'forged'"),
        ("hub", "has labels that do not make it the home of 'hub'"),
        ("elsewhere", "has labels that do not make it the home of 'elsewhere'"),
    ],
)
def test_any_other_volume_of_the_host_is_nobodys_home(call, engine, person, why):
    for status, reason in (make(call, person), start(call, person)):
        assert status == 403
        assert why in reason
    assert engine.bodies == []


def test_a_home_on_the_list_is_not_anothers(call, engine):
    status, reason = start(call, "bob", "alice")
    assert status == 403
    assert "volume 'alice' does not belong to this user's server" in reason


def test_an_engine_that_does_not_know_is_no_reason_to_let_it_through(call, engine):
    engine.volumes = {}
    engine.image = None
    assert start(call, "alice")[0] == 403
