"""JupyterHub's proxy class for one host: notes routes in a file, of which their server makes rules."""

import json
from pathlib import Path
from typing import Any

from jupyterhub_traefik_proxy import traefik_utils
from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from traitlets import Bunch, default, observe

from .aliases import AliasedRoutes
from .stores import BEFORE, read_noted

SETTINGS_BEFORE = ("tls.yml", "edge.yml", BEFORE)
"""Files that earlier versions had in the folder of the routes: the key of TLS among them."""

Keys = list[tuple[str, ...]]
"""Paths into the configuration."""


class ServedFileProxy(AliasedRoutes, TraefikFileProviderProxy):
    """Traefik has the routes from their server, and so under another provider's name."""

    provider_name = "http"

    _is_checked = False

    @default("dynamic_config_handler")
    def _default_handler(self) -> None:
        return

    @observe("dynamic_config_file")
    def _set_dynamic_config_file(self, change: Bunch) -> None:
        """Upstream's handler writes what Traefik reads; nothing here does."""

    @default("dynamic_config")
    def _load_dynamic_config(self) -> dict[str, Any]:
        try:
            noted: Any = read_noted(Path(self.dynamic_config_file))
            routes = {name: route for name, route in noted.items() if isinstance(route["routespec"], str)}
        except FileNotFoundError:
            routes = {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            # The hub adds all of them again.
            self.log.warning("%s cannot be read and will be rewritten: %s", self.dynamic_config_file, error)
            routes = {}
        return {"http": {"routers": {}, "services": {}}, "jupyterhub": {"routes": routes}}

    def _persist_dynamic_config(self) -> None:
        with traefik_utils.atomic_writing(self.dynamic_config_file) as file:
            json.dump({"version": 1, "routes": self.dynamic_config["jupyterhub"]["routes"]}, file)

    async def _apply_dynamic_config(
        self, traefik_config: dict[str, Any], jupyterhub_config: dict[str, Any] | None = None
    ) -> None:
        async with self.mutex:
            self.dynamic_config["jupyterhub"]["routes"].update((jupyterhub_config or {}).get("routes", {}))
            self._persist_dynamic_config()

    async def _delete_dynamic_config(self, traefik_keys: Keys, jupyterhub_keys: Keys) -> None:
        async with self.mutex:
            for _, name in jupyterhub_keys:
                self.dynamic_config["jupyterhub"]["routes"].pop(name, None)
            self._persist_dynamic_config()

    async def _wait_for_route(self, routespec: str) -> None:
        await super()._wait_for_route(routespec)
        self._forget_settings()

    async def check_routes(self, *args: Any, **kwargs: Any) -> None:
        await super().check_routes(*args, **kwargs)
        if not self._is_checked:
            # Routes of an earlier version that are all still right were not written by this one yet.
            self._is_checked = True
            await self._apply_dynamic_config({})
            await self._wait_for_route(self.app.hub.routespec)
        elif not self._is_as_noted():
            self.log.warning("%s was changed by something else: rewriting it", self.dynamic_config_file)
            await self._apply_dynamic_config({})

    def _is_as_noted(self) -> bool:
        """Whether the file has the routes of this hub: what others put there leads people astray."""
        try:
            noted = read_noted(Path(self.dynamic_config_file))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return False
        return bool(noted == self.dynamic_config["jupyterhub"]["routes"])

    def _forget_settings(self) -> None:
        """Removes what an earlier Traefik had here. That there is a route means that the present one runs."""
        for name in SETTINGS_BEFORE:
            Path(self.dynamic_config_file).with_name(name).unlink(missing_ok=True)
