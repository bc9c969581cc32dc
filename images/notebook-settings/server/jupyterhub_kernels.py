"""Says why a kernel died: the kernel (of Linux) kills the process that needs the memory that is left.

An extension of Jupyter Server, which restarts such a kernel and does not know why. It costs nothing while
kernels live: only when one has died does it look at what the container's cgroup has counted. The reason goes
to the server's log, for administrators, and as an event to JupyterLab, which shows it.
"""

import os
from pathlib import Path

SCHEMA = {
    "$id": "https://jupyterhub-on-docker.invalid/kernel-died",
    "version": "1",
    "title": "A kernel died",
    "description": "A kernel died of a limit of its server",
    "type": "object",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}

KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"

# Of cgroup v2, then of v1: in a container they are its own.
MEMORY = ("memory.events", "memory/memory.oom_control")
PROCESSES = ("pids.events", "pids/pids.events")


def count(files, key, root=Path("/sys/fs/cgroup")):
    """What the first of these files that is there has counted; 0 where there is none."""
    for file in files:
        try:
            lines = (root / file).read_text().splitlines()
        except OSError:
            continue
        return sum(int(line.split()[1]) for line in lines if line.split()[:1] == [key])
    return 0


def killed():
    return count(MEMORY, "oom_kill")


def refused():
    return count(PROCESSES, "max")


def size(text):
    """A limit in bytes as the hub tells it, for people."""
    try:
        number = int(text)
    except (TypeError, ValueError):
        return ""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB")):
        if number >= unit:
            return f" ({number / unit:.4g} {name})"
    return f" ({number} bytes)"


class Kernels:
    """What was counted when it was looked at last, and whom to tell when a kernel dies."""

    def __init__(self, app):
        self.app = app
        self.killed, self.refused = killed(), refused()

    async def on_action(self, logger=None, schema_id=None, data=None):
        if data.get("action") == "start" and data.get("kernel_id"):
            self.watch(data["kernel_id"])

    def watch(self, kernel_id):
        def died():
            self.look(kernel_id)

        for event in ("restart", "dead"):
            self.app.kernel_manager.add_restart_callback(kernel_id, died, event)

    def look(self, kernel_id):
        before = self.killed, self.refused
        self.killed, self.refused = killed(), refused()
        if self.killed > before[0]:
            limit = size(os.environ.get("MEM_LIMIT"))
            what = f"The server reached its memory limit{limit}, so a kernel was killed and restarted."
            # JupyterLab shows 140 characters.
            do = "Its variables are lost. Load less data at once."
        elif self.refused > before[1]:
            what = "A kernel died and was restarted. The server had reached its limit of processes."
            do = "Its variables are lost. Run fewer processes at once."
        else:
            return
        self.app.log.error("Kernel %s: %s", kernel_id, what)
        self.app.event_logger.emit(schema_id=SCHEMA["$id"], data={"message": f"{what} {do}"})


def _load_jupyter_server_extension(app):
    try:
        app.event_logger.register_event_schema(SCHEMA)
        app.event_logger.add_listener(schema_id=KERNEL_ACTIONS, listener=Kernels(app).on_action)
    except Exception as error:
        # Of another version, perhaps. A server starts without it.
        app.log.warning("Kernels that are killed for memory are not told: %s", error)


def _jupyter_server_extension_points():
    return [{"module": "jupyterhub_kernels"}]
