"""What `./hub status` asks in the hub's container."""

import json
import sys

import pytest

from jupyterhub_on_docker import cli, paths


@pytest.fixture
def told(raw, tmp_path, monkeypatch, capsys):
    raw["hub"]["dataDir"] = str(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(raw))
    monkeypatch.setattr(paths, "SETTINGS", tmp_path / "config.json")
    monkeypatch.setattr(sys, "argv", ["jupyterhub-on-docker", "status"])
    cli.main()
    return json.loads(capsys.readouterr().out)


def test_it_is_told_without_a_hub_that_answers(told, tmp_path):
    assert told["version"] == 1
    assert told["jupyterhub"].startswith("6.")
    disk = told["disk"]
    assert disk["folder"] == str(tmp_path)
    assert 0 < disk["free"] <= disk["size"]
