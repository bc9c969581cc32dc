"""The filter as a server: takes a call, asks the policy, and passes it on to the engine's socket."""

import asyncio
import json
import logging
import re
import signal
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, UnixConnector, web
from yarl import URL

from . import rules
from .answers import denied, message, shown, stream
from .denied import Denied, NotReady
from .folders import SharedFolders
from .listener import BODY_LIMIT, Malformed, body_of, listen, runner
from .policy import Policy
from .services import ServicePolicy
from .settings import FilterSettings

log = logging.getLogger("docker-filter")

_TIMEOUT = ClientTimeout(total=None, sock_connect=5)
"""A stop takes as long as the server does; the end of an engine is noticed without a time-out."""

_KNOWN_SERVERS = 4096
"""Ids that are kept: one that is forgotten is looked at anew."""

_SERVICE_ID = re.compile(r"[a-z0-9]{25}")


class _EngineAnswer(Exception):
    """The engine's answer to the filter's own question, which answers the call too: no such container."""

    def __init__(self, status: int, body: bytes):
        super().__init__(status)
        self.status = status
        self.body = body


class DockerFilter:
    """Answers calls to the Docker API as the policy allows."""

    def __init__(self, settings: FilterSettings):
        self._settings = settings
        self._policy = Policy(settings)
        self._swarm = None if settings.swarm is None else ServicePolicy(settings, settings.swarm)
        # Names, by id, of containers that are known to be servers of this stack. An id never comes to mean
        # another one.
        self._servers: OrderedDict[str, str] = OrderedDict()
        self._handlers = {
            "plain": self._plain,
            "image": self._image,
            "remove_image": self._remove_image,
            "create_volume": self._create_volume,
            "create_container": self._create_container,
            "containers": self._containers,
            "inspect": self._inspect,
            "start": self._start,
            "server": self._server,
            "look": self._look,
            "give": self._give,
            "nodes": self._nodes,
            "tasks": self._tasks,
            "create_service": self._create_service,
            "inspect_service": self._inspect_service,
            "remove_service": self._remove_service,
            "service_logs": self._service_logs,
        }

    def application(self) -> web.Application:
        application = web.Application(client_max_size=BODY_LIMIT)
        application.cleanup_ctx.append(self._session)
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    async def _session(self, _application: web.Application) -> AsyncIterator[None]:
        async with ClientSession(
            connector=UnixConnector(path=self._settings.socket, limit=0),
            timeout=_TIMEOUT,
            auto_decompress=False,
            # The client's own wish is not passed on, so neither is an answer that not every client can read.
            headers={"Accept-Encoding": "identity"},
        ) as self._engine:
            yield

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            call = rules.match(request.method, request.raw_path)
            if not call.rule.body and request.body_exists and await body_of(request):
                raise Denied("this call takes no body")
            return await self._handlers[call.rule.handler](request, call)
        except Malformed as problem:
            return denied(request, str(problem), status=400)
        except Denied as reason:
            return denied(request, str(reason))
        except NotReady as reason:
            log.error("held back %s %s: %s", request.method, shown(request.raw_path), reason)
            return message(503, str(reason))
        except _EngineAnswer as answer:
            return web.Response(status=answer.status, body=answer.body, content_type="application/json")
        except ClientError as error:
            log.error(
                "no answer from the engine to %s %s: %s", request.method, shown(request.raw_path), error
            )
            # Not 500: clients take that for an answer about the container.
            return message(503, f"no answer from the engine: {error}")
        except Exception:
            log.exception("internal error at %s %s", request.method, shown(request.raw_path))
            return message(500, "internal error: the filter's log has the details")

    async def _plain(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target())

    async def _image(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target(self._policy.image(call.reference)))

    async def _remove_image(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        reference = self._policy.old_image(call.reference)
        self._policy.remove_image(await self._ask(f"{call.version}/images/{reference}/json"))
        return await self._pass(request, call.target(reference))

    async def _create_volume(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        given = await body_of(request)
        body = self._policy.create_volume(given)
        for name, person in self._policy.made(given):
            if (found := await self._volume(call, name)) is not None:
                self._policy.volume(name, person, found)
        return await self._pass(request, call.target(), body)

    async def _create_container(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        given = await body_of(request)
        body = self._policy.create_container(call.query["name"], given)
        for name, person in self._policy.mounted(given):
            self._policy.volume(name, person, await self._volume(call, name))
        return await self._pass(request, call.target(), body)

    async def _volume(self, call: rules.Call, name: str) -> dict[str, Any] | None:
        """A volume as the engine knows it; None where there is none."""
        try:
            return await self._ask(f"{call.version}/volumes/{name}")
        except _EngineAnswer as answer:
            if answer.status == 404:
                return None
            raise

    async def _containers(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        self._policy.containers(call.query["filters"])
        return await self._pass(request, call.target())

    async def _inspect(self, _request: web.Request, call: rules.Call) -> web.StreamResponse:
        return web.json_response(await self._inspected(call))

    async def _start(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        if firewall := self._settings.firewall:
            async with self._engine.get(_url(f"{call.version}/containers/{firewall}/json")) as answer:
                if answer.status != 200:
                    raise NotReady(f"the firewall's container {firewall} does not exist")
                self._policy.firewall(await answer.json())
        identifier = await self._identified(call)
        self._policy.start(self._servers[identifier])
        return await self._pass(request, call.target(identifier))

    async def _server(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target(await self._identified(call)))

    async def _identified(self, call: rules.Call) -> str:
        """The id of the container that was looked at, whatever is given its name meanwhile."""
        known = call.reference in self._servers
        return call.reference if known else (await self._inspected(call))["Id"]

    async def _look(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        inspected = await self._inspected(call)
        self._policy.look(inspected, call.query["path"])
        return await self._pass(request, call.target(inspected["Id"]))

    async def _give(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        inspected = await self._inspected(call)
        archive = self._policy.give(inspected, call.query["path"], await body_of(request))
        return await self._pass(request, call.target(inspected["Id"]), archive, "application/x-tar")

    def _on_a_swarm(self) -> ServicePolicy:
        """The rules for services. Raises Denied on a single host."""
        if self._swarm is None:
            raise Denied("this stack is not on a Swarm")
        return self._swarm

    async def _nodes(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        self._on_a_swarm()
        return await self._pass(request, call.target())

    async def _tasks(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        self._on_a_swarm().tasks(call.query["filters"])
        return await self._pass(request, call.target())

    async def _create_service(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        services = self._on_a_swarm()
        body, binds = services.create(await body_of(request))
        try:
            await asyncio.to_thread(services.folders.prepare, binds)
        except OSError as error:
            # 500 is the answer that clients show: the shared file system is gone, full, or has a file there.
            return message(500, f"cannot create {error.filename}: {error.strerror}")
        return await self._pass(request, call.target(), body, extra=services.registry_auth())

    async def _inspect_service(self, _request: web.Request, call: rules.Call) -> web.StreamResponse:
        return web.json_response(await self._service(call))

    async def _remove_service(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target((await self._service(call))["ID"]))

    async def _service_logs(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target((await self._service(call))["ID"]))

    async def _service(self, call: rules.Call) -> dict[str, Any]:
        """The service of a call as the engine knows it, once it is sure to be a server of this stack."""
        services = self._on_a_swarm()
        if not _SERVICE_ID.fullmatch(call.reference):
            services.name(call.reference)
        async with self._engine.get(_url(f"{call.version}/services/{call.reference}")) as answer:
            body = await answer.read()
        if answer.status != 200:
            raise _EngineAnswer(answer.status, body)
        return services.service(json.loads(body))

    async def _inspected(self, call: rules.Call) -> dict[str, Any]:
        """The container of a call as the engine knows it, once it is sure to be a server of this stack."""
        reference = self._policy.reference(call.reference)
        inspected = self._policy.container(await self._ask(f"{call.version}/containers/{reference}/json"))
        self._servers[inspected["Id"]] = inspected["Name"].removeprefix("/")
        if len(self._servers) > _KNOWN_SERVERS:
            self._servers.popitem(last=False)
        return inspected

    async def _ask(self, path: str) -> dict[str, Any]:
        """What the engine says to a question of the filter's own."""
        async with self._engine.get(_url(path)) as answer:
            body = await answer.read()
        if answer.status != 200:
            raise _EngineAnswer(answer.status, body)
        found: dict[str, Any] = json.loads(body)
        return found

    async def _pass(
        self,
        request: web.Request,
        target: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        extra: Mapping[str, str] | None = None,
    ) -> web.StreamResponse:
        """Asks the engine, with no more of the call than was checked, and streams its answer back."""
        headers = {**({} if body is None else {"Content-Type": content_type}), **(extra or {})}
        async with self._engine.request(request.method, _url(target), data=body, headers=headers) as answer:
            return await stream(request, answer)


def _url(target: str) -> URL:
    return URL(f"http://engine{target}", encoded=True)


def run(settings: FilterSettings) -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="[%(levelname).1s %(asctime)s %(name)s] %(message)s")
    if settings.swarm is not None:
        SharedFolders(settings, settings.swarm).make()
    asyncio.run(_serve(settings))


async def _serve(settings: FilterSettings) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    served = runner(DockerFilter(settings).application())
    await served.setup()
    server = await listen(served, *settings.address)
    log.info("listening on %s for servers of %s", settings.listen, settings.prefix)
    await ended.wait()
    server.close()
    await served.cleanup()
