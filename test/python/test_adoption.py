"""A hub that starts while servers run that its database does not know: the real hub, spawner and filter."""

import asyncio
import shutil

import docker
import pytest
from jupyterhub import orm
from jupyterhub.objects import Server

from helpers.hub import Routes
from helpers.hub_on_engine import TOKEN, add, server_of
from jupyterhub_on_docker import adoption


def test_a_lost_database_ends_no_server(hub, engine, port, caplog):
    identifier = add(engine)

    async def main():
        async with hub() as started:
            assert (await server_of(started, "alice"))["ready"]
            assert await server_of(started, "bob") is None
            # The server's own token holds, and is for that server alone.
            status, found = await started.visitor().api(TOKEN)
            assert (status, found["name"]) == (200, "alice")
            assert set(found["scopes"]) >= {"access:servers!server=alice/", "users:activity!user=alice"}
            assert not any(scope.startswith(("admin", "list", "tokens")) for scope in found["scopes"])
            client = started.app.db.query(orm.OAuthClient).filter_by(identifier="jupyterhub-user-alice").one()
            assert client.redirect_uri == "/base/user/alice/oauth_callback"
            assert Routes.table["/base/user/alice/"]["target"] == f"http://127.0.0.1:{port}"
        # The next start finds it in the database.
        assert caplog.text.count("Adopted server jh-user-alice of alice, which was not in the database") == 1
        engine.calls.clear()
        async with hub() as started:
            assert (await server_of(started, "alice"))["ready"]
        assert caplog.text.count("Adopted") == 1
        assert [call for call in engine.calls if identifier in call] == []

    asyncio.run(main())
    assert engine.containers["jh-user-alice"]["Id"] == identifier


def test_its_person_can_stop_it(hub, engine):
    add(engine)

    async def main():
        async with hub() as started:
            admin = started.user("admin").new_api_token()
            assert (await started.visitor().api(admin, "users/alice/server", method="DELETE"))[0] == 204
            assert await server_of(started, "alice") is None
            # Its token went with it.
            assert (await started.visitor().api(TOKEN))[0] == 403

    asyncio.run(main())
    assert engine.containers == {}


def test_an_older_copy_takes_over_what_began_later(hub, engine, tmp_path, caplog):
    async def main():
        add(engine, "alice", token="a" * 32)
        add(engine, "bob", token="b" * 32)
        async with hub():
            pass
        shutil.copytree(tmp_path / "data", tmp_path / "copy")
        # Afterwards alice begins anew, and bob stops his.
        engine.containers.clear()
        add(engine, "alice", token="c" * 32)
        async with hub("copy") as started:
            assert (await server_of(started, "alice"))["ready"]
            assert (await started.visitor().api("c" * 32))[0] == 200
            assert await server_of(started, "bob") is None

    asyncio.run(main())
    assert caplog.text.count("Adopted server jh-user-alice of alice") == 2
    assert "bob appears to have stopped" in caplog.text


def test_a_server_that_was_starting_when_the_hub_ended_is_adopted(hub, engine):
    """The hub writes down its address when the start is over, and made its token before."""

    async def main():
        async with hub() as started:
            user = started.app.users["alice"]
            server = orm.Server(base_url="/base/user/alice/")
            started.app.db.add(server)
            started.app.db.commit()
            user.spawners[""].server = Server(orm_server=server)
            user.new_api_token(TOKEN, note="Server at /base/user/alice/", scopes=["users:activity!user"])
        add(engine)
        async with hub() as started:
            assert (await server_of(started, "alice"))["ready"]
            assert len([one for one in started.user("alice").api_tokens if one.match(TOKEN)]) == 1

    asyncio.run(main())
    assert engine.containers["jh-user-alice"]["State"]["Running"]


def test_a_server_with_a_name_is_taken_over_with_its_profile(hub, engine, raw):
    raw["servers"]["named"] = 2
    add(engine, server="gpu", JUPYTERHUB_PROFILE="large")

    async def main():
        async with hub() as started:
            server = await server_of(started, "alice", "gpu")
            assert server["ready"]
            # Times for idle servers may be a profile's.
            assert server["user_options"] == {"profile": "large"}

    asyncio.run(main())


@pytest.mark.parametrize(
    ("person", "changes", "reason"),
    [
        ("mallory", {}, "its owner may not log in"),
        ("alice", {"server": "gpu"}, "its owner may not have a server named 'gpu'"),
        ("alice", {"token": ""}, "it was not started by the hub"),
        ("alice", {"JUPYTERHUB_USER": "bob"}, "it was not started by the hub"),
        ("alice", {"JUPYTERHUB_SERVICE_PREFIX": "/user/alice/"}, "its address is not /base/user/alice/"),
    ],
)
def test_what_cannot_be_taken_over_is_stopped_with_a_line(hub, engine, caplog, person, changes, reason):
    add(engine, person, **changes)
    add(engine, "bob", token="b" * 32)

    async def main():
        async with hub() as started:
            await started.app.ending
            assert orm.User.find(started.app.db, "mallory") is None
            assert (await server_of(started, "bob"))["ready"]

    asyncio.run(main())
    name = f"jh-user-{person}"
    assert not any(key.startswith(name) for key in engine.containers)
    assert f"which was not in the database: {reason}" in caplog.text
    assert TOKEN not in caplog.text


def test_a_blocked_person_in_an_older_copy_has_no_server(hub, engine, raw):
    async def main():
        async with hub():
            pass
        raw["auth"] |= {"users": ["bob"], "blocked": ["alice"]}
        add(engine)
        async with hub() as started:
            await started.app.ending
            assert (await started.visitor().api(TOKEN))[0] == 403

    asyncio.run(main())
    assert "jh-user-alice" not in engine.containers


def test_a_token_of_somebody_elses_is_given_to_nobody(hub, engine, caplog):
    async def main():
        async with hub() as started:
            started.user("bob").new_api_token(TOKEN)
        add(engine)
        async with hub() as started:
            await started.app.ending
            assert (await started.visitor().api(TOKEN))[1]["name"] == "bob"

    asyncio.run(main())
    assert "jh-user-alice" not in engine.containers
    assert "its token belongs to somebody else" in caplog.text


@pytest.mark.parametrize(("allow_all", "runs"), [(True, True), (False, False)])
def test_an_unknown_person_keeps_the_server_where_only_a_login_can_tell(hub, engine, allow_all, runs):
    add(engine, "carol")

    def change(c):
        c.Authenticator.allow_all = allow_all

    async def main():
        async with hub(change=change) as started:
            await started.app.ending
            assert (orm.User.find(started.app.db, "carol") is not None) is runs

    asyncio.run(main())
    assert ("jh-user-carol" in engine.containers) is runs


def test_what_does_not_answer_is_stopped(hub, engine, caplog):
    add(engine)

    def change(c):
        c.Spawner.http_timeout = 1
        c.DockerSpawner.port = 1

    async def main():
        async with hub(change=change) as started:
            assert await server_of(started, "alice") is None

    asyncio.run(main())
    assert engine.containers == {}
    assert "alice does not appear to be running at http://127.0.0.1:1/base/user/alice/" in caplog.text


def test_routes_of_servers_that_nobody_has_are_removed(hub):
    async def main():
        spec = "/base/user/bob/"
        Routes.table[spec] = {"routespec": spec, "target": "http://127.0.0.1:1", "data": {"user": "bob"}}
        async with hub():
            assert spec not in Routes.table

    asyncio.run(main())


def test_what_the_hub_has_given_up_is_stopped_while_it_runs(hub, engine, caplog):
    async def main():
        add(engine, "alice")
        async with hub() as started:
            interval = started.app._periodic_callbacks["unknown_servers"].callback_time
            assert interval == adoption.INTERVAL * 1000
            await started.app.end_unknown_servers()
            assert "should have stopped" not in caplog.text
            add(engine, "bob", token="b" * 32)
            # One that is about to start.
            add(engine, "admin", token="d" * 32)
            started.app.users["admin"].spawners[""]._spawn_pending = True
            await started.app.end_unknown_servers()

    asyncio.run(main())
    running = {name for name, one in engine.containers.items() if one["State"]["Running"]}
    assert running == {"jh-user-alice", "jh-user-admin"}
    assert caplog.text.count("which should have stopped earlier") == 1
    assert "Stopping server jh-user-bob of bob, which should have stopped earlier" in caplog.text


def test_a_server_that_cannot_be_stopped_keeps_no_other_from_it(hub, engine, client, caplog, monkeypatch):
    add(engine, "mallory")
    add(engine, "trudy", token="b" * 32)
    stop, refused = client.stop, []

    def once(container, **options):
        if not refused:
            refused.append(container)
            raise docker.errors.APIError("busy")
        stop(container, **options)

    monkeypatch.setattr(client, "stop", once)

    async def main():
        async with hub() as started:
            await started.app.ending
            assert [one["State"]["Running"] for one in engine.containers.values()] == [True]
            await started.app.end_unknown_servers()

    asyncio.run(main())
    assert "Could not stop server jh-user-mallory of mallory. Trying again in 300 s" in caplog.text
    assert engine.containers == {}


def test_a_hub_that_could_not_look_starts_and_stops_nothing(hub, engine, client, caplog, monkeypatch):
    add(engine)

    def trouble(**_):
        raise docker.errors.APIError("trouble")

    async def main():
        with monkeypatch.context() as during:
            during.setattr(client, "containers", trouble)
            async with hub() as started:
                during.undo()
                await started.app.end_unknown_servers()

    asyncio.run(main())
    assert engine.containers["jh-user-alice"]["State"]["Running"]
    assert "Could not look for servers that are not in the database" in caplog.text
