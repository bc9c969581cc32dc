"""Rights that leave the configuration, over starts of a real hub with one database."""

import asyncio
import json
import re
from urllib.parse import urlencode

import pytest
from jupyterhub import orm
from jupyterhub.auth import Authenticator
from jupyterhub.roles import assign_default_roles
from nativeauthenticator.orm import UserInfo
from sqlalchemy import text
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from helpers.hub import Servers, running_hub
from jupyterhub_on_docker import protection, rights, traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.rights.memory import load
from jupyterhub_on_docker.rights.people import Rules

ADMIN = "admin-password-of-32-characters!!"
USER = "user-password"


@pytest.fixture(autouse=True)
def _no_servers():
    Servers.running.clear()
    Servers.held.clear()


@pytest.fixture
def hub(raw, secrets, secrets_folder, tmp_path):
    """Starts a hub with this section `auth`, and other sections; each time on the same database."""
    (secrets_folder / "auth_client_secret").write_text("client-secret\n")

    def start(change=None, /, groups=None, access=None, kind="shared-password", **auth):
        settings = {**raw, "auth": {"kind": kind, **auth}, "groups": groups or {}}
        settings["access"] = {"roles": [], "services": [], **(access or {})}
        return running_hub(settings, secrets, tmp_path, change)

    return start


def names(bearers) -> list[str]:
    return sorted(one.name for one in bearers)


def add(started, name, *groups, admin=False):
    """Somebody who logged in at a service: in the database, with a token, and in groups."""
    db = started.app.db
    user = orm.User(name=name, admin=admin)
    db.add(user)
    db.commit()
    assign_default_roles(db, user)
    for group in groups:
        found = orm.Group.find(db, group)
        if found is None:
            found = orm.Group(name=group)
            db.add(found)
        found.users.append(user)
    db.commit()
    return user.new_api_token()


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


def test_a_server_ends_that_has_a_folder_of_others(hub):
    async def main():
        async with hub(users=["alice", "bob"], admins=["admin"]) as first:
            token = first.token("alice")
            first.start_server("alice")
            first.start_server("bob")
        Servers.held["alice"] = ["jh-folder-group-physics"]
        async with hub(users=["alice", "bob"], admins=["admin"]) as second:
            assert Servers.running == {"bob"}
            assert (await second.visitor().api(token))[0] == 200

    asyncio.run(main())


def role(name, **bearers):
    empty = {"users": [], "groups": [], "services": []}
    return {"name": name, "description": "", "scopes": [], **empty, **bearers}


def service(token):
    made = {"name": "monitor", "token": token, "scopes": [], "url": None, "command": None, "environment": {}}
    return {**made, "secrets": {}, "display": True, "oauthRedirectUri": None, "oauthNoConfirm": False}


def test_roles_of_the_configuration_go_with_it(hub):
    async def main():
        helper = {**role("helper", users=["alice"]), "scopes": ["list:users"]}
        roles = [helper, role("admin", users=["bob"], groups=["staff"], services=["monitor"])]
        people = {"users": ["alice", "bob"], "admins": ["admin"]}
        access = {"services": [service("proxy_api_password")]}
        async with hub(**people) as before:
            before.app.db.add(orm.Group(name="staff"))
            before.app.db.commit()
        async with hub(**people, access={**access, "roles": roles}) as first:
            tokens = first.token("alice"), first.token("bob")
            for token in (*tokens, "proxy-password"):
                assert (await first.visitor().api(token, "users"))[0] == 200
            assert names(orm.Role.find(first.app.db, "admin").groups) == ["staff"]
        async with hub(**people, access=access) as second:
            for token in (*tokens, "proxy-password"):
                assert (await second.visitor().api(token, "users"))[0] == 403
            admin = orm.Role.find(second.app.db, "admin")
            assert (names(admin.users), admin.groups, admin.services) == (["admin"], [], [])

    asyncio.run(main())


def test_an_old_token_of_a_service_goes(hub):
    async def main():
        people = {"users": ["alice"], "admins": ["admin"]}
        services = [{**service("proxy_api_password"), "scopes": ["list:users"]}]
        async with hub(**people, access={"services": services}) as first:
            assert (await first.visitor().api("proxy-password", "users"))[0] == 200
        services = [{**services[0], "token": "user_password"}]
        async with hub(**people, access={"services": services}) as second:
            assert (await second.visitor().api("proxy-password", "users"))[0] == 403
            assert (await second.visitor().api(USER, "users"))[0] == 200

    asyncio.run(main())


def test_members_of_loaded_groups_go_and_those_of_administrators_stay(hub):
    def loading(**groups):
        def change(c):
            c.JupyterHub.load_groups = {name: {"users": users} for name, users in groups.items()}

        return change

    async def main():
        people = {"users": ["alice", "bob"], "admins": ["admin"]}
        async with hub(loading(physics=["alice", "bob"]), **people) as first:
            physics = orm.Group.find(first.app.db, "physics")
            physics.users.append(first.user("admin"))
            first.app.db.commit()
        async with hub(loading(physics=["bob"]), **people) as second:
            assert names(orm.Group.find(second.app.db, "physics").users) == ["admin", "bob"]
        async with hub(**people) as third:
            assert names(orm.Group.find(third.app.db, "physics").users) == ["admin"]

    asyncio.run(main())


GITHUB = {"kind": "github", "clientId": "hub", "clientSecret": "auth_client_secret"}


def test_groups_of_a_login_service_decide_for_who_is_in_them(hub):
    async def main():
        lists = {**GITHUB, "admins": ["admin"]}
        async with hub(**lists, allowedGroups=["o:a", "o:b"], adminGroups=["o:staff", "o:x"]) as first:
            tokens = {
                name: add(first, name, *groups, admin=admin)
                for name, admin, groups in (
                    ("ann", False, ["o:a"]),
                    ("ben", False, ["o:b"]),
                    ("sue", True, ["o:staff"]),
                    ("tom", True, ["o:x", "o:a"]),
                )
            }
        async with hub(**lists, allowedGroups=["o:a"], adminGroups=["o:staff"]) as second:

            def roles_of(name):
                return names(second.user(name).roles)

            assert (roles_of("ann"), roles_of("ben")) == (["user"], [])
            assert (roles_of("sue"), roles_of("tom")) == (["admin", "user"], ["user"])
            assert len(second.user("tom").api_tokens) == 1
            assert second.user("ben").api_tokens == []
            assert (await second.visitor().api(tokens["ben"]))[0] == 403
        # The service is asked for groups no more: what it said once gives nothing.
        async with hub(**lists, organizations=["o"]) as third:
            assert [group for user in third.app.db.query(orm.User) for group in user.groups] == []

    asyncio.run(main())


def test_people_whom_a_rule_let_in_log_in_anew_when_there_is_less_of_it(hub):
    async def main():
        lists = {**GITHUB, "admins": ["admin"]}
        async with hub(**lists, users=["lea"], organizations=["a", "b"]) as first:
            add(first, "ann")
            first.token("lea")
            server = first.start_server("ann")
        async with hub(**lists, users=["lea"], organizations=["a", "b", "c"]) as second:
            assert len(second.user("ann").api_tokens) == 2
        async with hub(**lists, organizations=["a", "b", "c"]) as third:
            # Out of the list, and perhaps in an organisation: only a login can tell.
            assert third.user("lea").api_tokens == []
            assert len(third.user("ann").api_tokens) == 2
        async with hub(**lists, organizations=["a"]) as fourth:
            (left,) = fourth.user("ann").api_tokens
            assert left.match(server)
            assert names(fourth.user("ann").roles) == []
            assert Servers.running == {"ann"}

    asyncio.run(main())


@pytest.mark.parametrize("users", [["alice"], ["alice", "old"]])
def test_tokens_that_an_administrator_made_for_others_go_with_the_right(hub, users):
    async def main():
        async with hub(users=["alice", "old"], admins=["admin", "old"]) as first:
            by = {name: first.token(name) for name in ("old", "admin", "alice")}
            made = {}
            for maker, owner, note in (
                ("old", "admin", "backup"),
                ("old", "alice", None),
                ("old", "alice", "n" * 1000),
                ("admin", "alice", "by user old?"),
                ("alice", "alice", "mine"),
            ):
                code, model = await first.visitor().api(
                    by[maker],
                    f"users/{owner}/tokens",
                    "POST",
                    **({"note": note} if note else {"roles": None}),
                )
                assert code == 201
                assert model["note"].endswith(f" by user {maker}") == (maker != owner)
                made[maker, owner, note] = model["token"]
        async with hub(users=users, admins=["admin"]) as second:
            for (maker, *_), token in made.items():
                assert (await second.visitor().api(token))[0] == (403 if maker == "old" else 200)
            assert (await second.visitor().api(by["alice"]))[0] == 200

    asyncio.run(main())


async def press(admin, path, **form):
    """What the button of the page with accounts answers; `form` instead of what the page has."""
    page = (await admin.ask("authorize")).body.decode()
    button = re.search(
        rf'action="[^"]*/hub/{path}">\s*<input type="hidden" name="_xsrf" value="([^"]+)"', page
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return (await admin.ask(path, "POST", urlencode(form or {"_xsrf": button[1]}), **headers)).code


def test_a_visit_to_an_address_approves_nobody(hub):
    async def main():
        async with hub(kind="native", admins=["admin"]) as started:
            native = started.app.authenticator
            for name in ("ann", "ben", "o'neil+x@a.org"):
                assert native.create_user(name, "a-long-password")
            started.app.db.commit()
            admin = started.visitor()
            assert await admin.log_in("admin", ADMIN)

            def approved():
                started.app.db.expire_all()
                return {one.username: one.is_authorized for one in started.app.db.query(UserInfo)}

            before = approved()
            same_site = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
            for path in ("authorize/ann", "discard/ann"):
                assert (await admin.ask(path, **same_site)).code == 302
                assert await press(admin, path, _xsrf="wrong") == 403
                assert await press(admin, path, none="") == 403
                ann = started.visitor()
                await ann.ask("login")
                assert (await ann.ask(path, "POST", "")).code == 403
            assert approved() == before
            assert not before["ann"]
            assert await press(admin, "authorize/ann") == 302
            assert await press(admin, "authorize/o%27neil%2Bx%40a.org") == 302
            assert await press(admin, "discard/ben") == 302
            assert approved() == {"admin": True, "ann": True, "o'neil+x@a.org": True}

    asyncio.run(main())


def test_members_of_a_group_that_goes_log_in_anew_where_another_rule_stands(hub):
    async def main():
        async with hub(**GITHUB, organizations=["chem"], allowedGroups=["uni:physics", "uni:art"]) as first:
            alice, bea = add(first, "alice", "uni:physics"), add(first, "bea", "uni:physics", "uni:art")
            by_rule = add(first, "carl", "uni:other")
        async with hub(**GITHUB, organizations=["chem"], allowedGroups=["uni:math", "uni:art"]) as second:
            codes = [(await second.visitor().api(token))[0] for token in (alice, bea, by_rule)]
            assert codes == [403, 200, 200]
            assert names(second.user("alice").roles) == []

    asyncio.run(main())


IDP = "https://idp.example.org/idp"


def test_an_identity_provider_alone_lets_nobody_in(hub):
    def cilogon(allowed=(), **auth):
        idps = {IDP: {"usernameClaim": "eppn", "allowedDomains": list(allowed)}}
        return hub(**{**GITHUB, "kind": "cilogon"}, idps=idps, **auth)

    async def main():
        async with cilogon(allowedGroups=["physics"]) as first:
            tokens = add(first, "alice", "physics"), add(first, "eve")
            first.start_server("alice")
        async with cilogon(users=["bob"]) as second:
            assert [(await second.visitor().api(token))[0] for token in tokens] == [403, 403]
            assert Servers.running == set()
        async with cilogon(["a.org", "b.org"], users=["bob"]) as third:
            token = add(third, "carl")
        async with cilogon(["a.org", "b.org", "c.org"]) as fourth:
            assert (await fourth.visitor().api(token))[0] == 200
        async with cilogon(["a.org"]) as fifth:
            assert (await fifth.visitor().api(token))[0] == 403

    asyncio.run(main())


def test_what_an_earlier_hub_remembered_is_read(hub):
    rights = {"users": ["lea"], "rules": ["allowed_organizations: a"], "bounds": "", "left": {}}

    async def main():
        async with hub(**GITHUB, organizations=["a"]) as first:
            tokens = add(first, "lea"), add(first, "ann")
            bounds = f"NamedGuarded{load(first.app.db).bounds}"
            row = json.dumps({**rights, "bounds": bounds})
            first.app.db.execute(text("UPDATE configured_rights SET rights = :row"), {"row": row})
            first.app.db.commit()
        async with hub(**GITHUB, organizations=["a"]) as second:
            assert [(await second.visitor().api(token))[0] for token in tokens] == [403, 200]

    asyncio.run(main())


def test_the_first_look_takes_no_approval(hub):
    async def main():
        native = {"kind": "native", "passwords": {"minimumLength": 8, "refuseCommon": False}}
        async with hub(**native, admins=["admin"]) as first:
            first.app.authenticator.create_user("ann", USER)
            first.app.authenticator.approve("ann", True)
            first.app.db.commit()
            assert await first.visitor().log_in("ann", USER)
            # Made an administrator on the hub's page, with a version that did not remember.
            first.user("ann").admin = True
            first.app.db.execute(text("DROP TABLE configured_rights"))
            first.app.db.commit()
        async with hub(**native, admins=["admin"]) as second:
            assert names(second.user("ann").roles) == ["user"]
            assert await second.visitor().log_in("ann", USER)
            assert second.user("ann").admin is False

    asyncio.run(main())


def test_an_approved_account_goes_with_its_name(hub):
    async def main():
        native = {"kind": "native", "passwords": {"minimumLength": 8, "refuseCommon": False}}
        async with hub(**native, admins=["admin", "old"]) as first:
            assert await first.visitor().log_in("old", ADMIN)
            first.app.authenticator.create_user("ann", USER)
            first.app.authenticator.approve("ann", True)
            token, kept = first.token("old"), add(first, "ann")
        async with hub(**native, admins=["admin"]) as second:
            assert not await second.visitor().log_in("old", ADMIN)
            assert (await second.visitor().api(token))[0] == 403
            assert (await second.visitor().api(kept))[0] == 200
            # An administrator withdraws an approval: on the page that is there for it.
            admin = second.visitor()
            assert await admin.log_in("admin", ADMIN)
            assert await press(admin, "authorize/ann") == 302
            assert (await second.visitor().api(kept))[0] == 403
        async with hub(**native, admins=["admin", "old"]) as third:
            assert await third.visitor().log_in("old", ADMIN)

    asyncio.run(main())


def test_what_stands_before_an_authenticator_changes_no_rule(raw, secrets):
    def rules(protected):
        settings = Settings.model_validate_json(json.dumps(raw))
        c = Config()
        traits.apply(c, settings, secrets)
        if protected:
            protection.protect(c, settings)
        chosen = c.JupyterHub.authenticator_class
        chosen = import_item(chosen) if isinstance(chosen, str) else chosen
        return Rules.of(chosen(config=c))

    assert rules(True) == rules(False)
    assert rules(True).bounds.startswith("SharedPassword ")


def test_an_authenticator_of_others_is_left_alone_but_for_the_lists(hub):
    class Everybody(Authenticator):
        async def authenticate(self, handler, data):
            return {"name": data["username"], "admin": data["username"] == "boss"}

        def check_allowed(self, username, authentication=None):
            return True

    def change(c):
        c.JupyterHub.authenticator_class = Everybody

    async def main():
        async with hub(change, users=["alice"], admins=["admin"]) as first:
            tokens = {name: first.token(name) for name in ("alice", "admin")}
            tokens |= {"boss": add(first, "boss", admin=True), "ann": add(first, "ann")}
        async with hub(change, users=["bob"], admins=["bob"]) as second:
            answers = {name: await second.visitor().api(token) for name, token in tokens.items()}
            assert {name: code for name, (code, _) in answers.items()} == {
                "alice": 403,
                "admin": 403,
                "boss": 200,
                "ann": 200,
            }
            assert answers["boss"][1]["admin"] is True

    asyncio.run(main())
