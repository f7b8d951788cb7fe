"""A small world to recall from, and an embedder of few meanings that counts how often it is asked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from everkin.domain.errors import Unavailable
from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.domain.memory import Embedded, Memory, MemoryKind, Realm
from everkin.memory.ports import Pair
from everkin.memory.recall.in_memory import InMemorySources
from everkin.memory.recall.query import RecallRequest

PAIR = Pair(CharacterId("mira"), UserId("daniel"))
ALL = frozenset(("mira", "daniel"))
DAY = 86_400_000
NOW = Millis(1_800_000_000_000)

MEANINGS = ("dog puppy pet whippet", "work job nurse hospital", "sea boat sail harbour", "food dinner mushroom risotto")


class FewMeanings:
    """Fulfils Embedder: one dimension a line of MEANINGS, one for all else."""

    name = "few:5"
    dimension = 5

    def __init__(self) -> None:
        self.down = False
        self.asked = 0

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += 1
        if self.down:
            raise Unavailable
        return np.stack([self._vector(text.lower()) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        counts = [sum(word in text for word in line.split()) for line in MEANINGS]
        vector = np.array([*counts, 0.5], np.float32)
        return vector / np.linalg.norm(vector)


def message(n: int, text: str, speaker: str = "Daniel", witnesses: frozenset[str] = ALL, session: str = "s1") -> Memory:
    at = Millis(NOW - 50 * DAY + n * 60_000)
    return Memory(
        f"m{n}", MemoryKind.MESSAGE, "c", n, session, at, text, speaker, speaker == "Mira", witnesses=witnesses
    )


def fact(name: str, text: str, *, at: int = 0, valid_to: int | None = None, realm: Realm = Realm.REAL) -> Memory:
    ended = None if valid_to is None else Millis(valid_to)
    return Memory(
        name, MemoryKind.FACT, "", 0, "", Millis(at or NOW - DAY), text, realm=realm, valid_to=ended, witnesses=ALL
    )


CHATTER = [
    "The rain has not stopped since the morning.",
    "I burnt the toast again.",
    "Did you see the moon?",
    "My bicycle has a flat tyre.",
    "The neighbours are painting their fence green.",
    "I slept badly.",
    "Somebody left an umbrella in the hall.",
    "The lamp in the kitchen flickers.",
]


def asked(text: str, **more: object) -> RecallRequest:
    given: dict[str, object] = {"present": ALL, "user_name": "Daniel", "character": "Mira", **more}
    return RecallRequest(text, NOW, **given)  # type: ignore[arg-type]


async def shelf(*memories: Memory, embedder: FewMeanings | None = None) -> InMemorySources:
    made = InMemorySources()
    await add(made, *memories, embedder=embedder)
    return made


async def add(to: InMemorySources, *memories: Memory, embedder: FewMeanings | None = None) -> None:
    vectors = []
    if embedder is not None and memories:
        rows = await embedder.embed([memory.text for memory in memories])
        vectors = [
            Embedded(memory.id, embedder.name, row.astype("<f2").tobytes())
            for memory, row in zip(memories, rows, strict=True)
        ]
    to.put(PAIR, memories, vectors)


def chatter(start: int = 100) -> list[Memory]:
    return [message(start + n, text, session="s9") for n, text in enumerate(CHATTER)]
