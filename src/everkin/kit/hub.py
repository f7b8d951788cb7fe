"""Publish and subscribe inside one process. Listeners are called in the order of subscription, one event at a time."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

log = logging.getLogger("everkin.hub")

E = TypeVar("E")
Listener = Callable[[E], Awaitable[None]]
"""Called with each event."""


class Hub(Generic[E]):
    """Distributes events to listeners by topic.

    `publish` returns when all listeners have returned, so the events of one publisher keep their order. A listener must
    only pass the event on (to a bounded queue); exceptions of listeners are logged and counted.
    """

    def __init__(self) -> None:
        self.failures = 0
        self._listeners: dict[str | None, list[Listener[E]]] = {}

    async def publish(self, event: E, topic: str) -> None:
        """Call the listeners of all topics, then those of `topic`."""
        for listener in (*self._listeners.get(None, ()), *self._listeners.get(topic, ())):
            try:
                await listener(event)
            except Exception:
                self.failures += 1
                log.exception("a listener failed on %s", type(event).__name__)

    @contextmanager
    def listening(self, listener: Listener[E], topic: str | None = None) -> Iterator[None]:
        """Call `listener` for the events of `topic` until the block is left; None: for all events."""
        self._listeners.setdefault(topic, []).append(listener)
        try:
            yield
        finally:
            listeners = self._listeners[topic]
            listeners.remove(listener)
            if not listeners:
                del self._listeners[topic]
