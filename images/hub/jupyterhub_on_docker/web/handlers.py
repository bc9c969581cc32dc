"""The hub's pages and calls that this package has its own form of: they come before JupyterHub's."""

from ..health.readiness import Ready
from ..jupyterhub_types import Handlers
from ..names.groups import NewGroup, NewGroups
from ..servers.option_checks import ServerHandler
from .edge_pages import TooLarge, TooManyLogins
from .server_notices import ServerNotices
from .stop_servers import StopServers

HANDLERS: Handlers = [
    (r"/ready", Ready),
    (r"/too-many-logins", TooManyLogins),
    (r"/too-large", TooLarge),
    (r"/server-notices", ServerNotices),
    (r"/stop-servers", StopServers),
    (r"/api/groups", NewGroups),
    (r"/api/groups/([^/]+)", NewGroup),
    (r"/api/users/([^/]+)/server", ServerHandler),
    (r"/api/users/([^/]+)/servers/([^/]*)", ServerHandler),
]
