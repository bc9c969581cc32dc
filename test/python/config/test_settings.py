"""The settings file and the secrets: what is refused, and that the message names the key or file."""

import json
from pathlib import Path
from typing import get_args

import pytest

from jupyterhub_on_docker import paths
from jupyterhub_on_docker.config import Hub, Settings
from jupyterhub_on_docker.errors import SettingsError, read_settings

ROOT = Path(__file__).parents[3]


def put(raw, key, value):
    *path, last = key.split(".")
    for part in path:
        raw = raw[part]
    raw[last] = value


def problems(tmp_path, text):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_settings(path, Settings)
    return str(caught.value).replace(str(path), "FILE").splitlines()


def test_the_example_is_read(tmp_path, raw):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(raw))
    settings = read_settings(path, Settings)
    assert settings.storage.mount_path == "/home/jovyan"
    assert settings.spawner.limits.cpus == 1.5


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("hub.publikUrl", "x", "FILE: hub.publikUrl: unknown key"),
        ("hub.public_url", "x", "FILE: hub.public_url: unknown key"),
        ("spawner.limits.gpus", 1, "FILE: spawner.limits.gpus: unknown key"),
        ("version", 2, "FILE: version: input should be 1"),
        ("hub.publicUrl", "hub.example.org", "FILE: hub.publicUrl: expected an address that starts with"),
        ("hub.baseUrl", "/base", "FILE: hub.baseUrl: expected a path that starts and ends with /"),
        ("hub.logLevel", "LOUD", "FILE: hub.logLevel: input should be 'DEBUG'"),
        ("proxy.kind", "nginx", "FILE: proxy.kind: input should be one of 'traefik-file'"),
        (
            "proxy.routesFile",
            "routes.json",
            "FILE: proxy.routesFile: expected a path that starts with /",
        ),
        (
            "database.kind",
            "oracle",
            "FILE: database.kind: input should be one of 'sqlite', 'postgres', 'url'",
        ),
        (
            "database.path",
            "jupyterhub.sqlite",
            "FILE: database.path: expected a path that starts with /",
        ),
        ("auth.kind", "dummy", "FILE: auth.kind: input should be one of 'shared-password', 'native'"),
        ("auth.users", "alice", "FILE: auth.users: input should be a valid array"),
        ("auth.users", [""], "FILE: auth.users.0: string should have at least 1 character"),
        ("spawner.limits.memory", "1G", "FILE: spawner.limits.memory: input should be a valid integer"),
        ("spawner.limits.memory", 0, "FILE: spawner.limits.memory: input should be greater than 0"),
        ("spawner.limits.swap", -2, "FILE: spawner.limits.swap: input should be greater than or equal to -1"),
        ("storage.home.volume.name", "ho me", "FILE: storage.home.volume.name: string should match"),
        ("storage.home.tree", "/srv/tree", "FILE: storage.home: expected a volume, a tree or neither"),
        ("storage.home.tree", "/srv/../etc", "FILE: storage.home.tree: expected a plain absolute path"),
        ("storage.mountPath", "/", "FILE: storage.mountPath: expected a plain absolute path"),
        ("storage.mountPath", "/home/../etc", "FILE: storage.mountPath: expected a plain absolute path"),
        ("storage.uid", 0, "FILE: storage.uid: input should be greater than 0"),
        ("groups.physics", {"members": [], "limits": {}}, "FILE: groups.physics.folder: missing"),
        (
            "users.alice",
            {"limits": {"memory": 0}},
            "FILE: users.alice.limits.memory: input should be greater than 0",
        ),
        ("spawner.environment", {"A": 1}, "FILE: spawner.environment.A: input should be a valid string"),
    ],
)
def test_a_bad_value_is_named_in_one_line(tmp_path, raw, key, value, message):
    put(raw, key, value)
    (line,) = problems(tmp_path, json.dumps(raw))
    assert line.startswith(message)


def test_all_problems_are_told_at_once(tmp_path, raw):
    del raw["hub"]["publicUrl"]
    raw["auth"]["banned"] = []
    assert problems(tmp_path, json.dumps(raw)) == [
        "FILE: hub.publicUrl: missing",
        "FILE: auth.banned: unknown key",
    ]


def test_text_that_is_not_json(tmp_path):
    (line,) = problems(tmp_path, '{"version": 1,')
    assert line.startswith("FILE: not JSON: EOF while parsing")


def test_a_missing_file(tmp_path):
    with pytest.raises(SettingsError, match=r"absent.json: cannot be read: No such file or directory"):
        read_settings(tmp_path / "absent.json", Settings)


def test_secrets_lose_their_line_end(secrets):
    assert secrets.text("user_password") == "user-password"
    assert secrets.key("cookie_secret") == bytes([0x0C] * 32)


@pytest.mark.parametrize("value", ["abc", "0c" * 31, "0c" * 33, "zz" * 32])
def test_a_key_that_is_none_is_refused_and_not_shown(secrets, secrets_folder, value):
    (secrets_folder / "crypt_key").write_text(value)
    with pytest.raises(SettingsError, match="crypt_key: expected 64 hexadecimal digits") as caught:
        secrets.key("crypt_key")
    assert value not in str(caught.value)


def test_secrets_that_cannot_be_used_name_the_file(secrets, secrets_folder):
    (secrets_folder / "user_password").write_text("\n")
    (secrets_folder / "admin_password").write_bytes(b"\xff")
    (secrets_folder / "crypt_key").unlink()
    with pytest.raises(SettingsError, match="user_password: secret is empty"):
        secrets.text("user_password")
    with pytest.raises(SettingsError, match="admin_password: expected text"):
        secrets.text("admin_password")
    with pytest.raises(SettingsError, match="crypt_key: secret cannot be read: No such file"):
        secrets.key("crypt_key")


def test_log_levels_are_those_of_the_configuration():
    schema = json.loads((ROOT / "config/stack-file.schema.json").read_text())
    hub = schema["properties"]["config"]["properties"]["jupyterhub:hub"]
    configured = hub["properties"]["logLevel"]["enum"]
    assert configured == list(get_args(Hub.model_fields["log_level"].annotation))


def test_the_image_has_the_user_and_port_of_the_package():
    dockerfile = (ROOT / "images/hub/Dockerfile").read_text().splitlines()
    assert f"USER {paths.HUB_USER}:{paths.HUB_USER}" in dockerfile
    assert f"EXPOSE {paths.HUB_PORT}" in dockerfile
