"""A small Docker engine for tests: answers on a unix socket, and records what it was told."""

import asyncio
import base64
import io
import json
import posixpath
import tarfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from jupyterhub_on_docker.docker_filter import listener
from jupyterhub_on_docker.docker_filter.server import DockerFilter


@contextmanager
def serving(application, *, socket=None):
    """Serves an application from a thread of its own. Gives the port where no socket is named."""
    with _serving(web.AppRunner(application, shutdown_timeout=1), socket) as port:
        yield port


@contextmanager
def filtering(settings):
    """Serves the filter as it serves itself; gives its port."""
    runner = listener.runner(DockerFilter(settings).application())
    # A request whose body nobody reads to its end would hold up the end of a test for as long.
    runner._shutdown_timeout = 0.2
    with _serving(runner, None) as port:
        yield port


@contextmanager
def _serving(runner, socket):
    loop = asyncio.new_event_loop()
    address = {}

    async def start():
        await runner.setup()
        if socket:
            await web.UnixSite(runner, str(socket)).start()
        else:
            server = await listener.listen(runner, "127.0.0.1", 0)
            address["server"], address["port"] = server, server.sockets[0].getsockname()[1]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield address.get("port")
    finally:
        if "server" in address:
            loop.call_soon_threadsafe(address["server"].close)
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _place(container, path):
    """The mount that a path is in, or nothing for the image, and the path in it."""
    mounts = [mount for mount in container["Mounts"] if f"{path}/".startswith(f"{mount['Destination']}/")]
    if not mounts:
        return "", path
    mount = max(mounts, key=lambda mount: len(mount["Destination"]))
    return mount["Name"], posixpath.relpath(path, mount["Destination"])


FOLDER = 1 << 31
"""Go's bit for a folder."""


@dataclass
class Engine:
    """What is on it, by name, and what it was asked."""

    containers: dict = field(default_factory=dict)
    made: int = 0
    calls: list = field(default_factory=list)
    bodies: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    image: str | None = "sha256:1234"
    """Id of the image that containers are from; None where somebody has removed it."""
    image_labels: dict = field(default_factory=dict)
    removed_images: list = field(default_factory=list)
    volumes: dict = field(default_factory=dict)
    """Labels of volumes that the filter may look at, by name; None for those without."""
    paths: dict = field(default_factory=dict)
    """Modes, as Go has them, by source of the mount and path in it. What is mounted is there at once."""
    written: list = field(default_factory=list)
    """Archives: container, path, members."""

    address: str = "10.1.2.3"
    """Of all containers."""
    said: str = "a line\n"
    """The log of all containers."""
    busy: int = 0
    """Answers that it fails to give to the next removals."""
    takes: float = 0
    """Seconds for an answer."""

    def add(self, name, *, labels=None, status="running", mounts=(), environment=()):
        self.made += 1
        identifier = f"{self.made:064x}"
        self.containers[name] = {
            "Id": identifier,
            "Name": f"/{name}",
            "Image": self.image,
            "Created": "2026-11-21T09:00:00.123456789Z",
            "Config": {"Labels": labels, "Env": list(environment), "Tty": False},
            "State": {"Status": status, "Running": status == "running"},
            "NetworkSettings": {"Networks": {"jh-notebooks": {"IPAddress": self.address}}},
            "Mounts": [
                {
                    "Type": "volume",
                    "Name": volume,
                    "Destination": path,
                    "Source": "/x",
                    "RW": "ro" not in mode,
                }
                for volume, path, *mode in mounts
            ],
        }
        return identifier

    def end(self, name, code=0, **state):
        """A server ends by itself."""
        self.containers[name]["State"] = {"Status": "exited", "Running": False, "ExitCode": code, **state}

    def application(self):
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    def _find(self, reference):
        for name, container in self.containers.items():
            if reference in (name, container["Id"]):
                return container
        return None

    def _running(self, wanted):
        """What a list of the running containers with these labels says of each."""
        found = []
        for name, container in self.containers.items():
            labels = container["Config"]["Labels"] or {}
            has = {f"{key}={value}" for key, value in labels.items()}
            if container["State"]["Running"] and has >= set(wanted):
                found.append({"Id": container["Id"], "Names": [f"/{name}"], "Labels": labels})
        return found

    def _mode(self, container, path):
        source, inner = _place(container, path)
        return self.paths.get((source, inner), FOLDER | 0o755 if source and inner == "." else None)

    async def _answer(self, request):
        await asyncio.sleep(self.takes)
        return await self._answer_now(request)

    async def _answer_now(self, request):
        self.calls.append(f"{request.method} {request.raw_path}")
        self.headers.append(dict(request.headers))
        body = await request.read()
        path = request.path.split("/")
        path = path[2:] if path[1].startswith("v1.") else path[1:]
        if body and request.content_type == "application/json":
            self.bodies.append(json.loads(body))
        match request.method, *path:
            case "GET" | "HEAD", "_ping":
                return web.Response(text="OK")
            case "GET", "version":
                return web.json_response({"ApiVersion": "1.41"})
            case "GET", "images", *_ if self.image is None:
                return web.json_response({"message": f"No such image: {path[1]}"}, status=404)
            case "GET", "images", *_:
                return web.json_response(
                    {
                        "Id": self.image,
                        "Config": {"Cmd": ["jupyterhub-singleuser"], "Labels": self.image_labels},
                    }
                )
            case "DELETE", "images", reference:
                self.removed_images.append(reference)
                return web.json_response([{"Deleted": reference}])
            case "GET", "containers", "json":
                wanted = json.loads(request.query["filters"])["label"]
                return web.json_response(self._running(wanted))
            case "GET", "volumes", name:
                if name not in self.volumes:
                    return web.json_response({"message": f"get {name}: no such volume"}, status=404)
                return web.json_response({"Name": name, "Labels": self.volumes[name]})
            case "POST", "volumes", "create":
                return web.json_response(self.bodies[-1], status=201)
            case "POST", "containers", "create":
                wanted = self.bodies[-1]
                if request.query["name"] in self.containers:
                    return web.json_response({"message": "name is in use"}, status=409)
                mounts = [bind.split(":") for bind in wanted["HostConfig"].get("Binds", [])]
                identifier = self.add(
                    request.query["name"],
                    labels=wanted["Labels"],
                    status="created",
                    mounts=mounts,
                    environment=wanted.get("Env") or (),
                )
                return web.json_response({"Id": identifier, "Warnings": []}, status=201)
        container = self._find(path[1])
        if container is None:
            return web.json_response({"message": f"No such container: {path[1]}"}, status=404)
        match request.method, *path[2:]:
            case "GET", "json":
                return web.json_response(container)
            case "POST", "start":
                container["State"] = {"Status": "running", "Running": True}
            case "POST", "stop":
                container["State"] = {"Status": "exited", "Running": False}
            case ("DELETE",) if self.busy:
                self.busy -= 1
                return web.json_response({"message": "removal is in progress"}, status=409)
            case ("DELETE",):
                if container["State"]["Running"] and request.query.get("force", "").lower() != "true":
                    return web.json_response({"message": "it is running"}, status=409)
                del self.containers[container["Name"][1:]]
            case "GET", "logs":
                # As an engine frames what a server without a terminal says.
                said = self.said.encode()
                return web.Response(body=b"\x02\0\0\0" + len(said).to_bytes(4, "big") + said)
            case "HEAD", "archive":
                mode = self._mode(container, request.query["path"])
                if mode is None:
                    return web.Response(status=404)
                found = base64.b64encode(json.dumps({"mode": mode}).encode()).decode()
                return web.Response(headers={"X-Docker-Container-Path-Stat": found})
            case "PUT", "archive":
                with tarfile.open(fileobj=io.BytesIO(body)) as archive:
                    members = archive.getmembers()
                path = request.query["path"]
                self.written.append((container["Name"][1:], path, members))
                for one in members:
                    self.paths[_place(container, posixpath.join(path, one.name))] = FOLDER | one.mode
                return web.Response()
        return web.Response(status=204)
