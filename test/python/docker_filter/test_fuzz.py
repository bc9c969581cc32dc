"""The filter against whatever may be sent: what passes is what the spawner asks for, and nothing is a 5xx.

What the real spawners ask is the pattern; an oracle that knows nothing of the filter's says which changes of
it mean the same. `FUZZ=20000 bash test/python/run test/python/docker_filter/test_fuzz.py` tries more.
"""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import asked
from helpers.fuzz import fuzzed
from helpers.oracle import container_means_the_same, service_means_the_same, strictly
from jupyterhub_on_docker.docker_filter.denied import Denied
from jupyterhub_on_docker.docker_filter.policy import Policy
from jupyterhub_on_docker.docker_filter.services import ServicePolicy
from jupyterhub_on_docker.docker_filter.settings import FilterSettings
from jupyterhub_on_docker.servers.object_names import (
    folder_name,
    is_folder_name,
    is_server_name,
    is_server_of,
    is_volume_name,
    person_part,
    volume_name,
)
from jupyterhub_on_docker.servers.object_names import server as server_name

SETTINGS = FilterSettings.model_validate(asked.FILTER)
POLICY = Policy(SETTINGS)
SERVICES = ServicePolicy(SETTINGS, SETTINGS.swarm)


@pytest.fixture(scope="module")
def containers():
    return asked.containers()


@pytest.fixture(scope="module")
def service():
    return asked.service()


# What an attacker would write, what is nearly right, and what readers of JSON stumble over.
words = st.sampled_from(
    [
        *(
            "",
            ".",
            "..",
            "/",
            "0",
            "0:0",
            "1000:100",
            "host",
            "rw",
            "ro",
            "ALL",
            "jh-home-bob",
            "bob",
            "alpine",
        ),
        *("jh-home-..:/x", "/:/x", "jh-hub-data:/x:rw", "jh-home--41nn-40x:/x", "no-new-privileges:true"),
        *("\ud800", "a\x00b", "a\nb", "{username}", "local", "sha256:1234", "jh-notebooks", "é"),
    ]
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([2**63, -(2**63), 10**30, 1e308, 0.0, -0.0])
    | st.floats() | words | st.text(max_size=8),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(words | st.text(max_size=8), some, max_size=3),
    max_leaves=4,
)  # fmt: skip
keys = st.sampled_from(
    [
        *(
            "Privileged",
            "privileged",
            "Mounts",
            "Binds",
            "binds",
            "Volumes",
            "PidMode",
            "Cmd",
            "Env",
            "Image",
        ),
        *(
            "Devices",
            "CapAdd",
            "Hostname",
            "Links",
            "ExposedPorts",
            "Runtime",
            "DriverConfig",
            "Command",
            "Args",
        ),
        *(
            "org.jupyterhub.user",
            "traefik.enable",
            "max-size",
            "Secrets",
            "User",
            "ReadOnly",
            "Init",
            "Tty",
            "é",
        ),
    ]
)


@st.composite
def changes(draw):
    """One to three changes of a document: where, what, and with what."""
    count = draw(st.integers(1, 3))
    return [
        (
            draw(st.lists(st.integers(0, 40), max_size=6)),
            draw(st.sampled_from("sdia")),
            draw(keys),
            draw(junk),
        )
        for _ in range(count)
    ]


def change(document, edits):
    """The document with changes; each goes down from the top by numbers, which are taken modulo."""
    changed = copy.deepcopy(document)
    for path, what, key, value in edits:
        place, last = changed, None
        for number in path:
            inner = list(place) if isinstance(place, dict) else range(len(place))
            if not len(inner):
                break
            last = inner[number % len(inner)]
            if not isinstance(place[last], dict | list) or not place[last]:
                break
            if number is not path[-1]:
                place, last = place[last], None
        if what == "i" and isinstance(place, dict):
            place[key] = value
        elif what == "a" and isinstance(place, list):
            place.append(value)
        elif last is not None and ((isinstance(place, dict) and last in place) or isinstance(place, list)):
            if what == "d":
                del place[last]
            else:
                place[last] = value
    return changed


def accepted(check, *arguments):
    try:
        check(*arguments)
    except Denied:
        return False
    return True


@pytest.mark.parametrize("kind", ["server", "for_folders"])
@fuzzed
@given(edits=changes())
def test_a_container_passes_if_it_means_what_the_spawner_asks(containers, kind, edits):
    name, body = getattr(containers, kind)
    changed = change(body, edits)
    text = json.dumps(changed)
    passes = accepted(POLICY.create_container, name, text.encode())
    expected = "\\ud8" not in text and container_means_the_same(changed, body, kind == "for_folders")
    assert passes is expected, text
    if passes:
        assert json.loads(POLICY.create_container(name, text.encode())) == changed


@fuzzed
@given(edits=changes())
def test_a_service_passes_if_it_means_what_the_spawner_asks(service, edits):
    changed = change(service, edits)
    text = json.dumps(changed)
    expected = "\\ud8" not in text and service_means_the_same(changed, service)
    assert accepted(SERVICES.create, text.encode()) is expected, text


@fuzzed
@given(edits=changes(), which=st.integers(0, 20))
def test_a_volume_passes_if_it_is_the_spawners(containers, edits, which):
    body = containers.volumes[which % len(containers.volumes)]
    changed = change(body, edits)
    known = [
        {**one, "Labels": {**one["Labels"], "org.jupyterhub.role": "some"}} for one in containers.volumes
    ]
    seen = {"Driver": "local", **changed}
    if seen.get("DriverOpts") is None:
        seen["DriverOpts"] = {}
    role = (
        (changed.get("Labels") or {}).get("org.jupyterhub.role")
        if isinstance(changed.get("Labels"), dict)
        else 0
    )
    if role in ("home", "settings", "folder", "volume"):
        seen["Labels"] = {**changed["Labels"], "org.jupyterhub.role": "some"}
    expected = any(strictly(seen, one) for one in known)
    assert accepted(POLICY.create_volume, json.dumps(changed).encode()) is expected, changed


@fuzzed
@given(st.binary(max_size=300) | junk.map(lambda value: json.dumps(value).encode()))
def test_no_body_is_more_than_denied(body):
    for check in (
        POLICY.create_volume,
        SERVICES.create,
        lambda text: POLICY.create_container("jh-user-a", text),
    ):
        assert accepted(check, body) is False
    inspected = {"State": {"Status": "created"}, "Mounts": [{"Destination": "/home"}]}
    assert accepted(POLICY.give, inspected, "/", body) is False
    accepted(SERVICES.tasks, body.decode("latin-1"))


@fuzzed
@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=300))
def test_what_is_made_of_a_name_is_known_as_such(name):
    part = volume_name(name)
    assert is_volume_name(part)
    assert is_folder_name(folder_name(name))
    assert is_server_name(f"{person_part(name)}--{person_part(name)}")
    for own, ending in (("", ""), (name, f"--{person_part(name)}")):
        whole = f"jh-user-{person_part(name)}{ending}"
        for longest in (63, 255):
            rest = server_name(whole, "jh-user-", longest, name, own).removeprefix("jh-user-")
            assert is_server_name(rest)
            assert is_server_of(rest, "jh-user-", longest, name)
            assert len(rest) <= longest
