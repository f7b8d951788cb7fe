"""Reading the log: pages in both directions, and precisely what was missed."""

from everkin.domain.record import Log
from tests.contracts.record_scene import Scene


def seqs(log: Log) -> list[int]:
    return [entry.message.seq for entry in log.entries]


async def test_pages_in_both_directions(scene: Scene) -> None:
    for number in range(10):
        await scene.say(f"{number}")
    here, anna, messages = scene.conversation.id, scene.anna.id, scene.record.messages

    newest = await messages.page(here, anna, before=None, after=None, limit=4)
    assert (seqs(newest), newest.more) == ([7, 8, 9, 10], True)
    older = await messages.page(here, anna, before=7, after=None, limit=4)
    assert (seqs(older), older.more) == ([3, 4, 5, 6], True)
    oldest = await messages.page(here, anna, before=3, after=None, limit=4)
    assert (seqs(oldest), oldest.more) == ([1, 2], False)

    onward = await messages.page(here, anna, before=None, after=4, limit=4)
    assert (seqs(onward), onward.more) == ([5, 6, 7, 8], True)
    last = await messages.page(here, anna, before=None, after=6, limit=4)
    assert (seqs(last), last.more) == ([7, 8, 9, 10], False)
    beginning = await messages.page(here, anna, before=None, after=0, limit=2)
    assert (seqs(beginning), beginning.more) == ([1, 2], True)
    nothing = await messages.page(here, anna, before=None, after=10, limit=4)
    assert (seqs(nothing), nothing.more) == ([], False)


async def test_recent_are_the_newest_in_order(scene: Scene) -> None:
    assert (await scene.record.messages.recent(scene.conversation.id, scene.anna.id, 5)).entries == ()
    for _ in range(3):
        await scene.exchange()
    log = await scene.record.messages.recent(scene.conversation.id, scene.anna.id, 4)
    assert (seqs(log), log.more) == ([3, 4, 5, 6], True)
    whole = await scene.record.messages.recent(scene.conversation.id, None, 6)
    assert (seqs(whole), whole.more) == ([1, 2, 3, 4, 5, 6], False)
    assert [len(entry.turns) for entry in whole.entries] == [1, 0, 1, 0, 1, 0]


async def test_missed_brings_new_messages_and_old_ones_that_changed(scene: Scene) -> None:
    here, anna, messages = scene.conversation.id, scene.anna.id, scene.record.messages
    first, second = await scene.say("one"), await scene.say("two")
    await scene.say("three")
    known = (await messages.recent(here, anna, 10)).conversation
    assert seqs(await messages.missed(here, anna, known.last_seq, known.revision, 10)) == []

    await messages.edit(first.message.id, anna, "uno", scene.now())
    await scene.finish(second.turns[0], "re: two")
    missed = await messages.missed(here, anna, known.last_seq, known.revision, 10)
    assert seqs(missed) == [1, 2, 4], "edited, answered, new; the untouched third is left out"
    assert missed.entries[0].message.content == "uno"
    assert missed.entries[1].turns[0].reply_id == missed.entries[2].message.id
    assert seqs(await messages.missed(here, anna, known.last_seq, None, 10)) == [4]

    cut = await messages.missed(here, anna, known.last_seq, known.revision, 2)
    assert (seqs(cut), cut.more) == ([1, 2], True)


async def test_a_copy_brought_up_by_missed_equals_the_log(scene: Scene) -> None:
    """State and what was missed make the fresh state, whatever happened in between."""
    here, anna, messages = scene.conversation.id, scene.anna.id, scene.record.messages
    await scene.exchange("one")
    copy = await messages.recent(here, anna, 100)
    held = {entry.message.seq: entry for entry in copy.entries}

    third = await scene.say("three")
    await messages.mark_read(here, anna, 2, scene.now())
    await messages.delete(held[1].message.id, anna, scene.now())
    await scene.finish(third.turns[0], "re: three")
    await messages.mark_delivered(here, anna, 4, scene.now())

    missed = await messages.missed(here, anna, 2, copy.conversation.revision, 100)
    held |= {entry.message.seq: entry for entry in missed.entries}
    fresh = await messages.recent(here, anna, 100)
    assert tuple(held[seq] for seq in sorted(held)) == fresh.entries
    assert missed.conversation == fresh.conversation
