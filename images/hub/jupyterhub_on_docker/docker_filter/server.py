"""The filter as a server: takes a call, asks the policy, and passes it on to the engine's socket."""

import asyncio
import json
import logging
import re
from collections.abc import Mapping

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, UnixConnector, web
from yarl import URL

from . import rules
from .denied import Denied, NotReady
from .folders import SharedFolders
from .policy import Policy
from .services import ServicePolicy
from .settings import FilterSettings

log = logging.getLogger("docker-filter")

_TIMEOUT = ClientTimeout(total=None, sock_connect=5)
"""A stop takes as long as the server does; the end of an engine is noticed without a time-out."""

_BODY_LIMIT = 1024 * 1024
"""Bytes of a body; the largest is a server's environment."""

_SERVICE_ID = re.compile(r"[a-z0-9]{25}")

_ANSWER_HEADERS = ("Content-Type", "Content-Length", "Api-Version", "X-Docker-Container-Path-Stat")


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
        self._swarm = settings.swarm and ServicePolicy(settings, settings.swarm)
        # Ids of containers that are known to be servers of this stack. An id never comes to mean another one.
        self._servers: set[str] = set()
        self._handlers = {
            "plain": self._plain,
            "image": self._image,
            "remove_image": self._remove_image,
            "create_volume": self._create_volume,
            "create_container": self._create_container,
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
        }

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_BODY_LIMIT)
        application.cleanup_ctx.append(self._session)
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    async def _session(self, _application: web.Application):
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
            if not call.rule.body and await request.read():
                raise Denied("this call takes no body")
            return await self._handlers[call.rule.handler](request, call)
        except Denied as denied:
            return _denied(request, str(denied))
        except NotReady as reason:
            log.error("held back %s %s: %s", request.method, request.raw_path, reason)
            return _message(503, str(reason))
        except web.HTTPRequestEntityTooLarge:
            return _denied(request, f"body has more than {_BODY_LIMIT} bytes")
        except _EngineAnswer as answer:
            return web.Response(status=answer.status, body=answer.body, content_type="application/json")
        except ClientError as error:
            log.error("no answer from the engine to %s %s: %s", request.method, request.raw_path, error)
            # Not 500: clients take that for an answer about the container.
            return _message(503, f"no answer from the engine: {error}")

    async def _plain(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target())

    async def _image(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target(self._policy.image(call.reference)))

    async def _remove_image(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        reference = self._policy.old_image(call.reference)
        self._policy.remove_image(await self._ask(f"{call.version}/images/{reference}/json"))
        return await self._pass(request, call.target(reference))

    async def _create_volume(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target(), self._policy.create_volume(await request.read()))

    async def _create_container(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        body = self._policy.create_container(call.query["name"], await request.read())
        return await self._pass(request, call.target(), body)

    async def _inspect(self, _request: web.Request, call: rules.Call) -> web.StreamResponse:
        return web.json_response(await self._inspected(call))

    async def _start(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        if firewall := self._settings.firewall:
            async with self._engine.get(_url(f"{call.version}/containers/{firewall}/json")) as answer:
                if answer.status != 200:
                    raise NotReady(f"there is no firewall {firewall}")
                self._policy.firewall(await answer.json())
        return await self._server(request, call)

    async def _server(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        known = call.reference in self._servers
        # By id, so that it is the container that was looked at, whatever is given its name meanwhile.
        identifier = call.reference if known else (await self._inspected(call))["Id"]
        return await self._pass(request, call.target(identifier))

    async def _look(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        inspected = await self._inspected(call)
        self._policy.look(inspected, call.query["path"])
        return await self._pass(request, call.target(inspected["Id"]))

    async def _give(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        inspected = await self._inspected(call)
        archive = self._policy.give(inspected, call.query["path"], await request.read())
        return await self._pass(request, call.target(inspected["Id"]), archive, "application/x-tar")

    @property
    def _services(self) -> ServicePolicy:
        if self._swarm is None:
            raise Denied("this stack is on no Swarm")
        return self._swarm

    async def _nodes(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return self._services and await self._pass(request, call.target())

    async def _tasks(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        self._services.tasks(call.query["filters"])
        return await self._pass(request, call.target())

    async def _create_service(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        services = self._services
        body, binds = services.create(await request.read())
        try:
            await asyncio.to_thread(services.folders.prepare, binds)
        except OSError as error:
            # 500 is the answer that clients show: the shared file system is gone, full, or has a file there.
            return _message(500, f"{error.filename} cannot be made: {error.strerror}")
        return await self._pass(request, call.target(), body, extra=services.registry_auth())

    async def _inspect_service(self, _request: web.Request, call: rules.Call) -> web.StreamResponse:
        return web.json_response(await self._service(call))

    async def _remove_service(self, request: web.Request, call: rules.Call) -> web.StreamResponse:
        return await self._pass(request, call.target((await self._service(call))["ID"]))

    async def _service(self, call: rules.Call) -> dict:
        """The service of a call as the engine knows it, once it is sure to be a server of this stack."""
        services = self._services
        if not _SERVICE_ID.fullmatch(call.reference):
            services.name(call.reference)
        async with self._engine.get(_url(f"{call.version}/services/{call.reference}")) as answer:
            body = await answer.read()
        if answer.status != 200:
            raise _EngineAnswer(answer.status, body)
        return services.service(json.loads(body))

    async def _inspected(self, call: rules.Call) -> dict:
        """The container of a call as the engine knows it, once it is sure to be a server of this stack."""
        reference = self._policy.reference(call.reference)
        inspected = self._policy.container(await self._ask(f"{call.version}/containers/{reference}/json"))
        self._servers.add(inspected["Id"])
        return inspected

    async def _ask(self, path: str) -> dict:
        """What the engine says to a question of the filter's own."""
        async with self._engine.get(_url(path)) as answer:
            body = await answer.read()
        if answer.status != 200:
            raise _EngineAnswer(answer.status, body)
        return json.loads(body)

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
            return await _stream(request, answer)


async def _stream(request: web.Request, answer: ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status)
    for name in _ANSWER_HEADERS:
        if name in answer.headers:
            response.headers[name] = answer.headers[name]
    await response.prepare(request)
    try:
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    except ConnectionResetError:
        # The client has what it wants, such as the first header of an archive: the engine may stop too.
        answer.close()
    return response


def _url(target: str) -> URL:
    return URL(f"http://engine{target}", encoded=True)


def _denied(request: web.Request, reason: str) -> web.Response:
    log.warning("denied %s %s from %s: %s", request.method, request.raw_path, request.remote, reason)
    return _message(403, reason)


def _message(status: int, text: str) -> web.Response:
    return web.json_response({"message": f"docker-filter: {text}"}, status=status)


def run(settings: FilterSettings) -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="[%(levelname).1s %(asctime)s %(name)s] %(message)s")
    if settings.swarm is not None:
        SharedFolders(settings, settings.swarm).make()
    host, _, port = settings.listen.rpartition(":")
    log.info("listening on %s for servers of %s", settings.listen, settings.name_prefix)
    web.run_app(DockerFilter(settings).application(), host=host, port=int(port), access_log=None, print=None)
