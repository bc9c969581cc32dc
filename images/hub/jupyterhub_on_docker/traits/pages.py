"""How the hub's pages look."""

from traitlets.config import Config

from ..config import Settings
from ..secrets import Secrets


def update_pages(c: Config, settings: Settings, _secrets: Secrets) -> None:
    pages = settings.pages
    told = pages.announcement.model_dump(exclude_none=True)
    # As JupyterHub's templates name them.
    names = {page: f"announcement_{page}" for page in told} | {"all": "announcement"}
    c.JupyterHub.template_vars = {names[page]: text for page, text in told.items()}
    if pages.logo is not None:
        c.JupyterHub.logo_file = pages.logo
    if pages.templates is not None:
        c.JupyterHub.template_paths = [pages.templates]
