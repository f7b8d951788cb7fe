"""When a memory rests, and what brings it back."""

from dataclasses import replace

import pytest

from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.domain.memory import Category, Embedded, Fact, FactId, Memory, MemoryKind, Pair, PairState, Realm
from everkin.kit.clock import ManualClock
from everkin.memory.facts.retention import DAY_MS, Awake, is_resting

NOW = Millis(1_800_000_000_000)
FACT = Fact(
    id=FactId("fnd_1"),
    character_id=CharacterId("chr_1"),
    user_id=UserId("usr_1"),
    text="likes rain",
    category=Category.PREFERENCE,
    realm=Realm.REAL,
    confidence=0.9,
    importance=0.5,
    pinned=False,
    reinforcements=0,
    first_mentioned_at=Millis(NOW - 100 * DAY_MS),
    last_reinforced_at=Millis(NOW - 100 * DAY_MS),
    valid_from=Millis(NOW - 100 * DAY_MS),
)


@pytest.mark.parametrize(
    ("changed", "days", "rests"),
    [
        ({}, 90, True),
        ({}, 101, False),
        ({}, 0, False),
        ({"pinned": True}, 90, False),
        ({"importance": 0.6}, 90, False),
        ({"last_reinforced_at": Millis(NOW - 89 * DAY_MS)}, 90, False),
        ({"last_reinforced_at": Millis(NOW - 90 * DAY_MS)}, 90, False),
        ({"last_reinforced_at": Millis(NOW - 90 * DAY_MS - 1)}, 90, True),
        ({"reinforcements": 3}, 90, True),
    ],
)
def test_what_is_little_unpinned_and_unsaid_for_long_rests(changed: dict[str, object], days: int, rests: bool) -> None:
    assert is_resting(replace(FACT, **changed), NOW, days) is rests  # type: ignore[arg-type]


class Two:
    """A fact and a message of the same age and weight."""

    async def state(self, pair: Pair) -> PairState:
        return PairState(3, 1)

    async def memories(self, pair: Pair, known: object) -> tuple[PairState, list[Memory]]:
        fact = Memory("fnd_1", MemoryKind.FACT, "", 0, "", Millis(NOW - 100 * DAY_MS), "likes rain")
        said = replace(fact, id="msg_1", kind=MemoryKind.MESSAGE, conversation_id="cnv_1", seq=1)
        return PairState(3, 1), [fact, said]

    async def vectors(self, item_ids: object, embedder: str) -> list[Embedded]:
        return [Embedded("fnd_1", embedder, b"")]


async def test_recall_is_given_no_resting_facts_but_everything_that_was_said() -> None:
    pair = Pair(FACT.character_id, FACT.user_id)
    for days, ids in ((90, ["msg_1"]), (0, ["fnd_1", "msg_1"]), (101, ["fnd_1", "msg_1"])):
        awake = Awake(Two(), ManualClock(NOW), days)
        state, found = await awake.memories(pair, {})
        assert [each.id for each in found] == ids
        assert state == await awake.state(pair)
