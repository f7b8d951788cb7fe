"""How close a character and a person are: what their events amount to (pure).

Each of level, trust and intimacy follows the same five rules, with its own PACE:

- gain      an amount a fills the evening: given += (day - given) * (1 - e^(-a/day)), and what it filled counts for less the
            closer the two are: value = 100 - (100 - value) * e^(-filled/100)
- evening   given (and taken, its twin for hurts) empties by half every EVENING: no time zone, no midnight
- hurt      takes whole points, not ever smaller ones, so that trust falls faster than it grows; its evening has an end, too
- mending   MENDABLE of what a hurt took stays open; an apology gives back half of what is open, warmth a tenth
- absence   after GRACE days of silence value falls towards KEPT of the best it ever was, by half every `half_life`

Why these forms, their sources and a plot: docs/relationship.md.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from everkin.domain.ids import Millis
from everkin.domain.memory import BondEvent, Relationship

DAY_MS = 86_400_000


class Kind(StrEnum):
    """What happened. EXCHANGE: a message of the person, one for each. TOPIC: it was about one thing more."""

    EXCHANGE = "exchange"
    TOPIC = "topic"
    SHARED = "shared"
    WARMTH = "warmth"
    HUMOUR = "humour"
    COMFORT = "comfort"
    JOY = "joy"
    SCENE = "scene"
    CONFLICT = "conflict"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Pace:
    """`day`, `hurt`: points that one evening can give and take at most."""

    day: float
    hurt: float
    half_life: float
    """In days, of what absence takes."""


PACE: Mapping[str, Pace] = {
    "level": Pace(day=2.5, hurt=8.0, half_life=120.0),
    "trust": Pace(day=1.8, hurt=15.0, half_life=180.0),
    "intimacy": Pace(day=2.0, hurt=8.0, half_life=90.0),
}

EVENING = 0.5
"""Days in which what an evening has given counts half."""

MOST_A_DAY = 1 + math.log(2) / EVENING
"""Times `day` (or `hurt`) that any 24 hours can move a value at most, mending aside: once to fill the evening, and what
has run out of it meanwhile."""

GRACE = 3.0
KEPT = 0.4
MENDABLE = 0.85
MENDING: Mapping[str, float] = {Kind.REPAIR: 0.5, Kind.WARMTH: 0.1}
"""Share of an open hurt that one event gives back."""

QUARREL = 1.0
"""Points of trust that have to be open for an apology to be making up."""

STANDINGS = ((75.0, "confidant"), (50.0, "close friend"), (25.0, "friend"), (8.0, "acquaintance"), (0.0, "stranger"))

FAVOURITES = 5
MOST_TOPICS = 200
"""Remembered at a time; the ones mentioned least go."""
TOPIC_HALF_LIFE = 30.0
"""Days after which a mention of a topic counts half."""

EXPERIENCES = 12
_EXPERIENCES: Mapping[str, str] = {
    Kind.SHARED: "opened up",
    Kind.COMFORT: "talked through a hard time",
    Kind.JOY: "shared good news",
    Kind.SCENE: "played a scene together",
    Kind.REPAIR: "made up after a quarrel",
}


@dataclass(frozen=True, slots=True)
class Strand:
    """One of the three values while it is folded."""

    value: float = 0.0
    peak: float = 0.0
    open: float = 0.0
    """Taken by hurts and not yet mended."""
    given: float = 0.0
    taken: float = 0.0


@dataclass(frozen=True, slots=True)
class RelationshipFold:
    """A relationship as of its last event, from which it can be folded further."""

    strands: Mapping[str, Strand] = field(default_factory=lambda: dict.fromkeys(PACE, Strand()))
    interactions: int = 0
    topics: Mapping[str, float] = field(default_factory=dict)
    """Weight as of `last_at`."""
    shared: tuple[str, ...] = ()
    since: Millis | None = None
    last_at: Millis | None = None


NOTHING_YET = RelationshipFold()


def standing(level: float) -> str:
    """What the two are to each other, in a word."""
    return next(name for least, name in STANDINGS if level >= least or least == 0.0)


def fold(events: Iterable[BondEvent], now: Millis) -> Relationship:
    """The relationship at `now`. The order of `events` does not matter, and an event given twice counts once."""
    return seen(advanced(NOTHING_YET, events), now)


def history(events: Iterable[BondEvent], times: Sequence[Millis]) -> Iterator[Relationship]:
    """As it was at each of `times` (rising), from one walk over the events."""
    left, folding = _in_order(events), NOTHING_YET
    for time in times:
        count = next((n for n, event in enumerate(left) if event.at > time), len(left))
        folding, left = advanced(folding, left[:count]), left[count:]
        yield seen(folding, time)


def advanced(folding: RelationshipFold, events: Iterable[BondEvent]) -> RelationshipFold:
    """Folded further by events none of which is older than the last one. Folding in parts equals folding at once as long
    as events of one moment are not torn apart."""
    for event in _in_order(events):
        folding = _after(folding, event)
    return folding


def seen(folding: RelationshipFold, now: Millis) -> Relationship:
    """What absence since the last event has left of it. A `now` before that event counts as its time."""
    gap = _days(folding.last_at, now)
    values = {name: _rested(strand, PACE[name], gap).value for name, strand in folding.strands.items()}
    ranked = sorted(folding.topics, key=lambda topic: (-folding.topics[topic], topic))
    return Relationship(
        level=values["level"],
        trust=values["trust"],
        intimacy=values["intimacy"],
        interactions=folding.interactions,
        topics=tuple(ranked[:FAVOURITES]),
        shared=folding.shared,
        since=folding.since,
        last_at=folding.last_at,
    )


def _in_order(events: Iterable[BondEvent]) -> list[BondEvent]:
    """By time; what one message did, in the order of its kinds, so that an insult comes before its own apology."""
    once = {event.id: event for event in events}.values()
    return sorted(once, key=lambda event: (event.at, event.message_id, event.kind, event.id))


def _days(since: Millis | None, until: Millis) -> float:
    return 0.0 if since is None else max(0, until - since) / DAY_MS


def _after(folding: RelationshipFold, event: BondEvent) -> RelationshipFold:
    gap = _days(folding.last_at, event.at)
    quarrelled = folding.strands["trust"].open >= QUARREL
    return RelationshipFold(
        strands={name: _moved(strand, event, name, gap) for name, strand in folding.strands.items()},
        interactions=folding.interactions + (event.kind == Kind.EXCHANGE),
        topics=_mentioned(folding.topics, event.topic, gap),
        shared=_experienced(folding.shared, event, quarrelled),
        since=event.at if folding.since is None else folding.since,
        last_at=event.at,
    )


def _moved(strand: Strand, event: BondEvent, name: str, gap: float) -> Strand:
    strand = _rested(strand, PACE[name], gap)
    if share := MENDING.get(event.kind, 0.0):
        strand = _mended(strand, share)
    amount = event.amounts.get(name, 0.0)
    if amount > 0 and math.isfinite(amount):
        return _gained(strand, PACE[name], amount)
    return _hurt(strand, PACE[name], -amount) if amount < 0 and math.isfinite(amount) else strand


def _rested(strand: Strand, pace: Pace, gap: float) -> Strand:
    if gap == 0:
        return strand
    emptied = 0.5 ** (gap / EVENING)
    floor = min(strand.value, KEPT * strand.peak)
    stayed = 0.5 ** (max(0.0, gap - GRACE) / pace.half_life)
    value = floor + (strand.value - floor) * stayed
    return Strand(value, strand.peak, strand.open, strand.given * emptied, strand.taken * emptied)


def _gained(strand: Strand, pace: Pace, amount: float) -> Strand:
    filled = (pace.day - strand.given) * -math.expm1(-amount / pace.day)
    value = 100 - (100 - strand.value) * math.exp(-filled / 100)
    return Strand(value, max(strand.peak, value), strand.open, strand.given + filled, strand.taken)


def _hurt(strand: Strand, pace: Pace, amount: float) -> Strand:
    filled = (pace.hurt - strand.taken) * -math.expm1(-amount / pace.hurt)
    lost = min(strand.value, filled)
    mendable = strand.open + MENDABLE * lost
    return Strand(strand.value - lost, strand.peak, mendable, strand.given, strand.taken + filled)


def _mended(strand: Strand, share: float) -> Strand:
    back = strand.open * share
    value = min(100.0, strand.value + back)
    return Strand(value, max(strand.peak, value), strand.open - back, strand.given, strand.taken)


def _mentioned(topics: Mapping[str, float], topic: str, gap: float) -> Mapping[str, float]:
    if not topic and gap == 0:
        return topics
    faded = 0.5 ** (gap / TOPIC_HALF_LIFE)
    weights = {name: weight * faded for name, weight in topics.items()}
    if topic:
        weights[topic] = weights.get(topic, 0.0) + 1.0
    if len(weights) > MOST_TOPICS:
        del weights[min(weights, key=lambda name: (weights[name], name == topic, name))]
    return weights


def _experienced(shared: tuple[str, ...], event: BondEvent, quarrelled: bool) -> tuple[str, ...]:
    """Each kind of thing once with each topic, the newest last."""
    words = _EXPERIENCES.get(event.kind)
    if words is None or (event.kind == Kind.REPAIR and not quarrelled):
        return shared
    about = f" about {event.topic}" if event.topic and event.kind in (Kind.SHARED, Kind.COMFORT, Kind.JOY) else ""
    told = words + about
    return shared if told in shared else (*shared, told)[-EXPERIENCES:]
