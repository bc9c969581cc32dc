"""What the filter answers, logs, and takes from its settings."""

import json
import logging
from http.client import HTTPConnection

import pytest

from helpers.docker_filter import CREATE, FILTER, denied, labels, server
from helpers.engine import filtering
from jupyterhub_on_docker.docker_filter.settings import FilterSettings
from jupyterhub_on_docker.errors import SettingsError, read_settings


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
        == "volume 'jh-home-alice' does not have the driver and options of the settings"
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
