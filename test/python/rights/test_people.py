"""Rules that let people in, and what is left when one goes."""

import asyncio
import json

from jupyterhub.auth import Authenticator
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from helpers.hub import Servers
from helpers.rights import GITHUB, add, names
from jupyterhub_on_docker import traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.logins import protection
from jupyterhub_on_docker.rights.people import Rules


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
