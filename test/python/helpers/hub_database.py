"""A hub's database on a real PostgreSQL server, with the SQLite file that it may have come from."""

import json
import os
import sqlite3
from contextlib import closing

import pytest
from jupyterhub import orm, roles
from sqlalchemy import text

from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.database import connection, start
from jupyterhub_on_docker.secrets import Secrets

from . import postgres

OLD = "ff1860e38070"
"""The schema before spawners had a display name."""

NEEDED = pytest.mark.skipif(
    postgres.programs() is None and not os.environ.get("CI"),
    reason="no PostgreSQL on this machine (Debian: apt install postgresql)",
)


class Hub:
    """A hub's settings, secrets and folder, with an empty PostgreSQL database."""

    def __init__(self, raw, secrets_folder, folder, server):
        self.folder, self.server, self.raw = folder, server, raw
        self.sqlite = folder / "jupyterhub.sqlite"
        self.secrets = Secrets(secrets_folder)
        self.name = server.new_database()
        (secrets_folder / "database_password").write_text(postgres.PASSWORD)
        raw["hub"]["dataDir"] = str(folder)

    def settings(self, **over):
        self.raw["database"] = {
            "kind": "postgres",
            "host": "127.0.0.1",
            "port": self.server.port,
            "name": self.name,
            "user": "jupyterhub",
            "moveFrom": str(self.sqlite),
            **over,
        }
        return Settings.model_validate_json(json.dumps(self.raw))

    def prepare(self, **over):
        return start.prepare(self.settings(**over), self.secrets, wait=0)

    def sqlite_settings(self):
        self.raw["database"] = {"kind": "sqlite", "path": str(self.sqlite)}
        return Settings.model_validate_json(json.dumps(self.raw))

    def on_sqlite(self):
        return start.prepare(self.sqlite_settings(), self.secrets)

    def change_on_sqlite(self, statement):
        with closing(sqlite3.connect(self.sqlite)) as database, database:
            database.execute(statement)

    @property
    def url(self):
        return connection.address(self.settings().database, self.secrets)

    def rows(self, query):
        with self.server.connect(self.name) as database:
            return database.execute(query).fetchall()

    def session(self):
        return orm.new_session_factory(connection.without_password(self.url))()


def fill(url):
    """What a hub with one person, a running server, a token and an authenticator's own table keeps."""
    session = orm.new_session_factory(url)()
    for role in roles.get_default_roles():
        roles.create_role(session, role)
    session.add(orm.OAuthClient(identifier="jupyterhub"))
    user = orm.User(name="alice", admin=True, state={"a": ["state"]}, encrypted_auth_state=b"\x00\xff")
    session.add(user)
    session.commit()
    roles.assign_default_roles(session, user)
    running = orm.Server(ip="10.0.0.2", port=8888, base_url="/user/alice/")
    session.add(orm.Spawner(name="", user=user, server=running, state={"object_id": "abc"}))
    session.add(orm.Group(name="physics", users=[user]))
    token = user.new_api_token(scopes=["self"])
    session.commit()
    with session.get_bind().begin() as own:
        # As an authenticator has that JupyterHub knows nothing of.
        own.execute(text("CREATE TABLE sign_ups (id INTEGER PRIMARY KEY, password BLOB, ok BOOLEAN)"))
        own.execute(text("INSERT INTO sign_ups VALUES (7, x'00ff', 1)"))
    session.close()
    return token


def make_old(hub):
    fill(f"sqlite:///{hub.sqlite}")
    hub.prepare()
    with hub.server.connect(hub.name) as database:
        database.execute("ALTER TABLE spawners DROP COLUMN display_name")
        database.execute("UPDATE alembic_version SET version_num = %s", [OLD])
