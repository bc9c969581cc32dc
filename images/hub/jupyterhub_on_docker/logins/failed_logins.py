"""Counts of failed logins, in memory: how many names, and how much of each, is bounded."""

import hashlib
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tornado.web import HTTPError

EVERYWHERE_FACTOR = 10
"""How many times `attempts` lock a name for all addresses."""

LARGEST = 20_000
"""Counts, and names with known addresses, that are kept."""

FEW = 2_000
"""Counts of one address, as of a school with that many people. Those of an address with more go first."""

KNOWN_ADDRESSES = 20
"""Addresses that are known of a name."""

Clock = Callable[[], float]
Key = bytes


@dataclass(frozen=True)
class Limit:
    """So many attempts within a window of seconds lock for a duration of seconds."""

    attempts: int
    window: float
    duration: float


@dataclass
class _Count:
    address: Key
    """Where the first attempt came from."""
    times: deque[float] = field(default_factory=deque)
    locked_until: float = 0


@dataclass(frozen=True)
class Attempt:
    """A login that is under way, or that has failed."""

    name: str
    address: str
    time: float
    counts: tuple[tuple[Key, Limit], ...]


class FailedLogins:
    """Counts failed logins. Times are seconds of `clock`.

    `attempts` 0 is for no limit of an address; `name_limit` holds for a name from everywhere, and spares no
    address.
    """

    def __init__(
        self,
        attempts: int,
        window: int,
        duration: int,
        clock: Clock = time.monotonic,
        name_limit: Limit | None = None,
    ):
        self._here = Limit(attempts, window, duration)
        self._everywhere = Limit(attempts * EVERYWHERE_FACTOR, window, duration)
        self._name_limit = name_limit
        self._clock = clock
        self._counts: OrderedDict[Key, _Count] = OrderedDict()
        self._known: OrderedDict[Key, deque[Key]] = OrderedDict()

    def locked_for(self, name: str, address: str) -> float:
        """Seconds for which this name is refused from this address; 0 if it is not."""
        now = self._clock()
        known = _key("address", address) in self._known.get(_key("name", name), ())
        everywhere = _key("everywhere", name)
        ends = [
            self._counts[key].locked_until
            for key, _ in self._keys(name, address)
            if key in self._counts and not (known and key == everywhere)
        ]
        return max([0.0, *(end - now for end in ends)])

    def begin(self, name: str, address: str) -> Attempt:
        """Counts an attempt. To be called where `locked_for` is 0, and with nothing awaited between both."""
        now = self._clock()
        counts = []
        here = _key("address", address)
        for key, limit in self._keys(name, address):
            count = self._counts.setdefault(key, _Count(here))
            self._counts.move_to_end(key)
            if count.locked_until > now:
                # Where the name logged in before: its owner's attempts change nothing for the others.
                continue
            if count.locked_until:
                # A lock that has ended leaves nothing behind.
                count.times.clear()
                count.locked_until = 0
            while count.times and count.times[0] <= now - limit.window:
                count.times.popleft()
            count.times.append(now)
            if len(count.times) >= limit.attempts:
                count.locked_until = now + limit.duration
            counts.append((key, limit))
        self._forget_least(now)
        return Attempt(name, address, now, tuple(counts))

    def _forget_least(self, now: float) -> None:
        """Makes room, a tenth at once. Nobody gets rid of a lock by failing with other names.

        What locks goes last, what an address with many counts began goes first; then least attempts first,
        and the oldest of these.
        """
        if len(self._counts) <= LARGEST:
            return
        of_address = Counter(count.address for count in self._counts.values())

        def worth(key: Key) -> tuple[bool, bool, int]:
            count = self._counts[key]
            return count.locked_until > now, of_address[count.address] <= FEW, len(count.times)

        for key in sorted(self._counts, key=worth)[: len(self._counts) - LARGEST * 9 // 10]:
            del self._counts[key]

    def take_back(self, attempt: Attempt) -> None:
        """Forgets an attempt that did not try a password."""
        for key, limit in attempt.counts:
            count = self._counts.get(key)
            if count is None or attempt.time not in count.times:
                continue
            count.times.remove(attempt.time)
            if len(count.times) < limit.attempts:
                count.locked_until = 0
            if not count.times:
                del self._counts[key]

    def failed(self, name: str, address: str) -> None:
        """Counts an attempt that has failed."""
        self.begin(name, address)

    def succeeded(self, name: str, address: str, attempt: Attempt | None = None) -> None:
        """Takes the attempt back, and forgets the failed ones from the address: it is the name's owner's."""
        if attempt is not None:
            self.take_back(attempt)
        self._counts.pop(_key("here", name, address), None)
        self._counts.pop(_key("name-limit", name), None)
        key, here = _key("name", name), _key("address", address)
        addresses = self._known.setdefault(key, deque(maxlen=KNOWN_ADDRESSES))
        if here not in addresses:
            addresses.append(here)
        self._known.move_to_end(key)
        _shorten(self._known)

    def _keys(self, name: str, address: str) -> list[tuple[Key, Limit]]:
        keys = []
        if self._here.attempts:
            keys += [(_key("here", name, address), self._here), (_key("everywhere", name), self._everywhere)]
        if self._name_limit is not None:
            keys.append((_key("name-limit", name), self._name_limit))
        return keys


def _key(*parts: str) -> Key:
    # Each with its length, so that no two lists of parts are the same text.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _shorten(entries: OrderedDict[Key, Any]) -> None:
    while len(entries) > LARGEST:
        entries.popitem(last=False)


class RightPassword(HTTPError):
    """A refusal of somebody who knows the password: nothing was guessed."""
