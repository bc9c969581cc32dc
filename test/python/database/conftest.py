import os
import sys
from pathlib import Path

import pytest

from helpers import postgres
from helpers.hub_database import Hub


@pytest.fixture(scope="module")
def server():
    with postgres.running() as server:
        yield server


@pytest.fixture(autouse=True)
def _alembic_on_path(monkeypatch):
    # JupyterHub runs the command alembic.
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.setenv("PGPASSWORD", postgres.PASSWORD)


@pytest.fixture
def hub(raw, secrets_folder, tmp_path, server):
    folder = tmp_path / "hub"
    folder.mkdir()
    return Hub(raw, secrets_folder, folder, server)
