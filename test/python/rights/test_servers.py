"""Servers that their people lost a folder of."""

import asyncio

from helpers.hub import Servers


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
