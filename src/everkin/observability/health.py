"""Health: each part registers a probe when it is built; a degraded part is counted, logged and shown."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks

log = logging.getLogger("everkin.health")


class Condition(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class PartHealth:
    condition: Condition
    """Whether the part works."""
    note: str = ""
    """One sentence for the operator."""
    figures: dict[str, float] = field(default_factory=dict)
    """Counters of interest."""


Probe = Callable[[], Coroutine[Any, Any, PartHealth]]


class SparingProbe:
    """A costly probe, called once at a time and at most every `fresh_seconds`. Its result is awaited for at most
    `patience_seconds`; until it arrives, the result is DOWN with the sentence `late`."""

    def __init__(
        self, probe: Probe, clock: Clock, late: str, *, fresh_seconds: float = 1.0, patience_seconds: float = 2.0
    ) -> None:
        self._probe = probe
        self._clock = clock
        self._late = late
        self._fresh_seconds = fresh_seconds
        self._patience_seconds = patience_seconds
        self._tasks = Tasks("a health probe")
        self._asking: asyncio.Task[PartHealth] | None = None
        self._asked_at = 0.0

    async def __call__(self) -> PartHealth:
        now = self._clock.monotonic()
        if self._asking is None or (self._asking.done() and now - self._asked_at >= self._fresh_seconds):
            self._asking, self._asked_at = self._tasks.start(self._probe()), now
        patience = max(0.0, self._patience_seconds - (now - self._asked_at))
        await asyncio.wait({self._asking}, timeout=patience)
        return self._asking.result() if self._asking.done() else PartHealth(Condition.DOWN, self._late)

    async def close(self) -> None:
        await self._tasks.close()


class Health:
    """The parts by name. `essential` parts that are DOWN make the node unready (GET /readyz answers 503), and so does
    `draining`: the server is stopping and takes no new clients."""

    def __init__(self) -> None:
        self.draining = False
        self._probes: dict[str, tuple[Probe, bool]] = {}

    def register(self, name: str, probe: Probe, *, essential: bool = False) -> None:
        self._probes[name] = (probe, essential)

    async def parts(self) -> dict[str, PartHealth]:
        return {name: await self._ask(name, probe) for name, (probe, _) in self._probes.items()}

    async def ready(self) -> tuple[bool, dict[str, PartHealth]]:
        parts = await self.parts()
        essential = {name for name, (_, needed) in self._probes.items() if needed}
        all_up = all(parts[name].condition is not Condition.DOWN for name in essential)
        return all_up and not self.draining, parts

    async def _ask(self, name: str, probe: Probe) -> PartHealth:
        try:
            return await probe()
        except Exception as error:
            log.exception("the health probe of %s failed", name)
            return PartHealth(Condition.DOWN, f"The probe itself failed: {type(error).__name__}.")


def overall(parts: dict[str, PartHealth]) -> Condition:
    conditions = {part.condition for part in parts.values()}
    if Condition.DOWN in conditions:
        return Condition.DOWN
    return Condition.DEGRADED if Condition.DEGRADED in conditions else Condition.OK
