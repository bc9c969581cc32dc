"""Copies that are made before the schema is upgraded, and how the hub of before gets its database back."""

import json
import os
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from jupyterhub import dbutil, orm

from jupyterhub_on_docker import database
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.database import upgrade
from jupyterhub_on_docker.errors import SettingsError

OLD = "ff1860e38070"
"""The schema before spawners had a display name."""


@pytest.fixture
def prepared(tmp_path, raw, secrets, monkeypatch):
    """Prepares a database with an old schema; returns its file."""
    # JupyterHub runs the command alembic.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    file = tmp_path / "jupyterhub.sqlite"
    orm.new_session_factory(f"sqlite:///{file}")
    with sqlite3.connect(file) as old:
        old.execute("INSERT INTO users (name, cookie_id) VALUES ('alice', 'x')")
        old.execute("ALTER TABLE spawners DROP COLUMN display_name")
        old.execute("UPDATE alembic_version SET version_num = ?", [OLD])
    raw["hub"]["dataDir"] = str(tmp_path)
    raw["database"]["path"] = str(file)
    settings = Settings.model_validate_json(json.dumps(raw))

    def prepare() -> Path:
        database.prepare(settings, secrets)
        return file

    return prepare


def version(file: Path) -> str:
    with sqlite3.connect(file) as opened:
        return opened.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def test_a_copy_is_made_before_an_upgrade_and_none_without(prepared, tmp_path):
    file = prepared()
    assert version(file) == upgrade.head()
    (copy,) = upgrade.copies(tmp_path)
    assert version(copy) == OLD
    prepared()
    assert upgrade.copies(tmp_path) == [copy]


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(prepared, tmp_path, monkeypatch):
    def fail(url):
        with sqlite3.connect(tmp_path / "jupyterhub.sqlite") as half:
            half.execute("DROP TABLE users")
        raise CalledProcessError(1, "alembic")

    monkeypatch.setattr(dbutil, "upgrade", fail)
    with pytest.raises(SettingsError, match=r"its schema could not be upgraded. It is as it was"):
        prepared()
    with sqlite3.connect(tmp_path / "jupyterhub.sqlite") as opened:
        assert opened.execute("SELECT name FROM users").fetchall() == [("alice",)]


def make(folder: Path, *hours: int, size: int = 1) -> list[Path]:
    made = []
    for hour in hours:
        path = (
            folder
            / f"jupyterhub-before-upgrade-from-{OLD}-{datetime(2026, 1, 1, hour):%Y%m%dT%H%M%S.%fZ}.sqlite"
        )
        path.write_bytes(b"x" * size)
        made.append(path)
    return made


def test_copies_are_bounded_in_number_and_size(tmp_path, monkeypatch):
    other = tmp_path / "jupyterhub-before-upgrade-of-mine.sqlite"
    other.write_text("a person's")
    made = make(tmp_path, 1, 2, 3, 4, 5)
    upgrade.forget_old(tmp_path)
    assert upgrade.copies(tmp_path) == made[2:]
    monkeypatch.setattr(upgrade, "SPACE", 1)
    upgrade.forget_old(tmp_path)
    assert upgrade.copies(tmp_path) == made[3:]
    monkeypatch.setattr(upgrade, "SPACE", 0)
    upgrade.forget_old(tmp_path)
    assert upgrade.copies(tmp_path) == made[4:]
    assert other.exists()


def test_the_hub_of_before_restores_the_copy_of_the_first_upgrade_since(tmp_path):
    ready = tmp_path / "restore.sqlite"
    made = make(tmp_path, 1, 3, 5)
    made[1].write_text("before the first of two attempts")
    since = datetime(2026, 1, 1, 2, tzinfo=UTC)
    assert upgrade.undo(tmp_path, since + timedelta(hours=5), ready) is None
    assert not ready.exists()
    assert upgrade.undo(tmp_path, since, ready) == made[1].name
    assert ready.read_text() == "before the first of two attempts"
    assert made[1].exists()


def test_what_a_copy_has_replaced_comes_back_where_the_hub_with_it_does_not_come_up(tmp_path):
    ready = tmp_path / "restore.sqlite"
    since = datetime(2026, 1, 1, 2, tzinfo=UTC)
    ready.write_text("never restored")
    (tmp_path / "jupyterhub-before-restore-20260101T010000.000000Z.sqlite").write_text("of an earlier day")
    assert upgrade.undo_restore(tmp_path, since, ready) is None
    assert not ready.exists()
    for hour, text in ((3, "replaced"), (4, "what replaced it")):
        copy = tmp_path / f"jupyterhub-before-restore-20260101T0{hour}0000.000000Z.sqlite"
        copy.write_text(text)
    found = upgrade.undo_restore(tmp_path, since, ready)
    assert found == "jupyterhub-before-restore-20260101T030000.000000Z.sqlite"
    assert ready.read_text() == "replaced"
