"""JupyterHub's application: takes away what the configuration no longer gives, and names its cookies."""

from jupyterhub.app import JupyterHub

from . import rights
from .arguments import hide_undecodable
from .own_cookies import OwnCookies


class Hub(JupyterHub):
    """Configured as `c.JupyterHub`: run by `python -m jupyterhub_on_docker.app --config FILE`."""

    people: rights.People

    def init_handlers(self):
        hide_undecodable()
        super().init_handlers()

    async def init_users(self):
        # Afterwards the authenticator's lists have whoever else the hub knows.
        self.people = rights.People.of(self.authenticator)
        await super().init_users()

    async def init_blocked_users(self):
        await super().init_blocked_users()
        rights.withdraw(self, self.people)

    def init_tornado_application(self):
        self.tornado_application = OwnCookies(self.handlers, **self.tornado_settings)

    async def init_spawners(self):
        found = await super().init_spawners()
        await rights.stop_servers(self)
        return found


if __name__ == "__main__":
    Hub.launch_instance()
