"""Health: each part registers where it is built; a degraded part is counted, logged and shown, never silent."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

log = logging.getLogger("everkin.health")


class Condition(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class PartHealth:
    """`note` is one sentence for the operator; `figures` are counters worth a look."""

    condition: Condition
    note: str = ""
    figures: dict[str, float] = field(default_factory=dict)


Probe = Callable[[], Awaitable[PartHealth]]


class Health:
    """The parts by name. `essential` parts that are DOWN make the node unready (GET /readyz answers 503)."""

    def __init__(self) -> None:
        self._probes: dict[str, tuple[Probe, bool]] = {}

    def register(self, name: str, probe: Probe, *, essential: bool = False) -> None:
        self._probes[name] = (probe, essential)

    async def parts(self) -> dict[str, PartHealth]:
        return {name: await self._ask(name, probe) for name, (probe, _) in self._probes.items()}

    async def ready(self) -> tuple[bool, dict[str, PartHealth]]:
        parts = await self.parts()
        essential = {name for name, (_, needed) in self._probes.items() if needed}
        return all(parts[name].condition is not Condition.DOWN for name in essential), parts

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
