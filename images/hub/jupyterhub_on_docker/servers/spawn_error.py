"""Why a server does not start, in a sentence for its person."""


class SpawnError(RuntimeError):
    """JupyterHub shows `jupyterhub_message` to its user."""

    def __init__(self, message: str):
        super().__init__(message)
        self.jupyterhub_message = message
