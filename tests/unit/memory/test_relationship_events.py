"""What a person's message does to the bond: thanked, insulted, apologised, joked, opened up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.memory.relationship.events import events_of
from everkin.memory.summaries.titles import conversation_signs
from everkin.memory.summaries.topics import topics_of

MIRA, TOM = CharacterId("chr_mira"), CharacterId("chr_tom")


def message(text: str, sender: SenderType = SenderType.USER, deleted: bool = False, **metadata: Any) -> Message:
    return Message(
        id=MessageId("msg_1"),
        conversation_id=ConversationId("cnv_1"),
        seq=1,
        revision=1,
        parent_id=None,
        reply_to=None,
        sender_type=sender,
        sender_id="usr_ana",
        type=MessageType.TEXT,
        content=text,
        status=MessageStatus.SENT,
        created_at=Millis(1000),
        deleted_at=Millis(2000) if deleted else None,
        metadata=metadata,
    )


def kinds(text: str, facts: int = 0, preceding: Message | None = None, **metadata: Any) -> set[str]:
    return {event.kind for event in events_of(message(text, **metadata), preceding, facts, MIRA)} - {
        "exchange",
        "topic",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What's the capital of France?", set()),
        ("Thank you so much!", {"warmth"}),
        ("no thanks", set()),
        ("I missed you", {"warmth"}),
        ("I don't love you", set()),
        ("You are the best friend I have", {"warmth"}),
        ("You're such an idiot.", {"conflict"}),
        ("idiot!", {"conflict"}),
        ("You're not stupid at all", set()),
        ("My boss said you're an idiot", set()),
        ('She wrote: "I hate you"', set()),
        ("He told me to shut up", set()),
        ("I hate you 😂", {"humour"}),
        ("shut up haha", {"humour"}),
        ("You never listen to me", {"conflict"}),
        ("I don't hate you", set()),
        ("I'm sorry, I was unfair", {"repair"}),
        ("sorry to hear that", set()),
        ("Sorry?", set()),
        ("Es tut mir leid", {"repair"}),
        ("Danke!", {"warmth"}),
    ],
)
def test_what_a_message_does(text: str, expected: set[str]) -> None:
    assert kinds(text) == expected


def test_a_scene_hurts_nobody() -> None:
    assert kinds("*draws the sword* I hate you, bastard!", intent="roleplay_action") == {"scene"}
    assert kinds("((you are useless, author))", intent="out_of_character") == set()


def test_what_the_senses_read_counts() -> None:
    assert kinds("my cat is gone", mood="sad", intensity=0.8, intent="sharing") == {"comfort"}
    assert kinds("I passed!!", mood="happy", intensity=0.9, intent="sharing") == {"joy"}
    assert kinds("hmm", mood="sad", intensity=0.2) == set()
    assert kinds("come here", mood="flirty", intensity=0.7) == {"warmth"}
    assert kinds("hm", mood=7, intensity="loud", intent=None) == set()


def test_facts_and_confidences_are_opening_up() -> None:
    assert "shared" in kinds("I live in Leeds", facts=1)
    asked = message("How was it when you were small?", SenderType.CHARACTER)
    told = "When I was little we lived by the sea, and my father took us out on Sundays, all four of us."
    assert "shared" in kinds(told, preceding=asked)
    assert "shared" not in kinds(told)


def test_more_facts_open_more_but_not_in_proportion() -> None:
    def intimacy(facts: int) -> float:
        events = events_of(message("so it is"), None, facts, MIRA)
        return sum(event.amounts.get("intimacy", 0) for event in events if event.kind == "shared")

    assert intimacy(1) < intimacy(4) < 4 * intimacy(1)
    assert intimacy(10_000) == intimacy(4)


def test_making_them_again_makes_the_same_and_each_character_has_its_own() -> None:
    said = message("Thanks! My sister plays guitar and our dog sings.")
    again, other = events_of(said, None, 1, MIRA), events_of(said, None, 1, TOM)
    assert events_of(said, None, 1, MIRA) == again
    ids = [event.id for event in (*again, *other)]
    assert len(set(ids)) == len(ids)
    assert {event.topic for event in again} >= {"family", "music", "pets"}


@pytest.mark.parametrize(
    "said",
    [
        message("I love you", SenderType.CHARACTER),
        message("x joined", SenderType.SYSTEM),
        message("hi", deleted=True),
        message("  "),
    ],
)
def test_only_what_a_person_said_and_let_stand_counts(said: Message) -> None:
    assert events_of(said, None, 0, MIRA) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I work at a bank", ("work", "money")),
        ("it doesn't work for me", ()),
        ("We baked cookies and cooked dinner, then watched a film", ("food", "films")),
        ("My puppies need a vet", ("pets",)),
        ("", ()),
    ],
)
def test_topics(text: str, expected: tuple[str, ...]) -> None:
    assert topics_of(text) == expected


@given(
    st.text(max_size=300),
    st.dictionaries(st.sampled_from(["mood", "intensity", "intent"]), st.none() | st.floats() | st.text()),
)
def test_no_message_breaks_it(text: str, metadata: dict[str, Any]) -> None:
    said = message(text, **metadata)
    assert len({event.id for event in events_of(said, said, 0, MIRA)}) <= 12
    assert conversation_signs([said])["mood"]


@pytest.mark.parametrize(
    "piece", ["you are so ", "i ", '"', "so really ", "haha", "my boss said ", "*", "sorry ", "you're a "]
)
def test_long_repetition_is_read_in_no_time(piece: str) -> None:
    assert events_of(message(piece * (20_000 // len(piece))), None, 0, MIRA)


def test_the_signs_of_a_conversation() -> None:
    said = [
        message("my band has a concert", mood="happy", intensity=0.7),
        message("how was it?", SenderType.CHARACTER, mood="angry", intensity=1.0),
        message("great, the songs went well, my sister came", mood="happy", intensity=0.6),
        message("forget that I hate my job", mood="angry", intensity=1, deleted=True),
    ]
    assert conversation_signs(said) == {"mood": "happy", "topics": ["music", "family"]}
    assert conversation_signs([]) == {"mood": "neutral", "topics": []}
