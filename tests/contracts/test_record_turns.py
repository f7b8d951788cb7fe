"""Leases: who may take up which turn, and when."""

from everkin.domain.ids import Millis
from everkin.domain.turn import TurnState
from tests.contracts.record_scene import LEASE, NODE, OTHER_NODE, Scene


async def test_pending_turns_are_found_when_their_lease_is_over(scene: Scene) -> None:
    first, second = await scene.say("one"), await scene.say("two")
    await scene.exchange("three")
    over = Millis(second.message.created_at + LEASE)
    turns = scene.record.turns

    assert await turns.pending(OTHER_NODE, Millis(first.message.created_at + LEASE - 1)) == []
    found = await turns.pending(OTHER_NODE, over)
    assert [(turn.id, message) for turn, message in found] == [
        (first.turns[0].id, first.message),
        (second.turns[0].id, second.message),
    ]
    assert await turns.pending(NODE, over) == found, "whoever had it, be it the asking node before a restart"
    assert len(await turns.pending(None, Millis(0))) == 2, "a node that is alone takes up all"


async def test_a_lease_is_taken_over_once_it_is_over(scene: Scene) -> None:
    turns = scene.record.turns
    asked, later = await scene.say(), await scene.say()
    ids, end = [asked.turns[0].id, later.turns[0].id], asked.message.created_at + LEASE
    assert await turns.take_over(ids, OTHER_NODE, Millis(end + LEASE), Millis(end - 1)) == []
    assert await turns.take_over(ids, OTHER_NODE, Millis(end + LEASE), Millis(end)) == ids[:1]
    assert await turns.take_over(ids, "nod_third", Millis(end + LEASE), Millis(end)) == []
    assert await turns.take_over(ids, OTHER_NODE, Millis(end + 9 * LEASE), Millis(end)) == ids[:1], "already its own"
    assert not await turns.take_over([], OTHER_NODE, Millis(end), Millis(end))

    before = await scene.fresh()
    assert await scene.finish(asked.turns[0]) is None, "the old owner comes too late"
    assert await scene.fresh() == before
    finished = await scene.finish(asked.turns[0], owner=OTHER_NODE)
    assert finished is not None
    assert await turns.take_over(ids[:1], OTHER_NODE, Millis(end), Millis(end + 99 * LEASE)) == [], "it has ended"


async def test_a_node_that_is_alone_need_not_wait_for_leases(scene: Scene) -> None:
    asked, done = await scene.say(), (await scene.exchange()).turn
    wanted = [asked.turns[0].id, done.id]
    now = Millis(asked.message.created_at)
    taken = await scene.record.turns.take_over(wanted, OTHER_NODE, Millis(now + LEASE), now, force=True)
    assert taken == wanted[:1], "what has ended stays ended"
    assert await scene.finish(asked.turns[0], owner=OTHER_NODE) is not None


async def test_renewing_keeps_others_away_and_is_for_the_owner_only(scene: Scene) -> None:
    turns = scene.record.turns
    asked = await scene.say()
    ids, end = [asked.turns[0].id], asked.message.created_at + LEASE
    revision = (await scene.fresh()).revision
    await turns.renew(ids, NODE, Millis(end + LEASE))
    assert await turns.pending(OTHER_NODE, Millis(end)) == []
    await turns.renew(ids, OTHER_NODE, Millis(0))
    assert await turns.pending("nod_third", Millis(end)) == [], "another node's renewal changes nothing"
    assert (await scene.fresh()).revision == revision, "a lease is no part of the log"
    await scene.finish(asked.turns[0])
    await turns.renew(ids, NODE, Millis(0))
    entry, _ = await scene.record.messages.get(asked.message.id, scene.anna.id)
    assert entry.turns[0].lease_until == end + LEASE


async def test_stopping_all_that_waits_in_a_conversation(scene: Scene) -> None:
    elsewhere = await scene.begin()
    kept = await scene.say(conversation=elsewhere)
    first, second = await scene.say(), await scene.say()
    at = scene.now()
    stopped = await scene.record.turns.stop_pending(scene.conversation.id, at)
    assert {turn.id for turn in stopped} == {first.turns[0].id, second.turns[0].id}
    assert all((turn.state, turn.ended_at) == (TurnState.STOPPED, at) for turn in stopped)
    log = await scene.record.messages.recent(scene.conversation.id, None, 9)
    assert {entry.message.revision for entry in log.entries} == {log.conversation.revision}
    assert [entry.turns[0].state for entry in log.entries] == [TurnState.STOPPED] * 2
    assert not await scene.record.turns.stop_pending(scene.conversation.id, scene.now())
    assert [turn.id for turn, _ in await scene.record.turns.pending(None, at)] == [kept.turns[0].id]
    assert await scene.finish(first.turns[0]) is None
