"""What is taken back of a hub that never came up: the one before it goes on with its own database."""

from datetime import UTC, datetime, timedelta

import pytest

from helpers.hub_database import NEEDED, OLD, fill, make_old
from jupyterhub_on_docker import database
from jupyterhub_on_docker.database import start
from jupyterhub_on_docker.database.dump import dump, sqlite_url
from jupyterhub_on_docker.errors import SettingsError

pytestmark = NEEDED


def now():
    return datetime.now(UTC)


def tables(hub):
    return hub.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")


def test_a_move_is_taken_back_and_can_be_made_again_with_what_came_later(hub):
    fill(f"sqlite:///{hub.sqlite}")
    since = now()
    hub.prepare()
    assert database.undo(hub.settings(), hub.secrets, since) == "jupyterhub.sqlite"
    assert tables(hub) == []
    assert [file.name for file in hub.folder.glob("*before-move-back*")] != []
    # The hub of before starts, and people go on.
    assert hub.on_sqlite() == {}
    hub.change_on_sqlite("UPDATE users SET name = 'later'")
    assert database.undo(hub.settings(), hub.secrets, since) is None
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("later",)]


def test_one_that_is_killed_half_way_loses_nobody(hub, monkeypatch):
    fill(f"sqlite:///{hub.sqlite}")
    since = now()
    hub.prepare()

    def killed(_connection):
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr("jupyterhub_on_docker.database.tables.clear", killed)
        with pytest.raises(KeyboardInterrupt):
            database.undo(hub.settings(), hub.secrets, since)
    assert hub.on_sqlite() == {}
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("alice",)]


def test_a_move_of_an_earlier_hub_stays(hub):
    fill(f"sqlite:///{hub.sqlite}")
    hub.prepare()
    since = now() + timedelta(seconds=2)
    assert database.undo(hub.settings(), hub.secrets, since) is None
    assert hub.rows("SELECT name FROM users") == [("alice",)]
    with pytest.raises(SettingsError, match="was moved to PostgreSQL"):
        hub.on_sqlite()


def test_what_was_restored_into_a_database_is_not_emptied(hub):
    """The marker alone goes: PostgreSQL may have had content of its own."""
    fill(f"sqlite:///{hub.sqlite}")
    since = now()
    hub.prepare(moveFrom=None)
    dump(sqlite_url(hub.sqlite), hub.folder / start.RESTORE)
    hub.prepare()
    assert start.marker(hub.sqlite).exists()
    assert database.undo(hub.settings(), hub.secrets, since) == "jupyterhub.sqlite"
    assert hub.rows("SELECT name FROM users") == [("alice",)]
    assert hub.on_sqlite() == {}


def test_a_way_back_to_sqlite_is_taken_back_and_postgresql_goes_on(hub):
    fill(f"sqlite:///{hub.sqlite}")
    hub.prepare()
    database.dump(hub.url, hub.folder / start.RESTORE)
    since = now()
    assert hub.on_sqlite() == {}
    assert database.undo(hub.sqlite_settings(), hub.secrets, since) == "PostgreSQL"
    with hub.server.connect(hub.name) as opened:
        opened.execute("UPDATE users SET name = 'later'")
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("later",)]
    # Once.
    assert database.undo(hub.sqlite_settings(), hub.secrets, since) is None


def test_an_upgrade_is_taken_back_by_the_copy_from_before_it(hub):
    make_old(hub)
    since = now() + timedelta(milliseconds=1)
    while now() < since:
        pass
    hub.prepare()
    found = database.undo(hub.settings(moveFrom=None), hub.secrets, since)
    assert found is not None
    assert found.startswith(f"jupyterhub-before-upgrade-from-{OLD}-")
    assert (hub.folder / start.RESTORE).exists()
