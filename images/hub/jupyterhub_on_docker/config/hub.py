"""The hub itself."""

from typing import Literal

from .base import AbsolutePath, BaseUrl, NotEmpty, Section, WebUrl


class Hub(Section):
    public_url: WebUrl
    """Address that browsers use, with the base URL."""
    base_url: BaseUrl
    log_level: Literal["DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL"]
    connect_host: NotEmpty
    """Name of the hub on the notebooks' network."""
    data_dir: AbsolutePath
