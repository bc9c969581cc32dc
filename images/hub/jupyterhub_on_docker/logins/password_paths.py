"""Where a password can be tried: one list, which the edge reads too (components/proxy/edge.ts).

Each is a pattern for a path below the base URL; its value says whether it is always open (`page`), or with
`auth.apiLogin` only (`api`).
"""

import json
from pathlib import Path

PASSWORD_PATHS: dict[str, str] = json.loads(Path(__file__).with_name("password_paths.json").read_text())
