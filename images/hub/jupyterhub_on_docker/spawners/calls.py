"""Calls to the Docker API from several threads. DockerSpawner has one thread for all servers, so that a start
waits for the calls of every other one. Those of one server still follow each other.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 8
"""Calls at the same time; docker-py keeps up to ten connections. An engine works on more no faster."""

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="docker")


class InOrder(Executor):
    """Runs calls one after another, each in whatever thread of a pool is free."""

    def __init__(self, pool: Executor = _pool):
        self._pool = pool
        self._lock = Lock()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._runs = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        with self._lock:
            self._waiting.append((future, lambda: fn(*args, **kwargs)))
            if self._runs:
                return future
            self._runs = True
        self._pool.submit(self._run)
        return future

    def _run(self) -> None:
        """One call; the others of the server let those of another one go first."""
        with self._lock:
            future, call = self._waiting.popleft()
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)
        with self._lock:
            self._runs = bool(self._waiting)
            if not self._runs:
                return
        self._pool.submit(self._run)


class ConcurrentCalls:
    """For a DockerSpawner: its calls do not wait for those of other servers."""

    _calls: InOrder | None = None

    @property
    def executor(self) -> InOrder:
        if self._calls is None:
            self._calls = InOrder()
        return self._calls
