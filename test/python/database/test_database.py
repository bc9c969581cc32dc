"""The hub's database: an old schema is brought up to date, with a copy made before."""

import logging
import os
import sqlite3
import sys
from pathlib import Path

import pytest
from jupyterhub import dbutil, orm
from sqlalchemy import create_engine, inspect
from traitlets.config import Config

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings

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
