"""Which calls the filter lets through to the engine, and of which containers."""

import json
from urllib.parse import quote

import pytest

from helpers.docker_filter import denied, labels


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
        # On a single host there are none.
        "GET /v1.41/services/jh-user-alice/logs?tail=200",
        "GET /v1.41/services/jh-user-alice/logs?tail=200&follow=1",
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
    assert call("POST", f"{path}/start")[0] == 204
    assert call("POST", f"{path}/stop?t=10")[0] == 204
    assert call("GET", f"{path}/logs?stdout=1&tail=10") == (200, b"\x02\0\0\0\0\0\0\x07a line\n")
    assert call("DELETE", f"{path}?v=True&link=False&force=False")[0] == 204
    # By id, whatever name was given: the container that was looked at is the one that is removed.
    assert engine.calls[-1] == f"DELETE /v1.41/containers/{identifier}?v=True&link=False&force=False"


MINE = ["org.jupyterhub.stack=jh", "org.jupyterhub.role=user"]


def listing(filters, more=""):
    return f"/v1.41/containers/json?filters={quote(json.dumps(filters))}{more}"


def test_running_servers_of_this_stack_are_listed(call, engine):
    identifier = engine.add("jh-user-bob", labels=labels("bob"))
    engine.add("jh-user-carol", labels=labels("carol"), status="exited")
    status, body = call("GET", listing({"label": MINE}, "&limit=-1&all=0&size=0&trunc_cmd=0"))
    assert (status, [one["Id"] for one in json.loads(body)]) == (200, [identifier])


@pytest.mark.parametrize(
    ("filters", "more"),
    [
        ({}, ""),
        ({"label": []}, ""),
        ({"label": MINE[:1]}, ""),
        ({"label": MINE[1:]}, ""),
        ({"label": ["org.jupyterhub.stack=other", MINE[1]]}, ""),
        ({"label": MINE, "name": ["jh-hub"]}, ""),
        ({"label": {mine: True for mine in MINE}}, ""),
        ([], ""),
        ({"label": MINE}, "&all=1"),
        ({"label": MINE}, "&size=1"),
        ({"label": MINE}, "&limit=5"),
        ({"label": MINE}, "&filters=%7B%7D"),
    ],
)
def test_other_containers_are_not_listed(call, engine, filters, more):
    denied(call, engine, "GET", listing(filters, more))
    assert engine.calls == []


def test_a_container_that_is_not_there(call):
    status, body = call("GET", "/v1.41/containers/jh-user-nobody/json")
    assert (status, json.loads(body)) == (404, {"message": "No such container: jh-user-nobody"})
    assert call("POST", "/v1.41/containers/jh-user-nobody/stop")[0] == 404


def test_a_start_takes_no_body(call, engine):
    reason = denied(call, engine, "POST", "/v1.41/containers/jh-user-alice/start", {"Privileged": True})
    assert reason == "this call takes no body"
