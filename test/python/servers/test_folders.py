"""Names that stay where they belong, groups, and what is mounted in whose server."""

import json
import posixpath
import random
import re
from pathlib import Path

import pytest

from jupyterhub_on_docker.config import Group, Settings
from jupyterhub_on_docker.servers.folders import Mount, Person, inside, mounts_of, outside
from jupyterhub_on_docker.servers.groups import groups_of
from jupyterhub_on_docker.servers.lost import lost_folders
from jupyterhub_on_docker.servers.object_names import (
    LONGEST,
    LONGEST_SERVER,
    LONGEST_SERVICE,
    folder_name,
    is_server_of,
    person_part,
    personal,
    server,
    volume_name,
)

TREE = {"volume": None, "tree": "/srv/tree"}


# `cli/home/names.ts` is held to the same names.
HOMES = json.loads((Path(__file__).parents[2] / "fixtures" / "homes.json").read_text())


@pytest.mark.parametrize("home", HOMES, ids=lambda home: ascii(home["name"])[:20])
def test_names_of_homes_and_servers(home):
    name, part = home["name"], home["part"]
    assert person_part(name) == part
    assert folder_name(name) == home["folder"]
    assert personal("jh-home-{username}", name) == home["volume"]
    for kind, longest in (("container", LONGEST_SERVER), ("service", LONGEST_SERVICE)):
        assert server(f"jh-user-{part}", "jh-user-", longest, name, "") == home[kind]


def names():
    """Names that people could think of, the bad ones more often than by chance."""
    source = random.Random(1)
    parts = ["a", "B", "..", ".", "/", "-", "--", "~", "%", "%2F", ":", "\0", "é", "日", " ", "{x}", "x" * 90]
    yield from parts
    for _ in range(5000):
        yield "".join(source.choices(parts, k=source.randint(1, 6)))


def test_no_name_leads_out_of_its_folder_and_no_two_are_one():
    of_folders, of_volumes = {}, {}
    for name in names():
        folder, volume = folder_name(name), volume_name(name)
        assert posixpath.normpath(f"/tree/users/{folder}") == f"/tree/users/{folder}"
        assert posixpath.dirname(f"/tree/users/{folder}") == "/tree/users"
        assert re.fullmatch(r"[A-Za-z0-9_.~%-]+", folder)
        assert re.fullmatch(r"[a-z0-9-]+", volume)
        assert max(len(folder), len(volume)) <= LONGEST
        assert of_folders.setdefault(folder, name) == name
        assert of_volumes.setdefault(volume, name) == name


def test_no_two_people_have_one_volume_or_server():
    prefix = f"{'s' * 31}-user-"
    volumes, servers = {}, {}
    long = [*("x" * length for length in range(185, 256)), "王" * 255, "王" * 254, "\U0001f600" * 255]
    for name in [*names(), *long]:
        part = person_part(name)
        volume = personal("jh-home-{username}", name)
        assert len(volume) <= 255
        assert volumes.setdefault(volume, name) == name
        if len(f"jh-home-{part}") <= 255:
            # As it always was: a home is not lost.
            assert volume == f"jh-home-{part}"
        for longest in (63, 255):
            # Also somebody whose own server is called as what a shortened name ends with.
            for own in ("", "lab", "h" + "a" * 20, "-h" + "a" * 20):
                whole = f"{prefix}{part}" + (f"--{person_part(own)}" if own else "")
                made = server(whole, prefix, longest, name, own)
                assert len(made) <= longest
                assert re.fullmatch(r"[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*", made)
                assert servers.setdefault((longest, made), (name, own)) == (name, own)
                assert is_server_of(made.removeprefix(prefix), prefix, longest, name)


def test_an_option_has_the_shortened_name_in_one_part_of_a_path_only():
    assert personal("addr=nfs,{username}:/export/{username}/x", "ann") == "addr=nfs,ann:/export/ann/x"
    parts = personal("/export/{username}/x", "王" * 255).split("/")
    assert [len(part) for part in parts] == [0, 6, 128, 1]


def test_no_name_is_no_folder():
    with pytest.raises(ValueError, match="expected a name"):
        folder_name("")


def group(*members, folder="none"):
    return Group.model_validate({"members": list(members), "folder": folder, "limits": {}})


def test_groups_are_those_of_the_settings_and_of_the_hub():
    groups = {"b": group("alice"), "a": group("bob"), "c": group()}
    assert groups_of(groups, "alice") == ["b"]
    assert groups_of(groups, "alice", ["c", "b", "unknown"]) == ["b", "c"]
    assert groups_of(groups, "nobody") == []


@pytest.fixture
def mounts(raw):
    """What is mounted, as `source:target:mode`."""

    def of(name="alice", *, admin=False, groups=()):
        settings = Settings.model_validate_json(json.dumps(raw))
        person = Person(name, volume_name(name), admin, groups)
        return [mount.bind for mount in mounts_of(settings.storage, settings.groups, person)]

    return of


def everything(raw):
    raw["storage"]["folders"] |= {"shared": True, "colab": True, "users": True}
    raw["storage"]["labSettings"] = {
        "volume": "jh-settings-{username}",
        "mountPath": "/home/jovyan/.jupyter/lab",
    }
    raw["groups"] = {
        "a": {"members": [], "folder": "read-only", "limits": {}},
        "b": {"members": [], "folder": "read-write", "limits": {}},
        "c": {"members": [], "folder": "none", "limits": {}},
    }


def test_a_home_is_all_that_there_is_by_default(mounts):
    assert mounts("Ann@x") == ["jh-home--41nn-40x:/home/jovyan:rw"]


def test_temporary_homes_are_in_no_volume_and_what_is_shared_is(raw, mounts):
    raw["storage"]["home"] = {"volume": None, "tree": None}
    assert mounts() == []
    everything(raw)
    assert mounts(groups=["b"]) == [
        "jh-folder-shared:/home/jovyan/shared:ro",
        "jh-folder-colab:/home/jovyan/colab:rw",
        "jh-settings-alice:/home/jovyan/.jupyter/lab:rw",
        "jh-folder-group-b:/home/jovyan/groups/b:rw",
    ]


def test_a_tree(raw, mounts):
    everything(raw)
    raw["storage"]["home"] = TREE
    raw["storage"]["mountPath"] = raw["storage"]["folders"]["path"] = "/home/jovyan/mine"
    assert mounts(groups=["a", "b", "c"]) == [
        "/srv/tree/users/alice:/home/jovyan/mine:rw",
        "/srv/tree/user-settings/alice:/home/jovyan/.jupyter/lab:rw",
        "/srv/tree/shared:/home/jovyan/mine/shared:ro",
        "/srv/tree/colab:/home/jovyan/mine/colab:rw",
        "/srv/tree/groups/a:/home/jovyan/mine/groups/a:ro",
        "/srv/tree/groups/b:/home/jovyan/mine/groups/b:rw",
    ]
    assert mounts("root", admin=True, groups=["a"]) == [
        "/srv/tree/users/root:/home/jovyan/mine:rw",
        "/srv/tree/user-settings/root:/home/jovyan/.jupyter/lab:rw",
        "/srv/tree/shared:/home/jovyan/mine/shared:rw",
        "/srv/tree/colab:/home/jovyan/mine/colab:rw",
        "/srv/tree/users:/home/jovyan/mine/users:rw",
        "/srv/tree/groups/a:/home/jovyan/mine/groups/a:rw",
    ]


def test_nobody_but_admins_has_anothers_home(raw, mounts):
    everything(raw)
    for home in (raw["storage"]["home"], TREE):
        raw["storage"]["home"] = home
        for name in ("alice", "../bob", "..", "users", "bob/../alice", "a:/etc:rw"):
            own = {bind for bind in mounts(name, groups=["a", "b"])}
            others = {bind for bind in mounts("bob", groups=["a", "b"])}
            common = {bind.split(":")[0] for bind in own} & {bind.split(":")[0] for bind in others}
            assert not any(
                "home" in source or "users/" in source or "settings" in source for source in common
            )
            assert all(bind.count(":") == 2 for bind in own)


def test_volumes_that_drivers_bring(raw, mounts):
    def volume(name, path, groups=None, read_only=False, **options):
        return {
            "volume": {"name": name, "driver": "local", "options": options},
            "mountPath": path,
            "readOnly": read_only,
            "groups": groups,
        }

    raw["groups"] = {"a": {"members": [], "folder": "none", "limits": {}}}
    raw["storage"]["volumes"] = [
        volume("datasets", "/data", read_only=True),
        volume("nfs-{username}", "/home/jovyan/nfs", device=":/export/{username}/{x}", o="a={b}"),
        volume("lab", "/lab", groups=["a"]),
    ]
    assert mounts() == [
        "datasets:/data:ro",
        "jh-home-alice:/home/jovyan:rw",
        "nfs-alice:/home/jovyan/nfs:rw",
    ]
    assert "lab:/lab:rw" in mounts(groups=["a"])
    settings = Settings.model_validate_json(json.dumps(raw))
    person = Person("alice", "alice", False, [])
    found = {mount.source: mount for mount in mounts_of(settings.storage, settings.groups, person)}
    assert found["nfs-alice"].volume.options == {"device": ":/export/alice/{x}", "o": "a={b}"}
    assert found["nfs-alice"].volume.personal
    assert not found["datasets"].volume.personal
    # What options lead to has an owner of its own.
    assert {source: mount.mode for source, mount in found.items()} == {
        "datasets": 0o775,
        "jh-home-alice": 0o700,
        "nfs-alice": None,
    }


def test_places_for_mounts_in_mounts_and_on_the_way():
    work = Mount("home", "/home/jovyan/mine")
    mounts = [
        work,
        Mount("shared", "/home/jovyan/mine/shared"),
        Mount("x", "/home/jovyan/mine/groups/x"),
        Mount("y", "/home/jovyan/mine/groups/x/y"),
        Mount("lab", "/home/jovyan/.jupyter/lab"),
    ]
    assert inside(mounts, work) == ["groups", "groups/x", "shared"]
    assert inside(mounts, mounts[2]) == ["y"]
    assert inside(mounts, mounts[1]) == []
    assert outside(mounts) == ["/home", "/home/jovyan", "/home/jovyan/.jupyter"]


def test_folders_of_a_server_that_would_get_them_no_more(raw):
    """Those of groups, of administrators and of volumes for groups: nothing that nobody has any more."""
    everything(raw)
    raw["storage"]["home"] = TREE
    volume = {"name": "jh-data", "driver": "local", "options": {}}
    extra = {"volume": volume, "mountPath": "/data", "readOnly": False, "groups": ["a"]}
    raw["storage"]["volumes"] = [extra, {**extra, "volume": {**volume, "name": "jh-all"}, "groups": None}]
    settings = Settings.model_validate_json(json.dumps(raw))

    def person(admin=False, groups=("a", "b")):
        return Person("alice", "alice", admin, groups)

    before = mounts_of(settings.storage, settings.groups, person(admin=True))
    held = {mount.source: not mount.read_only for mount in before} | {
        "jh-old": True,
        "/srv/old/groups/a": True,
    }
    assert lost_folders(settings, person(admin=True), held) == []
    of_admins = ["/srv/tree/groups/a", "/srv/tree/shared", "/srv/tree/users"]
    assert lost_folders(settings, person(), held) == of_admins
    assert lost_folders(settings, person(groups=("b",)), held) == [*of_admins, "jh-data"]
    raw["storage"]["folders"] |= {"shared": False, "colab": False}
    settings = Settings.model_validate_json(json.dumps(raw))
    assert lost_folders(settings, person(), held) == ["/srv/tree/groups/a", "/srv/tree/users"]
