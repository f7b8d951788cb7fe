"""Recall finds what belongs to the message, and nothing that may not be told."""

import asyncio

from everkin.domain.memory import Realm
from everkin.memory.facts.wording import told
from everkin.memory.recall.exact import ExactIndex
from everkin.memory.recall.recaller import Recaller
from tests.unit.memory.recall_scene import ALL, DAY, NOW, PAIR, FewMeanings, add, asked, chatter, fact, message, shelf


def texts(found: object) -> list[str]:
    return [each.memory.text for each in found]  # type: ignore[attr-defined]


async def test_by_words_alone_the_right_message_comes_first() -> None:
    recaller = Recaller(await shelf(message(1, "My sister Anna gets married in June."), *chatter()))
    found = await recaller.recall(PAIR, asked("When is my sister getting married?"))
    assert texts(found)[0] == "My sister Anna gets married in June."
    assert found[0].why


async def test_by_meaning_where_no_word_is_shared() -> None:
    few = FewMeanings()
    recaller = Recaller(await shelf(message(1, "Our whippet ate my slippers."), *chatter(), embedder=few), few)
    assert texts(await recaller.recall(PAIR, asked("How is your pet?")))[:1] == ["Our whippet ate my slippers."]


async def test_a_follow_up_is_found_by_the_window() -> None:
    recaller = Recaller(await shelf(message(1, "My sister is called Anna, she is a dentist."), *chatter()))
    found = await recaller.recall(
        PAIR, asked("And what was her name?", window=["We talked about my sister the dentist."])
    )
    assert "My sister is called Anna, she is a dentist." in texts(found)


async def test_lines_of_the_window_lend_their_own_vectors_and_are_not_embedded_again() -> None:
    few = FewMeanings()
    said = [message(1, "Our whippet ate my slippers."), message(9, "How is your pet?"), *chatter()]
    recaller = Recaller(await shelf(*said, embedder=few), few)
    before = few.asked
    follow_up = asked("And then?", window=["How is your pet?"], window_ids=["m9"], shown=frozenset({"m9"}))
    assert "Our whippet ate my slippers." in texts(await recaller.recall(PAIR, follow_up))
    assert few.asked == before + 1


async def test_nothing_is_embedded_for_whom_there_is_nothing_to_recall() -> None:
    few = FewMeanings()
    assert await Recaller(await shelf(), few).recall(PAIR, asked("Where did I leave my keys?")) == []
    assert few.asked == 0


async def test_small_talk_recalls_nothing() -> None:
    recaller = Recaller(await shelf(message(1, "My sister Anna gets married in June."), *chatter()))
    assert await recaller.recall(PAIR, asked("Hey, good morning!")) == []


async def test_a_secret_is_not_told_before_one_who_was_not_there() -> None:
    secret = message(1, "I am going to propose to Tess on the pier.")
    recaller = Recaller(await shelf(secret, *chatter()))
    alone = await recaller.recall(PAIR, asked("Where am I going to propose to Tess?"))
    with_other = await recaller.recall(PAIR, asked("Where am I going to propose to Tess?", present=ALL | {"tess"}))
    assert secret.text in texts(alone)
    assert with_other == []


async def test_what_the_prompt_shows_takes_no_place() -> None:
    recaller = Recaller(await shelf(message(1, "My sister Anna gets married in June."), *chatter()))
    found = await recaller.recall(PAIR, asked("When is my sister getting married?", shown=frozenset(("m1",))))
    assert "m1" not in {each.memory.id for each in found}


async def test_what_was_true_before_comes_when_the_past_is_asked_about_and_says_so() -> None:
    moved = NOW - 30 * DAY
    old = fact("f1", "lives in Leeds", at=NOW - 400 * DAY, valid_to=moved)
    new = fact("f2", "lives in York with a view over the river", at=NOW - DAY)
    recaller = Recaller(await shelf(old, new, *chatter()))
    now = await recaller.recall(PAIR, asked("Where do I live?"))
    before = await recaller.recall(PAIR, asked("Where did I live before?"))
    assert texts(now) == ["lives in York with a view over the river"]
    assert "lives in Leeds" in texts(before)
    assert told(old).startswith("until ")


async def test_the_fact_that_took_its_place_brings_the_old_one_along() -> None:
    moved = NOW - 30 * DAY
    old = fact("f1", "lives in Leeds", at=NOW - 400 * DAY, valid_to=moved)
    recaller = Recaller(await shelf(old, fact("f2", "lives in York now", at=moved), *chatter()))
    assert texts(await recaller.recall(PAIR, asked("Where do I live?"))) == ["lives in York now", "lives in Leeds"]


async def test_a_fact_and_its_message_take_one_place() -> None:
    said = message(1, "I am allergic to peanuts and carry a pen.")
    recaller = Recaller(await shelf(said, fact("f1", "is allergic to peanuts and carries a pen"), *chatter()))
    found = await recaller.recall(PAIR, asked("Am I allergic to peanuts?"))
    assert len([text for text in texts(found) if "peanuts" in text]) == 1


def test_a_story_never_passes_for_a_life() -> None:
    assert told(fact("f", "is a pirate queen", realm=Realm.STORY)) == "in a story: is a pirate queen"


async def test_without_its_embedder_recall_goes_on_by_words_and_counts_it() -> None:
    few = FewMeanings()
    recaller = Recaller(await shelf(message(1, "My sister Anna gets married."), *chatter(), embedder=few), few)
    few.down = True
    assert texts(await recaller.recall(PAIR, asked("When is my sister getting married?")))
    assert recaller.figures()["embedder_failures"] == 1


async def test_an_index_beside_the_record_is_asked() -> None:
    few, index = FewMeanings(), ExactIndex()
    said = message(1, "Our whippet ate my slippers.")
    row = (await few.embed([said.text]))[0]
    await index.put(PAIR, [("m1", row.astype("<f2").tobytes())])
    recaller = Recaller(await shelf(said, *chatter()), few, index)
    assert texts(await recaller.recall(PAIR, asked("How is your pet?")))[:1] == [said.text]


async def test_what_is_said_now_is_recalled_next_and_what_is_deleted_is_not() -> None:
    source = await shelf(*chatter())
    recaller = Recaller(source)
    question = asked("What is the name of my parrot?")
    assert await recaller.recall(PAIR, question) == []
    await add(source, message(500, "My parrot is called Admiral."))
    assert "My parrot is called Admiral." in texts(await recaller.recall(PAIR, question))
    source.take(PAIR, ["m500"])
    assert await recaller.recall(PAIR, question) == []


async def test_many_who_ask_at_once_read_the_record_once() -> None:
    source = await shelf(message(1, "My parrot is called Admiral."), *chatter())
    recaller = Recaller(source)
    question = asked("What is the name of my parrot?")
    async with asyncio.timeout(10):
        found = await asyncio.gather(*(recaller.recall(PAIR, question) for _ in range(20)))
    assert all(found)
    assert source.reads == 1


async def test_tables_beyond_the_budget_are_let_go() -> None:
    from everkin.domain.ids import UserId
    from everkin.memory.ports import Pair

    source = await shelf(*chatter())
    recaller = Recaller(source, budget=1)
    for number in range(3):
        other = Pair(PAIR.character_id, UserId(f"u{number}"))
        source.put(other, chatter())
        await recaller.recall(other, asked("What about the neighbours and their fence?"))
    assert recaller.figures()["pairs"] == 1
