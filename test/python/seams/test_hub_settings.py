"""The settings files that the stacks render, read as the hub reads them.

test/unit/stacks/settings-files.test.ts fails where one is not what is rendered.
"""

import json
from pathlib import Path

import pytest
from jupyterhub.crypto import CryptKeeper
from jupyterhub.httpclient import JupyterHubHTTPClient
from traitlets import HasTraits, TraitError
from traitlets.config import Config, Configurable
from traitlets.utils.importstring import import_item

from jupyterhub_on_docker import traits
from jupyterhub_on_docker.app import Hub
from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.errors import read_settings
from jupyterhub_on_docker.logins import protection
from jupyterhub_on_docker.names.in_settings import with_hub_names
from jupyterhub_on_docker.secrets import Secrets

FILES = sorted((Path(__file__).parents[2] / "fixtures" / "hub-settings").glob("*.json"))
VARIANTS = {"single-host", "lockdown", "swarm"}

VALUES = {
    "auth_passwords": "ann:$6$salt$hash",
    "database_url": "postgresql://user:password@host/name",
}
"""Secrets whose text is looked at."""


class AnySecrets(Secrets):
    """Has a secret of any name."""

    def __init__(self):
        super().__init__(Path("/nowhere"))

    def text(self, name: str) -> str:
        return VALUES.get(name, f"value of {name}")

    def key(self, name: str) -> bytes:
        return bytes(32)


def load(path: Path) -> tuple[Settings, Config]:
    settings = with_hub_names(read_settings(path, Settings))
    c = Config()
    traits.apply(c, settings, AnySecrets())
    return settings, c


def test_there_is_a_file_for_every_variant_and_kind_of_login():
    found = {path.stem for path in FILES}
    kinds = [*traits.auth.CLASSES, "rich"]
    assert found == {f"{variant}-{kind}" for variant in VARIANTS for kind in kinds}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_trait_is_one_of_its_class_and_takes_its_value(path):
    settings, c = load(path)
    assert path.stem.endswith((settings.auth.kind, "-rich"))
    protection.protect(c, settings)
    chosen = [c.JupyterHub.authenticator_class]
    chosen += [import_item(c.JupyterHub[name]) for name in ("proxy_class", "spawner_class")]
    classes = {
        one.__name__: one
        for kind in (Hub, CryptKeeper, JupyterHubHTTPClient, *chosen)
        for one in kind.__mro__
        if issubclass(one, Configurable)
    }
    unknown, refused = [], []
    for section in c:
        known = classes[section].class_traits(config=True) if section in classes else {}
        for name, value in c[section].items():
            if name not in known:
                unknown.append(f"{section}.{name}")
                continue
            try:
                known[name]._validate(HasTraits(), value)
            except TraitError as error:
                refused.append(f"{section}.{name}: {error}")
    assert (unknown, refused) == ([], [])


def test_a_key_that_only_one_side_knows_is_an_error(tmp_path):
    raw = json.loads(FILES[0].read_text())
    raw["servers"]["httpTimeouts"] = raw["servers"].pop("httpTimeout")
    path = tmp_path / "config.json"
    path.write_text(json.dumps(raw))
    with pytest.raises(Exception, match=r"servers\.httpTimeout: missing") as caught:
        read_settings(path, Settings)
    assert "servers.httpTimeouts: unknown key" in str(caught.value)
