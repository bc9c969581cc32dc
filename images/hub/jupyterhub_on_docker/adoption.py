"""Servers that run and that the hub's database does not know: adopted when the hub starts, or stopped.

So it is when the database was lost, or when an older copy was restored. What such a server needs is in its
container: the token, which the hub made for it. With that in the database again, the hub's own look at its
servers finds this one, and kernels go on.

While the hub runs, a server that it does not know is one that it has given up, and that did not end: the
engine was busy, say. It is stopped.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from jupyterhub import orm, roles, scopes
from jupyterhub.app import JupyterHub
from jupyterhub.objects import Server
from jupyterhub.slugs import is_valid_safe_slug
from jupyterhub.spawner import Spawner
from jupyterhub.user import User
from jupyterhub.utils import maybe_future, url_escape_path, url_path_join, utcnow

from . import rights
from .servers.person import PROFILE_VARIABLE, PersonalServer
from .servers.profiles import OPTION as PROFILE
from .servers.running import Running

log = logging.getLogger("jupyterhub_on_docker.adoption")

INTERVAL = 300.0
"""Seconds between two looks for servers that the hub has given up: one question to the engine."""


class _Refused(Exception):
    """Why a server cannot be adopted."""


def engine(app: JupyterHub) -> PersonalServer | None:
    """A spawner for questions about everybody's servers; None where the configuration has one of its own."""
    chosen = app.spawner_class
    if not issubclass(chosen, PersonalServer):
        return None
    # A spawner has names made of its user's, which are not used here.
    spawner: PersonalServer = chosen(config=app.config, user=SimpleNamespace(name="nobody"))
    return spawner


async def adopt(app: JupyterHub, people: rights.People) -> list[Running]:
    """Adopts what runs, before the hub looks at the servers in its database. Returns what has to end."""
    asked = engine(app)
    refused: list[Running] = []
    if asked is None:
        return refused
    for running in await asked.running_servers(_in_database(app)):
        try:
            await _adopt(app, people, running)
        except _Refused as reason:
            log.warning("Stopping %s, which was not in the database: %s", _shown(running), reason)
            refused.append(running)
        except Exception:
            log.exception("Could not adopt %s", _shown(running))
            app.db.rollback()
    return refused


async def find_given_up(app: JupyterHub) -> list[Running]:
    """What runs and is no server of anybody's, while the hub runs."""
    asked = engine(app)
    if asked is None:
        return []
    found = await asked.running_servers({spawner.object_id for spawner in _active(app)})
    # Looked up after the question: what has begun since then is not in the answer.
    names = {spawner.object_name for spawner in _active(app)}
    unknown = [one for one in found if one.name not in names and not _is_being_tried(app, one)]
    for running in unknown:
        log.warning("Stopping %s, which should have stopped earlier", _shown(running))
    return unknown


def _is_being_tried(app: JupyterHub, running: Running) -> bool:
    """Whether it is a trial that goes on. One that was not removed in its time is removed by the hub."""
    spawner = engine(app)
    if spawner is None or not running.is_trial:
        return False
    longest = timedelta(seconds=spawner.start_timeout + spawner.http_timeout)
    return bool(utcnow(with_tz=False) - running.since < longest)


async def end(app: JupyterHub, servers: Iterable[Running]) -> None:
    """Stops servers, one after the other: the engine is asked for what people wait for, too."""
    asked = engine(app)
    if asked is None:
        return
    for running in servers:
        try:
            await asked.end_server(running)
        except Exception:
            log.exception("Could not stop %s. Trying again in %i s", _shown(running), INTERVAL)


def _shown(running: Running) -> str:
    return f"server {running.name} of {running.owner or 'an unknown owner'}"


def _active(app: JupyterHub) -> list[Any]:
    return [spawner for user in app.users.values() for spawner in user.spawners.values() if spawner.active]


def _in_database(app: JupyterHub) -> set[str]:
    """Ids of containers or services. One has its token in the database as long as this has the server."""
    query = app.db.query(orm.Spawner).filter(orm.Spawner.server != None)  # noqa: E711
    return {(one.state or {}).get("object_id", "") for one in query}


async def _adopt(app: JupyterHub, people: rights.People, running: Running) -> None:
    environment = running.environment
    token, name = environment.get("JUPYTERHUB_API_TOKEN", ""), environment.get("JUPYTERHUB_SERVER_NAME", "")
    if running.is_trial:
        raise _Refused("it is a trial that was not removed")
    if not token or environment.get("JUPYTERHUB_USER") != running.owner:
        raise _Refused("it was not started by the hub")
    if name and not (app.allow_named_servers and is_valid_safe_slug(name)):
        raise _Refused(f"its owner may not have a server named {name!r}")
    if not rights.may_have_server(app, people, running.owner):
        raise _Refused("its owner may not log in")
    known = orm.APIToken.find(app.db, token)
    if known is not None and (known.user is None or known.user.name != running.owner):
        raise _Refused("its token belongs to somebody else")
    user = app.users[await _user(app, running.owner)]
    base_url = url_path_join(user.base_url, url_escape_path(name), "/")
    if environment.get("JUPYTERHUB_SERVICE_PREFIX") != base_url:
        raise _Refused(f"its address is not {base_url}")
    spawner = user.get_or_create_spawner(name, "")
    if spawner.server and spawner.object_name != running.name and await spawner.poll() is None:
        raise _Refused(f"its owner already has {spawner.object_name}")
    await _write(app, user, spawner, running, base_url)
    log.warning("Adopted %s, which was not in the database", _shown(running))


async def _user(app: JupyterHub, name: str) -> orm.User:
    user = orm.User.find(app.db, name)
    if user is None:
        user = orm.User(name=name)
        app.db.add(user)
        app.db.commit()
        await maybe_future(app.authenticator.add_user(user))
    # As a login does it. Without the role its server's token has no rights.
    roles.assign_default_roles(app.db, user)
    return user


async def _write(app: JupyterHub, user: User, spawner: Any, running: Running, base_url: str) -> None:
    """What JupyterHub writes down when it starts a server (`User.spawn`); the row that counts is the last."""
    db, stored = app.db, spawner.orm_spawner
    await spawner.take_over(running)
    address, port = await spawner.get_ip_and_port()
    token = running.environment["JUPYTERHUB_API_TOKEN"]
    if orm.APIToken.find(db, token) is None:
        allowed = await _token_scopes(app, user, spawner)
        user.new_api_token(token, note=f"Server at {base_url}", scopes=allowed)
        # Told apart from others by its time: see rights.
        orm.APIToken.find(db, token).created = running.since
    stored.oauth_client = app.oauth_provider.add_client(
        spawner.oauth_client_id,
        token,
        url_path_join(user.url, url_escape_path(spawner.name), "oauth_callback"),
        allowed_scopes=await spawner._get_oauth_client_allowed_scopes(),
        description=f"Server at {base_url}",
    )
    if profile := running.environment.get(PROFILE_VARIABLE):
        stored.user_options = spawner.user_options = {PROFILE: profile}
    server = orm.Server(base_url=base_url, ip=address, port=port)
    db.add(server)
    db.commit()
    spawner.server = Server(orm_server=server)
    spawner.api_token = token
    stored.started, stored.last_activity = running.since, utcnow(with_tz=False)
    stored.state = spawner.get_state()
    db.commit()


async def _token_scopes(app: JupyterHub, user: User, spawner: Spawner) -> set[str]:
    wanted = spawner.server_token_scopes
    if callable(wanted):
        wanted = await maybe_future(wanted(spawner))
    wanted = set(wanted or orm.Role.find(app.db, "server").scopes) | {"users:activity!user"}
    server = f"={user.name}/{spawner.name}"
    wanted = {f"{scope}{server}" if scope.endswith("!server") else scope for scope in wanted}
    client = app.db.query(orm.OAuthClient).filter_by(identifier="jupyterhub").one()
    has = roles.roles_to_scopes(roles.get_roles_for(user.orm_user)) | {"inherit"}
    allowed, _ = scopes._resolve_requested_scopes(wanted, has, user.orm_user, client, app.db)
    return set(allowed)
