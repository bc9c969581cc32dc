"""What `./hub status` and `./hub doctor` ask in the hub's container, whether the hub answers or not.

Standard library only: people wait.
"""

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import paths


def status() -> dict[str, Any]:
    """Versions, and the disk with the hub's data, in bytes."""
    folder = json.loads(Path(paths.SETTINGS).read_bytes())["hub"]["dataDir"]
    found = os.statvfs(folder)
    return {
        "version": 1,
        "jupyterhub": version("jupyterhub"),
        "disk": {
            "folder": folder,
            "size": found.f_blocks * found.f_frsize,
            "free": found.f_bavail * found.f_frsize,
        },
    }
