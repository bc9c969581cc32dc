"""The command and the configuration file, as they run in the image."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import docker
import pytest
from traitlets.config import PyFileConfigLoader

from helpers.engine import Engine, serving
from jupyterhub_on_docker import cli, paths
from jupyterhub_on_docker.app import Hub
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.health import startup

CONFIGURATION = Path(cli.__file__).with_name("jupyterhub_config.py")


@pytest.fixture
def files(tmp_path, monkeypatch, raw, secrets_folder):
    """A settings file and secrets where the program looks for them."""
    path = tmp_path / "config.json"
    raw["hub"]["dataDir"] = str(tmp_path)
    path.write_text(json.dumps(raw))
    monkeypatch.setattr(paths, "SETTINGS", path)
    monkeypatch.setattr(paths, "SECRETS", secrets_folder)
    return path


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["jupyterhub-on-docker", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return caught.value.code


def load_configuration_file():
    return PyFileConfigLoader(CONFIGURATION.name, path=str(CONFIGURATION.parent)).load_config()


def test_the_configuration_file_applies_the_settings(files):
    assert load_configuration_file().DockerSpawner.image == "sha256:1234"


def test_the_configuration_file_ends_with_a_line_not_a_traceback(files, raw):
    raw["auth"]["userz"] = []
    files.write_text(json.dumps(raw))
    with pytest.raises(SystemExit) as caught:
        load_configuration_file()
    assert caught.value.code == f"{files}: auth.userz: unknown key"


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda files, _: files.unlink(), "config.json: cannot be read: No such file or directory"),
        (lambda files, _: files.write_text("{}"), "config.json: version: missing"),
        (lambda _, secrets: (secrets / "crypt_key").unlink(), "crypt_key: secret cannot be read"),
        (
            lambda _, secrets: (secrets / "crypt_key").write_text("1"),
            "crypt_key: expected 64 hexadecimal digits",
        ),
    ],
)
def test_the_hub_does_not_start_with_bad_settings(files, secrets_folder, monkeypatch, break_it, message):
    break_it(files, secrets_folder)
    code = run(monkeypatch, "hub")
    assert code.startswith("jupyterhub-on-docker: /")
    assert message in code


def test_the_hub_starts_when_its_peers_answer(files, monkeypatch):
    order = []
    monkeypatch.setattr(startup, "wait_for_peers", lambda settings: order.append("peers"))
    monkeypatch.setattr(os, "chdir", lambda folder: order.append(folder))

    monkeypatch.setattr(Hub, "launch_instance", order.append)
    monkeypatch.setattr(sys, "argv", ["jupyterhub-on-docker", "hub"])
    cli.main()
    assert order == ["peers", str(files.parent), ["--config", str(CONFIGURATION)]]


def settings_for(raw, port):
    raw["docker"]["host"] = f"tcp://127.0.0.1:{port}"
    raw["proxy"]["apiUrl"] = f"http://127.0.0.1:{port}"
    return Settings.model_validate_json(json.dumps(raw))


def test_waiting_ends_when_both_answer(raw):
    with serving(Engine().application()) as port:
        # An answer of any kind will do from the proxy: 404 here, 401 in life.
        startup.wait_for_peers(settings_for(raw, port), wait=5)


@pytest.mark.parametrize("down", ["docker.host", "proxy.apiUrl"])
def test_waiting_names_who_does_not_answer(raw, down):
    with serving(Engine().application()) as port:
        settings_for(raw, port)
        if down == "docker.host":
            raw["docker"]["host"] = "tcp://127.0.0.1:1"
        else:
            raw["proxy"]["apiUrl"] = "http://127.0.0.1:1"
        settings = Settings.model_validate_json(json.dumps(raw))
        with pytest.raises(SettingsError, match=f"{down}: no answer from .*127.0.0.1:1"):
            startup.wait_for_peers(settings, wait=0)


def test_an_engine_that_comes_late_is_waited_for(raw, monkeypatch):
    real, attempts = docker.APIClient, []

    def late(**options):
        attempts.append(options)
        if len(attempts) < 3:
            raise docker.errors.DockerException("not yet")
        return real(**options)

    monkeypatch.setattr(docker, "APIClient", late)
    with serving(Engine().application()) as port:
        startup.wait_for_peers(settings_for(raw, port), wait=10)
    assert len(attempts) == 3


def answers(*words: object) -> tuple[int, str]:
    script = Path(__file__).parents[2] / "images/hub/bin/answers"
    run = subprocess.run([script, *map(str, words)], capture_output=True, text=True)
    assert run.stderr == ""
    return run.returncode, run.stdout.strip()


def test_health_is_an_answer_with_the_right_status():
    engine = Engine()
    with serving(engine.application()) as port:
        assert answers(port, "/_ping", 200) == (0, "")
        # No such page here.
        page = "/base/hub/health"
        assert answers(port, page, 200) == (1, f"answer 404 to GET {page} on port {port}")
        assert answers(port, page, 404) == (0, "")
    assert engine.calls == ["GET /_ping", f"GET {page}", f"GET {page}"]
    assert answers(port, "/_ping", 200) == (1, f"no answer from port {port}: connection refused")


def test_a_server_that_hangs_is_not_healthy():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert answers(port, "/", 200) == (1, f"no answer from port {port} within 4 s")


def test_an_unknown_command(monkeypatch, capsys):
    assert run(monkeypatch, "serve") == 2
    assert "invalid choice: 'serve'" in capsys.readouterr().err
