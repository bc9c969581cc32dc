"""Environment variables of a server: whose value wins, and what is filled in."""

import pytest

from jupyterhub_on_docker.config import Group, Person, Settings
from jupyterhub_on_docker.config.environment import Variables
from jupyterhub_on_docker.errors import SettingsError
from jupyterhub_on_docker.servers.environment import resolve, secret_values


def test_each_place_goes_over_the_ones_before_it():
    places = [Variables(environment={"A": "profile", "B": "profile"}), Variables(environment={"B": "person"})]
    assert resolve({"A": "all", "B": "all", "C": "all"}, places, "alice", {}) == {
        "A": "profile",
        "B": "person",
        "C": "all",
    }


def test_the_name_is_filled_in_as_it_is_and_nothing_else():
    common = {"A": "/data/{username}/{x}", "B": "{{username}}", "CALLED": len}
    place = Variables(environment={"C": "{username}:{username}"}, secrets={"D": "file"})
    assert resolve(common, [place], "al{x}ice", {"file": "{username}"}) == {
        "A": "/data/al{x}ice/{x}",
        "B": "{al{x}ice}",
        "CALLED": len,
        "C": "al{x}ice:al{x}ice",
        # A password may have any signs.
        "D": "{username}",
    }


def test_a_secret_goes_over_what_a_place_before_it_has_in_clear():
    places = [Variables(environment={"A": "clear"}), Variables(secrets={"A": "one"})]
    assert resolve({}, places, "alice", {"one": "hidden"}) == {"A": "hidden"}


def test_all_secrets_are_read_by_name(raw, secrets, tmp_path):
    raw["groups"] = {"physics": {"members": [], "folder": "none", "limits": {}, "secrets": {"A": "groups_1"}}}
    raw["users"] = {"alice": {"limits": {}, "secrets": {"A": "users_1"}}}
    settings = Settings.model_validate(raw)
    for name in ("groups_1", "users_1"):
        (secrets._folder / name).write_text(f"value of {name}\n")
    assert secret_values(settings, secrets) == {
        "groups_1": "value of groups_1",
        "users_1": "value of users_1",
    }
    (secrets._folder / "users_1").unlink()
    with pytest.raises(SettingsError, match="users_1: secret cannot be read"):
        secret_values(settings, secrets)


def test_settings_without_variables_have_none():
    assert Person.model_validate({"limits": {}}).environment == {}
    assert Group.model_validate({"members": [], "folder": "none", "limits": {}}).secrets == {}
