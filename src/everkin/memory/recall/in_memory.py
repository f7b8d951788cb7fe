"""InMemorySources: memories without a database, for tests, benchmarks and `everkin eval`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from everkin.domain.memory import Embedded, Memory, MemoryKind
from everkin.memory.ports import Pair, PairState


class InMemorySources:
    """Implements Sources. `put` and `take` change the pair's state as the database would."""

    def __init__(self) -> None:
        self.reads = 0
        self._memories: dict[Pair, dict[str, Memory]] = {}
        self._states: dict[Pair, PairState] = {}
        self._vectors: dict[tuple[str, str], Embedded] = {}

    def put(self, pair: Pair, memories: Iterable[Memory], vectors: Iterable[Embedded] = ()) -> None:
        """Add or replace memories and vectors."""
        there = self._memories.setdefault(pair, {})
        changed = False
        for memory in memories:
            changed |= memory.id in there
            there[memory.id] = memory
        self._vectors |= {(each.item_id, each.embedder): each for each in vectors}
        self._move(pair, changed)

    def take(self, pair: Pair, item_ids: Iterable[str]) -> None:
        """Remove memories."""
        for item in item_ids:
            self._memories.get(pair, {}).pop(item, None)
        self._move(pair, True)

    async def state(self, pair: Pair) -> PairState:
        return self._states.get(pair, PairState())

    async def memories(self, pair: Pair, known: Mapping[str, Memory]) -> tuple[PairState, Sequence[Memory]]:
        self.reads += 1
        found = [
            memory
            for memory in self._memories.get(pair, {}).values()
            if memory.kind is not MemoryKind.MESSAGE
            or (last := known.get(memory.conversation_id)) is None
            or memory.seq > last.seq
        ]
        return await self.state(pair), sorted(found, key=lambda memory: (memory.conversation_id, memory.seq))

    async def vectors(self, item_ids: Sequence[str], embedder: str) -> Sequence[Embedded]:
        return [found for item in item_ids if (found := self._vectors.get((item, embedder))) is not None]

    def _move(self, pair: Pair, changed: bool) -> None:
        state = self._states.get(pair, PairState())
        self._states[pair] = replace(state, version=state.version + 1, epoch=state.epoch + changed)
