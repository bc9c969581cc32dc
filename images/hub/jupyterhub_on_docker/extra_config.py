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
        for part in parts(settings.hub.extra_config.path):
            _compile(part)


def parts(path: str) -> list[Path]:
    """The file of the extra configuration, or the files of its folder in their order."""
    whole = Path(path)
    return sorted(whole.glob("*.py")) if whole.is_dir() else [whole]


def part_of(path: str, filename: str) -> str | None:
    """How people know a file of the extra configuration: empty for the only one, None for another file."""
    if filename == path:
        return ""
    return Path(filename).name if Path(filename).parent == Path(path) else None


def run(c: Config, settings: Settings, secrets: Secrets) -> None:
    """Runs it with `c`, `get_config()` and `secret(name)`.

    Raises SettingsError, with the line, for whatever goes wrong in it.
    """
    extra = settings.hub.extra_config
    if extra is None:
        return
    secret = _secret(extra.secrets, secrets)
    # All of them before the first runs.
    for path, code in [(part, _compile(part)) for part in parts(extra.path)]:
        _run(path, code, c, secret)


def _run(path: Path, code: CodeType, c: Config, secret: Callable[[str], str]) -> None:
    names = {
        "__file__": str(path),
        "__name__": "extra_config",
        "c": c,
        "get_config": lambda: c,
        "secret": secret,
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
