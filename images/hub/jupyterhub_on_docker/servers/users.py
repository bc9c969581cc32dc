"""JupyterHub's users, whose servers say why they did not start: the one way that all starts take."""

from typing import Any

from jupyterhub import orm
from jupyterhub.user import User, UserDict
from jupyterhub.utils import AnyTimeoutError

from .person import PersonalServer


class ServersUser(User):  # type: ignore[misc]
    async def spawn(self, server_name: str = "", *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().spawn(server_name, *args, **kwargs)
        except Exception as error:
            spawner = self.spawners.get(server_name)
            if not isinstance(spawner, PersonalServer):
                raise
            told = await spawner.failure(error)
            if told is error:
                raise
            raise told from error

    async def _wait_up(self, spawner: Any) -> Any:
        try:
            return await super()._wait_up(spawner)
        except AnyTimeoutError:
            # A hub that starts waits so for servers that run, too, and goes by this class of error.
            if isinstance(spawner, PersonalServer):
                spawner.was_silent = True
            raise


class Users(UserDict):  # type: ignore[misc]
    """Makes users of this class, where JupyterHub's own names its own."""

    def from_orm(self, orm_user: orm.User) -> ServersUser:
        return ServersUser(orm_user, self.settings)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, orm.User) and key.id not in self:
            return self.add(key)
        return super().__getitem__(key)
