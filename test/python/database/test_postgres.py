"""PostgreSQL, on a real server: moving to it, restoring, and the copy before an upgrade."""

import json
import logging
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from jupyterhub import dbutil, orm, roles
from sqlalchemy import create_engine, inspect, make_url

from helpers import postgres
from helpers.hub_database import NEEDED, OLD, fill, make_old
from jupyterhub_on_docker import database as hub_database
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.database import connection, content, start, tables, widths
from jupyterhub_on_docker.database.dump import head
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.rights import memory

pytestmark = NEEDED


def test_sqlite_is_moved_into_an_empty_database(hub, capsys):
    token = fill(f"sqlite:///{hub.sqlite}")
    before = hub.sqlite.read_bytes()

    assert hub.prepare() == {"PGPASSWORD": postgres.PASSWORD}

    session = hub.session()
    alice = session.query(orm.User).one()
    assert (alice.name, alice.admin, alice.encrypted_auth_state) == ("alice", True, b"\x00\xff")
    (spawner,) = alice.orm_spawners.values()
    assert (spawner.server.port, spawner.state) == (8888, {"object_id": "abc"})
    assert orm.APIToken.find(session, token).user is alice
    assert [group.name for group in alice.groups] == ["physics"]
    assert hub.rows("SELECT id, password, ok FROM sign_ups") == [(7, b"\x00\xff", True)]
    assert hub.sqlite.read_bytes() == before
    assert "which is kept unchanged" in (said := capsys.readouterr().out)
    assert "1 users" in said
    # A new row is one behind those that came.
    session.add(orm.User(name="bob"))
    session.commit()
    assert session.query(orm.User).filter_by(name="bob").one().id == alice.id + 1
    session.close()


def test_it_is_moved_once(hub, capsys):
    fill(f"sqlite:///{hub.sqlite}")
    hub.prepare()
    with hub.server.connect(hub.name) as database:
        database.execute("UPDATE users SET name = 'carol'")
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("carol",)]
    # Nor does the old content come back when the new database is lost.
    hub.name = hub.server.new_database()
    capsys.readouterr()
    hub.prepare()
    assert hub.rows("SELECT 1 FROM pg_tables WHERE tablename = 'users'") == []
    assert "was moved before" in capsys.readouterr().out


def test_what_the_hub_remembers_of_the_configuration_moves_with_the_rest(hub):
    session = orm.new_session_factory(f"sqlite:///{hub.sqlite}")()
    assert memory.load(session) is None
    remembered = memory.Memory(users={"ann"}, roles={"admin": {"groups": {"staff"}}}, left={"ben": "2026"})
    memory.save(session, remembered)
    session.add(orm.User(name="ann"))
    session.commit()
    session.close()
    hub.prepare()
    session = hub.session()
    assert memory.load(session) == remembered
    changed = remembered.model_copy(update={"users": frozenset({"eve"})})
    memory.save(session, changed)
    session.rollback()
    assert memory.load(session) == remembered
    memory.save(session, changed)
    session.commit()
    assert memory.load(session) == changed
    session.close()
    # Alone it is nothing that somebody would miss.
    hub.name = hub.server.new_database()
    session = hub.session()
    memory.load(session)
    memory.save(session, remembered)
    session.commit()
    with create_engine(connection.without_password(hub.url)).connect() as alone:
        assert content.look(alone) is None
    session.close()


def add_dora(hub):
    session = hub.session()
    session.add(orm.User(name="dora", created=datetime(2026, 3, 4, 5, 6)))
    session.commit()
    session.close()


def both_have(hub):
    """Both have content of their own: PostgreSQL of 2026-03-04, the file of `fill` changed to 2026-05-06."""
    fill(f"sqlite:///{hub.sqlite}")
    with closing(sqlite3.connect(hub.sqlite)) as database, database:
        for table, columns in content.DATES.items():
            for column in columns:
                database.execute(f"UPDATE {table} SET {column} = '2026-01-01 00:00:00.000000'")
        database.execute("UPDATE users SET last_activity = '2026-05-06 07:08:09.000000'")
    add_dora(hub)


def test_content_on_both_sides_is_refused_with_both_dates_and_nothing_is_marked(hub):
    both_have(hub)
    before = hub.sqlite.read_bytes()
    for _ in range(2):
        with pytest.raises(SettingsError) as caught:
            hub.prepare()
        message = str(caught.value)
        assert "PostgreSQL has 1 users, last changed 2026-03-04 05:06 UTC;" in message
        assert "the file has 1 users, last changed 2026-05-06 07:08 UTC. Nothing was changed." in message
        assert "jupyterhub:database.moveFrom nothing" in message
        assert "restore hub.sqlite --at-next-start" in message
        assert "\n" not in message
    assert hub.rows("SELECT name FROM users") == [("dora",)]
    assert hub.sqlite.read_bytes() == before
    assert not start.marker(hub.sqlite).exists()
    # Either is still to be had.
    hub.prepare(moveFrom=None)
    assert hub.on_sqlite() == {}


def test_the_file_of_both_can_be_brought_over_by_a_restore(hub):
    both_have(hub)
    hub.on_sqlite()
    hub_database.dump(make_url(f"sqlite:///{hub.sqlite}"), hub.folder / start.RESTORE)
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("alice",)]
    # Not only this time: a hub that runs is never refused at a later start.
    hub.prepare()
    assert start.marker(hub.sqlite).exists()


def test_a_file_without_people_is_no_content(hub):
    url = f"sqlite:///{hub.sqlite}"
    session = orm.new_session_factory(url)()
    for role in roles.get_default_roles():
        roles.create_role(session, role)
    session.add(orm.Service(name="jupyterhub-idle-culler"))
    session.commit()
    session.close()
    add_dora(hub)
    hub.prepare()
    hub.sqlite.write_bytes(b"")
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("dora",)]
    assert not start.marker(hub.sqlite).exists()


def test_accounts_of_an_authenticator_are_content(hub):
    with closing(sqlite3.connect(hub.sqlite)) as database, database:
        database.execute("CREATE TABLE sign_ups (id INTEGER PRIMARY KEY)")
        database.execute("INSERT INTO sign_ups VALUES (1)")
    add_dora(hub)
    with pytest.raises(SettingsError, match=r"found it in both: .*0 users, last changed at an unknown time"):
        hub.prepare()


def test_a_move_that_was_interrupted_before_the_marker_is_finished(hub, capsys):
    fill(f"sqlite:///{hub.sqlite}")
    hub.prepare()
    start.marker(hub.sqlite).unlink()
    capsys.readouterr()
    hub.prepare()
    assert "the interrupted move of" in capsys.readouterr().out
    assert start.marker(hub.sqlite).exists()
    # The same rows, but for one value.
    start.marker(hub.sqlite).unlink()
    with closing(sqlite3.connect(hub.sqlite)) as database, database:
        database.execute("UPDATE users SET admin = 0")
    with pytest.raises(SettingsError, match="found it in both"):
        hub.prepare()


def marked(hub, moved):
    """A hub that was moved, and its marker as an earlier version wrote it."""
    fill(f"sqlite:///{hub.sqlite}")
    hub.prepare()
    with hub.server.connect(hub.name) as database:
        database.execute("UPDATE users SET name = 'later'")
    start.marker(hub.sqlite).write_text(json.dumps({"moved": moved.isoformat(timespec="seconds")}))


def test_a_file_that_was_marked_is_no_content(hub):
    marked(hub, datetime.now(UTC))
    hub.prepare()
    # A marker that a full disk cut off, and a file that nobody reads any more.
    start.marker(hub.sqlite).write_text("")
    hub.prepare()
    hub.sqlite.write_bytes(b"no database any more " * 100)
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("later",)]


def test_a_marked_file_that_was_used_since_is_content(hub):
    marked(hub, datetime.now(UTC) - timedelta(days=3))
    with pytest.raises(SettingsError, match=r"though it was moved on .*remove .*\.sqlite\.moved, set"):
        hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("later",)]


def test_a_file_that_cannot_be_read_is_not_passed_over(hub):
    add_dora(hub)
    hub.sqlite.write_bytes(b"no database at all " * 100)
    with pytest.raises(SettingsError, match=r"cannot be compared with it: .*not a database") as caught:
        hub.prepare()
    assert "\n" not in str(caught.value)
    assert not start.marker(hub.sqlite).exists()


def test_a_hub_that_was_killed_while_it_wrote_is_moved_without_the_half(hub):
    fill(f"sqlite:///{hub.sqlite}")
    write = (
        "import os, sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "database.execute('PRAGMA cache_size = 1')\n"
        "database.execute('BEGIN')\n"
        "database.execute(\"UPDATE users SET name = 'half'\")\n"
        "database.execute('CREATE TABLE filler (text)')\n"
        "for _ in range(200):\n"
        "    database.execute('INSERT INTO filler VALUES (?)', ('x' * 4000,))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", write, hub.sqlite], check=False)
    assert hub.sqlite.with_name("jupyterhub.sqlite-journal").exists()
    before = hub.sqlite.read_bytes()
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("alice",)]
    assert hub.sqlite.read_bytes() == before
    # Nor is it another content than that which was moved.
    start.marker(hub.sqlite).unlink()
    hub.prepare()
    assert start.marker(hub.sqlite).exists()


def test_nothing_is_moved_when_not_asked_for(hub):
    fill(f"sqlite:///{hub.sqlite}")
    hub.prepare(moveFrom=None)
    assert hub.rows("SELECT 1 FROM pg_tables WHERE tablename = 'users'") == []


def test_a_move_that_fails_leaves_nothing_behind(hub):
    fill(f"sqlite:///{hub.sqlite}")
    with closing(sqlite3.connect(hub.sqlite)) as database, database:
        # A row that no user owns; SQLite lets it be.
        database.execute("INSERT INTO spawners (user_id, name) VALUES (999, 'lost')")
    with pytest.raises(SettingsError, match=r"could not be copied \(nothing was changed\)") as caught:
        hub.prepare()
    assert "foreign key" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert hub.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    assert not start.marker(hub.sqlite).exists()


def test_an_old_schema_is_upgraded_on_the_way(hub):
    fill(f"sqlite:///{hub.sqlite}")
    with closing(sqlite3.connect(hub.sqlite)) as database, database:
        database.execute("ALTER TABLE spawners DROP COLUMN display_name")
        database.execute("UPDATE alembic_version SET version_num = ?", [OLD])
    hub.prepare()
    assert hub.rows("SELECT version_num FROM alembic_version") == [(head(),)]
    assert hub.rows("SELECT display_name FROM spawners") == [(None,)]


def test_an_old_schema_is_copied_before_its_upgrade(hub, capsys):
    make_old(hub)
    hub.prepare()
    (copy,) = hub.folder.glob(f"jupyterhub-before-upgrade-from-{OLD}-*.sqlite")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert f"the copy from before is {copy}" in capsys.readouterr().out
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("SELECT version_num FROM alembic_version").fetchall() == [(OLD,)]
        assert before.execute("SELECT name, admin FROM users").fetchall() == [("alice", 1)]
        assert before.execute("SELECT password FROM sign_ups").fetchall() == [(b"\x00\xff",)]
    # JupyterHub does the rest.
    url = connection.without_password(hub.url)
    dbutil.upgrade_if_needed(url, log=logging.getLogger())
    columns = {column["name"] for column in inspect(create_engine(url)).get_columns("spawners")}
    assert "display_name" in columns
    # What is up to date is not copied.
    hub.prepare()
    assert len(list(hub.folder.glob("*before-upgrade*"))) == 1


def test_the_copy_from_before_an_upgrade_can_be_restored(hub):
    make_old(hub)
    hub.prepare()
    (copy,) = hub.folder.glob("jupyterhub-before-upgrade-*.sqlite")
    with hub.server.connect(hub.name) as database:
        database.execute("UPDATE users SET name = 'later'")
    copy.rename(hub.folder / start.RESTORE)
    hub.prepare()
    assert hub.rows("SELECT name FROM users") == [("alice",)]
    assert hub.rows("SELECT version_num FROM alembic_version") == [(head(),)]
    assert hub.rows("SELECT id, password, ok FROM sign_ups") == [(7, b"\x00\xff", True)]
    (before,) = hub.folder.glob("jupyterhub-before-restore-*.sqlite")
    with closing(sqlite3.connect(before)) as old:
        assert old.execute("SELECT name FROM users").fetchall() == [("later",)]


def test_a_copy_of_postgresql_goes_back_into_sqlite(hub, tmp_path):
    token = fill(f"sqlite:///{hub.sqlite}")
    hub.prepare()
    hub_database.dump(hub.url, tmp_path / "copy.sqlite")
    assert hub_database.describe(tmp_path / "copy.sqlite") == f"schema {head()}, 1 users, 1 running servers"
    with pytest.raises(SettingsError, match=r"was moved to PostgreSQL on .*: \./hub database restore FILE"):
        hub.on_sqlite()
    (tmp_path / "copy.sqlite").rename(hub.folder / start.RESTORE)
    assert hub.on_sqlite() == {}
    session = orm.new_session_factory(f"sqlite:///{hub.sqlite}")()
    assert orm.APIToken.find(session, token).user.name == "alice"
    session.close()
    assert hub.on_sqlite() == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no database at all, but long enough to be read as one " * 4, "file is not a database"),
        (None, "found another program's database"),
    ],
)
def test_a_file_that_is_no_copy_is_refused_once(hub, content, message):
    ready = hub.folder / start.RESTORE
    if content is None:
        sqlite3.connect(ready).execute("CREATE TABLE users (id INTEGER)").connection.close()
    else:
        ready.write_bytes(content)
    with pytest.raises(SettingsError, match=f"{message}.*Nothing was changed; the file is now .*refused"):
        hub.prepare()
    hub.prepare()


def test_a_copy_of_a_newer_jupyterhub_is_refused(hub, tmp_path):
    fill(f"sqlite:///{hub.sqlite}")
    with closing(sqlite3.connect(hub.sqlite)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    with pytest.raises(SettingsError, match="its schema ffffffffffff is from a newer JupyterHub"):
        hub.prepare()


def test_a_wrong_password_is_told_at_once_and_never_shown(hub, secrets_folder):
    (secrets_folder / "database_password").write_text("not-the-password")
    with pytest.raises(SettingsError, match=r"no connection to 127.0.0.1:.*authentication failed") as caught:
        start.prepare(hub.settings(), hub.secrets, wait=60)
    assert "not-the-password" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_not_there_is_one_line(hub):
    with pytest.raises(
        SettingsError, match=r"^database: no connection to 127.0.0.1:1, database hub"
    ) as caught:
        hub.prepare(port=1)
    assert "\n" not in str(caught.value)


def test_a_server_that_comes_late_is_waited_for(hub, monkeypatch):
    real, attempts = connection.connect(hub.url), []

    class Late:
        def connect(self):
            attempts.append(1)
            if len(attempts) < 3:
                return connection.connect(hub.url.set(port=1)).connect()
            return real.connect()

    monkeypatch.setattr(connection, "connect", lambda url: Late())
    connection.wait_for(hub.url, wait=10)
    assert len(attempts) == 3


def test_an_address_of_somebody_elses(hub, secrets_folder):
    secret = f"postgres://jupyterhub:{postgres.PASSWORD.replace('@', '%40').replace('/', '%2F')}"
    (secrets_folder / "database_url").write_text(
        f"{secret}@127.0.0.1:{hub.server.port}/{hub.name}?sslmode=disable"
    )
    hub.raw["database"] = {"kind": "url", "ca": None, "moveFrom": None}
    settings = Settings.model_validate_json(json.dumps(hub.raw))
    assert start.prepare(settings, hub.secrets, wait=0) == {"PGPASSWORD": postgres.PASSWORD}
    with connection.connect(connection.address(settings.database, hub.secrets)).connect() as there:
        assert tables.is_empty(there)


@pytest.mark.parametrize("earlier", [True, False], ids=["earlier tables", "new tables"])
def test_people_with_the_longest_names_fit_in_the_tables(hub, earlier):
    if earlier:
        # As a hub without the wider columns makes them, in a process of its own.
        program = "import sys; from jupyterhub import orm; orm.new_session_factory(sys.argv[1])"
        url = connection.without_password(hub.url)
        subprocess.run([sys.executable, "-c", program, url], check=True)
        with hub.server.connect(hub.name) as database, pytest.raises(Exception, match="too long"):
            database.execute("INSERT INTO servers (base_url) VALUES (repeat('x', 3000))")
    hub.prepare()
    address = f"/user/{'%F0%9F%98%80' * 255}/"
    session = hub.session()
    session.add(orm.Server(base_url=address, ip="10.0.0.1", port=1))
    session.add(orm.OAuthClient(identifier=f"jupyterhub-user-{address}", redirect_uri=f"{address}callback"))
    session.commit()
    assert session.query(orm.Server).one().base_url == address
    session.close()
    with connection.connect(hub.url).begin() as again:
        assert widths.widen(again) == []
