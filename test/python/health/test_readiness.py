"""Whether the hub can do its work, as `./up` and `./hub check` ask it."""

import asyncio
import json
import logging
import sys
import threading
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import create_engine, text

from helpers.engine import Engine, serving
from helpers.hub import RunningHub
from jupyterhub_on_docker import cli, paths
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.health import readiness
from jupyterhub_on_docker.health.readiness import Readiness, looks

MINUTE = 60.0


def parse(raw):
    return Settings.model_validate_json(json.dumps(raw))


@pytest.fixture
def whole(tmp_path, raw, secrets_folder, monkeypatch):
    """Settings of a hub all of whose parts are there, and where its command finds them."""
    raw["hub"]["dataDir"] = str(tmp_path)
    raw["database"] = {"kind": "sqlite", "path": str(tmp_path / "jupyterhub.sqlite")}
    engine = create_engine(f"sqlite:///{tmp_path}/jupyterhub.sqlite")
    with engine.begin() as database:
        database.execute(text("CREATE TABLE alembic_version (version_num)"))
    with serving((engine := Engine()).application()) as port:
        raw["docker"]["host"] = f"tcp://127.0.0.1:{port}"
        raw["proxy"]["apiUrl"] = f"http://127.0.0.1:{port}"
        yield raw
        # In a version of the API that a client has by itself an older engine refuses every call.
        assert not [call for call in engine.calls if "/_ping" in call]


def problem(raw, secrets, part):
    return looks(parse(raw), secrets)[part]()


def test_parts_that_are_well(whole, secrets):
    for part in ("database", "docker", "disk"):
        assert problem(whole, secrets, part) is None, part


def test_a_database_whose_file_is_gone_is_not_made_anew(whole, secrets, tmp_path):
    file = tmp_path / "jupyterhub.sqlite"
    file.unlink()
    assert problem(whole, secrets, "database") == f"{file}: unable to open database file"
    assert not file.exists()


def test_a_database_without_tables(whole, secrets, tmp_path):
    (tmp_path / "jupyterhub.sqlite").write_bytes(b"")
    assert problem(whole, secrets, "database").endswith("no such table: alembic_version")


def test_a_postgresql_that_does_not_answer_is_named_without_its_password(whole, secrets, secrets_folder):
    (secrets_folder / "database_password").write_text("very-secret")
    where = {"host": "127.0.0.1", "port": 1, "user": "hub", "name": "hub"}
    whole["database"] = {"kind": "postgres", **where, "moveFrom": None}
    found = problem(whole, secrets, "database")
    assert "127.0.0.1" in found
    assert "refused" in found
    assert "very-secret" not in found


def test_a_cut_way_to_docker(whole, secrets):
    whole["docker"]["host"] = "tcp://127.0.0.1:1"
    assert problem(whole, secrets, "docker") == "no answer from tcp://127.0.0.1:1: Connection refused"
    whole["docker"]["host"] = "tcp://docker-filter.invalid:1"
    assert problem(whole, secrets, "docker").startswith("no answer from tcp://docker-filter.invalid:1: ")


def test_a_proxy_that_is_gone_or_takes_another_password(whole, secrets):
    address = whole["proxy"]["apiUrl"]
    # There is no such page.
    assert problem(whole, secrets, "proxy") == f"answer 404 from {address}"
    whole["proxy"]["apiUrl"] = "http://127.0.0.1:1"
    assert problem(whole, secrets, "proxy") == "no answer from http://127.0.0.1:1: Connection refused"


def test_a_disk_that_is_full(whole, secrets, tmp_path, monkeypatch):
    monkeypatch.setattr(readiness, "FREE", 1 << 60)
    found = problem(whole, secrets, "disk")
    assert found.endswith(f"MiB are free in {tmp_path}, expected {1 << 40} at least")


def test_since_is_when_a_part_was_first_seen_to_fail(caplog):
    now, broken = [0.0], ["it is broken"]
    ready = Readiness({"one": lambda: broken[0], "two": lambda: None}, logging.getLogger(), lambda: now[0])

    def look(at):
        now[0] = at
        return asyncio.run(ready.look())

    first = look(MINUTE)
    assert first["two"] is None
    broken[0] = "in another way"
    later = look(5 * MINUTE)
    assert (later["one"].problem, later["one"].since) == ("in another way", first["one"].since)
    assert first["one"].since.timestamp() == MINUTE
    broken[0] = None
    assert look(6 * MINUTE) == {"one": None, "two": None}
    # Once each, however often it is asked.
    assert caplog.messages == [
        "Not ready: one: it is broken",
        "Ready again: one failed since 1970-01-01T00:01:00Z",
    ]
    broken[0] = "again"
    assert look(7 * MINUTE)["one"].since.timestamp() == 7 * MINUTE


def test_a_part_that_does_not_answer_holds_nothing_up():
    end = threading.Event()
    ready = Readiness({"one": lambda: end.wait(20) and None}, logging.getLogger(), timeout=0.05)

    async def look():
        found = await ready.look()
        end.set()
        return found

    assert asyncio.run(look())["one"].problem == "no answer in 0.05 s"


def test_it_is_looked_without_being_asked():
    async def seen():
        loop, looked = asyncio.get_running_loop(), asyncio.Event()
        ready = Readiness(
            {"one": lambda: loop.call_soon_threadsafe(looked.set) and None}, logging.getLogger()
        )
        callback = readiness.keep_looking(ready, 0.01)
        await asyncio.wait_for(looked.wait(), 10)
        callback.stop()

    asyncio.run(seen())


@pytest.fixture
def hub(whole, tmp_path, secrets_folder, secrets, monkeypatch):
    (tmp_path / "jupyterhub.sqlite").unlink()
    (tmp_path / "config.json").write_text(json.dumps(whole))
    monkeypatch.setattr(paths, "SETTINGS", tmp_path / "config.json")
    monkeypatch.setattr(paths, "SECRETS", secrets_folder)
    # What the test leaves there would be looked at by the hubs of others.
    monkeypatch.setattr(readiness._Watched, "parts", {})
    readiness.watch(parse(whole), secrets)
    with RunningHub(tmp_path, whole, secrets_folder) as running:
        monkeypatch.setattr(paths, "HUB_PORT", urlsplit(running.url).port)
        yield running


def ready(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["jupyterhub-on-docker", "ready"])
    cli.main()
    return json.loads(capsys.readouterr().out)


def test_the_command_asks_the_hub_of_its_container(hub, whole, monkeypatch, capsys):
    found = ready(monkeypatch, capsys)
    assert found["version"] == 1
    parts = found["parts"]
    assert list(parts) == ["hub", "database", "proxy", "docker", "disk"]
    assert [name for name, failure in parts.items() if failure] == ["proxy"]
    assert parts["proxy"]["problem"] == f"answer 404 from {whole['proxy']['apiUrl']}"
    since = parts["proxy"]["since"]
    assert ready(monkeypatch, capsys)["parts"]["proxy"]["since"] == since
    assert "Not ready: proxy" in hub.log


def test_strangers_are_told_nothing(hub, monkeypatch):
    for login in (None, "ready", f"ready {'0' * 64}", "token abc"):
        answer = requests.get(f"{hub.url}hub/ready", headers={"Authorization": login}, timeout=10)
        assert answer.status_code == 404, login
        assert "docker" not in answer.text.replace("jupyterhub-on-docker", "")


def test_a_part_that_fails_is_no_reason_to_restart_the_hub(hub, monkeypatch, tmp_path, capsys):
    (tmp_path / "jupyterhub.sqlite").unlink()
    assert ready(monkeypatch, capsys)["parts"]["database"] is not None
    # What the health check of its container asks, answered with 200.
    assert requests.get(f"{hub.url}hub/health", timeout=5).status_code == HTTPStatus.OK


def test_a_hub_that_does_not_answer(whole, tmp_path, secrets_folder, monkeypatch, capsys):
    (tmp_path / "config.json").write_text(json.dumps(whole))
    monkeypatch.setattr(paths, "SETTINGS", tmp_path / "config.json")
    monkeypatch.setattr(paths, "SECRETS", secrets_folder)
    monkeypatch.setattr(paths, "HUB_PORT", 1)
    parts = ready(monkeypatch, capsys)["parts"]
    assert list(parts) == ["hub"]
    assert parts["hub"]["problem"] == "the hub does not answer on port 1: [Errno 111] Connection refused"
