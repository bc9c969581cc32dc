"""The page that people see while what they ask for is away: the hub, a notebook server or a service.

It doesn't depend on the hub. Traefik comes here with page loads for which it got no connection: see .table.
"""

import base64
import hashlib
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

HEADER = "X-Away-Page"
"""Header of these answers, and of the page's own questions whether it is still needed."""

RETRY_AFTER = 3
"""Seconds."""

LARGEST_HEADER = 64 * 1024
"""Bytes of a header or an address: people's cookies come along, and nobody looks at them."""

_CONTROL_PANEL = '<p>If it has stopped, start it again in the <a href="$home">control panel</a>.</p>'

TEXTS = {
    "hub": (
        "JupyterHub is not available right now",
        "It may be restarting. Notebooks that are open keep running.",
        "",
    ),
    "user": (
        "This notebook server is not available right now",
        "It may be starting, or it has stopped.",
        _CONTROL_PANEL,
    ),
    "services": ("This service is not available right now", "It may be restarting.", ""),
}
"""Of each kind of route: title, text and link."""


def kind(routespec: str) -> str:
    """What is at a route, as the first part of the address at which there is its page."""
    parts = routespec.split("/")
    return next((part for part in parts[1:-1] if part in ("user", "services")), "hub")


class AwayPages:
    """@param hub: address of the hub's pages, with a slash at its end."""

    def __init__(self, hub: str):
        page = Path(__file__).with_name("away.html").read_text(encoding="utf-8")
        home = escape(f"{hub}home")
        self._pages = {
            kind: Template(page).substitute(title=title, text=text, link=Template(link).substitute(home=home))
            for kind, (title, text, link) in TEXTS.items()
        }
        self._headers = {
            HEADER: "yes",
            "Cache-Control": "no-store",
            "Retry-After": str(RETRY_AFTER),
            "Content-Security-Policy": "; ".join(
                [
                    "default-src 'none'",
                    _source(page, "style"),
                    _source(page, "script"),
                    "connect-src 'self'",
                    "base-uri 'none'",
                    "form-action 'none'",
                    "frame-ancestors 'self'",
                ]
            ),
        }

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    def run_beside(self, application: web.Application, host: str, port: int) -> None:
        """Serves at an address of its own while the other application runs."""

        async def while_it_runs(_: web.Application) -> AsyncIterator[None]:
            runner = web.AppRunner(
                self.application(),
                access_log=None,
                max_line_size=LARGEST_HEADER,
                max_field_size=LARGEST_HEADER,
            )
            await runner.setup()
            await web.TCPSite(runner, host, port).start()
            yield
            await runner.cleanup()

        application.cleanup_ctx.append(while_it_runs)

    async def _answer(self, request: web.Request) -> web.Response:
        page = self._pages.get(request.path.split("/")[1], self._pages["hub"])
        return web.Response(status=503, text=page, content_type="text/html", headers=self._headers)


def _source(page: str, element: str) -> str:
    """What the policy allows of an element: the content of the page's only one."""
    content = page.partition(f"<{element}>")[2].partition(f"</{element}>")[0]
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"{element}-src 'sha256-{digest}'"
