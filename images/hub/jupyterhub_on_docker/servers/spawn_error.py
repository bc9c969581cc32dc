"""Why a server does not start: in a sentence for its person, in full for the administrator."""

from tornado import web

TITLE = "Your server did not start"


class SpawnError(web.HTTPError):
    """JupyterHub shows `jupyterhub_message` to the server's person, and writes the rest to its log.

    An HTTPError, as of all others JupyterHub's page says no more than that there was one.
    """

    def __init__(self, message: str, detail: str = ""):
        self.jupyterhub_message = message
        self.detail = detail or message
        # Not formatted by tornado: what the engine says may have a percent sign.
        super().__init__(500, "%s", self.detail, reason=TITLE)
