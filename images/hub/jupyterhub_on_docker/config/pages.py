"""How the hub's pages look."""

from .base import AbsolutePath, Section


class Announcement(Section):
    """Text or HTML at the top of the hub's pages, in all or in one of them."""

    all: str | None
    login: str | None
    home: str | None
    spawn: str | None
    logout: str | None


class Pages(Section):
    announcement: Announcement
    logo: AbsolutePath | None
    templates: AbsolutePath | None
    """Folder with templates that go before JupyterHub's."""
