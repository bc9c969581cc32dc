"""The hub's pages and calls that this package has its own form of: they come before JupyterHub's."""

from .servers.option_checks import ServerHandler

HANDLERS = (
    (r"/api/users/([^/]+)/server", ServerHandler),
    (r"/api/users/([^/]+)/servers/([^/]*)", ServerHandler),
)
