"""Publish and subscribe inside one process. Listeners are called in the order they came, one event at a time."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

log = logging.getLogger("everkin.hub")


E = TypeVar("E")


class Hub(Generic[E]):
    """`publish` returns when every listener has taken the event, so one publisher's events keep their order.

    A listener must only hand the event on (to an outbox with a bound of its own); one that raises is logged and counted.
    """

    def __init__(self) -> None:
        self.failures = 0
        self._listeners: list[Callable[[E], Awaitable[None]]] = []

    async def publish(self, event: E) -> None:
        for listener in tuple(self._listeners):
            try:
                await listener(event)
            except Exception:
                self.failures += 1
                log.exception("a listener failed on %s", type(event).__name__)

    @contextmanager
    def listening(self, listener: Callable[[E], Awaitable[None]]) -> Iterator[None]:
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)
