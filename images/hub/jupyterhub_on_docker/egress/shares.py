"""Places of which nobody takes what others need."""

from collections import Counter


class Shares:
    """A number of places, and how many one may have.

    Nobody gets more than half of what is free then. So there is always a place for who has none yet, however
    many take all that they get: of 1024 places two have 256 each, ten have 85 each and leave 170 free.
    """

    def __init__(self, total: int, each: int):
        self.free = total
        self.each = each
        self._held: Counter[str] = Counter()

    def take(self, who: str) -> bool:
        """Takes a place; says if there was one."""
        held = self._held[who]
        if held >= self.each or 2 * held >= self.free:
            return False
        self._held[who] = held + 1
        self.free -= 1
        return True

    def give(self, who: str) -> None:
        """Gives a place back."""
        self.free += 1
        self._held[who] -= 1
        if not self._held[who]:
            del self._held[who]

    def held(self, who: str) -> int:
        return self._held[who]

    def holders(self) -> int:
        """How many have a place."""
        return len(self._held)
