"""Tokens that somebody made for others."""

import asyncio

import pytest


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
