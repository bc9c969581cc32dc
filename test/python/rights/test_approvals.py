"""Accounts of the hub's own, and who approves them."""

import asyncio
import re
from urllib.parse import urlencode

from nativeauthenticator.orm import UserInfo
from sqlalchemy import text

from helpers.rights import ADMIN, USER, add, names


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
