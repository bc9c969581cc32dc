"""What a server is told of the egress proxy: a mixin for the spawner."""

from collections.abc import Iterable

from jupyterhub.user import User
from traitlets import Bytes, Int, List, Unicode
from traitlets.config import Configurable

from .credentials import environment


class EgressEnvironment(Configurable):
    # The spawner's.
    user: User

    egress_host = Unicode(config=True, help="Host name of the egress proxy; empty for no proxy.")
    egress_port = Int(0, config=True, help="Port of the egress proxy.")
    egress_key = Bytes(config=True, help="Key that signs a server's credentials for the egress proxy.")
    egress_direct = List(Unicode(), config=True, help="Hosts that are reached without the proxy.")

    def egress_environment(self, groups: Iterable[str]) -> dict[str, str]:
        """Variables by which programs in the server of a member of `groups` find the proxy."""
        if not self.egress_host:
            return {}
        return environment(
            self.egress_key,
            self.egress_host,
            self.egress_port,
            self.user.name,
            groups,
            list(self.egress_direct),
        )
