"""`python3 -m jupyterhub_firewall`."""

import os
import select
import signal
import sys
from pathlib import Path
from types import FrameType

from . import kernel, members, resolvers, rules
from .settings import Settings, SettingsError, read

STATE = Path("/run/firewall")
INTERVAL = 5.0
"""Seconds between two looks at the rules, where no change is reported before."""
NO_BRIDGED_FRAMES = (
    "this host cannot filter traffic between containers: load a kernel module that can, with "
    "`modprobe br_netfilter` (and the sysctls net.bridge.bridge-nf-call-iptables=1 and "
    "net.bridge.bridge-nf-call-ip6tables=1) "
    "or `modprobe nft_meta_bridge`"
)


class Firewall:
    def __init__(self, settings: Settings, state: Path = STATE):
        self._settings = settings
        self._state = state
        self._expected: dict[str, str] = {}
        self._no_bridge_table = False
        self._resolvers: tuple[str, ...] = ()
        self._members = rules.NOBODY

    def tables(self) -> dict[str, str]:
        name, settings = self._settings.table, self._settings
        return {
            f"inet {name}": rules.inet(settings, self._resolvers, self._members),
            f"bridge {name}": rules.bridge(settings, self._members),
        }

    def ensure(self) -> str | None:
        """Puts in what is not as it should be; what is wrong after that, or nothing."""
        problem = self._ensure_rules()
        try:
            if problem is None:
                self._open_gate()
            else:
                self._close_gate()
        except OSError as error:
            return problem or f"cannot create {self._settings.gate}: {error.strerror}"
        return problem

    def _ensure_rules(self) -> str | None:
        bridged = kernel.bridged_frames_are_filtered()
        if (found := resolvers.name_servers()) != self._resolvers:
            self._resolvers = found
            self._expected.pop(f"inet {self._settings.table}", None)
        try:
            changed = self._look()
        except OSError as error:
            return f"cannot list the addresses on {self._settings.bridge}: {error.strerror}"
        try:
            for table, text in self.tables().items():
                if table == self._bridge_table and self._no_bridge_table and bridged:
                    continue
                if table not in self._expected or kernel.listing(table) != self._expected[table]:
                    self._put(table, text)
                elif changed:
                    kernel.apply(rules.update(table.split()[0], self._settings, self._members))
                    self._note_listing(table)
        except kernel.KernelError as error:
            return f"cannot apply the rules: {error}"
        return None if bridged or self._bridge_table in self._expected else NO_BRIDGED_FRAMES

    def _look(self) -> bool:
        """Whether others are on the bridge than before."""
        overlays = self._settings.overlays
        if overlays is None:
            return False
        before, self._members = self._members, members.look(self._settings.bridge, overlays)
        return self._members.others != before.others

    @property
    def _bridge_table(self) -> str:
        return f"bridge {self._settings.table}"

    def _put(self, table: str, text: str) -> None:
        if table in self._expected:
            print(f"{table} was changed or removed: restoring it", flush=True)
        try:
            kernel.apply(text)
        except kernel.KernelError:
            # Kernels without nft_meta_bridge; the other table sees the frames there, or this is unhealthy.
            if table != self._bridge_table:
                raise
            self._expected.pop(table, None)
            self._no_bridge_table = True
            return
        self._note_listing(table)

    def _note_listing(self, table: str) -> None:
        listed = kernel.listing(table)
        if listed is None:
            raise kernel.KernelError(f"{table} is missing after it was applied")
        self._expected[table] = listed

    def note(self, problem: str | None) -> None:
        """Leaves a fresh file where all is well. The container's health check looks for one.

        (It runs every few seconds: a test of a file costs a hundredth of what a second Python does.)
        """
        self._state.mkdir(parents=True, exist_ok=True)
        if problem is None:
            (self._state / "healthy").touch()
        else:
            (self._state / "healthy").unlink(missing_ok=True)

    def _open_gate(self) -> None:
        if self._settings.gate is not None:
            Path(self._settings.gate).mkdir(exist_ok=True)

    def _close_gate(self) -> None:
        """From here on no container starts that has the folder mounted; those that run have it still."""
        if self._settings.gate is not None and os.path.isdir(self._settings.gate):
            os.rmdir(self._settings.gate)

    def remove(self) -> bool:
        """Removes the rules, unless a container could be reached without them. Says whether they are gone."""
        # First, or one could start in between.
        self._close_gate()
        if self._has_notebooks():
            return False
        for table in self.tables():
            kernel.delete(table)
        return True

    def _has_notebooks(self) -> bool:
        overlays = self._settings.overlays
        if overlays is None:
            return kernel.bridge_has_ports(self._settings.bridge)
        try:
            return members.look(self._settings.bridge, overlays).notebooks
        except OSError:
            return True


def run(firewall: Firewall) -> None:
    ended = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    watches = [kernel.changes(), members.changes()]
    last: str | None = "not checked yet"
    while not ended:
        problem = firewall.ensure()
        firewall.note(problem)
        if problem != last:
            print(problem or "rules are in place", flush=True)
            last = problem
        # Our own changes wake this up too, once.
        select.select(watches, [], [], INTERVAL)
        for watch in watches:
            kernel.drain(watch)
    gone = firewall.remove()
    print("rules removed" if gone else "rules kept: containers are still on the network", flush=True)


def main() -> None:
    try:
        settings = read()
    except SettingsError as error:
        sys.exit(f"firewall: {error}")
    run(Firewall(settings))


if __name__ == "__main__":
    main()
