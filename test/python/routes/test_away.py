"""The page that people see while what they ask for is away."""

import asyncio
import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from aiohttp import ClientSession, web

from helpers.ports import free_port
from jupyterhub_on_docker.routes.away import AwayPages


def asked(path="/hub/hub/home", hub="/hub/", method="GET", **options):
    async def run():
        runner = web.AppRunner(web.Application())
        port = free_port()
        AwayPages(hub).run_beside(runner.app, "127.0.0.1", port)
        await runner.setup()
        try:
            async with (
                ClientSession() as session,
                session.request(method, f"http://127.0.0.1:{port}{path}", **options) as answer,
            ):
                return answer, await answer.text()
        finally:
            await runner.cleanup()

    return asyncio.run(run())


def test_is_an_answer_that_nobody_keeps_and_that_says_when_to_come_again():
    answer, page = asked()
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"] == "3"
    assert "JupyterHub is not available" in page
    assert "Notebooks that are open keep running." in page


@pytest.mark.parametrize("path", ["/hub/", "/hub/routes.json", "/hub/%2e%2e/x?a=%00", "/x", "/"])
def test_is_at_every_path(path):
    assert "JupyterHub is not available" in asked(path)[1]


def test_of_a_server_it_leads_to_the_control_panel():
    page = asked("/user/user/alice/lab", hub="/base/hub/")[1]
    assert "It may be starting, or it has stopped." in page
    assert '<a href="/base/hub/home">' in page
    elsewhere = asked("/user/user/alice/lab", hub="https://hub.example.org:8443/hub/")[1]
    assert '<a href="https://hub.example.org:8443/hub/home">' in elsewhere


def test_of_a_service_it_says_so():
    assert "This service is not available" in asked("/services/services/report/")[1]


def test_a_question_whether_it_is_still_needed_is_answered_without_it():
    answer, page = asked(method="HEAD", headers={"X-Away-Page": "check"})
    assert answer.status == 503
    assert answer.headers["X-Away-Page"] == "yes"
    assert page == ""


def test_large_cookies_are_no_hindrance():
    assert asked(headers={"Cookie": "a=" + "x" * 20_000})[0].status == 503


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", ["/hub/", "/user/", "/services/"])
def test_is_one_file_for_everybody(path):
    answer, text = asked(path)
    tags = Page(text).tags
    assert ("html", {"lang": "en"}) in tags
    assert [tag for tag, _ in tags].count("h1") == 1
    assert "<title>" in text
    assert any(attrs.get("role") == "status" for _, attrs in tags)
    # Without scripts it comes back, too.
    assert ("meta", {"http-equiv": "refresh", "content": "5"}) in tags
    # Nothing is loaded, and nothing of the request is in it.
    assert not any("src" in attrs or tag == "link" for tag, attrs in tags)
    assert "$" not in text
    policy = answer.headers["Content-Security-Policy"]
    for element in ("style", "script"):
        (content,) = re.findall(f"<{element}>(.*?)</{element}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not any(name.startswith("on") or name == "style" for _, attrs in tags for name in attrs)
