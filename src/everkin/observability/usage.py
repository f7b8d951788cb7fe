"""Usage of language models: every call is recorded at once, summed in memory and written every second."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from everkin.domain.errors import EverkinError, ModelError
from everkin.domain.ids import UserId
from everkin.domain.prompt import Purpose
from everkin.domain.usage import Amounts, UsageKey, UsageQuestion, UsageTotal, day_of
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.observability.health import Condition, PartHealth

log = logging.getLogger("everkin.usage")

WRITE_SECONDS = 1.0
FRESH_SECONDS = 5.0
"""How old the known amounts of other nodes may be."""

MOST_KEYS = 20_000
MOST_PEOPLE = 10_000
LONGEST_MODEL = 120
_MODEL_ERRORS: list[type[ModelError]] = [ModelError, *ModelError.__subclasses__()]
FAILURES = frozenset({"error", *(kind.code for kind in _MODEL_ERRORS)})
"""Outcomes of calls that failed; `error` is the outcome of some providers."""


class Call(Protocol):
    """One call of a model; implemented by llm/gateway/metering.py. Times in milliseconds, cost in dollars; `first_ms`
    None: no text came. `outcome`: the end's reason, an error's code, or `stopped`."""

    @property
    def purpose(self) -> Purpose: ...
    @property
    def model(self) -> str: ...
    @property
    def first_ms(self) -> float | None: ...
    @property
    def total_ms(self) -> float: ...
    @property
    def tokens_in(self) -> int: ...
    @property
    def tokens_out(self) -> int: ...
    @property
    def cost(self) -> float: ...
    @property
    def outcome(self) -> str: ...


class UsageRecord(Protocol):
    """Storage of usage. Implemented by storage/sql/usage.py."""

    async def add(self, rows: Mapping[UsageKey, Amounts]) -> None: ...

    async def totals(self, question: UsageQuestion) -> list[UsageTotal]: ...

    async def spent(self, user_id: UserId, day: str) -> Amounts: ...


@dataclass(slots=True)
class _Known:
    """One user's day."""

    day: str
    """The day (UTC)."""
    read_at: float
    """When the database was read (monotonic seconds)."""
    amounts: Amounts
    """The stored amounts, and everything recorded here since."""


class UsageRecorder:
    """Records usage. Enter it; unwritten usage is written on leaving. `lost`: calls that were not recorded, because the
    database could not be written for so long that the memory for it (20 000 rows) was full. `failed`: failed attempts
    to write."""

    def __init__(self, record: UsageRecord, clock: Clock) -> None:
        self.lost = 0
        self.failed = 0
        self._record = record
        self._clock = clock
        self._unwritten: dict[UsageKey, Amounts] = {}
        self._known: OrderedDict[UserId, _Known] = OrderedDict()
        self._writing = asyncio.Lock()
        self._behind = False
        self._tasks = Tasks("usage")

    async def __aenter__(self) -> "UsageRecorder":
        self._tasks.start(self._keep_writing())
        return self

    async def __aexit__(self, *error: object) -> None:
        async with self._writing:  # so that no write is cut off half-way
            await self._tasks.close()
        if not await self._write():
            log.error("the usage of %d calls could not be written", self.unwritten)

    @property
    def unwritten(self) -> int:
        """Number of calls that are in memory only."""
        return sum(amounts.calls for amounts in self._unwritten.values())

    def enter(self, call: Call) -> None:
        """Record a call, at once and without raising. Calls without a user, made by Everkin itself, are not
        recorded."""
        if not call.purpose.user_id:
            return
        amounts = amounts_of(call)
        day, user_id = day_of(self._clock.now()), UserId(call.purpose.user_id)
        key = (day, user_id, call.purpose.character_id, storable(call.model))
        if key not in self._unwritten and len(self._unwritten) >= MOST_KEYS:
            self.lost += 1
            return
        self._unwritten[key] = self._unwritten.get(key, Amounts()) + amounts
        known = self._known.get(user_id)
        if known is not None and known.day == day:
            known.amounts += amounts

    async def spent(self, user_id: UserId) -> Amounts:
        """Return today's (UTC) amounts of a user, including unwritten ones; amounts of other nodes may be missing for
        five seconds. Raises StorageUnavailable."""
        day, now = day_of(self._clock.now()), self._clock.monotonic()
        known = self._known.get(user_id)
        if known is None or known.day != day or now - known.read_at >= FRESH_SECONDS:
            known = await self._read(user_id, day)
        return known.amounts

    async def totals(self, question: UsageQuestion) -> list[UsageTotal]:
        """Return totals over all nodes, and up to now on this one. Raises StorageUnavailable."""
        await self.write()
        return await self._record.totals(question)

    async def write(self) -> bool:
        """Write all recorded calls. True if they are stored now. Continues when the caller is cancelled."""
        return await asyncio.shield(self._tasks.start(self._write()))

    async def _write(self) -> bool:
        async with self._writing:
            rows, self._unwritten = self._unwritten, {}
            try:
                await self._record.add(rows)
            except EverkinError as error:
                self._put_back(rows, error)
            else:
                self._behind = False
        return not self._behind

    async def health(self) -> PartHealth:
        figures = {"unwritten": float(self.unwritten), "failed": float(self.failed), "lost": float(self.lost)}
        if self.lost:
            return PartHealth(
                Condition.DEGRADED, "Usage of some calls was lost: the record was away too long.", figures
            )
        if self._behind:
            return PartHealth(Condition.DEGRADED, "Usage cannot be written; it is kept and tried again.", figures)
        return PartHealth(Condition.OK, "", figures)

    async def _read(self, user_id: UserId, day: str) -> _Known:
        """Read a user's day. While the lock is held no write is in progress: the unwritten amounts are exactly those
        missing in the database."""
        async with self._writing:
            stored = await self._record.spent(user_id, day)
            here = (amounts for key, amounts in self._unwritten.items() if key[:2] == (day, user_id))
            known = _Known(day, self._clock.monotonic(), sum(here, stored))
        self._known[user_id] = known
        self._known.move_to_end(user_id)
        while len(self._known) > MOST_PEOPLE:
            self._known.popitem(last=False)
        return known

    def _put_back(self, rows: Mapping[UsageKey, Amounts], error: EverkinError) -> None:
        self.failed += 1
        if not self._behind:
            log.warning("usage is written later: %s", error)
        self._behind = True
        for key, amounts in rows.items():
            self._unwritten[key] = self._unwritten.get(key, Amounts()) + amounts

    async def _keep_writing(self) -> None:
        while True:
            await self._clock.sleep(WRITE_SECONDS)
            if self._unwritten:
                await self._write()


def amounts_of(call: Call) -> Amounts:
    spoke = call.first_ms is not None
    first = call.first_ms or 0.0
    return Amounts(
        calls=1,
        failures=int(call.outcome in FAILURES),
        tokens_in=call.tokens_in,
        tokens_out=call.tokens_out,
        cost=call.cost,
        first_token_ms=round(first),
        generation_ms=round(call.total_ms - first) if spoke else 0,
    )


def storable(model: str) -> str:
    """Return a model's name in a form that a database accepts: whole Unicode without NUL, at most LONGEST_MODEL
    characters."""
    return model.replace("\0", "").encode("utf-8", "replace").decode()[:LONGEST_MODEL]
