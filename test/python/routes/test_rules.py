"""Rules for Traefik: whatever a name holds, it is never part of one."""

import json
import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterhub.utils import url_escape_path, url_path_join

from helpers.routes import build, without_page_loads
from jupyterhub_on_docker.routes import rules
from jupyterhub_on_docker.routes.aliases import alias

ATTACKS = [
    "z`)||hostregexp(`.",
    "eve`) || method(`post",
    'z")||HostRegexp(".',
    '\\")||HostRegexp(\\".',
    "corp\\xavier",
    "corp\\u0041",
    '{{env "HOME"}}',
    "a}}b{{",
    'x"\ny = 1',
    "\x7f",
    "\x00",
    "]\n[http.routers.evil]\nrule = 1",
    "100%",
    "%2f",
    "pat+jupyter@example.org",
    "o'brien",
    "王小明",
    "\U0001f600",
]

# Go's interpreted string literal in plain ASCII, without a character that could begin a template's command.
LITERAL = r'"(?:[A-Za-z0-9._~/@%:!$&\'()*+,;=-]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*"'
RULE = re.compile(rf"(?:\( PathPrefix\((?P<prefix>{LITERAL})\) \|\| Path\((?P<path>{LITERAL})\) \))")
HOST_RULE = re.compile(rf"Host\((?P<host>{LITERAL})\) && {RULE.pattern}")

text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40) | st.sampled_from(ATTACKS)
# Half a character, too: the file has to stay one whatever comes.
anything = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(ATTACKS)


def unquoted(literal: str) -> str:
    """What Go reads."""
    return re.sub(
        r"\\(?:x(..)|u(....)|U(........))",
        lambda found: chr(int(found[1] or found[2] or found[3], 16)),
        literal[1:-1],
    )


def compared(path: str) -> str:
    """The path of a request as Traefik 3.7 compares it: only what is reserved stays escaped."""
    reserved = ":/?#[]@!$&'()*+,;=%"
    return re.sub(
        r"(?:%[0-9A-F]{2})+",
        lambda found: "".join(quote(one, safe="") if one in reserved else one for one in unquote(found[0])),
        path,
    )


def route_of(name: str, server: str = "") -> str:
    return url_path_join("/base/user", url_escape_path(name), url_escape_path(server)) + "/"


@settings(max_examples=500)
@given(text, st.just("") | text)
def test_a_rule_is_for_the_path_of_a_route_and_nothing_else(name, server):
    route = route_of(name, server)
    found = RULE.fullmatch(rules.rule(route))
    assert found, rules.rule(route)
    assert unquoted(found["prefix"]) == compared(route)
    assert unquoted(found["path"]) == compared(route).rstrip("/")


@settings(max_examples=300)
@given(anything, anything)
def test_no_route_at_all_is_part_of_a_rule(host, path):
    host = host.replace("/", "")
    rule = rules.rule(f"{host}/{path}x/")
    assert (HOST_RULE if host else RULE).fullmatch(rule), rule
    assert rule.isascii()


def test_a_route_ends_with_a_slash():
    assert rules.rule("/") == 'PathPrefix("/")'
    assert rules.rule("/hub/") == '( PathPrefix("/hub/") || Path("/hub") )'
    with pytest.raises(ValueError, match="ends with /"):
        rules.rule("/user/x")


@settings(max_examples=200, deadline=None)
@given(st.lists(text, min_size=1, max_size=4, unique=True))
def test_everybody_has_one_router_and_one_service_in_what_traefik_is_given(names):
    noted = {
        str(at): {"routespec": route_of(name), "target": f"http://10.0.0.{at}:8888", "data": {"user": name}}
        for at, name in enumerate(names)
    }
    content, refused = build(noted, targets=None)
    assert refused == []
    # Traefik reads it as YAML, which has other escapes for characters than JSON.
    assert content.isascii()
    assert not re.search(r"(?<!\\)\\u", content)
    http = without_page_loads(json.loads(content))["http"]
    found = [RULE.fullmatch(router["rule"]) for router in http["routers"].values()]
    assert sorted(unquoted(one["prefix"]) for one in found) == sorted(
        compared(route_of(name)) for name in names
    )
    assert len(http["services"]) == len(names)


@pytest.mark.parametrize("name", [*ATTACKS, "\U0001f600" * 255], ids=ascii)
def test_a_name_from_before_the_rule_is_quoted_and_takes_nobody_elses_route(name):
    noted = {"a": {"routespec": route_of(name, name), "target": "http://10.0.0.1:8888"}}
    content, refused = build(noted, targets=None)
    assert refused == []
    (router,) = without_page_loads(json.loads(content))["http"]["routers"].values()
    assert RULE.fullmatch(router["rule"])


@settings(max_examples=100)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=255))
def test_no_name_is_too_long_a_key_for_traefik(name):
    """One key of more than 1,024 characters, and Traefik would read none of the routes."""
    for kind in ("router", "service"):
        made = alias(route_of(name, name), kind)
        assert len(made) <= 1000
        assert made != alias(route_of(name), kind)
    content, _ = build({"a": {"routespec": route_of(name), "target": "http://a"}}, targets=None)
    assert max(len(key) for key in json.loads(content)["http"]["routers"]) <= 1000
