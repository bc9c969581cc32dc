"""The hub itself."""

from typing import Annotated, Literal

from pydantic import Field

from .base import AbsolutePath, BaseUrl, NotEmpty, PositiveInt, Section, WebUrl


class LoginLockout(Section):
    attempts: Annotated[int, Field(ge=0)]
    """Failed logins of a name from one address; 0 for no lockout."""
    window: PositiveInt
    """Seconds in which they are counted."""
    duration: PositiveInt
    """Seconds for which logins are refused."""


class ExtraConfig(Section):
    path: AbsolutePath
    secrets: dict[str, NotEmpty]
    """Names of secrets by those that the configuration has for them."""


class Hub(Section):
    stack: str = ""
    """Name of the stack, for commands in messages."""
    public_url: WebUrl
    """Address that browsers use, with the base URL."""
    base_url: BaseUrl
    subdomain_host: WebUrl | None = None
    """Address without a path, below whose name each person's server has a name of its own."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    connect_host: NotEmpty
    """Name of the hub on the notebooks' network."""
    data_dir: AbsolutePath
    metrics: Literal["token", "public"]
    """Who may read the metrics: who has the scope for it, or everybody."""
    login_lockout: LoginLockout
    extra_config: ExtraConfig | None
    environment: dict[str, str] = Field(default={})
    """Variables of the hub's process."""
    secret_environment: dict[str, NotEmpty] = Field(default={})
    """Names of secrets by the variables that they are given in."""
