"""Lives 90 days of four made-up people through the real code and draws docs/pictures/relationship.svg.

    python scripts/plot_relationship.py [--out FILE]

Every message goes through bond_events.events_of and relationship.history, so the picture changes when the formula does.
Deterministic. Prints the figures that docs/relationship.md quotes.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from everkin.domain.ids import CharacterId, ConversationId, MessageId, Millis
from everkin.domain.memory import BondEvent, Relationship
from everkin.domain.message import Message, MessageStatus, MessageType, SenderType
from everkin.memory.relationship.events import events_of
from everkin.memory.relationship.formula import DAY_MS, STANDINGS, history, standing

OUT = Path(__file__).parents[1] / "docs" / "pictures" / "relationship.svg"
DAYS = 90
MIRA = CharacterId("chr_mira")
MINUTE = 60_000

Said = tuple[str, str, float, int]
"""Text, mood, intensity, facts learnt."""

WARM: tuple[Said, ...] = (
    ("Hi, I'm home from work at last. How was your day?", "neutral", 0.0, 0),
    ("My sister called, she is expecting a baby in May!", "happy", 0.8, 2),
    ("haha, that is so funny", "happy", 0.5, 0),
    ("I have been practising that song on the guitar all week.", "neutral", 0.0, 1),
    ("It was a long day and I feel rather alone tonight.", "sad", 0.7, 0),
    ("What should I cook for dinner tomorrow?", "neutral", 0.0, 0),
    ("Thank you, I love talking to you.", "happy", 0.6, 0),
    ("Good night!", "neutral", 0.0, 0),
)
QUARREL: tuple[Said, ...] = (
    ("You never listen to me.", "angry", 0.6, 0),
    ("You are so useless!", "angry", 0.9, 0),
    ("I hate you. Leave me alone.", "angry", 0.9, 0),
)
AMENDS: Said = ("I'm sorry, I was unfair to you yesterday.", "sad", 0.5, 0)


def daily(day: int) -> Sequence[Said]:
    return [WARM[(day + n) % len(WARM)] for n in range(6 + day % 5)]


def weekly(day: int) -> Sequence[Said]:
    return [] if day % 7 else WARM * 2


def quarrelling(day: int) -> Sequence[Said]:
    if day == 40:
        return QUARREL
    return [] if day == 41 else [AMENDS, *daily(day)] if day == 42 else daily(day)


def personal_data(day: int) -> Sequence[Said]:
    return [] if 30 <= day < 80 else daily(day)


PEOPLE: dict[str, tuple[Callable[[int], Sequence[Said]], str]] = {
    "daily and warm": (daily, "a"),
    "quarrel on day 40, amends on 42": (quarrelling, "b"),
    "once a week": (weekly, "c"),
    "gone from day 30 to 80": (personal_data, "d"),
}


def message(said: Said, day: int, n: int) -> Message:
    text, mood, intensity, _ = said
    return Message(
        id=MessageId(f"msg_{day}_{n}"),
        conversation_id=ConversationId("cnv_1"),
        seq=day * 100 + n,
        revision=1,
        parent_id=None,
        reply_to=None,
        sender_type=SenderType.USER,
        sender_id="usr_1",
        type=MessageType.TEXT,
        content=text,
        status=MessageStatus.SENT,
        created_at=Millis(day * DAY_MS + DAY_MS * 19 // 24 + n * 3 * MINUTE),
        metadata={"mood": mood, "intensity": intensity, "intent": "sharing"},
    )


def lived(life: Callable[[int], Sequence[Said]]) -> Iterator[BondEvent]:
    for day in range(DAYS):
        for n, said in enumerate(life(day)):
            yield from events_of(message(said, day, n), None, said[3], MIRA)


def curves() -> dict[str, list[Relationship]]:
    ends = [Millis(day * DAY_MS) for day in range(DAYS + 1)]
    return {name: list(history(lived(life), ends)) for name, (life, _) in PEOPLE.items()}


PANEL_W, PANEL_H, LEFT, TOP, GAP = 600, 190, 46, 76, 46
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f } .dim { fill: #57606a; font-size: 11px }
  .grid { stroke: #d0d7de } .line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
  .a { stroke: #0a7d5a } .b { stroke: #c2410c } .c { stroke: #2563eb } .d { stroke: #8b3fc7 } .back { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .dim { fill: #9da7b3 } .grid { stroke: #30363d } .back { fill: #0d1117 }
    .a { stroke: #3ddba5 } .b { stroke: #ff9b63 } .c { stroke: #79b0ff } .d { stroke: #d2a0ff }
  }"""


def drawn(lives: dict[str, list[Relationship]]) -> str:
    height = TOP + 3 * (PANEL_H + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + PANEL_W + 110} {height}" role="img" '
        'aria-label="Level, trust and intimacy of four people over 90 days">',
        f"<style>{STYLE}\n</style>",
        '<rect class="back" width="100%" height="100%"/>',
        *legend(),
    ]
    for place, value in enumerate(("level", "trust", "intimacy")):
        parts += panel(value, TOP + place * (PANEL_H + GAP), lives)
    return "\n".join([*parts, "</svg>", ""])


def legend() -> Iterator[str]:
    for n, (name, (_, colour)) in enumerate(PEOPLE.items()):
        x, y = LEFT + (n % 2) * 300, 18 + (n // 2) * 20
        yield f'<path class="line {colour}" d="M{x} {y}h24"/><text x="{x + 32}" y="{y + 4}">{name}</text>'


def panel(value: str, top: float, lives: dict[str, list[Relationship]]) -> Iterator[str]:
    def y(points: float) -> float:
        return round(top + PANEL_H - points / 100 * PANEL_H, 1)

    yield f'<text x="{LEFT}" y="{top - 6}" font-weight="600">{value}</text>'
    for mark in (0, 25, 50, 75, 100):
        yield f'<path class="grid" d="M{LEFT} {y(mark)}h{PANEL_W}"/>'
        yield f'<text class="dim" x="{LEFT - 8}" y="{y(mark) + 4}" text-anchor="end">{mark}</text>'
    for day in range(0, DAYS + 1, 10):
        x = LEFT + day / DAYS * PANEL_W
        yield f'<text class="dim" x="{x:.1f}" y="{top + PANEL_H + 16}" text-anchor="middle">{day}</text>'
    if value == "level":
        for least, name in STANDINGS:
            yield f'<text class="dim" x="{LEFT + PANEL_W + 8}" y="{y(least) - 3}">{name}</text>'
    for name, (_, colour) in PEOPLE.items():
        points = " ".join(
            f"{LEFT + day / DAYS * PANEL_W:.1f},{y(getattr(each, value))}" for day, each in enumerate(lives[name])
        )
        yield f'<polyline class="line {colour}" points="{points}"/>'


def report(lives: dict[str, list[Relationship]]) -> None:
    for name, life in lives.items():
        print(name)
        for day in (1, 7, 30, 40, 42, 43, 50, 80, 81, 90):
            each = life[day]
            print(
                f"  day {day:2}  level {each.level:5.1f}  trust {each.trust:5.1f}  intimacy {each.intimacy:5.1f}  "
                f"{standing(each.level)}"
            )
        print("  favourites:", ", ".join(life[-1].topics), "| shared:", "; ".join(life[-1].shared))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    out: Path = parser.parse_args().out
    lives = curves()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(drawn(lives), "utf-8")
    report(lives)


if __name__ == "__main__":
    main()
