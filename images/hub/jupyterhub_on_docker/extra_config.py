"""The configuration in Python that an administrator gives, run after that of the settings."""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType

from traitlets.config import Config

from .config import Settings
from .errors import SettingsError
from .secrets import Secrets


def check(settings: Settings) -> None:
    """Raises SettingsError if the extra configuration is no Python."""
    if settings.hub.extra_config is not None:
        _compile(Path(settings.hub.extra_config.path))


def run(c: Config, settings: Settings, secrets: Secrets) -> None:
    """Runs it with `c`, `get_config()` and `secret(name)`.

    Raises SettingsError, with the line, for whatever goes wrong in it.
    """
    extra = settings.hub.extra_config
    if extra is None:
        return
    path = Path(extra.path)
    code = _compile(path)
    names = {
        "__file__": str(path),
        "__name__": "extra_config",
        "c": c,
        "get_config": lambda: c,
        "secret": _secret(extra.secrets, secrets),
    }
    try:
        exec(code, names)  # noqa: S102
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path)]
        raise SettingsError(f"{_at(path, lines[-1:])}: {type(error).__name__}: {error}") from error


def _compile(path: Path) -> CodeType:
    try:
        return compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except (SyntaxError, ValueError) as error:
        line = [error.lineno] if isinstance(error, SyntaxError) and error.lineno else []
        raise SettingsError(f"{_at(path, line)}: {getattr(error, 'msg', error)}") from None


def _at(path: Path, line: Sequence[int | None]) -> str:
    return ": ".join(["hub.extraConfig", str(path), *(f"line {number}" for number in line)])


def _secret(known: dict[str, str], secrets: Secrets) -> Callable[[str], str]:
    def secret(name: str) -> str:
        if name not in known:
            there_are = ", ".join(sorted(known)) or "none"
            raise KeyError(f"no secret {name!r} in hub.extraConfig.secrets (there are: {there_are})")
        return secrets.text(known[name])

    return secret
