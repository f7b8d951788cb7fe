"""Findings become facts: reinforced, replaced, ended, never lost, never of two worlds."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from everkin.domain.ids import CharacterId, MessageId, Millis, UserId
from everkin.domain.memory import Category, Fact, Finding, Op, Realm
from everkin.memory.extraction.english.slots import shape
from everkin.memory.facts.fold import FactFold, before, current, fold

WREN, USER = CharacterId("chr_wren"), UserId("usr_ann")


def said(text: str, at: int, **more: object) -> Finding:
    told = shape(text)
    realm = more.get("realm", Realm.REAL)
    finding = Finding(
        id=f"fnd_{at}",
        user_id=USER,
        conversation_id=None,
        message_id=MessageId(f"msg_{at}"),
        seq=at,
        n=0,
        at=Millis(at),
        text=text,
        category=told.category,
        confidence=0.85,
        slot=told.slot if realm is Realm.REAL else "",
        value=told.value if realm is Realm.REAL else "",
        ended=told.ended,
        witnesses=(WREN, USER),
    )
    return replace(finding, **more)  # type: ignore[arg-type]


def hand(op: Op, target: str, at: int, text: str = "", **more: object) -> Finding:
    return said(
        text, at, op=op, target=target, message_id=None, confidence=1.0, character_id=WREN, witnesses=(), **more
    )


def folded(*findings: Finding) -> tuple[Fact, ...]:
    return fold(findings, WREN, USER)


def test_said_again_reinforces() -> None:
    (fact,) = folded(said("lives in Leeds", 1), said("lives in Leeds", 5))
    assert (fact.reinforcements, fact.first_mentioned_at, fact.last_reinforced_at) == (1, 1, 5)
    assert fact.confidence > 0.95
    assert fact.id == "fnd_1"
    assert fact.message_ids == ("msg_1", "msg_5")


def test_a_new_value_closes_the_old_and_both_can_be_asked_for() -> None:
    old, new = folded(said("lives in Leeds", 1), said("lives in York", 9))
    assert (old.valid_to, old.superseded_by, new.valid_to) == (9, new.id, None)
    facts = (old, new)
    assert current(facts, "home") is new
    assert before(facts, "home") is old


def test_coming_back_is_a_new_time() -> None:
    facts = folded(said("lives in Leeds", 1), said("lives in York", 2), said("lives in Leeds", 3))
    assert [fact.valid_to for fact in facts] == [2, 3, None]


def test_what_ended_is_closed_and_what_was_never_told_is_a_fact_of_the_past() -> None:
    (fact,) = folded(said("smokes", 1), said("used to smoke", 4))
    assert (fact.text, fact.valid_to) == ("smokes", 4)
    (past,) = folded(said("used to live in Rome", 4))
    assert (past.text, past.valid_to) == ("used to live in Rome", 4)
    assert current((past,), "home") is None
    assert before((past,), "home") is past


def test_an_end_elsewhere_leaves_the_present_alone() -> None:
    facts = folded(said("lives in Turin", 1), said("used to live in Rome", 2))
    assert [(fact.text, fact.valid_to) for fact in facts] == [("lives in Turin", None), ("used to live in Rome", 2)]


def test_a_change_of_taste_closes_the_older() -> None:
    facts = folded(said("loves olives", 1), said("hates olives", 2))
    assert [fact.valid_to for fact in facts] == [2, None]
    facts = folded(said("eats pork on Sundays", 1), said("does not eat pork on Sundays", 2))
    assert [fact.valid_to for fact in facts] == [2, None]


def test_numbers_and_names_keep_facts_apart() -> None:
    assert len(folded(said("has two cats", 1), said("has three cats", 2))) == 2
    assert len(folded(said("has a friend, Tom", 1), said("has a friend, Tim", 2))) == 2


def test_a_story_touches_nothing_real() -> None:
    facts = folded(said("lives in Leeds", 1), said("lives in a tower", 2, realm=Realm.STORY))
    assert [(fact.realm, fact.valid_to, fact.slot) for fact in facts] == [
        (Realm.REAL, None, "home"),
        (Realm.STORY, None, ""),
    ]


def test_the_unsure_waits_and_closes_nothing_until_it_is_sure() -> None:
    doubtful = said("lives in York", 2, confidence=0.5)
    assert [fact.text for fact in folded(said("lives in Leeds", 1), doubtful)] == ["lives in Leeds"]
    old, new = folded(said("lives in Leeds", 1), doubtful, said("lives in York", 3, confidence=0.5))
    assert (old.valid_to, new.text, new.confidence) == (3, "lives in York", 0.75)


def test_two_findings_of_one_message_are_one_mention() -> None:
    twice = said("lives in York", 2, id="fnd_x", message_id=MessageId("msg_1"), confidence=0.5)
    assert folded(said("lives in York", 1, confidence=0.5), twice) == ()


def test_a_person_puts_right_and_keeps_their_word() -> None:
    first = said("is called Hannah", 1)
    put_right = hand(Op.CORRECTED, "fnd_1", 5, "is called Anna", slot="name", value="anna")
    (fact,) = folded(first, put_right)
    assert (fact.text, fact.value, fact.edited, fact.confidence) == ("is called Anna", "anna", True, 1.0)
    late = replace(said("is called Hannah", 9), at=Millis(3))
    assert [(one.text, one.valid_to) for one in folded(first, put_right, late)] == [("is called Anna", None)]


def test_pins_and_what_a_person_adds() -> None:
    added = hand(Op.ADDED, "", 2, "is allergic to nuts")
    fact, own = folded(said("lives in Leeds", 1), added, hand(Op.PINNED, "fnd_1", 3))
    assert (fact.pinned, own.text, own.confidence) == (True, "is allergic to nuts", 1.0)
    assert not folded(said("lives in Leeds", 1), hand(Op.PINNED, "fnd_1", 3), hand(Op.UNPINNED, "fnd_1", 4))[0].pinned


def test_who_was_not_there_does_not_know() -> None:
    secret = said("hates olives", 1, witnesses=("chr_other", USER))
    assert folded(secret) == ()
    elsewhere = replace(said("has a cat", 2), character_id=CharacterId("chr_other"))
    assert folded(elsewhere) == ()


def test_told_openly_once_it_is_known_to_all_who_heard_it() -> None:
    (fact,) = folded(said("hates olives", 1), said("hates olives", 2, witnesses=(WREN, USER, "chr_other")))
    assert set(fact.witnesses) == {WREN, USER, "chr_other"}


TEXTS = (
    "lives in Leeds", "lives in York", "used to live in Leeds", "loves olives", "hates olives", "has a cat, Fig", "works as a nurse",
    "used to have a job", "is 30", "is 31", "their brother lives in York", "smokes", "used to smoke", "plays chess", "runs every day",
)  # fmt: skip
FINDINGS = st.lists(
    st.tuples(
        st.sampled_from(TEXTS),
        st.sampled_from([Realm.REAL, Realm.REAL, Realm.STORY, Realm.PERSONA]),
        st.sampled_from([0.5, 0.85]),
    ),
    max_size=14,
).map(
    lambda rows: [
        said(text, at, realm=realm, confidence=sure, message_id=MessageId(f"msg_{at // 2}"))
        for at, (text, realm, sure) in enumerate(rows, 1)
    ]
)


@settings(max_examples=150, deadline=None)
@given(FINDINGS, st.integers(0, 7))
def test_without_a_message_it_was_never_said(findings: list[Finding], gone: int) -> None:
    left = [one for one in findings if one.message_id != f"msg_{gone}"]
    facts = folded(*left)
    assert f"msg_{gone}" not in {message for fact in facts for message in fact.message_ids}
    folding = FactFold(WREN, USER)
    for one in left:
        folding.add(one)
        folding.facts()
    assert folding.facts() == facts


@settings(max_examples=150, deadline=None)
@given(FINDINGS)
def test_twice_is_once(findings: list[Finding]) -> None:
    assert folded(*findings, *findings) == folded(*findings)


@settings(max_examples=150, deadline=None)
@given(FINDINGS)
def test_worlds_never_mix(findings: list[Finding]) -> None:
    everything = folded(*findings)
    for realm in Realm:
        alone = folded(*(one for one in findings if one.realm is realm))
        assert tuple(fact for fact in everything if fact.realm is realm) == alone
    assert all(not fact.slot for fact in everything if fact.realm is not Realm.REAL)
    held = [fact.slot for fact in everything if fact.slot and fact.valid_to is None]
    assert len(held) == len(set(held))


def test_a_category_comes_along() -> None:
    assert folded(said("has a cat, Fig", 1))[0].category is Category.RELATIONSHIP
