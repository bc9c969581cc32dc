"""The start of a notebook server: what it leaves out is there for who asks for it."""

import subprocess
import sys
from pathlib import Path

import pytest

START = Path(__file__).parents[3] / "images/notebook/bin/jupyterhub-singleuser"

# Jupyter Server is not installed here: what JupyterHub's server imports is imported in its place.
PREPARED = f"""
import runpy, sys
from types import ModuleType

start = runpy.run_path({str(START)!r})
HUB = ("jupyterhub.orm", "jupyterhub.roles", "jupyterhub.handlers", "sqlalchemy", "alembic")
HEAVY = (*HUB, "rfc3987_syntax", "lark")

def loaded():
    return sorted(name for name in HEAVY if name in sys.modules)

start["add_placeholders"]()
import jsonschema
from jupyterhub import log, scopes, utils
from jupyterhub.services import auth
start["remove_placeholders"]()
assert loaded() == [], loaded()
"""


def run(code: str) -> str:
    """In a process of its own: what is imported here stays imported."""
    result = subprocess.run(
        [sys.executable, "-c", PREPARED + code], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_a_start_loads_no_grammar_and_no_database():
    assert run("print(*loaded())") == ""


def test_scopes_are_compared_without_the_database():
    code = """
mine, asked = {"access:servers!user=alice", "users"}, {"access:servers!user=alice", "groups"}
print(*scopes._intersect_expanded_scopes(mine, asked))
print(*loaded())
"""
    assert run(code) == "access:servers!user=alice"


@pytest.mark.parametrize(
    "code",
    [
        "import sqlalchemy; print(sqlalchemy.__version__ > '2', sqlalchemy.orm.Session is not None)",
        "from jupyterhub import orm, roles; print(issubclass(orm.User, orm.Base), 'roles' in roles.__name__)",
        "from jupyterhub.handlers.pages import HealthCheckHandler as h; print(hasattr(h, 'get'), True)",
        "from jupyterhub import orm; print(scopes.orm.User is orm.User, bool(scopes.roles.get_roles_for))",
        "print(scopes.sa.inspect.__module__ == 'sqlalchemy.inspection', 'sqlalchemy' in loaded())",
    ],
)
def test_who_asks_for_the_real_one_gets_it(code):
    if "sqlalchemy.orm" in code:
        code = f"import sqlalchemy.orm; {code}"
    assert run(code) == "True True"


def test_every_format_is_checked():
    code = """
checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
cases = {
    "iri": ("https://exämple.org/ü", "not an iri"),
    "iri-reference": ("/ü", "\\\\ü"),
    "uri": ("https://example.org", "no uri"),
    "date-time": ("2026-11-30T22:00:00Z", "yesterday"),
}
for format, (good, bad) in cases.items():
    print(format, checker.conforms(good, format), checker.conforms(bad, format))
"""
    assert run(code).splitlines() == [
        "iri True False",
        "iri-reference True False",
        "uri True False",
        "date-time True False",
    ]


def test_a_name_that_no_placeholder_was_given_is_looked_up_in_the_real_module():
    code = """
start["add_placeholders"]()
from rfc3987_syntax import parse
from jupyterhub.orm import User
print(parse("iri", "https://example.org").data, User.__tablename__)
"""
    assert run(code) == "iri users"
