"""Who leaves the lists, over starts of a real hub with one database."""

import asyncio

from jupyterhub import orm
from sqlalchemy import text

from helpers.hub import Servers
from helpers.rights import ADMIN, USER, add, names
from jupyterhub_on_docker import rights
from jupyterhub_on_docker.rights.memory import load


def test_who_leaves_the_lists_loses_tokens_sessions_and_the_server(hub):
    async def main():
        async with hub(users=["alice", "bob"], admins=["admin", "old"]) as first:
            old, alice, bob = first.visitor(), first.visitor(), first.visitor()
            assert await old.log_in("old", ADMIN)
            assert await alice.log_in("alice", USER)
            assert await bob.log_in("bob", USER)
            tokens = {name: first.token(name) for name in ("old", "alice", "bob")}
            assert (await old.api(tokens["old"]))[1]["admin"] is True
            assert (await old.api(tokens["old"], "users/by-token", "POST"))[0] == 201
            servers = first.start_server("alice"), first.start_server("bob")
        async with hub(users=["bob"], admins=["admin"]) as second:
            for who, name in ((old, "old"), (alice, "alice")):
                assert (await who.at(second).api(tokens[name]))[0] == 403
                assert await who.home() == 302
                assert names(second.user(name).roles) == []
            assert (await alice.api(servers[0]))[0] == 403
            assert not await second.visitor().log_in("old", USER)
            assert second.user("old").admin is False
            # Made by an administrator, but without allowExistingUsers in no list that lets them in.
            assert names(second.user("by-token").roles) == []
            # Nothing happens to others.
            assert (await bob.at(second).api(tokens["bob"]))[0] == 200
            assert await bob.home() == 200
            assert (await bob.api(servers[1]))[0] == 200
            assert Servers.running == {"bob"}
        async with hub(users=["alice", "bob"], admins=["admin", "old"]) as third:
            assert (await alice.at(third).api(tokens["alice"]))[0] == 403
            assert await alice.home() == 302
            assert await alice.log_in("alice", USER)
            assert await old.at(third).log_in("old", ADMIN)
            assert third.user("old").admin is True

    asyncio.run(main())


def test_who_leaves_the_administrators_stays_a_user(hub):
    async def main():
        async with hub(users=["old"], admins=["admin", "old"]) as first:
            old = first.visitor()
            assert await old.log_in("old", ADMIN)
            token = first.token("old")
            first.start_server("old")
        async with hub(users=["old"], admins=["admin"]) as second:
            code, model = await old.at(second).api(token)
            assert (code, model["admin"], model["roles"]) == (200, False, ["user"])
            assert (await old.api(token, "users"))[0] == 403
            # The session may have opened others' servers.
            assert await old.home() == 302
            assert await old.log_in("old", USER)
            assert Servers.running == {"old"}

    asyncio.run(main())


def test_nothing_is_done_twice_and_nothing_to_who_stays(hub):
    async def main():
        async with hub(users=["alice"], admins=["admin", "old"]) as first:
            cookies = {name: first.user(name).cookie_id for name in ("admin", "alice")}
            token = first.token("alice")
            assert rights.withdraw(first.app, first.app.people) == []
        async with hub(users=["alice"], admins=["admin"]) as second:
            gone = second.user("old").cookie_id
            assert rights.withdraw(second.app, second.app.people) == []
            assert {name: second.user(name).cookie_id for name in cookies} == cookies
            assert (await second.visitor().api(token))[0] == 200
        async with hub(users=["alice"], admins=["admin"]) as third:
            assert third.user("old").cookie_id == gone

    asyncio.run(main())


def test_while_the_hub_runs(hub):
    async def main():
        async with hub(users=["alice", "bob"], admins=["admin", "old"]) as started:
            old, alice = started.visitor(), started.visitor()
            assert await old.log_in("old", ADMIN)
            assert await alice.log_in("alice", USER)
            token = started.token("old")
            started.start_server("alice")
            started.start_server("bob")
            people = rights.People(frozenset({"admin", "bob"}), frozenset({"admin"}), frozenset())
            lost = rights.withdraw(started.app, people)
            assert {(one.name, one.what) for one in lost} == {
                ("alice", "access"),
                ("old", "access"),
                ("old", "administrator"),
            }
            assert await rights.stop_servers(started.app) == ["alice"]
            assert (await old.api(token))[0] == 403
            assert (await old.home(), await alice.home()) == (302, 302)
            assert not await alice.log_in("alice", USER)
            assert Servers.running == {"bob"}
            assert rights.withdraw(started.app, people) == []

    asyncio.run(main())


def test_whom_an_administrator_added_stays_with_allow_existing_users(hub):
    async def main():
        async with hub(users=["alice"], admins=["admin"], allowExistingUsers=True) as first:
            admin = first.visitor()
            token = first.token("admin")
            assert (await admin.api(token, "users/ann", "POST"))[0] == 201
            assert (await admin.api(token, "users/deputy", "POST", admin=True))[0] == 201
            tokens = {name: first.token(name) for name in ("ann", "deputy", "alice")}
        async with hub(admins=["admin"], allowExistingUsers=True) as second:
            visitor = second.visitor()
            assert (await visitor.api(tokens["ann"]))[0] == 200
            assert (await visitor.api(tokens["deputy"]))[1]["admin"] is True
            assert (await visitor.api(tokens["alice"]))[0] == 403
            assert await second.visitor().log_in("ann", USER)
            assert not await second.visitor().log_in("alice", USER)
        async with hub(admins=["admin"], allowExistingUsers=True) as third:
            assert not await third.visitor().log_in("alice", USER)
            # An administrator adds her anew.
            admin = third.visitor()
            assert (await admin.api(token, "users/alice", "DELETE"))[0] == 204
            assert (await admin.api(token, "users/alice", "POST"))[0] == 201
            assert await third.visitor().log_in("alice", USER)
        async with hub(admins=["admin"], allowExistingUsers=True) as fourth:
            assert await fourth.visitor().log_in("alice", USER)
        async with hub(users=["bob"], admins=["admin"]) as fifth:
            for name in ("ann", "deputy", "alice"):
                assert not await fifth.visitor().log_in(name, USER)
                assert names(fifth.user(name).roles) == []
            assert (await fifth.visitor().api(tokens["deputy"]))[0] == 403

    asyncio.run(main())


def test_who_was_taken_out_before_stays_out_when_existing_people_are_let_in(hub):
    async def main():
        async with hub(users=["alice"], admins=["admin"]):
            pass
        async with hub(admins=["admin"]):
            pass
        async with hub(admins=["admin"], allowExistingUsers=True) as third:
            assert not await third.visitor().log_in("alice", USER)

    asyncio.run(main())


def test_blocked_people_lose_tokens_sessions_shares_and_the_server(hub):
    async def main():
        async with hub(users=["eve", "ann"], admins=["admin"]) as first:
            eve = first.visitor()
            assert await eve.log_in("eve", USER)
            token, server = first.token("eve"), first.start_server("eve")
            first.start_server("ann")
            spawner = first.user("ann").orm_spawners[""]
            orm.Share.grant(first.app.db, spawner, first.user("eve"))
            first.app.db.commit()
            assert (await eve.api(token))[1]["admin"] is False
        async with hub(users=["eve", "ann"], admins=["admin"], blocked=["Eve"]) as second:
            assert (await eve.at(second).api(token))[0] == 403
            assert (await eve.api(server))[0] == 403
            assert await eve.home() == 302
            assert Servers.running == {"ann"}
            assert second.user("eve").shared_with_me == []
        async with hub(users=["eve", "ann"], admins=["admin"]) as third:
            assert (await eve.at(third).api(token))[0] == 403
            assert await eve.log_in("eve", USER)

    asyncio.run(main())


def test_a_database_without_memory_keeps_no_administrator_that_is_in_no_list(hub):
    async def main():
        async with hub(users=["alice"], admins=["admin", "old"], allowExistingUsers=True) as first:
            token = first.token("old")
            add(first, "ann")
            # As an earlier version left it.
            first.app.db.execute(text("DROP TABLE configured_rights"))
            first.app.db.commit()
        async with hub(users=["alice"], admins=["admin"], allowExistingUsers=True) as second:
            code, model = await second.visitor().api(token)
            assert (code, model["admin"]) == (200, False)
            assert await second.visitor().log_in("ann", USER)
            second.app.db.execute(text("UPDATE configured_rights SET rights = '{\"users\": 1}'"))
            second.app.db.commit()
        async with hub(users=["alice"], admins=["admin"]) as third:
            assert (await third.visitor().api(token))[0] == 403
            assert load(third.app.db).users == {"admin", "alice"}

    asyncio.run(main())
