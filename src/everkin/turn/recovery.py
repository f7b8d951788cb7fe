"""Turn recovery: publishes stalls, renews leases, and takes up turns that a dead node (or a crash of this one) left
pending, so that each is answered once."""

import logging
from collections.abc import Awaitable, Callable

from everkin.domain.errors import EverkinError
from everkin.domain.ids import Millis
from everkin.domain.repositories import Turns
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import Clock
from everkin.kit.tasks import Tasks
from everkin.turn.rules import TurnRules
from everkin.turn.turns import TurnService

log = logging.getLogger("everkin.watching")


class TurnRecovery:
    """Watches the pending turns. `taken_over` counts the turns taken up.

    `sole` means that this node owns the whole database (SQLite), so at its start every pending turn was left behind.
    """

    def __init__(
        self, service: TurnService, turns: Turns, logs: HistoryCache, clock: Clock, rules: TurnRules, *, sole: bool
    ) -> None:
        self.taken_over = 0
        self._service = service
        self._turns = turns
        self._logs = logs
        self._clock = clock
        self._rules = rules
        self._sole = sole
        self._tasks = Tasks("turn watch")

    async def open(self) -> None:
        """Take up turns left behind and start the periodic checks."""
        await self._take_over(leftovers=self._sole)
        self._tasks.start(self._every(self._rules.lease_seconds / 3, self._keep_leases))
        self._tasks.start(self._every(self._rules.stall_seconds / 4, self._tell_stalls))

    async def close(self) -> None:
        """Stop the periodic checks."""
        await self._tasks.close()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._clock.sleep(seconds)
            try:
                await work()
            except EverkinError as error:
                log.warning("watching over turns: %s", error)

    async def _keep_leases(self) -> None:
        riding = [request.turn.id for request in self._service.queues.all_requests()]
        if riding:
            await self._turns.renew(riding, self._rules.node, self._lease())
        await self._take_over(leftovers=False)

    async def _take_over(self, *, leftovers: bool) -> None:
        """Claim each turn left behind in the database first, so that only one node answers it, then queue it."""
        riding = {request.turn.id for request in self._service.queues.all_requests()}
        now = self._clock.now()
        found = await self._turns.pending(None if leftovers else self._rules.node, now)
        left = {turn.id: (turn, message) for turn, message in found if turn.id not in riding}
        if not left:
            return
        claimed = await self._turns.take_over(list(left), self._rules.node, self._lease(), now, force=leftovers)
        for turn_id in claimed:
            turn, message = left[turn_id]
            conversation = (await self._logs.get(turn.conversation_id)).conversation
            self._service.take_up([turn], message, conversation.user_ids)
        self.taken_over += len(claimed)
        log.info("took up %d answers that had been left unfinished", len(claimed))

    async def _tell_stalls(self) -> None:
        now = self._clock.monotonic()
        for request in list(self._service.queues.all_requests()):
            waited = now - request.heard_at
            if request.scope is not None and not request.stalled and waited >= self._rules.stall_seconds:
                request.stalled = True
                await self._service.announcing.stalled(request, round(waited * 1000))

    def _lease(self) -> Millis:
        return Millis(self._clock.now() + round(self._rules.lease_seconds * 1000))
