"""What the hub remembers of the configuration."""

import asyncio
import json

from sqlalchemy import text

from helpers.rights import GITHUB, add
from jupyterhub_on_docker.rights.memory import load


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
