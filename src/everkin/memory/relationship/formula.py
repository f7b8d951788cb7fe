"""The formula that folds relationship events into level, trust and intimacy (pure).

Each of the three values follows the same five rules, with its own Pace:

- gain: an amount a fills the evening: given += (day - given) * (1 - e^(-a/day)). The filled part counts less the closer
  the two are: value = 100 - (100 - value) * e^(-filled/100).
- evening: `given` (and `taken`, its counterpart for hurts) halves every EVENING days: no time zone, no midnight.
- hurt: takes whole points rather than ever smaller ones, so that trust falls faster than it grows. Its evening is
  limited, too.
- mending: MENDABLE of the points taken by a hurt stay open; an apology gives back half of the open points, warmth a
  tenth.
- absence: after GRACE days of silence the value falls towards KEPT of its peak, by half every `half_life`.

Reasons, sources and a plot: docs/relationship.md.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from everkin.domain.ids import Millis
from everkin.domain.memory import BondEvent, Relationship

DAY_MS = 86_400_000
"""Milliseconds in a day."""


class Kind(StrEnum):
    """Kind of event. EXCHANGE: a message of the user, one for each. TOPIC: a further topic of the message."""

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
    """Limits and speed of one value."""

    day: float
    """Points that one evening can give at most."""
    hurt: float
    """Points that one evening can take at most."""
    half_life: float
    """Days of absence in which the decay is half done."""


PACE: Mapping[str, Pace] = {
    "level": Pace(day=2.5, hurt=8.0, half_life=120.0),
    "trust": Pace(day=1.8, hurt=15.0, half_life=180.0),
    "intimacy": Pace(day=2.0, hurt=8.0, half_life=90.0),
}
"""The pace of each value."""

EVENING = 0.5
"""Days in which the points given or taken by an evening halve."""

MOST_A_DAY = 1 + math.log(2) / EVENING
"""Multiple of `day` (or `hurt`) by which any 24 hours can change a value at most, apart from mending: once to fill the
evening, and the part of it that has decayed meanwhile."""

GRACE = 3.0
"""Days of silence without decay."""
KEPT = 0.4
"""Share of a value's peak that absence never takes."""
MENDABLE = 0.85
"""Share of a hurt that can be given back."""
MENDING: Mapping[str, float] = {Kind.REPAIR: 0.5, Kind.WARMTH: 0.1}
"""Share of the open points that one event gives back."""

QUARREL = 1.0
"""Open points of trust from which an apology counts as making up."""

STANDINGS = ((75.0, "confidant"), (50.0, "close friend"), (25.0, "friend"), (8.0, "acquaintance"), (0.0, "stranger"))
"""Lowest level of each standing, highest first."""

FAVOURITES = 5
"""Topics in a Relationship, the heaviest first."""
MOST_TOPICS = 200
"""Topics kept in a fold; the one with the least weight is dropped first."""
TOPIC_HALF_LIFE = 30.0
"""Days in which the weight of a mention of a topic halves."""

EXPERIENCES = 12
"""Shared experiences kept, the newest."""
_EXPERIENCES: Mapping[str, str] = {
    Kind.SHARED: "opened up",
    Kind.COMFORT: "talked through a hard time",
    Kind.JOY: "shared good news",
    Kind.SCENE: "played a scene together",
    Kind.REPAIR: "made up after a quarrel",
}


@dataclass(frozen=True, slots=True)
class Strand:
    """One of the three values during the fold."""

    value: float = 0.0
    """0..100."""
    peak: float = 0.0
    """The highest value so far."""
    open: float = 0.0
    """Points taken by hurts that can still be given back."""
    given: float = 0.0
    """Points gained in the current evening."""
    taken: float = 0.0
    """Points lost in the current evening."""


@dataclass(frozen=True, slots=True)
class RelationshipFold:
    """A relationship as of its last event, from which folding can continue."""

    strands: Mapping[str, Strand] = field(default_factory=lambda: dict.fromkeys(PACE, Strand()))
    """Level, trust and intimacy."""
    interactions: int = 0
    """Number of messages of the user."""
    topics: Mapping[str, float] = field(default_factory=dict)
    """Weight by topic as of `last_at`."""
    shared: tuple[str, ...] = ()
    """Shared experiences as short phrases, oldest first."""
    since: Millis | None = None
    """Unix milliseconds of the first event; None: no events."""
    last_at: Millis | None = None
    """Unix milliseconds of the last event; None: no events."""


NOTHING_YET = RelationshipFold()


def standing(level: float) -> str:
    """Return the name for a level, for example "friend"."""
    return next(name for least, name in STANDINGS if level >= least or least == 0.0)


def fold(events: Iterable[BondEvent], now: Millis) -> Relationship:
    """Return the relationship at `now`. The order of `events` does not matter; a duplicate counts once."""
    return seen(advanced(NOTHING_YET, events), now)


def history(events: Iterable[BondEvent], times: Sequence[Millis]) -> Iterator[Relationship]:
    """Yield the relationship at each of `times`, which must ascend, in one pass over the events."""
    left, folding = _in_order(events), NOTHING_YET
    for time in times:
        count = next((n for n, event in enumerate(left) if event.at > time), len(left))
        folding, left = advanced(folding, left[:count]), left[count:]
        yield seen(folding, time)


def advanced(folding: RelationshipFold, events: Iterable[BondEvent]) -> RelationshipFold:
    """Continue a fold with events that are not older than its last one.

    Folding in parts equals folding at once as long as all events of one moment are in the same part.
    """
    for event in _in_order(events):
        folding = _after(folding, event)
    return folding


def seen(folding: RelationshipFold, now: Millis) -> Relationship:
    """Return the relationship at `now`, after the decay since the last event.

    A `now` before that event counts as its time.
    """
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
    """Sort events by time, without duplicates.

    Events of one message are sorted by kind, so that an insult precedes the apology for it.
    """
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
    """Add an experience unless it is known: each phrase occurs once with each topic, the newest last."""
    words = _EXPERIENCES.get(event.kind)
    if words is None or (event.kind == Kind.REPAIR and not quarrelled):
        return shared
    about = f" about {event.topic}" if event.topic and event.kind in (Kind.SHARED, Kind.COMFORT, Kind.JOY) else ""
    told = words + about
    return shared if told in shared else (*shared, told)[-EXPERIENCES:]
