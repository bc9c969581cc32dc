"""The list of scopes that configuration is checked against is JupyterHub's."""

import json
from pathlib import Path

from jupyterhub.scopes import scope_definitions

LIST = Path(__file__).parents[3] / "config" / "scopes.json"


def test_the_scopes_are_jupyterhubs():
    assert set(json.loads(LIST.read_text())) == set(scope_definitions) - {"(no_scope)"}
