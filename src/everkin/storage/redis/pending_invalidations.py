"""Invalidations that Redis has not acknowledged."""

from collections.abc import Iterable

MOST = 10_000


class PendingInvalidations:
    """The set of pending keys, which must not be read from Redis.

    Initially every key is pending, as the previous process may have died before it could send. More than MOST keys
    become every key.
    """

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
        """Return whether any of these keys has not been sent yet."""
        return not self._waiting.isdisjoint(keys)

    def take(self) -> tuple[str, ...]:
        """Return the next keys to send. They remain pending until `settle` or `fail`. One batch at a time."""
        self._sent, self._waiting = self._waiting, set()
        return tuple(self._sent)

    def settle(self) -> None:
        self._sent = set()

    def fail(self) -> None:
        sent, self._sent = self._sent, set()
        self.add(sent)
