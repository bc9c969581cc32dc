"""Takes connections, or refuses them at once: who has too many costs no more than a system call or two."""

import asyncio
import socket
from collections.abc import Callable

BACKLOG = 1024
"""Connections that the kernel keeps until they are taken."""
AT_ONCE = 16
"""Connections that are taken before anything else has its turn."""
BUFFER = 64 * 1024
"""Bytes of the kernel's buffers for a notebook's end, where distances are short."""
PAUSE = 0.1
"""Seconds without a new connection where the kernel has none to give."""


class Listener:
    """Gives each connection, and where it is from, to `taken`."""

    def __init__(self, host: str, port: int, taken: Callable[[socket.socket, str], None]):
        self._loop = asyncio.get_running_loop()
        self._taken = taken
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            # Of those that are accepted, too.
            self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        self._socket.setblocking(False)
        self._socket.bind((host, port))
        self._socket.listen(BACKLOG)
        self._loop.add_reader(self._socket, self._accept)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, address = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                # No file or memory left: what is there goes on.
                self._loop.remove_reader(self._socket)
                self._loop.call_later(PAUSE, self._again)
                return
            connection.setblocking(False)
            self._taken(connection, address[0])

    def _again(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.add_reader(self._socket, self._accept)
