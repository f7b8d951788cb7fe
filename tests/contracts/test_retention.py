"""Retention over both databases: what lies idle is archived, what comes back stays, what is purged leaves a receipt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from everkin.domain.conversation import ARCHIVED_AT, ARCHIVED_BY, RETENTION, ConversationStatus
from everkin.domain.errors import Conflict, NotFound
from everkin.domain.events import ConversationChanged, Event
from everkin.domain.ids import ConversationId, Millis, new_finding_id
from everkin.domain.memory import Category, Finding, Op, Pair
from everkin.jobs.housekeeping import FIRST_SECONDS, Housekeeping
from everkin.jobs.long_task import LongTask, Progress
from everkin.jobs.retention import Retention, RetentionRules
from everkin.kit.clock import ManualClock
from everkin.kit.hub import Hub
from everkin.memory.erasure import Erasure
from everkin.memory.facts.retention import DAY_MS
from everkin.memory.facts.store import FactStore
from everkin.security.receipts import Signer
from tests.contracts.record_scene import Scene

DAY = 86_400.0


@dataclass
class House:
    scene: Scene
    clock: ManualClock
    retention: Retention
    keeping: FactStore
    forgetting: Erasure
    heard: list[Event]

    async def archived(self) -> int:
        progress = Progress(self.clock.now())
        await self.retention.archive(progress)
        return progress.counts["archived"]

    async def purged(self) -> tuple[int, int]:
        progress = Progress(self.clock.now())
        await self.retention.purge(progress)
        return progress.counts["purged_conversations"], progress.counts["purged_facts"]

    async def status(self, chat: ConversationId) -> tuple[str, dict[str, object]]:
        found = await self.scene.record.conversations.get(chat, None)
        return found.status.value, dict(found.metadata)


@asynccontextmanager
async def house(scene: Scene, rules: RetentionRules | None = None) -> AsyncIterator[House]:
    """Time begins where the scene's does."""
    record, clock, events, heard = scene.record, ManualClock(10_000), Hub[Event](), list[Event]()

    async def tell(*_: object) -> None: ...

    async def hear(event: Event) -> None:
        heard.append(event)

    keeping = FactStore(record.memories, clock, tell)
    forgetting = Erasure(record.erasing, None, keeping, record.proofs, Signer(b"0" * 32), clock)
    retention = Retention(record.retention, forgetting, events, clock, rules or RetentionRules())
    with events.listening(hear):
        yield House(scene, clock, retention, keeping, forgetting, heard)
    await forgetting.close()


async def test_idle_conversations_are_archived_and_told_and_can_be_restored(scene: Scene) -> None:
    async with house(scene) as here:
        chat = scene.conversation.id
        await scene.say(answered=False)
        await here.clock.advance(29 * DAY)
        assert await here.archived() == 0
        await here.clock.advance(2 * DAY)
        assert (await here.retention.due()).idle == 1
        assert await here.archived() == 1
        at = here.clock.now()
        assert await here.status(chat) == ("archived", {ARCHIVED_BY: RETENTION, ARCHIVED_AT: at})
        assert [type(event) for event in here.heard] == [ConversationChanged]
        assert await here.archived() == 0
        with pytest.raises(Conflict):
            await scene.say()
        await scene.record.conversations.update(chat, scene.anna.id, here.clock.now(), status="active")
        assert await here.status(chat) == ("active", {})
        assert await here.archived() == 0, "restored: its time begins anew"
        assert (await scene.say(answered=False)).message.content == "Hello"
        await here.clock.advance(31 * DAY)
        assert await here.archived() == 1


async def test_what_is_said_between_looking_and_archiving_is_not_put_away(scene: Scene) -> None:
    async with house(scene) as here:
        await here.clock.advance(40 * DAY)
        before = Millis(here.clock.now() - 30 * DAY_MS)
        assert list(await scene.record.retention.idle(before, 10)) == [scene.conversation.id]
        await scene.record.messages.append(replace(scene.new(answered=False), at=here.clock.now()))
        assert await scene.record.retention.archive(scene.conversation.id, before, here.clock.now()) is None
        assert (await here.status(scene.conversation.id))[0] == "active"


async def test_zero_days_switches_it_off(scene: Scene) -> None:
    async with house(scene, RetentionRules(memories=0, history=0)) as here:
        await remembered(here)
        await here.clock.advance(4000 * DAY)
        assert await here.archived() == 0
        assert await here.purged() == (0, 0)
        due = await here.retention.due()
        assert (due.idle, due.resting, due.old_conversations, due.old_facts) == (0, 0, 0, 0)


async def test_only_what_retention_archived_is_purged_after_as_long_again(scene: Scene) -> None:
    async with house(scene, RetentionRules(memories=0)) as here:
        mine, theirs = scene.conversation.id, (await scene.begin()).id
        await scene.say("gone for good", answered=False)
        await scene.record.conversations.update(theirs, scene.anna.id, scene.now(), status="archived")
        await here.clock.advance(31 * DAY)
        assert await here.archived() == 1
        await here.clock.advance(29 * DAY)
        assert await here.purged() == (0, 0)
        await here.clock.advance(2 * DAY)
        assert (await here.retention.due()).old_conversations == 1
        assert await here.purged() == (1, 0)
        with pytest.raises(NotFound):
            await here.status(mine)
        assert (await here.status(theirs))[0] == ConversationStatus.ARCHIVED
        receipts = await here.forgetting.receipts(scene.anna.id)
        assert [each.what for each in receipts] == ["conversation"]


async def test_put_away_by_hand_after_a_restoring_is_a_persons_own(scene: Scene) -> None:
    async with house(scene, RetentionRules(memories=0)) as here:
        chat = scene.conversation.id
        await here.clock.advance(31 * DAY)
        assert await here.archived() == 1
        for status in ("active", "archived"):
            await scene.record.conversations.update(chat, scene.anna.id, here.clock.now(), status=status)
        await here.clock.advance(400 * DAY)
        assert await here.purged() == (0, 0)


async def test_little_facts_rest_and_are_purged_with_a_receipt(scene: Scene) -> None:
    async with house(scene, RetentionRules(history=0)) as here:
        ids = await remembered(here)
        await here.clock.advance(91 * DAY)
        due = await here.retention.due()
        assert (due.resting, due.old_facts) == (1, 0)
        assert await here.purged() == (0, 0)
        assert len(await scene.record.memories.facts(Pair(scene.ada.id, scene.anna.id))) == len(ids)
        await here.clock.advance(90 * DAY)
        assert (await here.retention.due()).old_facts == 1
        assert await here.purged() == (0, 1)
        left = await scene.record.memories.facts(Pair(scene.ada.id, scene.anna.id))
        assert {fact.id for fact in left} == {ids["weighty"], ids["pinned"]}
        receipts = await here.forgetting.receipts(scene.anna.id)
        assert [each.what for each in receipts] == ["fact"]


async def test_many_of_one_person_are_purged_each_with_its_receipt(scene: Scene) -> None:
    async with house(scene, RetentionRules(history=0)) as here:
        for number in range(12):
            finding = _by_hand(here, new_finding_id(), Op.ADDED, f"once saw film number {number} at the odeon", 0.5)
            await scene.record.memories.add(replace(finding, slot=f"film:{number}", value=str(number)))
        await here.keeping.refold(Pair(scene.ada.id, scene.anna.id))
        await here.clock.advance(181 * DAY)
        assert await here.purged() == (0, 12)
        assert len(await here.forgetting.receipts(scene.anna.id)) == 12
        assert await scene.record.memories.facts(Pair(scene.ada.id, scene.anna.id)) == []


@pytest.mark.parametrize("way", ["said again", "pinned", "put into other words"])
async def test_a_resting_fact_comes_back(scene: Scene, way: str) -> None:
    async with house(scene) as here:
        ids = await remembered(here)
        await here.clock.advance(100 * DAY)
        assert (await here.retention.due()).resting == 1
        hand = {
            "said again": _by_hand(here, new_finding_id(), Op.ADDED, "likes the rain", 0.5),
            "pinned": _by_hand(here, new_finding_id(), Op.PINNED, "", 0.5, ids["little"]),
            "put into other words": _by_hand(here, new_finding_id(), Op.CORRECTED, "loves rain", 0.8, ids["little"]),
        }
        await scene.record.memories.add(hand[way])
        await here.keeping.refold(Pair(scene.ada.id, scene.anna.id))
        assert (await here.retention.due()).resting == 0


async def test_housekeeping_looks_first_and_sweeps_and_never_purges_by_itself(scene: Scene) -> None:
    async with house(scene) as here:
        swept: list[str] = []

        async def sweep() -> int:
            swept.append("tokens")
            return 3

        keeper = Housekeeping(here.retention, {"expired_tokens": sweep}, here.clock)
        await remembered(here)
        await here.clock.advance(400 * DAY)
        looked = keeper.start(dry_run=True)
        with pytest.raises(Conflict):
            keeper.start()
        await done(keeper.errand)
        assert dict(looked.counts) == {
            "to_archive": 1,
            "resting": 1,
            "to_purge_conversations": 0,
            "to_purge_facts": 1,
        }
        assert swept == []
        keeper.open()
        async with asyncio.timeout(20):
            while keeper.errand.last is looked:
                await here.clock.advance(FIRST_SECONDS)
                await asyncio.sleep(0)
        await done(keeper.errand)
        told = keeper.errand.last
        assert told is not None
        assert told.problem == ""
        assert (told.counts["archived"], told.counts["expired_tokens"], told.counts["resting"]) == (1, 3, 1)
        assert "purged_facts" not in told.counts
        assert (told.done, told.step) == (told.total, "")
        await keeper.close()


async def test_an_errand_that_fails_says_so_and_can_be_begun_again() -> None:
    async def fail(progress: Progress) -> None:
        raise OSError("a secret path")

    errand = LongTask("testing", ManualClock())
    first = errand.start(fail)
    await done(errand)
    assert "unexpectedly" in first.problem
    assert "secret" not in first.problem
    assert errand.start(fail) is not first
    await errand.close()


async def done(errand: LongTask) -> None:
    assert await errand._tasks.drain(20)


async def remembered(here: House) -> dict[str, str]:
    """Three facts as old as the scene, by their ids: a little one, a weighty one and a pinned one."""
    pair = Pair(here.scene.ada.id, here.scene.anna.id)
    said = {
        "little": ("likes the rain", 0.5),
        "weighty": ("has a sister, Ida", 0.8),
        "pinned": ("keeps red kites", 0.5),
    }
    ids = {name: new_finding_id() for name in said}
    for name, (text, importance) in said.items():
        await here.scene.record.memories.add(_by_hand(here, ids[name], Op.ADDED, text, importance))
    await here.scene.record.memories.add(_by_hand(here, new_finding_id(), Op.PINNED, "", 0.5, ids["pinned"]))
    await here.keeping.refold(pair)
    return ids


def _by_hand(here: House, finding_id: str, op: Op, text: str, importance: float, target: str = "") -> Finding:
    return Finding(
        id=finding_id,
        user_id=here.scene.anna.id,
        conversation_id=None,
        message_id=None,
        seq=0,
        n=0,
        at=here.clock.now(),
        text=text,
        category=Category.PREFERENCE,
        importance=importance,
        op=op,
        target=target,
        character_id=here.scene.ada.id,
        source="person",
    )
