"""The hub's database: an old schema is brought up to date, with a copy made before."""

import logging
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from jupyterhub import dbutil, orm
from sqlalchemy import create_engine, inspect, make_url
from traitlets.config import Config

from jupyterhub_on_docker import cli, traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.database import start
from jupyterhub_on_docker.database.dump import describe, dump

OLD = "ff1860e38070"
"""The schema before spawners had a display name."""


@pytest.fixture
def url(tmp_path, settings, secrets, monkeypatch):
    # JupyterHub runs the command alembic.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    path = tmp_path / "jupyterhub.sqlite"
    database = settings.database.model_copy(update={"path": str(path)})
    c = Config()
    traits.apply(c, Settings.model_copy(settings, update={"database": database}), secrets)
    return c.JupyterHub.db_url


def columns(url, table):
    return {column["name"] for column in inspect(create_engine(url)).get_columns(table)}


def test_an_old_schema_is_copied_and_upgraded(url, tmp_path):
    orm.new_session_factory(url)
    with sqlite3.connect(tmp_path / "jupyterhub.sqlite") as database:
        database.execute("INSERT INTO users (name, cookie_id) VALUES ('alice', 'x')")
        database.execute("ALTER TABLE spawners DROP COLUMN display_name")
        database.execute("UPDATE alembic_version SET version_num = ?", [OLD])
    assert "display_name" not in columns(url, "spawners")

    dbutil.upgrade_if_needed(url, log=logging.getLogger())

    assert "display_name" in columns(url, "spawners")
    (copy,) = tmp_path.glob("jupyterhub.sqlite.*")
    with sqlite3.connect(copy) as before:
        assert before.execute("SELECT version_num FROM alembic_version").fetchall() == [(OLD,)]
        assert before.execute("SELECT name FROM users").fetchall() == [("alice",)]


def test_a_schema_of_today_is_left_alone(url, tmp_path):
    orm.new_session_factory(url)
    dbutil.upgrade_if_needed(url, log=logging.getLogger())
    assert list(tmp_path.glob("jupyterhub.sqlite.*")) == []


WRITE_AND_DIE = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("BEGIN")
database.execute("UPDATE users SET name = 'half'")
database.execute("CREATE TABLE filler (text)")
for _ in range(200):
    database.execute("INSERT INTO filler VALUES (?)", ("x" * 4000,))
os.kill(os.getpid(), 9)
"""


def users_in(file):
    with closing(sqlite3.connect(file)) as database:
        return [name for (name,) in database.execute("SELECT name FROM users")]


def killed_while_it_wrote(url, file):
    orm.new_session_factory(url)
    with closing(sqlite3.connect(file)) as database:
        database.execute("INSERT INTO users (name, cookie_id) VALUES ('alice', 'x')")
        database.commit()
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, file], check=False)
    assert file.with_name(f"{file.name}-journal").exists()


def test_what_a_killed_hub_left_is_dumped_without_the_half(url, tmp_path):
    file = tmp_path / "jupyterhub.sqlite"
    killed_while_it_wrote(url, file)
    dump(make_url(f"sqlite:///{file}"), tmp_path / "copy.sqlite")
    assert users_in(tmp_path / "copy.sqlite") == ["alice"]
    assert describe(tmp_path / "copy.sqlite").endswith("1 users, 0 running servers")
    assert users_in(file) == ["alice"]


def test_what_a_killed_hub_left_is_replaced_by_a_copy(url, tmp_path, settings, secrets):
    file = tmp_path / "jupyterhub.sqlite"
    orm.new_session_factory(url)
    dump(make_url(f"sqlite:///{file}"), tmp_path / start.RESTORE)
    killed_while_it_wrote(url, file)
    database = settings.database.model_copy(update={"path": str(file)})
    hub = settings.hub.model_copy(update={"data_dir": str(tmp_path)})
    start.prepare(Settings.model_copy(settings, update={"database": database, "hub": hub}), secrets)
    assert users_in(file) == []
    (before,) = tmp_path.glob("jupyterhub-before-restore-*.sqlite")
    assert users_in(before) == ["alice"]


def test_what_a_killed_hub_left_is_dumped_from_a_volume_that_is_read_only(url, tmp_path, monkeypatch):
    file = tmp_path / "jupyterhub.sqlite"
    killed_while_it_wrote(url, file)
    connect = sqlite3.connect

    def read_only(name, **options):
        # As SQLite opens what it may not write to.
        return connect(str(name).replace(f"{file.as_uri()}?mode=rw", f"{file.as_uri()}?mode=ro"), **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    before = file.read_bytes()
    dump(make_url(f"sqlite:///{file}"), tmp_path / "copy.sqlite")
    assert users_in(tmp_path / "copy.sqlite") == ["alice"]
    assert file.read_bytes() == before


def test_a_database_with_a_write_ahead_log_is_dumped_with_it(tmp_path):
    file = tmp_path / "jupyterhub.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE users (name TEXT)")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("INSERT INTO users VALUES ('only in the log')")
        database.commit()
        dump(make_url(f"sqlite:///{file}"), tmp_path / "copy.sqlite")
    assert users_in(tmp_path / "copy.sqlite") == ["only in the log"]


def test_the_command_dumps_a_database_without_a_hubs_settings(url, tmp_path, monkeypatch):
    orm.new_session_factory(url)
    copy = tmp_path / "copy.sqlite"
    file = f"sqlite:///{tmp_path / 'jupyterhub.sqlite'}"
    monkeypatch.setattr(sys, "argv", ["jupyterhub-on-docker", "database", "dump", str(copy), "--from", file])
    cli.main()
    assert users_in(copy) == []
