"""Whatever reads a stranger's message stays quick over texts made to hold it up, and the rules stop where they take too long."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from everkin.context.filter import without_redundant
from everkin.context.scene import Speech
from everkin.domain.errors import EmptyText
from everkin.domain.ids import CharacterId, MessageId, Millis
from everkin.kit.white_space import collapsed
from everkin.llm.gateway.cache_policy import kind_of
from everkin.memory.extraction.english.grounding import grounded
from everkin.memory.extraction.english.rules import Line, Scene, find, read_lines
from everkin.memory.extraction.english.slots import shape
from everkin.memory.facts.similarity import alike, words
from everkin.memory.recall.query import RecallRequest, read
from everkin.memory.relationship.events import events_of
from everkin.memory.summaries.extractive import SummaryLine as Said
from everkin.memory.summaries.extractive import sum_up
from everkin.memory.summaries.prompts import read_summary, read_title
from everkin.memory.summaries.titles import title_of
from everkin.memory.summaries.topics import topics_of
from everkin.storage.sql.snippets import Wanted, snippet
from everkin.storage.sql.words import words_of
from everkin.turn.message_signals import SHORT, message_signals
from everkin.turn.validation import check_text, storable, title_from
from tests.cpu_time import cpu_ms
from tests.hostile_texts import MESSAGE, texts
from tests.unit.memory.test_relationship_events import message

MOST_MS = 20.0
AT = Millis(1_772_452_800_000)


def line(text: str, seq: int = 1, *, person: bool = True) -> Line:
    return Line(MessageId(f"msg_{seq}"), seq, AT, text, person)


def asked(text: str, *window: str) -> RecallRequest:
    return RecallRequest(text, AT, frozenset(), user_name="Anna", character="Tom", window=window)


READERS: dict[str, Callable[[str], object]] = {
    "the query of recall": lambda text: read(asked(text)),
    "topics": topics_of,
    "a title by rules": lambda text: title_of([Said(1, "Anna", text)]),
    "a title by a model": read_title,
    "a summary by rules": lambda text: sum_up([Said(1, "Anna", text)], text),
    "a summary by a model": read_summary,
    "the words of a search": words_of,
    "a snippet": lambda text: snippet(text, Wanted(("a",), "i")),
    "redundant lines": lambda text: without_redundant([Speech(seq, True, "Tom", f"{text}{seq}") for seq in range(10)]),
    "likeness": lambda text: alike(words.__wrapped__(text), words.__wrapped__(f"{text} not")),
    "the shape of a fact": shape,
    "the ground of a fact": lambda text: grounded("likes tea and Anna", text, text),
    "steps of a relationship": lambda text: events_of(message(text), None, 0, CharacterId("chr_1")),
    "reuse": lambda text: kind_of(text, "Tom"),
    "the beginning of a conversation": title_from,
    "the check of a message": lambda text: taken(text),
    "the check of a reply": storable,
    "white space": collapsed,
}
"""What a message of 2 000 characters meets, on the event loop or in a thread."""


def taken(text: str) -> None:
    with suppress(EmptyText):
        check_text(text, MESSAGE)


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_quick_for_any_text(name: str) -> None:
    slow = {about: taken for about, text in texts() if (taken := cpu_ms(partial(READERS[name], text), 10)) > MOST_MS}
    assert slow == {}


def test_the_senses_are_quick_for_what_they_read_on_the_event_loop() -> None:
    message_signals("I had a good day.")
    slow = {
        about: taken for about, text in texts(SHORT) if (taken := cpu_ms(partial(message_signals, text), 10)) > MOST_MS
    }
    assert slow == {}


def test_the_rules_end_for_any_text() -> None:
    """They have a budget of 50 ms, looked at between clauses."""
    slow = {about: taken for about, text in texts() if (taken := cpu_ms(lambda: find([line(text)]), 50)) > 80}  # noqa: B023
    assert slow == {}


def test_a_message_over_its_budget_is_left_and_counted_and_the_next_one_is_read() -> None:
    long = " ".join(f"My sister Anna{n} is a nurse and I live in Leeds." for n in range(100))
    whole = read_lines([line("I live in Leeds"), line("I have a cat called Tom", 2)], Scene(), seconds=10.0)
    assert whole.cut == 0
    none = read_lines([line(long), line(long, 2)], Scene(), seconds=0.0)
    assert (none.found, none.cut) == ((), 2)
    some = read_lines([line(long), line("I live in Leeds", 2)], Scene(), seconds=0.004)
    assert some.cut == 1
    assert [one.text for one in some.found if one.message_id == "msg_2"] == ["lives in Leeds"]


@pytest.mark.parametrize("space", ["\t", "\u00a0", "\u3000", "\u200b", " \u2009 "])
def test_white_space_of_any_kind_is_a_blank_to_the_rules(space: str) -> None:
    said = f"{space}I live in Leeds and my name is Anna".replace(" ", space)
    assert {one.text for one in find([line(said)])} == {"lives in Leeds", "is called Anna"}


def test_a_newline_stays_one() -> None:
    assert collapsed(" a \t b\r\n \u2003\n c\u200b") == "a b\nc"
