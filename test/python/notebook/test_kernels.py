"""The extension of Jupyter Server that says why a kernel died. A server's parts are put in its place."""

import asyncio
from types import SimpleNamespace

import pytest

import jupyterhub_kernels as kernels


class Server:
    """What the extension uses of Jupyter Server."""

    def __init__(self):
        self.told, self.lines, self.schemas, self.listeners, self.callbacks = [], [], [], {}, {}
        self.event_logger = SimpleNamespace(
            register_event_schema=self.schemas.append,
            add_listener=lambda schema_id, listener: self.listeners.update({schema_id: listener}),
            emit=lambda schema_id, data: self.told.append((schema_id, data["message"])),
        )
        self.kernel_manager = SimpleNamespace(add_restart_callback=self._add)
        self.log = SimpleNamespace(
            error=lambda text, *values: self.lines.append(text % values),
            warning=lambda text, *values: self.lines.append(text % values),
        )

    def _add(self, kernel_id, callback, event):
        self.callbacks[kernel_id, event] = callback

    def start(self, kernel_id="k1"):
        listener = self.listeners[kernels.KERNEL_ACTIONS]
        asyncio.run(listener(data={"action": "start", "kernel_id": kernel_id}))


@pytest.fixture
def counted(monkeypatch):
    """What the container's cgroup has counted."""
    counted = {"killed": 3, "refused": 0}
    monkeypatch.setattr(kernels, "killed", lambda: counted["killed"])
    monkeypatch.setattr(kernels, "refused", lambda: counted["refused"])
    return counted


@pytest.fixture
def server(counted, monkeypatch):
    monkeypatch.setenv("MEM_LIMIT", str(600 * 1024**2))
    server = Server()
    kernels._load_jupyter_server_extension(server)
    server.start()
    return server


def test_a_kernel_that_was_killed_for_memory_is_told_to_both(server, counted):
    counted["killed"] += 1
    server.callbacks["k1", "restart"]()
    ((schema, message),) = server.told
    assert schema == kernels.SCHEMA["$id"]
    assert message.startswith("The server reached its memory limit (600 MiB), so a kernel was killed")
    assert message.endswith("Load less data at once.")
    # JupyterLab shows no more of it.
    assert len(message) <= 140
    assert "Kernel k1: The server reached its memory limit (600 MiB)" in server.lines[0]


def test_one_that_died_at_the_limit_of_processes_too(server, counted):
    counted["refused"] += 40
    server.callbacks["k1", "dead"]()
    assert "had reached its limit of processes" in server.told[0][1]


def test_one_that_died_by_itself_is_left_to_jupyterlab(server, counted):
    server.callbacks["k1", "restart"]()
    # Counted once: the next one has not died of it.
    counted["killed"] += 1
    server.callbacks["k1", "restart"]()
    server.callbacks["k1", "restart"]()
    assert len(server.told) == 1


def test_a_server_of_another_version_starts_all_the_same(counted):
    server = Server()
    server.event_logger = None
    kernels._load_jupyter_server_extension(server)
    assert "Kernels that are killed for memory are not told" in server.lines[0]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"memory.events": "low 0\noom 2\noom_kill 1\noom_group_kill 0\n"}, 1),
        ({"memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"}, 2),
        ({}, 0),
    ],
)
def test_both_kinds_of_cgroups_are_read(tmp_path, files, expected):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert kernels.count(kernels.MEMORY, "oom_kill", tmp_path) == expected


@pytest.mark.parametrize(
    ("limit", "text"), [("2147483648", " (2 GiB)"), ("1000", " (1000 bytes)"), (None, ""), ("x", "")]
)
def test_the_limit_is_told_where_there_is_one(limit, text):
    assert kernels.size(limit) == text
