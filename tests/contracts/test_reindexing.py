"""The index made anew from the record over both databases, also for another embedder, while the jobs do what they always do."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from everkin.domain.conversation import Conversation
from everkin.domain.errors import Conflict, Unavailable
from everkin.domain.ids import ConversationId
from everkin.jobs.index_messages import EmbedMissing, IndexMessages
from everkin.jobs.reindex import PATIENCE_SECONDS, Reindex
from everkin.jobs.runner import JobRunner
from everkin.kit.clock import ManualClock
from tests.contracts.memory_scene import EMBEDDER, Remembering
from tests.contracts.record_scene import Scene


class Plain:
    """Embeds by length; `away` it does not."""

    dimension = 4

    def __init__(self, name: str = "other:4") -> None:
        self.name = name
        self.away = False

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.away:
            raise Unavailable("The embedder is away.")
        return np.array([[1.0, len(each), 0.0, 0.0] for each in texts], dtype=np.float32)


class Known:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    async def conversation(self, conversation_id: ConversationId) -> Conversation:
        return await self._scene.record.conversations.get(conversation_id, None)

    async def names(self, conversation: Conversation) -> dict[str, str]:
        return {}


async def finished(reindexing: Reindex, clock: ManualClock) -> None:
    async with asyncio.timeout(30):
        while reindexing.errand._tasks:
            await clock.advance(0.5)
            await asyncio.sleep(0.002)


async def vectors_of(scene: Scene, embedder: str) -> int:
    work = Remembering(scene)
    _, found = await scene.record.recalling.memories(work.pair, {})
    return len(await scene.record.recalling.vectors([each.id for each in found], embedder))


async def test_everything_is_indexed_again_and_vectors_of_another_embedder_replaced(scene: Scene) -> None:
    record, clock, embedder = scene.record, ManualClock(), Plain()
    for word in ("kestrel", "harbour", "lantern"):
        await scene.say(word, answered=False)
    await Remembering(scene).work()
    assert await record.reindexing.left("") == 0
    there = await vectors_of(scene, EMBEDDER)
    assert there == 3
    jobs = JobRunner(
        [IndexMessages(record.memories, embedder, Known(scene), None), EmbedMissing(record.memories, embedder, None)],
        lambda: 0,
        clock,
    )
    jobs.open()
    reindexing = Reindex(record.reindexing, jobs.wake, embedder.name, clock)
    begun = reindexing.start()
    with pytest.raises(Conflict):
        reindexing.start()
    await finished(reindexing, clock)
    assert (begun.problem, begun.counts["conversations"]) == ("", 1)
    assert begun.done == begun.total > 0
    assert await vectors_of(scene, EMBEDDER) == 0
    assert await vectors_of(scene, embedder.name) == 7, "three messages, three facts, one summary"
    assert await record.reindexing.left(embedder.name) == 0
    await jobs.close()
    await reindexing.close()


async def test_with_an_embedder_away_it_says_what_is_left(scene: Scene) -> None:
    record, clock, embedder = scene.record, ManualClock(), Plain()
    embedder.away = True
    await scene.say("kestrel", answered=False)
    await Remembering(scene).work()
    jobs = JobRunner([EmbedMissing(record.memories, embedder, None)], lambda: 0, clock)
    reindexing = Reindex(record.reindexing, jobs.wake, embedder.name, clock)
    begun = reindexing.start()
    await finished(reindexing, clock)
    assert "could not be indexed yet" in begun.problem
    assert clock.monotonic() >= PATIENCE_SECONDS
    await jobs.close()
    await reindexing.close()


async def test_without_memory_there_is_no_index(scene: Scene) -> None:
    reindexing = Reindex(scene.record.reindexing, None, "", ManualClock())
    with pytest.raises(Conflict):
        reindexing.start()
