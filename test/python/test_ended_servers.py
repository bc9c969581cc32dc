"""What a person and an administrator are told of a server that did not start or was lost: on the real hub."""

import asyncio
import html
import json

import pytest

from helpers.hub import Routes
from helpers.hub_on_engine import add
from jupyterhub_on_docker.servers import kept, listening

NAME = "jh-user-alice"


@pytest.fixture(autouse=True)
def listens(monkeypatch):
    async def wait(_address, _port, _poll):
        return None

    monkeypatch.setattr(listening, "wait", wait)


@pytest.fixture
def alice(hub, raw):
    """Starts a hub, and gives it with alice's browser."""
    raw["hub"]["stack"] = "dev"

    async def logged_in(started):
        visitor = started.visitor()
        assert await visitor.log_in("alice", "user-password")
        return visitor

    return logged_in


async def page(visitor, path):
    answer = await visitor.ask(path)
    return answer.code, html.unescape(answer.body.decode())


def record(tmp_path):
    return json.loads((tmp_path / "data" / kept.FOLDER / f"{NAME}.json").read_text())


def test_an_image_that_is_gone_is_told_on_the_page_and_in_the_log(hub, alice, engine, caplog, tmp_path):
    engine.image = None

    async def main():
        async with hub() as started:
            visitor = await alice(started)
            code, shown = await page(visitor, "spawn")
            assert code == 500
            assert "500 : Your server did not start" in shown
            told = "The image that your server is started from is missing. Ask an administrator."
            assert told in shown
            assert "sha256:" not in shown
            # The same at its address, where a bookmark leads, on the home page and over the API.
            code, shown = await page(visitor, "spawn-pending/alice")
            assert code == 500
            assert told in shown
            assert told in (await page(visitor, "home"))[1]
            admin = started.user("admin").new_api_token()
            code, answer = await visitor.api(admin, "users/alice/server", method="POST")
            assert (code, answer["message"]) == (500, told)

    asyncio.run(main())
    assert (
        "The server of alice did not start: no such image: sha256:1234. It was removed from the Docker host. "
        "Build or pull it again: ./up dev. More: ./hub logs alice --previous --stack dev"
    ) in caplog.text
    assert record(tmp_path)["started"] is False


def test_a_server_killed_for_memory_is_told_to_both_and_its_log_is_kept(hub, alice, engine, caplog, tmp_path):
    add(engine)
    engine.containers[NAME]["HostConfig"] = {"Memory": 600 * 1024**2}
    engine.said = "".join(f"line {number}\n" for number in range(500))
    told = "Your server was killed because it used all of its memory (600 MiB)."

    async def main():
        async with hub() as started:
            visitor = await alice(started)
            assert told not in (await page(visitor, "home"))[1]
            engine.end(NAME, 137, OOMKilled=True)
            # The page looks at the server, as does the hub by itself every half a minute.
            await page(visitor, "home")
            assert told in (await page(visitor, "home"))[1]
            # What follows a link to the server, or has JupyterLab open and reloads it.
            code, shown = await page(visitor, "user/alice/lab")
            assert code == 424
            assert told in shown
            assert NAME not in engine.containers
            assert "/base/user/alice/" not in Routes.table
        # The next hub knows of it, too.
        async with hub() as started:
            assert told in (await page(await alice(started), "home"))[1]

    asyncio.run(main())
    assert "User alice server stopped with exit code: killed for memory" in caplog.text
    assert "Its last lines: ./hub logs alice --previous --stack dev" in caplog.text
    kept_log = record(tmp_path)["log"]
    assert (kept_log[0], kept_log[-1], len(kept_log)) == ("line 300", "line 499", 200)


def test_what_ended_while_the_hub_was_down_is_told(hub, alice, engine):
    add(engine)

    async def main():
        async with hub():
            pass
        engine.end(NAME, 1)
        async with hub() as started:
            shown = (await page(await alice(started), "home"))[1]
            assert "Your server ended with an error (exit code 1)." in shown

    asyncio.run(main())
    assert engine.containers == {}


def test_a_container_that_somebody_removed_is_told(hub, alice, engine):
    add(engine)

    async def main():
        async with hub() as started:
            visitor = await alice(started)
            del engine.containers[NAME]
            await page(visitor, "home")
            assert "Your server is gone: its container was removed." in (await page(visitor, "home"))[1]

    asyncio.run(main())


def test_a_server_that_was_stopped_keeps_its_log_and_says_nothing(hub, alice, engine, tmp_path):
    add(engine)

    async def main():
        async with hub() as started:
            visitor = await alice(started)
            admin = started.user("admin").new_api_token()
            assert (await visitor.api(admin, "users/alice/server", method="DELETE"))[0] == 204
            assert "server-notice" not in (await page(visitor, "home"))[1]

    asyncio.run(main())
    assert record(tmp_path)["detail"].startswith("stopped by the hub")
    assert record(tmp_path)["log"] == ["a line"]


def test_a_hook_of_the_configuration_that_fails_is_told(hub, alice, raw, tmp_path, caplog):
    (tmp_path / "extra.py").write_text(
        "def hook(spawner):\n    raise RuntimeError('<b>team</b> unknown')\nc.Spawner.pre_spawn_hook = hook\n"
    )
    raw["hub"]["extraConfig"] = {"path": str(tmp_path / "extra.py"), "secrets": {}}

    async def main():
        async with hub() as started:
            shown = (await page(await alice(started), "spawn"))[1]
            assert "because of an error in this hub's own configuration" in shown
            assert "team" not in shown

    asyncio.run(main())
    assert "hub.extraConfig: line 2: RuntimeError: <b>team</b> unknown" in caplog.text


def test_who_still_has_an_older_image_is_told_on_the_home_page(hub, alice, engine):
    engine.image = f"sha256:{'0' * 64}"
    add(engine)
    told = "Your server runs an older image. Stop it and start it again to get the new one."

    async def main():
        async with hub() as started:
            visitor = await alice(started)
            assert told in (await page(visitor, "home"))[1]
            # As JupyterLab asks for it.
            assert json.loads((await visitor.ask("server-notices?user=alice")).body) == {"notices": [told]}
            assert json.loads((await visitor.ask("server-notices?user=bob")).body) == {"notices": []}
            assert (await started.visitor().ask("server-notices")).code == 403
            engine.containers[NAME]["Image"] = "sha256:1234"
            assert told not in (await page(visitor, "home"))[1]

    asyncio.run(main())
