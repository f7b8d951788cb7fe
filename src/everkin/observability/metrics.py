"""Metrics of this process for Prometheus. No label ever contains a user's id or text."""

from collections.abc import Awaitable, Callable, Sequence

from everkin.domain.events import Event, MessageAdded, TurnCompleted, TurnFailed, TurnStopped
from everkin.domain.message import SenderType
from everkin.kit.clock import Clock
from everkin.observability.health import Health
from everkin.observability.instruments import FAST, SLOW, About, Counter, Histogram, Kind, Names, Reading, Sample
from everkin.observability.usage import FAILURES, Call, storable

MOST_MODELS = 32
OUTCOMES = frozenset({"stop", "length", "content_filter", "tool_calls", "stopped"}) | FAILURES


class Metrics:
    """Receives events and every call of a model; `watch` adds metrics counted by other parts. `node`: the node whose
    turns are counted (other nodes count their own)."""

    def __init__(self, clock: Clock, health: Health, node: str) -> None:
        self._clock = clock
        self._node = node
        self._models = Names(MOST_MODELS)
        self.health = health
        self.readings: list[Reading] = []

        self.turns = Counter(About("turns", "Turns that ended, by how.", ("outcome",)))
        self.turn_seconds = Histogram(
            About("turn_seconds", "From a message to the end of its answer, on disk.", ("outcome",)), SLOW
        )
        self.stored_seconds = Histogram(
            About("message_stored_seconds", "From a person's message to its being on disk."), FAST
        )
        self.commit_seconds = Histogram(About("commit_seconds", "One transaction of the record's writer."), FAST)
        self.commit_writes = Counter(About("commit_writes", "Writes that those transactions held."))
        self.calls = Counter(About("model_calls", "Calls of language models, by how they ended.", ("model", "outcome")))
        self.first_token_seconds = Histogram(
            About(
                "model_first_token_seconds", "From a call to its first word, waiting and retries included.", ("model",)
            ),
            SLOW,
        )
        self.generation_seconds = Histogram(
            About("model_generation_seconds", "From the first word of an answer to its end.", ("model",)), SLOW
        )
        self.tokens = Counter(About("model_tokens", "Tokens read (in) and spoken (out).", ("model", "direction")))
        self.cost = Counter(About("model_cost_dollars", "What the calls cost by the table of prices.", ("model",)))

    def instruments(self) -> list[Counter | Histogram]:
        return [each for each in vars(self).values() if isinstance(each, Counter | Histogram)]

    def watch(self, about: About, kind: Kind, read: Callable[[], Awaitable[Sequence[Sample]]]) -> None:
        """Add a metric of another part. `read` is called for every request of the metrics; it must be quick, and its
        labels few."""
        self.readings.append(Reading(about, kind, read))

    def called(self, call: Call) -> None:
        """Record a call of a model, at once and without raising."""
        model = self._models.of(storable(call.model))
        self.calls.add(1, model, call.outcome if call.outcome in OUTCOMES else "other")
        self.tokens.add(call.tokens_in, model, "in")
        self.tokens.add(call.tokens_out, model, "out")
        self.cost.add(call.cost, model)
        if call.first_ms is not None:
            self.first_token_seconds.observe(call.first_ms / 1000, model)
            self.generation_seconds.observe((call.total_ms - call.first_ms) / 1000, model)

    def committed(self, seconds: float, writes: int) -> None:
        """Record a transaction. Called from the database writer's thread, which alone writes these two."""
        self.commit_seconds.observe(seconds)
        self.commit_writes.add(writes)

    async def hear(self, event: Event) -> None:
        """Listener of App.events."""
        if isinstance(event, TurnCompleted):
            self._ended(event, "completed")
        elif isinstance(event, TurnStopped):
            self._ended(event, "stopped")
        elif isinstance(event, TurnFailed):
            self._ended(event, event.code if event.code in FAILURES else "failed")
        elif isinstance(event, MessageAdded) and self._is_ours(event):
            self.stored_seconds.observe(max(0, self._clock.now() - event.message.created_at) / 1000)

    def _is_ours(self, event: MessageAdded) -> bool:
        said_here = bool(event.turns) and event.turns[0].owner == self._node
        return said_here and event.message.sender_type is SenderType.USER

    def _ended(self, event: TurnCompleted | TurnStopped | TurnFailed, outcome: str) -> None:
        turn = event.turn
        if turn.owner != self._node:
            return
        self.turns.add(1, outcome)
        ended = self._clock.now() if turn.ended_at is None else turn.ended_at
        self.turn_seconds.observe(max(0, ended - turn.created_at) / 1000, outcome)
