"""The egress proxy under attack: a process of its own, with its container's memory.

    python egress_load.py flood 10000     connections from one address, each with a head that does not end
    python egress_load.py unread 4        people with as many downloads as they get, none of which they read

Prints JSON: what the proxy takes, and how many MB a second somebody else's download has before and meanwhile.
All of it is on the loopback: each attacker has an address of its own there. As root, the proxy has a limit.
"""

import asyncio
import base64
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

KEY = b"k" * 32
MEMORY = 512 * 1024**2
"""As the stack's container has it."""
DOWNLOAD = 64 * 1024**2
CGROUPS = (
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.max_usage_in_bytes"),
    (Path("/sys/fs/cgroup"), "memory.max", "memory.peak"),
)
"""Folder, limit and the most that was taken: of version 1, and of version 2."""


def serve(port: int) -> None:
    """Runs the proxy, with the loopback in the place of the internet."""
    from jupyterhub_on_docker.egress import policy
    from jupyterhub_on_docker.egress.server import EgressProxy
    from jupyterhub_on_docker.egress.settings import EgressSettings

    policy.public = lambda addresses, _name: addresses
    allow = [{"host": "big.test", "ports": [port], "groups": None}]
    settings = EgressSettings.model_validate({"version": 1, "listen": "127.0.0.1:0", "allow": allow})

    async def resolve(_name, _port):
        return ["127.0.0.1"]

    async def run():
        listener = await EgressProxy(settings, KEY, resolve).serve("127.0.0.1", 0)
        print(listener.port, flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())


class Site:
    """A server outside that sends as much as anybody takes, or DOWNLOAD to who asks for an end."""

    def __init__(self):
        self._listener = _small_packets()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(2048)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._send, args=(connection,), daemon=True).start()

    @staticmethod
    def _send(connection):
        with connection, contextlib.suppress(OSError):
            left = DOWNLOAD if connection.recv(1) == b"e" else 2**60
            data = bytes(1024**2)
            while left > 0:
                connection.sendall(data)
                left -= len(data)

    def close(self):
        self._listener.close()


@contextlib.contextmanager
def proxy(site: Site):
    """The proxy in a process of its own; gives its port, and how to ask for its memory."""
    group, peak_file = _group()
    paths = os.pathsep.join(path for path in sys.path if path)

    def limit():
        if group:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    process = subprocess.Popen(
        [sys.executable, __file__, "serve", str(site.port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        preexec_fn=limit,
    )

    def facts():
        status = Path(f"/proc/{process.pid}/status").read_text()
        rss = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        found = {"alive": process.poll() is None, "rssMB": int(rss) // 1024}
        if group:
            found["limitMB"] = MEMORY // 1024**2
            found["peakMB"] = int((group / peak_file).read_text()) // 1024**2
        return found

    try:
        yield int(process.stdout.readline()), facts
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        if group:
            # The kernel needs a moment until it is empty.
            for _ in range(100):
                with contextlib.suppress(OSError):
                    group.rmdir()
                    break
                time.sleep(0.05)


def _group() -> tuple[Path | None, str]:
    for folder, limit, peak in CGROUPS:
        if not (folder / "cgroup.procs").exists():
            continue
        group = folder / f"egress-load-{os.getpid()}"
        with contextlib.suppress(OSError):
            group.mkdir()
            (group / limit).write_text(str(MEMORY))
            if (group / peak).exists():
                return group, peak
        with contextlib.suppress(OSError):
            group.rmdir()
    return None, ""


def _from(source: str) -> socket.socket:
    connection = _small_packets()
    connection.settimeout(30)
    connection.bind((source, 0))
    return connection


def _small_packets() -> socket.socket:
    connection = socket.socket()
    # As on Docker's bridges: the packets of the loopback are larger than the proxy's buffers.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1448)
    return connection


def tunnel(port: int, site: Site, user: str, source: str) -> socket.socket | None:
    """A person's connection to the site, or None where the proxy refuses it."""
    from jupyterhub_on_docker.egress.credentials import password

    basic = base64.b64encode(f"{user}:{password(KEY, user, [])}".encode()).decode()
    connection = _from(source)
    try:
        connection.connect(("127.0.0.1", port))
        connection.sendall(
            f"CONNECT big.test:{site.port} HTTP/1.1\r\nProxy-Authorization: Basic {basic}\r\n\r\n".encode()
        )
        if connection.recv(65536).startswith(b"HTTP/1.1 200"):
            return connection
    except OSError:
        pass
    connection.close()
    return None


def download(port: int, site: Site, user: str = "bob", source: str = "127.0.0.3") -> float:
    """MB a second of one download."""
    started = time.monotonic()
    with tunnel(port, site, user, source) as connection:
        connection.sendall(b"e")
        got = 0
        while data := connection.recv(1024**2):
            got += len(data)
    assert got == DOWNLOAD, got
    return round(got / 1e6 / (time.monotonic() - started), 1)


def flood(port: int, count: int, source: str = "127.0.0.2") -> list[socket.socket]:
    """Connections that each send a long beginning of a head; those that are still held."""
    held = []
    for _ in range(count):
        connection = _from(source)
        with contextlib.suppress(OSError):
            connection.connect(("127.0.0.1", port))
            connection.setblocking(False)
            connection.send(b"GET http://big.test/ HTTP/1.1\r\nX: " + b"x" * 60_000)
        held.append(connection)
    return held


def unread(port: int, site: Site, people: int, each: int = 256) -> tuple[list[socket.socket], list[int]]:
    """Downloads that nobody reads; all of them, and how many each person got."""
    held, counts = [], []
    for person in range(people):
        mine = []
        for _ in range(each):
            connection = tunnel(port, site, f"mallory{person}", f"127.0.1.{person + 1}")
            if connection is None:
                break
            connection.sendall(b"a")
            # A little is read, so that the kernel's buffers grow as they would for somebody who is fast.
            for _ in range(40 if len(mine) < 8 else 1):
                connection.recv(256 * 1024)
            mine.append(connection)
        held += mine
        counts.append(len(mine))
    return held, counts


def _buffers() -> int:
    """MB that all connections of this machine take of the kernel: the other ends of the proxy's, too."""
    line = next(one for one in Path("/proc/net/sockstat").read_text().splitlines() if one.startswith("TCP:"))
    return int(line.split("mem ")[1].split()[0]) * resource.getpagesize() // 1024**2


def attack(kind: str, count: int) -> dict:
    """Does it, and tells."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    site = Site()
    with proxy(site) as (port, facts):
        download(port, site)
        before = max(download(port, site) for _ in range(3))
        started = time.monotonic()
        counts = None
        if kind == "flood":
            held = flood(port, count)
        else:
            held, counts = unread(port, site, count)
        seconds = round(time.monotonic() - started, 1)
        meanwhile = max(download(port, site) for _ in range(3))
        result = {
            "attack": kind,
            "count": count,
            "seconds": seconds,
            "before": before,
            "meanwhile": meanwhile,
        }
        result |= {**facts(), "kernelMB": _buffers()}
        if counts:
            result["tunnels"] = counts
        for one in held:
            one.close()
    site.close()
    return result


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", port]:
            serve(int(port))
        case [("flood" | "unread") as kind, count]:
            print(json.dumps(attack(kind, int(count))))
        case _:
            sys.exit(__doc__)
