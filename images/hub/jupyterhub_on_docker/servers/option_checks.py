"""Refuses options of a server before anything is made or kept for it.

The hub keeps a server's options, and makes a named server, before it asks whether it can start with them.
"""

from jupyterhub.apihandlers.users import UserServerAPIHandler
from jupyterhub.scopes import needs_scope

from .profiles import ServerProfiles


class ServerHandler(UserServerAPIHandler):
    @needs_scope("start:servers")
    async def post(self, user_name: str, server_name: str = "") -> None:
        self._check(user_name)
        await super().post(user_name, server_name)

    @needs_scope("start:servers")
    async def put(self, user_name: str, server_name: str = "") -> None:
        self._check(user_name)
        await super().put(user_name, server_name)

    @needs_scope("start:servers")
    async def patch(self, user_name: str, server_name: str = "") -> None:
        self._check(user_name)
        await super().patch(user_name, server_name)

    def _check(self, user_name: str) -> None:
        if self.request.method == "PATCH":
            body = self.get_json_body()
            options = body.get("user_options") if isinstance(body, dict) else None
        else:
            options = self.get_server_json_body()["user_options"]
        user = self.find_user(user_name)
        # The extra configuration may take options of its own.
        profiles = getattr(self.settings["config"].Spawner.get("apply_user_options"), "__self__", None)
        if options and user is not None and isinstance(profiles, ServerProfiles):
            profiles.check(user, options)
