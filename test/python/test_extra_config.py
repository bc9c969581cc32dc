"""The administrator's own configuration: it comes last, and what is wrong with it is told with its line."""

import json

import pytest
from traitlets.config import Config

from jupyterhub_on_docker import extra_config, traits
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import SettingsError


@pytest.fixture
def given(raw, tmp_path):
    """Settings with an extra configuration."""

    def make(text, secrets=None):
        path = tmp_path / "extra_config.py"
        path.write_text(text)
        raw["hub"]["extraConfig"] = {"path": str(path), "secrets": secrets or {}}
        return Settings.model_validate_json(json.dumps(raw))

    return make


def test_it_changes_what_the_settings_set(given, secrets):
    settings = given("c.JupyterHub.log_level = 'DEBUG'\nget_config().Spawner.default_url = '/tree'\n")
    c = Config()
    traits.apply(c, settings, secrets)
    extra_config.run(c, settings, secrets)
    assert c.JupyterHub.log_level == "DEBUG"
    assert c.Spawner.default_url == "/tree"


def test_it_is_a_module_like_any_other(given, secrets):
    """Functions see what is beside them; annotations and classes work."""
    text = (
        "import math\nfactor = 2\ndef area(r: float):\n    return factor * math.floor(r)\nc.A.b = area(2.5)\n"
    )
    c = Config()
    extra_config.run(c, given(text), secrets)
    assert c.A.b == 4


def test_none_is_none(settings, secrets):
    c = Config()
    extra_config.check(settings)
    extra_config.run(c, settings, secrets)
    assert c == Config()


def test_secrets_by_name(given, secrets, secrets_folder):
    (secrets_folder / "hub_extra_config_secrets_word").write_text("open sesame\n")
    settings = given("c.A.b = secret('word')", {"word": "hub_extra_config_secrets_word"})
    c = Config()
    extra_config.run(c, settings, secrets)
    assert c.A.b == "open sesame"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c.A.b = 1\nif True print(1)\n", r"^hub\.extraConfig: .*/extra_config\.py: line 2: "),
        ("x = '\0'", r"^hub\.extraConfig: .*: .*null bytes"),
    ],
)
def test_a_syntax_error_is_told_before_anything_starts(given, text, message):
    with pytest.raises(SettingsError, match=message):
        extra_config.check(given(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n\nc.A.b = nothing\n", "line 3: NameError: name 'nothing' is not defined"),
        ("def f():\n    import no_such_package\nf()\n", "line 2: ModuleNotFoundError: No module named"),
        ("secret('a')", r"line 1: KeyError: .*no secret 'a' in hub.extraConfig.secrets \(there are: none\)"),
    ],
)
def test_what_it_raises_is_told_with_its_line(given, secrets, text, message):
    with pytest.raises(SettingsError, match=message):
        extra_config.run(Config(), given(text), secrets)


def test_a_file_that_is_not_there(given, tmp_path):
    settings = given("")
    (tmp_path / "extra_config.py").unlink()
    with pytest.raises(SettingsError, match=r"extra_config\.py: cannot be read: No such file"):
        extra_config.check(settings)


@pytest.fixture
def given_parts(raw, tmp_path):
    """Settings with an extra configuration of several parts, by name."""

    def make(**parts):
        folder = tmp_path / "extra_config"
        folder.mkdir()
        for name, text in parts.items():
            (folder / f"{name}.py").write_text(text)
        raw["hub"]["extraConfig"] = {"path": str(folder), "secrets": {}}
        return Settings.model_validate_json(json.dumps(raw))

    return make


def test_parts_run_one_after_the_other_by_name_each_with_names_of_its_own(given_parts, secrets):
    settings = given_parts(
        b="c.A.order = [*c.A.order, 'b']\nc.A.sees = 'own' in globals()", a="own = 1\nc.A.order = ['a']"
    )
    c = Config()
    extra_config.run(c, settings, secrets)
    assert c.A.order == ["a", "b"]
    assert c.A.sees is False


def test_a_part_with_an_error_is_named_and_none_runs_where_one_is_no_python(given_parts, secrets):
    c = Config()
    with pytest.raises(SettingsError, match=r"^hub\.extraConfig: .*/extra_config/b\.py: line 1: "):
        extra_config.run(c, given_parts(a="c.A.b = 1", b="def ("), secrets)
    assert c == Config()
    assert extra_config.part_of("/x/extra_config", "/x/extra_config/b.py") == "b.py"
    assert extra_config.part_of("/x/extra_config", "/x/other/b.py") is None
    assert extra_config.part_of("/x/extra.py", "/x/extra.py") == ""
