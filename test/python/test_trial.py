"""A hub that is tried before it takes another's place."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from jupyterhub import orm

import jupyterhub_on_docker
from jupyterhub_on_docker import trial
from jupyterhub_on_docker.config import Settings

OLD = "ff1860e38070"
"""The schema before spawners had a display name."""

PROGRAM = """
import sys
from pathlib import Path
from jupyterhub_on_docker import paths, trial
paths.SETTINGS, paths.SECRETS, trial.RUNNING = map(Path, sys.argv[1:4])
trial.copy_database.__defaults__ = (trial.RUNNING,)
trial.main()
"""


@pytest.fixture
def running(tmp_path):
    """The data of a hub that runs, with an old schema, which nothing may change."""
    folder = tmp_path / "running"
    folder.mkdir()
    file = folder / "jupyterhub.sqlite"
    orm.new_session_factory(f"sqlite:///{file}")
    with sqlite3.connect(file) as database:
        database.execute("INSERT INTO users (name, cookie_id) VALUES ('carol', 'x')")
        database.execute("ALTER TABLE spawners DROP COLUMN display_name")
        database.execute("UPDATE alembic_version SET version_num = ?", [OLD])
    (folder / "notes.txt").write_text("read by extra configuration")
    return folder


@pytest.fixture
def own(tmp_path, raw):
    """The folder for data of the container in which the hub is tried."""
    folder = tmp_path / "own"
    folder.mkdir()
    raw["hub"]["dataDir"] = str(folder)
    raw["database"]["path"] = str(folder / "jupyterhub.sqlite")
    return folder


@pytest.fixture
def try_hub(tmp_path, running, own, raw, secrets_folder):
    def attempt(extra: str = "", port: int = 0) -> tuple[int, str, str]:
        (tmp_path / "extra.py").write_text(extra)
        raw["hub"]["extraConfig"] = {"path": str(tmp_path / "extra.py"), "secrets": {}}
        settings = tmp_path / "config.json"
        settings.write_text(json.dumps(raw))
        done = subprocess.run(
            [sys.executable, "-P", "-c", PROGRAM, settings, secrets_folder, running],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(jupyterhub_on_docker.__file__).parent.parent),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            },
        )
        return done.returncode, done.stdout, done.stderr

    return attempt


def rows(file: Path, query: str) -> list[tuple]:
    with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as database:
        return database.execute(query).fetchall()


def test_a_hub_that_would_start_is_tried_on_a_copy(try_hub, running, own):
    before = (running / "jupyterhub.sqlite").read_bytes()
    extra = """
import os, pathlib
print("said by extra configuration")
assert os.environ["JUPYTERHUB_TRIAL"] == "true"
assert pathlib.Path(c.JupyterHub.db_url.removeprefix("sqlite:///")).with_name("notes.txt").read_text()
"""
    code, reason, log = try_hub(extra)
    assert (code, reason) == (0, ""), log
    assert "said by extra configuration" in log
    version = "SELECT version_num FROM alembic_version"
    assert rows(own / "jupyterhub.sqlite", version) != [(OLD,)]
    assert ("carol",) in rows(own / "jupyterhub.sqlite", "SELECT name FROM users")
    assert (running / "jupyterhub.sqlite").read_bytes() == before
    assert sorted(file.name for file in running.iterdir()) == ["jupyterhub.sqlite", "notes.txt"]


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("x = 1\nraise RuntimeError('bad day')", "hub.extraConfig: {path}: line 2: RuntimeError: bad day"),
        ("def (", "hub.extraConfig: {path}: line 1: invalid syntax"),
        (
            "c.JupyterHub.load_groups = 5",
            "The 'load_groups' trait of a Hub instance expected a dict, not the int 5",
        ),
        (
            "c.JupyterHub.load_roles = [{'name': 'readers', 'scopes': ['no:such']}]",
            "ScopeNotFound: \"Scope 'no:such' for role readers does not exist\"",
        ),
    ],
)
def test_a_hub_that_would_not_start_says_why_in_a_line(try_hub, tmp_path, extra, reason):
    code, said, log = try_hub(extra)
    assert code == 1
    assert reason.replace("{path}", str(tmp_path / "extra.py")) in said, log
    assert len(said.splitlines()) == 1


def test_an_address_that_the_running_hub_has_is_no_fault(try_hub):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, reason, log = try_hub(f"import socket\nsocket.create_server(('127.0.0.1', {port}))")
    assert (code, reason) == (0, ""), log


def test_a_database_of_a_newer_hub_is_named(try_hub, running):
    with sqlite3.connect(running / "jupyterhub.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '0123456789ab'")
    code, reason, _ = try_hub()
    assert code == 1
    assert reason.startswith("database: its schema 0123456789ab is from a newer JupyterHub than this one.")


def test_a_copy_that_lies_ready_is_what_the_hub_will_have(running, own, raw, secrets):
    ready = running / "restore.sqlite"
    orm.new_session_factory(f"sqlite:///{ready}")
    with sqlite3.connect(ready) as database:
        database.execute("INSERT INTO users (name, cookie_id) VALUES ('dora', 'y')")
    settings = Settings.model_validate_json(json.dumps(raw))
    file = trial.copy_database(settings, secrets, running)
    assert rows(file, "SELECT name FROM users") == [("dora",)]
    assert ready.exists()


def test_without_a_database_there_is_nothing_to_copy(own, raw, secrets, tmp_path):
    settings = Settings.model_validate_json(json.dumps(raw))
    assert not trial.copy_database(settings, secrets, tmp_path / "nothing").exists()
