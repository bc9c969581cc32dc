"""Page loads for which Traefik gets no connection lead to a page; nothing else does."""

import json

import pytest

from helpers.routes import ALICE, HUB, build, made
from jupyterhub_on_docker.routes import page_loads
from jupyterhub_on_docker.routes.table import rule


@pytest.fixture
def http():
    text, _ = build({"0": HUB, "1": ALICE})
    return json.loads(text)["http"]


def test_one_router_takes_page_loads_and_has_no_target(http):
    router = http["routers"]["page-loads"]
    assert router == {
        "rule": page_loads.RULE,
        "priority": 1_000_000,
        "entryPoints": ["websecure"],
        "middlewares": ["page-loads"],
    }
    assert "POST" not in router["rule"]
    assert http["middlewares"] == {"page-loads": {"retry": {"attempts": 8}}}, "no status is tried again"


def test_below_it_each_route_has_a_router_and_a_service_of_its_own(http):
    below = {name: router for name, router in http["routers"].items() if "parentRefs" in router}
    assert below == {
        "page-0": {"rule": rule("/"), "parentRefs": ["page-loads"], "service": "page-0"},
        "page-1": {"rule": rule("/user/alice/"), "parentRefs": ["page-loads"], "service": "page-1"},
    }
    balancer = http["services"]["page-1"]["loadBalancer"]
    assert balancer["servers"] == [
        {"url": "http://10.200.12.7:8888", "weight": 10**15},
        {"url": "http://routes:8095/user", "weight": 1, "preservePath": True},
    ]
    assert balancer["passiveHealthCheck"] == {"maxFailedAttempts": 1, "failureWindow": "10ms"}
    assert balancer["serversTransport"] in http["serversTransports"]


def test_other_requests_never_get_there(http):
    others = [name for name, router in http["routers"].items() if not name.startswith("page-")]
    assert len(others) == 2
    for name in others:
        (server,) = http["services"][http["routers"][name]["service"]]["loadBalancer"]["servers"]
        assert server["url"] in (HUB["target"], ALICE["target"])


@pytest.mark.parametrize(
    ("routespec", "expected"),
    [
        ("/", "hub"),
        ("/base/", "hub"),
        ("hub.example.org/", "hub"),
        ("/user/alice/", "user"),
        ("/base/user/alice/gpu/", "user"),
        ("alice.hub.example.org/user/alice/", "user"),
        ("/services/report/", "services"),
        ("/services/user/", "services"),
        ("/user/services/", "user"),
    ],
)
def test_the_page_knows_what_is_away(routespec, expected):
    text, _ = build({"0": {**ALICE, "routespec": routespec}})
    page = json.loads(text)["http"]["services"]["page-0"]["loadBalancer"]["servers"][1]["url"]
    assert page == f"http://routes:8095/{expected}"


def test_size_is_what_it_is_counted_as():
    """So that the text stays under its bound."""
    text, _ = build({"0": ALICE})
    assert made(ALICE)[1] == []
    without = json.loads(text)
    for kind in ("routers", "services"):
        del without["http"][kind]["page-0"]
    more = len(text) - len(json.dumps(without))
    assert more - len(rule("/user/alice/")) - len(ALICE["target"]) < page_loads.SIZE
