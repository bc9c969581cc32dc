"""What Traefik is given of the routes that the hub notes, and what it is not."""

import json
import time

import pytest

from helpers.routes import ALICE, HUB, TARGETS, build, made, without_page_loads
from jupyterhub_on_docker.routes.table import LARGEST_TEXT, MOST, Refused, rule, target


def test_a_route_is_a_router_and_a_service():
    configuration, refused = made(ALICE)
    assert refused == []
    (router,) = configuration["http"]["routers"].items()
    (service,) = configuration["http"]["services"].items()
    # As the hub asks for them in Traefik's API.
    assert router[0] == "router__2Fuser_2Falice_2F"
    assert service[0] == "service__2Fuser_2Falice_2F"
    assert router[1] == {
        "rule": rule("/user/alice/"),
        "entryPoints": ["websecure"],
        "service": "service__2Fuser_2Falice_2F",
    }
    assert service[1] == {
        "loadBalancer": {"servers": [{"url": "http://10.200.12.7:8888"}], "passHostHeader": True}
    }


def test_without_routes_it_is_nothing():
    assert made() == ({}, [])


EVIL = {
    "priority": 9_999_999,
    "rule": "PathPrefix(`/`)",
    "middlewares": ["edge@file"],
    "service": "api@internal",
    "entryPoints": ["api"],
    "tls": {"options": "default"},
}


def test_nothing_else_that_the_hub_writes_reaches_traefik():
    plain = made(ALICE, HUB)
    assert made({**ALICE, **EVIL, "data": EVIL}, {**HUB, **EVIL}) == plain
    text = json.dumps(plain[0])
    for word in ("priority", "middlewares", "internal", "tls", "alice@"):
        assert word not in text


@pytest.mark.parametrize(
    "routespec",
    [
        "",
        "user/alice",
        "/user/alice",
        "/user/eve`) || method(`post/",
        "/user/eve%60)%20||%20PathPrefix(%60/",
        '/user/"/',
        "/user/{{ env }}/",
        "/user/a\nb/",
        "hub`.example.org/",
        "a||b/",
        "/" + "x" * 9000 + "/",
        None,
        7,
        ["/"],
        {},
    ],
)
def test_a_route_that_is_no_path_is_left_out_and_said(routespec):
    configuration, refused = made({**ALICE, "routespec": routespec}, HUB)
    assert len(configuration["http"]["routers"]) == 1, "the others are served"
    assert len(refused) == 1


@pytest.mark.parametrize("route", [None, 7, "x", [], {}, {"target": "http://hub:8081"}])
def test_what_is_no_route_is_left_out(route):
    assert made(route) == ({}, [f"'0': {made(route)[1][0].partition(': ')[2]}"])


@pytest.mark.parametrize("noted", [None, [], "x", 7])
def test_what_is_no_map_of_routes_is_none(noted):
    assert build(noted) == ("{}", [])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://10.200.12.7:8888", "http://10.200.12.7:8888"),
        ("http://10.200.12.7:8888/user/alice/?x#y", "http://10.200.12.7:8888"),
        ("http://hub:8081", "http://hub:8081"),
        ("https://report", "https://report"),
        ("http://jh-user-alice:8888", "http://jh-user-alice:8888"),
        ("http://jh-user-a-2eb--gpu:8888", "http://jh-user-a-2eb--gpu:8888"),
    ],
)
def test_routes_lead_to_servers_the_hub_and_its_services(url, expected):
    assert target(url, TARGETS) == expected


@pytest.mark.parametrize(
    "url",
    [
        # The cloud's metadata, Traefik itself, the host, a database, somebody else's server.
        "http://169.254.169.254",
        "http://127.0.0.1:8098",
        "http://[::1]:8098",
        "http://[::ffff:10.200.12.7]:8888",
        "http://localhost:8099",
        "http://proxy-api:8099",
        "http://10.200.8.1:22",
        "http://10.200.8.3:8443",
        "http://database:5432",
        "http://docker-filter:2375",
        "http://jh-hub:8081",
        "http://192.0.2.1",
        "http://example.org",
        "http://hub.example.org",
        # Names of anybody's that begin as a server's, and other ports of servers.
        "http://jh-user-x.evil.example:8888",
        "http://jh-user-.169.254.169.254.nip.io:8888",
        "http://jh-user-:8888",
        "http://jh-user-x_y:8888",
        "http://jh-user-x.:8888",
        f"http://jh-user-{'x' * 56}:8888",
        "http://jh-user-alice:22",
        "http://jh-user-alice",
        "http://10.200.12.7:22",
        "http://10.200.12.7",
        # And what is none.
        "http://0x0ac80c07:8888",
        "http://hub@169.254.169.254",
        "http://hub:8081@169.254.169.254",
        "http://hub:x",
        "http://hub:99999",
        "http:///x",
        "ftp://hub",
        "unix:///x",
        "file:///etc/passwd",
        "http://hub\\.evil",
        "http://[hub]",
        "hub",
        "",
        "{{ env }}",
    ],
)
def test_and_nowhere_else(url):
    with pytest.raises(Refused):
        target(url, TARGETS)


def test_with_configuration_in_python_they_may_lead_anywhere():
    assert target("http://192.0.2.1:80/x", None) == "http://192.0.2.1:80"
    assert target("https://[2001:db8::1]:443", None) == "https://[2001:db8::1]:443"
    with pytest.raises(Refused):
        target("file:///etc/passwd", None)


def test_routes_are_bounded():
    many = {str(at): {**ALICE, "routespec": f"/user/u{at}/"} for at in range(MOST + 5)}
    text, refused = build(many)
    assert len(without_page_loads(json.loads(text))["http"]["routers"]) == MOST
    assert len(refused) == 5


@pytest.mark.parametrize("character", ["!", "%20", "'", "%C3%A9"])
def test_what_a_hub_that_was_taken_over_notes_is_no_load(character):
    """A quarter of what is read of it, of characters that are escaped."""
    path = character * (8000 // len(character))
    many = {str(at): {**ALICE, "routespec": f"/{at}/{path}/"} for at in range(250)}
    began = time.process_time()
    text, _ = build(many)
    assert len(text) <= LARGEST_TEXT
    assert time.process_time() - began < 3, "it took seven seconds"


def test_the_text_is_bounded():
    many = {str(at): {**ALICE, "routespec": "/" + f"{at}%20".ljust(8000, "x") + "/"} for at in range(1500)}
    text, refused = build(many)
    assert len(text) <= LARGEST_TEXT
    assert len(refused) > 300
    assert "characters of routes" in refused[-1]


@pytest.mark.parametrize("name", ["{{ x }}", "a\nb", "é" * 50])
def test_names_of_routes_are_not_taken_over(name):
    assert build({name: ALICE}) == build({"0": ALICE})
