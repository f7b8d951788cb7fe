"""Invalidations that Redis has not acknowledged."""

from collections.abc import Iterable

MOST = 10_000


class PendingInvalidations:
    """Begins owing everything: the process that ran before may have died before it could send. More than MOST keys
    become everything. What is owed here is never read from Redis."""

    def __init__(self) -> None:
        self.everything = True
        self._waiting: set[str] = set()
        self._sent: set[str] = set()

    def __len__(self) -> int:
        return len(self._waiting | self._sent)

    def __contains__(self, key: str) -> bool:
        return self.everything or key in self._waiting or key in self._sent

    def add(self, keys: Iterable[str]) -> None:
        self._waiting.update(keys)
        if len(self._waiting) > MOST:
            self._waiting.clear()
            self.everything = True

    def waiting(self, keys: Iterable[str]) -> bool:
        """Whether any of these has still to be sent."""
        return not self._waiting.isdisjoint(keys)

    def take(self) -> tuple[str, ...]:
        """What is sent next; until `settle` or `fail` it is owed all the same. One batch at a time."""
        self._sent, self._waiting = self._waiting, set()
        return tuple(self._sent)

    def settle(self) -> None:
        self._sent = set()

    def fail(self) -> None:
        sent, self._sent = self._sent, set()
        self.add(sent)
