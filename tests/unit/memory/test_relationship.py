"""What a relationship grows from, loses and keeps."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis, UserId
from everkin.domain.memory import BondEvent, Relationship
from everkin.memory.relationship.events import AMOUNTS
from everkin.memory.relationship.formula import (
    DAY_MS,
    GRACE,
    KEPT,
    MOST_A_DAY,
    NOTHING_YET,
    PACE,
    Kind,
    advanced,
    fold,
    history,
    seen,
    standing,
)

VALUES = tuple(PACE)


def event(n: int, day: float, kind: Kind = Kind.WARMTH, topic: str = "", **amounts: float) -> BondEvent:
    return BondEvent(
        id=f"bnd_{n}",
        character_id=CharacterId("chr_1"),
        user_id=UserId("usr_1"),
        conversation_id=ConversationId("cnv_1"),
        message_id=MessageId(f"msg_{n}"),
        kind=kind,
        amounts=amounts or AMOUNTS[kind],
        at=Millis(round(day * DAY_MS)),
        topic=topic,
    )


def at(day: float) -> Millis:
    return Millis(round(day * DAY_MS))


def evenings(days: int, messages: int = 30) -> list[BondEvent]:
    return [event(day * 1000 + n, day + n / 1000) for day in range(days) for n in range(messages)]


def value(relationship: Relationship, name: str) -> float:
    return float(getattr(relationship, name))


kinds = st.sampled_from([kind for kind in Kind if kind is not Kind.TOPIC])
steps = st.lists(st.tuples(st.floats(0, 20), kinds), max_size=60)


def lived(taken: Sequence[tuple[float, Kind]]) -> list[BondEvent]:
    day, events = 0.0, []
    for n, (gap, kind) in enumerate(taken):
        day += gap
        events.append(event(n, day, kind))
    return events


@given(steps, st.floats(0, 1000))
def test_every_value_stays_between_0_and_100(taken: list[tuple[float, Kind]], later: float) -> None:
    events = lived(taken)
    relationship = fold(events, at(sum(gap for gap, _ in taken) + later))
    assert all(0 <= value(relationship, name) <= 100 for name in VALUES)
    assert relationship.interactions == sum(each.kind == Kind.EXCHANGE for each in events)


@given(steps, st.randoms())
def test_the_order_in_which_events_arrive_changes_nothing(taken: list[tuple[float, Kind]], random: object) -> None:
    events = lived(taken)
    shuffled = [*events, *events[:3]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled, at(2000)) == fold(events, at(2000))


@given(steps, st.integers(0, 60))
def test_folding_in_parts_is_folding_at_once(taken: list[tuple[float, Kind]], cut: int) -> None:
    events = [replace(each, at=Millis(each.at + n)) for n, each in enumerate(lived(taken))]
    parts = advanced(advanced(NOTHING_YET, events[:cut]), events[cut:])
    assert seen(parts, at(2000)) == fold(events, at(2000))


@given(steps.filter(lambda taken: len(taken) > 0), st.data())
def test_a_message_whose_events_are_removed_was_never_said(
    taken: list[tuple[float, Kind]], data: st.DataObject
) -> None:
    events = lived(taken)
    gone = data.draw(st.sampled_from(events))
    without = [each for n, each in enumerate(lived(taken)) if n != events.index(gone)]
    assert fold([each for each in events if each.message_id != gone.message_id], at(2000)) == fold(without, at(2000))


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(0.01, 1000)), min_size=1, max_size=60))
def test_no_24_hours_move_a_value_further_than_stated(taken: list[tuple[float, float]]) -> None:
    day, events = 0.0, []
    for n, (gap, amount) in enumerate(taken):
        day += gap
        events.append(event(n, day, Kind.EXCHANGE, level=amount, trust=amount, intimacy=amount))
    moments = sorted({each.at for each in events})
    before = {moment: fold([each for each in events if each.at < moment], moment) for moment in moments}
    after = dict(zip(moments, history(events, moments), strict=True))
    for start in moments:
        for end in (moment for moment in moments if start <= moment <= start + DAY_MS):
            for name, pace in PACE.items():
                assert value(after[end], name) - value(before[start], name) <= pace.day * MOST_A_DAY + 1e-6


def test_a_thousand_messages_in_an_evening_make_no_friend() -> None:
    relationship = fold(evenings(1, 1000), at(1))
    assert standing(relationship.level) == "stranger"
    assert fold(evenings(60), at(60)).level > 10 * relationship.level


def test_the_same_message_gives_less_each_time_and_less_the_closer_they_are() -> None:
    within = [fold(evenings(1, n), at(0.04)).level for n in range(12)]
    gains = [later - earlier for earlier, later in itertools.pairwise(within)]
    assert all(later < earlier for earlier, later in itertools.pairwise(gains))
    weeks = [fold(evenings(7 * week), at(7 * week)).trust for week in range(10)]
    gains = [later - earlier for earlier, later in itertools.pairwise(weeks)]
    assert all(later < earlier for earlier, later in itertools.pairwise(gains))


@pytest.mark.parametrize("name", VALUES)
def test_absence_costs_nothing_for_days_then_half_of_the_rest_in_months_and_never_all(name: str) -> None:
    events = evenings(30)
    last = events[-1].at / DAY_MS
    then = value(fold(events, at(last)), name)
    assert value(fold(events, at(last + GRACE)), name) == pytest.approx(then)
    half = value(fold(events, at(last + GRACE + PACE[name].half_life)), name)
    assert half == pytest.approx(then * (KEPT + (1 - KEPT) / 2), rel=1e-3)
    assert value(fold(events, at(last + 36500)), name) == pytest.approx(then * KEPT, rel=1e-3)


def test_a_quarrel_costs_more_trust_than_any_day_gives() -> None:
    events = evenings(30)
    before = fold(events, at(30)).trust
    insulted = fold([*events, event(-1, 30, Kind.CONFLICT)], at(30)).trust
    assert before - insulted > PACE["trust"].day * MOST_A_DAY
    rant = [event(-n, 30 + n / 1000, Kind.CONFLICT) for n in range(1, 200)]
    assert before - fold([*events, *rant], at(30.5)).trust <= PACE["trust"].hurt * MOST_A_DAY


def test_most_of_what_a_quarrel_took_comes_back_soon_after_making_up() -> None:
    events = evenings(30)
    quarrel = [event(-n, 30 + n / 1000, Kind.CONFLICT) for n in range(1, 5)]
    amends = [event(-10, 30.2, Kind.REPAIR), *(event(-20 - n, 30.5 + n / 10, Kind.WARMTH) for n in range(10))]
    before, after = fold(events, at(30)).trust, fold([*events, *quarrel], at(30.1)).trust
    mended = fold([*events, *quarrel, *amends], at(32))
    assert mended.trust - after > 0.75 * (before - after)
    assert mended.trust < before + PACE["trust"].day * MOST_A_DAY
    assert "made up after a quarrel" in mended.shared


def test_an_insult_and_its_apology_over_and_over_are_no_way_up() -> None:
    events = evenings(30)
    pairs = [event(-2 * n - k, 30 + n / 100, (Kind.CONFLICT, Kind.REPAIR)[k]) for n in range(1, 20) for k in (0, 1)]
    assert fold([*events, *pairs], at(30.3)).trust < fold(events, at(30.3)).trust


def test_favourite_topics_are_frequent_and_recent() -> None:
    early = [event(n, 0, Kind.TOPIC, "work") for n in range(5)]
    late = [event(100 + n, 90, Kind.TOPIC, "music") for n in range(3)]
    assert fold([*early, *late, event(200, 90, Kind.TOPIC, "food")], at(90)).topics == ("music", "food", "work")


def test_a_shared_experience_is_told_once() -> None:
    events = [event(n, n, Kind.SHARED, "family") for n in range(3)]
    assert fold([*events, event(9, 4, Kind.REPAIR)], at(5)).shared == ("opened up about family",)


def test_amounts_that_are_no_numbers_change_nothing() -> None:
    odd = event(1, 0, Kind.EXCHANGE, level=float("nan"), trust=float("inf"), intimacy=-float("inf"), charm=3)
    assert fold([odd], at(0)).level == fold([odd], at(0)).trust == fold([odd], at(0)).intimacy == 0


@pytest.mark.parametrize(
    ("level", "name"), [(0, "stranger"), (8, "acquaintance"), (25, "friend"), (50, "close friend"), (100, "confidant")]
)
def test_standing(level: float, name: str) -> None:
    assert standing(level) == name
