"""Secrets, one file each."""

from pathlib import Path

from .errors import SettingsError


class Secrets:
    """A folder of secret files. Errors name the file and never what is in it."""

    def __init__(self, folder: Path):
        self._folder = folder

    def text(self, name: str) -> str:
        """The secret of that name, without the line end that editors leave."""
        path = self._folder / name
        try:
            value = path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise SettingsError(f"{path}: secret cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{path}: expected text, found bytes that are not UTF-8") from None
        if not value:
            raise SettingsError(f"{path}: secret is empty")
        return value

    def key(self, name: str) -> bytes:
        """The secret of that name as a key of 32 bytes, written in the file as 64 hexadecimal digits."""
        value = self.text(name)
        try:
            key = bytes.fromhex(value)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise SettingsError(
                f"{self._folder / name}: expected 64 hexadecimal digits, found {len(value)} characters"
            )
        return key
