"""Rights that came from the configuration, and go with it.

JupyterHub only adds: who was an administrator once is one for ever, and a token holds although its owner may
not log in any more. Here is what takes away. See docs/login.md, "Remove somebody".
"""

from .people import People
from .servers import stop_servers
from .withdraw import Withdrawn, may_have_server, revoke, withdraw

__all__ = ["People", "Withdrawn", "may_have_server", "revoke", "stop_servers", "withdraw"]
