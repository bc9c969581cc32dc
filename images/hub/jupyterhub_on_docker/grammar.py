"""Puts off the import of `rfc3987_syntax`, which took half of a hub's start: it compiles a grammar.

jsonschema checks the formats `iri` and `iri-reference` with it, which no schema of JupyterHub has.
A placeholder stands for the module until it is used.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

NAME = "rfc3987_syntax"


class PutOff(ModuleType):
    """Stands for the module. It is a package, too, so that its parts can be imported."""

    def __getattr__(self, name: str) -> object:
        # Whoever looks through all modules asks for such names.
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(), name)


def put_off() -> None:
    spec = None if NAME in sys.modules else find_spec(NAME)
    if spec is None:
        return
    module = PutOff(NAME)
    vars(module).update(
        __spec__=spec,
        __file__=spec.origin,
        __path__=spec.submodule_search_locations,
        is_valid_syntax=_is_valid_syntax,
    )
    sys.modules[NAME] = module


def _real() -> ModuleType:
    if isinstance(sys.modules.get(NAME), PutOff):
        del sys.modules[NAME]
    return import_module(NAME)


def _is_valid_syntax(term: str, value: str) -> object:
    return _real().is_valid_syntax(term=term, value=value)
