"""What the filter lets a hub have: images, GPUs, and a start behind the firewall."""

import json
from http.client import HTTPConnection

import pytest

from helpers.docker_filter import CREATE, FILTER, STACK, denied, server
from helpers.engine import filtering, serving
from jupyterhub_on_docker.docker_filter.denied import Denied, NotReady
from jupyterhub_on_docker.docker_filter.policy import Policy
from jupyterhub_on_docker.docker_filter.settings import FilterSettings


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
        ("sha256:1234", NOTEBOOK_IMAGE, "image 'sha256:1234' is not an old image"),
        ("debian:trixie-slim", NOTEBOOK_IMAGE, "image 'debian:trixie-slim' is not an old image"),
        (OLD, None, "label org.jupyterhub.stack is not 'jh'"),
        (OLD, {**NOTEBOOK_IMAGE, "org.jupyterhub.stack": "other"}, "label org.jupyterhub.stack is not 'jh'"),
        (OLD, STACK, "image is not a notebook image"),
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
        assert b"the firewall's container" in body
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
