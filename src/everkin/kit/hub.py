"""Publish and subscribe inside one process. Listeners are called in the order they came, one event at a time."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

log = logging.getLogger("everkin.hub")

E = TypeVar("E")
Listener = Callable[[E], Awaitable[None]]


class Hub(Generic[E]):
    """`publish` returns when every listener has taken the event, so one publisher's events keep their order.

    A listener must only hand the event on (to an outbox with a bound of its own); one that raises is logged and counted.
    """

    def __init__(self) -> None:
        self.failures = 0
        self._listeners: dict[str | None, list[Listener[E]]] = {}

    async def publish(self, event: E, topic: str) -> None:
        """To those who listen to everything, and to those who listen to `topic`."""
        for listener in (*self._listeners.get(None, ()), *self._listeners.get(topic, ())):
            try:
                await listener(event)
            except Exception:
                self.failures += 1
                log.exception("a listener failed on %s", type(event).__name__)

    @contextmanager
    def listening(self, listener: Listener[E], topic: str | None = None) -> Iterator[None]:
        """`topic` None: everything."""
        self._listeners.setdefault(topic, []).append(listener)
        try:
            yield
        finally:
            listeners = self._listeners[topic]
            listeners.remove(listener)
            if not listeners:
                del self._listeners[topic]
