"""What JupyterLab asks the hub for when it is opened: notices about its server, such as an older image."""

from jupyterhub.handlers import BaseHandler
from tornado.web import HTTPError

from ..servers.notices import notices


class ServerNotices(BaseHandler):
    """JSON for the browser of somebody who is logged in at the hub; nothing is done or started."""

    def get(self) -> None:
        user = self.current_user
        if user is None:
            raise HTTPError(403)
        name = self.get_argument("server", "")
        # Somebody else's server is none of the visitor's.
        is_own = self.get_argument("user", "") == user.name
        known = [name] if is_own and name in user.orm_user.orm_spawners else []
        self.finish({"notices": notices(user, known)})
