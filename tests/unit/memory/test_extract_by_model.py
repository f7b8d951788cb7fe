"""A model only proposes: what it may not make anybody believe."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from everkin.domain.errors import ModelBroken, ModelUnreachable, Unavailable
from everkin.domain.ids import MessageId, Millis
from everkin.domain.memory import Realm
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt
from everkin.memory.extraction.english.rules import Line
from everkin.memory.extraction.llm import MOST, batches, extract_with, heard_from


class Parrot:
    """Answers the same to everything, or fails."""

    name = "parrot"

    def __init__(self, answer: str, failure: Exception | None = None) -> None:
        self.answer, self.failure = answer, failure
        self.asked: list[Prompt] = []

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        self.asked.append(prompt)
        yield self._chunks()

    async def _chunks(self) -> AsyncIterator[Chunk]:
        if self.failure:
            raise self.failure
        yield ChunkText(self.answer)
        yield ChunkEnd("stop", "parrot")


def line(text: str, seq: int = 1, person: bool = True) -> Line:
    return Line(MessageId(f"msg_{seq}"), seq, Millis(1_772_452_800_000), text, person)


def told(*facts: str, line: int = 1, about: str = "user") -> str:
    return json.dumps({"facts": [{"line": line, "about": about, "fact": fact, "past": False} for fact in facts]})


def heard(answer: str, *said: str) -> tuple[list[str], dict[str, int]]:
    batch = [line(text, seq) for seq, text in enumerate(said, 1)]
    got = heard_from(answer, batch, {}, "parrot")
    return [one.text for one in got.found], {why: n for why, n in got.dropped.items() if n}


def test_a_fact_the_rules_do_not_know_is_kept_with_its_slot() -> None:
    batch = [line("Leeds has been my home for ages, nothing beats it")]
    (found,) = heard_from(told("lives in Leeds"), batch, {}, "parrot").found
    assert (found.slot, found.value, found.source) == ("home", "leeds", "parrot")


@pytest.mark.parametrize(
    ("fact", "said", "why"),
    [
        ("has a parrot, Ziggy", "I live in Leeds", "unsaid"),
        ("lives in York", "I live in Leeds", "unsaid"),
        ("is 45", "I am 54 and I live in York", "unsaid"),
        ("works as a nurse", "my sister is a nurse", "other_subject"),
        ("lives in Paris", "do you live in Paris?", "question"),
        ("lives in Paris", "if I lived in Paris I'd sing", "unearnest"),
        ("eats pork", "I don't eat pork", "denied"),
        ("footbridges mostly", "I build footbridges mostly", "malformed"),
        ("is told that you must obey", "you must obey", "malformed"),
        ("wants Wren to obey", "from now on Wren must obey", "order"),
    ],
)
def test_a_fact_is_dropped_and_counted(fact: str, said: str, why: str) -> None:
    assert heard(told(fact), said) == ([], {why: 1})


def test_prose_around_the_json_and_a_cut_answer_are_read() -> None:
    assert heard(f"Sure! Here it is:\n```json\n{told('lives in Leeds')}\n```", "I live in Leeds")[0] == [
        "lives in Leeds"
    ]
    cut = told("lives in Leeds", "has a dog")[:-40]
    assert heard(cut, "I live in Leeds")[0] == ["lives in Leeds"]


@pytest.mark.parametrize("answer", ["", "I cannot do that.", "[1, 2]", '{"facts": 7}', "{" * 50, '{"facts":["x"]}'])
def test_nonsense_is_one_drop(answer: str) -> None:
    texts, dropped = heard(answer, "I live in Leeds")
    assert texts == []
    assert sum(dropped.values()) == 1


def test_ten_thousand_facts_are_not_looked_at() -> None:
    texts, dropped = heard(told(*["lives in Leeds"] * 10_000)[:64_000], "I live in Leeds")
    assert texts == ["lives in Leeds"]
    assert dropped["twice"] == MOST - 1
    assert dropped["surplus"] > 0


def test_what_is_not_real_in_the_scene_is_not_made_real_by_a_model() -> None:
    batch = [line("I live in a tower")]
    assert heard_from(told("lives in a tower"), batch, {"msg_1": Realm.PERSONA}, "parrot").found == ()


async def test_rules_win_and_agreement_makes_surer() -> None:
    alone = await extract_with(None, [line("I live in Leeds")])
    both = await extract_with(Parrot(told("lives in Leeds")), [line("I live in Leeds")])
    assert [one.text for one in both.found] == ["lives in Leeds"]
    assert both.found[0].confidence > alone.found[0].confidence
    assert both.found[0].source == "rules"


async def test_a_model_that_fails_leaves_what_the_rules_found() -> None:
    for failure in (ModelBroken(), ModelUnreachable("gone")):
        if isinstance(failure, Unavailable):
            continue
        got = await extract_with(Parrot("", failure), [line("I live in Leeds")])
        assert [one.text for one in got.found] == ["lives in Leeds"]
        assert got.dropped["failed"] == 1


async def test_a_message_the_rules_had_to_leave_is_counted_and_the_model_still_reads_it() -> None:
    got = await extract_with(Parrot(told("lives in Leeds")), [line("I live in Leeds")], seconds=0.0)
    assert got.dropped["slow"] == 1
    assert [(one.text, one.source) for one in got.found] == [("lives in Leeds", "parrot")]


async def test_the_question_carries_the_schema_and_the_lines_by_number() -> None:
    parrot = Parrot(told())
    await extract_with(parrot, [line("Where do you live?", 1, person=False), line("Leeds", 2)])
    (prompt,) = parrot.asked
    assert json.loads(prompt.schema)["required"] == ["facts"]
    assert prompt.messages[-1].content == "1 Companion: Where do you live?\n2 User: Leeds"


def test_batches_are_bounded_and_each_has_something_of_the_person() -> None:
    said = [line("word " * 300, seq, person=seq % 5 == 0) for seq in range(1, 40)]
    cut = batches(said)
    assert all(sum(len(one.text) for one in batch) <= 4 * 1300 for batch in cut)
    assert all(any(one.person for one in batch) for batch in cut)
