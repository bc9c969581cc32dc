"""Groups, roles and tokens of services that leave the configuration."""

import asyncio

from jupyterhub import orm

from helpers.rights import GITHUB, USER, add, names


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
