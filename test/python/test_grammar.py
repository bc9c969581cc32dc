"""The import that took half of a hub's start is made when it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

HUB = Path(__file__).parents[2] / "images/hub"


def run(code: str) -> list[str]:
    """In a process of its own: what is imported here stays imported."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PYTHONPATH": str(HUB)},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.parametrize("module", ["app", "cli, jupyterhub_on_docker.traits", "idle_culler"])
def test_no_program_of_the_hub_loads_the_grammar(module):
    code = f"import jupyterhub_on_docker.{module}\nimport sys\nprint('lark' in sys.modules)"
    assert run(code) == ["False"]


def test_who_looks_through_all_modules_loads_no_grammar():
    code = """
import jupyterhub_on_docker, inspect, sys
for module in list(sys.modules.values()):
    hasattr(module, "__file__"), hasattr(module, "__wrapped__"), inspect.ismodule(module)
import rfc3987_syntax
print('lark' in sys.modules, rfc3987_syntax.__file__.endswith('rfc3987_syntax/__init__.py'))
"""
    assert run(code) == ["False True"]


def test_the_formats_are_checked():
    code = """
import jupyterhub_on_docker, jsonschema, sys
checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
print('lark' in sys.modules)
for format in ("iri", "iri-reference"):
    print(checker.conforms("https://exämple.org/ü", format), checker.conforms("no < iri", format))
print('lark' in sys.modules)
"""
    assert run(code) == ["False", "True False", "True False", "True"]


@pytest.mark.parametrize(
    "code",
    [
        "from rfc3987_syntax import parse; print(parse('iri', 'https://example.org').data)",
        "import rfc3987_syntax as r; print(r.parse('iri', 'https://example.org').data)",
        "import rfc3987_syntax.syntax_helpers as r; print(r.parse('iri', 'https://example.org').data)",
    ],
)
def test_who_asks_for_the_module_gets_it(code):
    assert run(f"import jupyterhub_on_docker\n{code}") == ["iri"]
