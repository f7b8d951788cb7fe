"""Long chats put together from the authored scenes in scripts/data, with questions and the messages that answer them.

A scene is a few messages of two people, {A} and {B} in its questions; each chat draws scenes, names, dates, who plays whom, and
small talk in between. Numbers after `|` are the lines of the scene that answer; `#tag` collects evidence over many scenes.
"""

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from everkin.domain.ids import Millis
from everkin.domain.memory import Memory, MemoryKind

DATA = Path(__file__).resolve().parent / "data"
NAMES = [
    "Nora",
    "Felix",
    "Amara",
    "Tomas",
    "Wen",
    "Greta",
    "Idris",
    "Paula",
    "Hugo",
    "Leila",
    "Sven",
    "Maja",
    "Otis",
    "Yara",
    "Colm",
    "Ines",
    "Rafi",
    "Dora",
    "Kofi",
    "Esther",
    "Milo",
    "Anouk",
    "Bashir",
    "Celia",
    "Dmitri",
    "Fern",
    "Gus",
    "Hana",
    "Ivo",
    "June",
    "Kai",
    "Lotte",
    "Marlon",
    "Nia",
    "Oskar",
    "Petra",
]


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    lines: tuple[tuple[str, str, tuple[str, ...]], ...]
    """(A or B, text, tags)"""
    questions: tuple[tuple[str, str, tuple[int, ...]], ...]
    """(line before it or "", question, places of the lines that answer)"""


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    evidence: frozenset[str]
    user_name: str
    window: tuple[str, ...] = ()


@dataclass(slots=True)
class Chat:
    names: tuple[str, str]
    now: Millis
    memories: list[Memory] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    tagged: dict[tuple[str, str], list[str]] = field(default_factory=dict)


def scenes() -> tuple[list[Scene], list[tuple[str, str]]]:
    """The scenes, and (question, tag) over many scenes."""
    found, broad = [], []
    for block in (DATA / "recall_talks.txt").read_text("utf-8").split("\n\n"):
        lines, questions, name = [], [], ""
        for line in filter(None, block.splitlines()):
            kind, rest = line.split(" ", 1)
            if kind == "=":
                name = rest
            elif kind in "AB":
                text, tags = re.sub(r" #\w+", "", rest), tuple(re.findall(r"#(\w+)", rest))
                lines.append((kind, text, tags))
            elif kind == "@":
                question, tag = rest.split(" | #")
                broad.append((question, tag))
            else:
                before, _, asked = rest.rpartition(" || ")
                question, places = asked.rsplit(" | ", 1)
                questions.append((before, question, tuple(int(place) - 1 for place in places.split())))
        if lines:
            found.append(Scene(name, tuple(lines), tuple(questions)))
    return found, broad


def chat(number: int, pool: list[Scene], broad: list[tuple[str, str]], most: int = 55) -> Chat:
    """The same number gives the same chat."""
    rng = random.Random(number)
    names = tuple(rng.sample(NAMES, 2))
    chosen = sorted(rng.sample(pool, min(len(pool), most)), key=lambda scene: pool.index(scene) + rng.random() * 25)
    small = (DATA / "recall_chatter.txt").read_text("utf-8").splitlines()
    at = datetime(2022, 1, 5, 18, 30, tzinfo=UTC) + timedelta(days=rng.randrange(300))
    made = Chat((names[0], names[1]), Millis(0))
    sitting = 0
    while chosen:
        sitting += 1
        at += timedelta(days=rng.randrange(1, 16), minutes=rng.randrange(-300, 300))
        _small_talk(made, rng, small, sitting, at)
        for _ in range(min(len(chosen), rng.choice((1, 2, 2, 3, 3)))):
            _play(made, rng, chosen.pop(0), sitting, at)
            _small_talk(made, rng, small, sitting, at)
    made.now = Millis(int((at + timedelta(days=rng.randrange(1, 200))).timestamp() * 1000))
    _broad(made, broad)
    return made


def _small_talk(made: Chat, rng: random.Random, small: list[str], sitting: int, at: datetime) -> None:
    start, speaker = rng.randrange(len(small)), rng.randrange(2)
    for place in range(rng.choice((0, 1, 2, 3, 4))):
        _say(made, made.names[(speaker + place) % 2], small[(start + place) % len(small)], sitting, at)


def _say(made: Chat, speaker: str, text: str, sitting: int, at: datetime) -> str:
    seq = len(made.memories) + 1
    moment = Millis(int(at.timestamp() * 1000) + seq)
    made.memories.append(
        Memory(f"m{seq}", MemoryKind.MESSAGE, "c", seq, f"s{sitting}", moment, text, speaker, speaker == made.names[1])
    )
    return f"m{seq}"


def _play(made: Chat, rng: random.Random, scene: Scene, sitting: int, at: datetime) -> None:
    a, b = rng.sample(made.names, 2)
    part = {"A": a, "B": b}
    ids = []
    for who, text, tags in scene.lines:
        ids.append(_say(made, part[who], text.format(**part) if "{" in text else text, sitting, at))
        for tag in tags:
            made.tagged.setdefault((part[who], tag), []).append(ids[-1])
    for before, question, places in scene.questions:
        evidence = frozenset(ids[place] for place in places)
        made.questions.append(_asked(rng, before, question, part, evidence, at))


def _asked(
    rng: random.Random, before: str, question: str, part: dict[str, str], evidence: frozenset[str], at: datetime
) -> Question:
    """Mostly by name, as somebody else would ask; sometimes by one of the two; sometimes with the date."""
    chance, window = rng.random(), (before.format(**part),) if before else ()
    if chance < 0.3:
        who = rng.choice("AB")
        if f"{{{who}}}" in question:
            text = question.replace(f"{{{who}}}'s", "my").replace(f"{{{who}}}", "I").replace("does I", "do I")
            return Question(text.replace("has I", "have I").format(**part), evidence, part[who], window)
    text = question.format(**part)
    if chance > 0.88 and not text.startswith("When"):
        day = f"{at.day} {at:%B}, {at.year}" if chance > 0.94 else f"{at:%B} {at.year}"
        text = f"{text[:-1]} {'on' if chance > 0.94 else 'in'} {day}?"
    return Question(text, evidence, "", window)


def _broad(made: Chat, broad: list[tuple[str, str]]) -> None:
    for question, tag in broad:
        for name in made.names:
            evidence = made.tagged.get((name, tag), [])
            if 1 < len(evidence) < 9:
                made.questions.append(Question(question.format(A=name, B=""), frozenset(evidence), ""))
