"""What the edge has the hub answer, and the list of paths that both have."""

import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyterhub import apihandlers
from jupyterhub import handlers as pages
from jupyterhub.handlers.login import LoginHandler
from tornado.web import HTTPError
from traitlets.utils.importstring import import_item

from helpers.hub import HubProcess
from helpers.logins import MINIMAL
from jupyterhub_on_docker.logins.guard import LoginGuard
from jupyterhub_on_docker.logins.lockout import HANDLERS
from jupyterhub_on_docker.logins.password_paths import PASSWORD_PATHS
from jupyterhub_on_docker.traits.auth import CLASSES, PACKAGE
from jupyterhub_on_docker.web.edge_pages import Lockouts


def takes_a_password(handler) -> bool:
    sources = (
        inspect.getsource(one.__dict__["post"])
        for one in handler.__mro__
        if "post" in one.__dict__ and one.__module__.partition(".")[0] != "tornado"
    )
    return issubclass(handler, LoginHandler) or any(
        re.search(r"password|self\.authenticate\(", source) for source in sources
    )


@pytest.mark.parametrize("kind", MINIMAL)
def test_every_handler_that_takes_a_password_is_in_the_list(kind):
    chosen = import_item(f"{PACKAGE}.{CLASSES[kind]}")
    guarded = type(
        "Guarded", (LoginGuard, chosen), {"__init__": lambda self: None, "more_handlers": HANDLERS}
    )
    found = [*guarded().get_handlers(None), *pages.default_handlers, *apihandlers.default_handlers]
    taking = {path for path, handler, *_ in found if inspect.isclass(handler) and takes_a_password(handler)}
    assert {"/login", "/api/users/([^/]+)/tokens"} <= taking
    if kind == "native":
        assert {"/signup", "/change-password", "/change-password/([^/]+)"} <= taking
    for path in taking:
        example = "hub" + path.replace("([^/]+)", "somebody")
        assert any(re.fullmatch(pattern, example) for pattern in PASSWORD_PATHS), path


def test_each_of_several_refusals_at_once_has_the_hubs_own_words():
    refused = Lockouts()
    alike = SimpleNamespace(headers={"User-Agent": "curl"})
    error = HTTPError(429, "Try again in 15 minutes.")
    for _ in range(3):
        refused.put(alike, error)
    assert [refused.take(alike) for _ in range(4)] == [error, error, error, None]
    for number in range(2 * Lockouts.KEPT):
        refused.put(SimpleNamespace(headers={"User-Agent": str(number)}), error)
    assert len(refused._refusals) == Lockouts.KEPT


def test_pages_of_the_edge(raw, secrets_folder, tmp_path):
    raw["hub"]["loginLockout"]["attempts"] = 2
    with HubProcess(tmp_path / "hub", raw, secrets_folder) as hub:
        page = hub.visitor().get("hub/too-many-logins?url=https://hub.example.org/base/hub/login")
        assert (page.status_code, page.headers["Retry-After"]) == (429, "60")
        assert "Too many attempts to log in from your network." in page.text
        assert page.headers["Content-Type"].startswith("text/html")
        call = hub.visitor().get("hub/too-many-logins?url=https://x/base/hub/api/users/ann/tokens")
        assert call.status_code == 429
        assert call.json()["message"].startswith("Too many attempts")

        # The hub's own lockout, of the same request and of no other.
        locked, other = hub.visitor(), hub.visitor()
        for _ in range(2):
            hub.visitor().log_in("ghost", "wrong")
        assert locked.log_in("ghost", "wrong").status_code == 429
        assert "from your network" in other.get("hub/too-many-logins").text
        again = locked.get("hub/too-many-logins")
        assert "Too many failed logins. Try again in 15 minutes." in again.text
        assert int(again.headers["Retry-After"]) > 800
        assert "from your network" in locked.get("hub/too-many-logins").text

        def body():
            for _ in range(150):
                yield bytes(1_000_000)

        for method, data in (("POST", b"".join(body())), ("PUT", body())):
            answer = hub.visitor().request(method, "hub/too-large", data=data)
            assert (answer.status_code, "edge.maxBodySize" in answer.text) == (413, True)
        for path in ("hub/login", "hub/api/users", "hub/nothing", "user/alice/x"):
            for data in (body(), bytes(11 * 1024**2)):
                answer = hub.visitor().post(path, data=data)
                assert (answer.status_code, "edge.maxBodySize" in answer.text) == (413, True), path
        assert hub.visitor().post("hub/api/users", data=iter([b"{}"] * 3)).status_code == 403
        assert memory_of(hub) < 500
        assert "Traceback" not in hub.log


def memory_of(hub) -> float:
    """Most MB that the hub has had."""
    status = Path(f"/proc/{hub.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
