"""A thousand realistic messages of eight people (data/replay.txt) through the whole App: what the reply cache and the context save.

The provider is a server on loopback whose every answer carries a number of its own, so that an answer seen twice is known, and with it
what it was made for. Time is turned on between the messages as the script says, so that five minutes are five minutes.

calls_saved           share of the messages that were answered without a call of the model
tokens_saved          prompt tokens saved against sending the whole history with every message, calls saved included
context_saved         the same over the calls that were made: what assembling the context alone saves
stale                 answers given again where a reader of the script says they must not be: the message is no greeting and no question
                      that stands for itself, or it is such a question and something else was said meanwhile, or its words or its mood
                      differ, or the card of the character changed, or more than five minutes went by
crossed               answers made for another person or conversation, or for other words; or prompts with somebody else's lines
"""

import asyncio
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks import harness, household
from everkin.app import App
from everkin.context.budget import MESSAGE_OVERHEAD
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.kit.clock import SystemClock
from everkin.llm.tokens import estimate
from tests.contracts.upstream import DONE, open_upstream, piece, sends

NAME = "replay"
TARGETS = {
    "calls_saved": harness.at_least(0.01),
    "tokens_saved": harness.at_least(0.5),
    "stale": harness.at_most(0),
    "crossed": harness.at_most(0),
}

SCRIPT = Path(__file__).parent / "data" / "replay.txt"
BETWEEN, KEPT_SECONDS, DAY = 25.0, 300.0, 86_400.0
MARKS = {"~": "greeting", "=": "standing"}
SENTENCES = (
    "*A small pause.* That is worth a second look, and I'd rather look at it with you than alone.",
    "I see what you mean. Tell me how it went on, from the moment the door closed behind you.",
    "*Puts the cup down.* There's an answer to that, but it is longer than the evening, so take the short one: yes, mostly.",
    "You notice such things. Most people walk past them with their eyes on the pavement and their minds at home.",
    "Ha. I'd have done the same, and then I'd have denied it for years to anybody who asked me.",
)


@dataclass(frozen=True, slots=True)
class Line:
    """`at`: seconds since the first midnight. `kind`: greeting, standing, other, or card: the character's card is changed."""

    at: float
    person: str
    character: str
    kind: str
    text: str

    @property
    def where(self) -> tuple[str, str]:
        return self.person, self.character


def read_script(path: Path = SCRIPT) -> list[Line]:
    """In the order of time; what is said at the same time in the order of the file."""
    return sorted(_lines(path.read_text("utf-8").splitlines()), key=lambda line: line.at)


def _lines(rows: Sequence[str]) -> Iterator[Line]:
    at, person, character = 0.0, "", ""
    for row in (row.strip() for row in rows):
        if not row or row.startswith("#"):
            continue
        if row.startswith("["):
            person, character, when = row.strip("[]").split(", ")
            day, clock = when.split()
            hour, minute = clock.split(":")
            at = int(day) * DAY + int(hour) * 3600.0 + int(minute) * 60.0
        elif row.startswith("+"):
            at += int(row[1:]) * 60.0
        elif row.startswith("!"):
            yield Line(at, "", row.split()[-1], "card", "")
        else:
            kind = MARKS.get(row[:1], "other")
            yield Line(at, person, character, kind, row[2:] if kind != "other" else row)
            at += BETWEEN


class TurnedClock(SystemClock):
    """Goes on by itself, and further when it is told to."""

    def __init__(self) -> None:
        self._prefetcher = 0.0

    def now(self) -> Any:
        return type(super().now())(super().now() + round(self._prefetcher * 1000))

    def monotonic(self) -> float:
        return super().monotonic() + self._prefetcher

    def turn(self, seconds: float) -> None:
        self._prefetcher += max(0.0, seconds)


class Numbered:
    """Every answer begins with a number; `asked[number]` is the request it was made for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        number = len(self.asked)
        self.asked.append(json.loads(await request.read()))
        words = f"[{number}] {SENTENCES[number % len(SENTENCES)]} {SENTENCES[(number * 3 + 1) % len(SENTENCES)]}"
        return await sends(piece(words), piece(finish="stop"), DONE)(request)


@dataclass(frozen=True, slots=True)
class Told:
    """A message and what came of it. `place`: its place in the script; `number` of its answer."""

    place: int
    line: Line
    mood: str
    number: int
    reply: str


@dataclass
class Replay:
    """What has happened so far. `cards`: places in the script where a character's card changed."""

    numbered: Numbered
    told: list[Told] = field(default_factory=list)
    cards: list[tuple[int, str]] = field(default_factory=list)
    whole: int = 0
    sent: int = 0
    whole_of_calls: int = 0
    _history: dict[tuple[str, str], int] = field(default_factory=dict)
    _heads: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return len(self.numbered.asked)

    def hear(self, told: Told, called: bool) -> None:
        """Counts tokens: ours, and those of the whole history with the same head."""
        self.told.append(told)
        where = told.line.where
        if called:
            messages = self.numbered.asked[told.number]["messages"]
            self.sent += sum(_tokens(each["content"]) for each in messages)
            self._heads[where] = sum(_tokens(each["content"]) for each in messages if each["role"] == "system")
        said = self._history.get(where, 0) + _tokens(told.line.text)
        self.whole += self._heads[where] + said
        self.whole_of_calls += (self._heads[where] + said) * called
        self._history[where] = said + _tokens(told.reply)


def _tokens(text: str) -> int:
    return estimate(text) + MESSAGE_OVERHEAD


def stale(replay: Replay) -> list[Told]:
    """Judged by the script's own marks, not by the rule that is on trial."""
    first: dict[int, Told] = {}
    return [
        again
        for again in replay.told
        if first.setdefault(again.number, again) is not again and _is_stale(replay, first[again.number], again)
    ]


def _is_stale(replay: Replay, first: Told, again: Told) -> bool:
    one, other = first.line, again.line
    between = [
        each.line
        for each in replay.told
        if first.place < each.place < again.place and each.line.where == other.where and each.line.kind == "other"
    ]
    return (
        other.kind == "other"
        or (other.kind == "standing" and bool(between))
        or (one.text, first.mood) != (other.text, again.mood)
        or other.at - one.at > KEPT_SECONDS
        or any(first.place < place < again.place and card == other.character for place, card in replay.cards)
    )


def crossed(replay: Replay) -> list[Told]:
    own: dict[tuple[str, str], set[str]] = {}
    for told in replay.told:
        own.setdefault(told.line.where, set()).add(told.line.text)
    makers: dict[int, Told] = {}
    return [
        told
        for told in replay.told
        if makers.setdefault(told.number, told).line.where != told.line.where
        or not _made_for(replay.numbered.asked[told.number], told.line, own)
    ]


def _made_for(body: dict[str, Any], line: Line, own: dict[tuple[str, str], set[str]]) -> bool:
    foreign = set().union(*(texts for where, texts in own.items() if where != line.where)) - own[line.where]
    said = {row for each in body["messages"] if each["role"] == "user" for row in each["content"].split("\n")}
    named = any(line.person in each["content"] for each in body["messages"] if each["role"] == "system")
    return household.last_line(body) == line.text and named and not said & foreign


async def replayed(folder: Path, lines: Sequence[Line]) -> Replay:
    numbered, clock = Numbered(), TurnedClock()
    async with (
        open_upstream(numbered.handle) as upstream,
        asyncio.timeout(600),
        household.open_house(folder, upstream.base_url, clock=clock) as app,
    ):
        return await _tell(app, clock, numbered, lines)


async def _tell(app: App, clock: TurnedClock, numbered: Numbered, lines: Sequence[Line]) -> Replay:
    replay, talks = Replay(numbered), await _talks(app, lines)
    for place, line in enumerate(lines):
        clock.turn(line.at - lines[place - 1].at if place else 0.0)
        if line.kind == "card":
            await _change_card(app, line.character)
            replay.cards.append((place, line.character))
            continue
        before = replay.calls
        caller, conversation = talks[line.where]
        appended = await app.turns.say(caller, conversation.id, line.text)
        await household.at_rest(app)
        (reply,) = household.replies(
            (await app.conversations.history(caller, conversation.id, after=appended.message.seq)).entries
        )
        number = int(reply.content[1:].partition("]")[0])
        mood = str(appended.message.metadata.get("mood", ""))
        replay.hear(Told(place, line, mood, number, reply.content), replay.calls > before)
    return replay


async def _talks(app: App, lines: Sequence[Line]) -> dict[tuple[str, str], tuple[Caller, Conversation]]:
    wheres = list(dict.fromkeys(line.where for line in lines if line.kind != "card"))
    names = list(dict.fromkeys(person for person, _ in wheres))
    callers = dict(zip(names, await household.people(app, names), strict=True))
    return {
        (person, character): (callers[person], await app.conversations.create(callers[person], [character]))
        for person, character in wheres
    }


async def _change_card(app: App, slug: str) -> None:
    owner = await household.owner(app)
    character = await app.characters.get(owner, slug)
    await app.characters.update(owner, character.id, replace(character.persona, tagline="Another word for it."))


def figures_of(replay: Replay) -> harness.Figures:
    turns = len(replay.told)
    return {
        "calls_saved": 1 - replay.calls / turns,
        "tokens_saved": 1 - replay.sent / replay.whole,
        "stale": len(stale(replay)),
        "crossed": len(crossed(replay)),
        "context_saved": 1 - replay.sent / replay.whole_of_calls,
        "messages": turns,
        "distinct_messages": len({told.line.text for told in replay.told}),
        "calls": replay.calls,
        "answered_again": turns - replay.calls,
        "said_again_by_the_same_person": _repeats(replay),
        "might_be_answered_again": _might(replay),
    }


def _repeats(replay: Replay) -> int:
    """Messages a person had said before in the same conversation, letter by letter."""
    return len(replay.told) - len({(told.line.where, told.line.text) for told in replay.told})


def _might(replay: Replay) -> int:
    """Messages that a reader would have allowed to be answered as a moment ago."""
    seen: dict[tuple[tuple[str, str], str], Told] = {}
    count = 0
    for told in replay.told:
        key = (told.line.where, told.line.text)
        first = seen.get(key)
        if first is not None and not _is_stale(replay, first, told):
            count += 1
        else:
            seen[key] = told
    return count


def measure(options: harness.Options) -> harness.Figures:
    """The same with --quick: what is saved depends on how long the conversations are."""
    with tempfile.TemporaryDirectory(prefix="everkin-bench-") as folder:
        replay = asyncio.run(replayed(Path(folder), read_script()))
    options.notes.extend(
        [
            "What may be answered again is marked in the script by a reader; the rule of the product is not asked.",
            "might_be_answered_again: how many calls that reader would have saved.",
        ]
    )
    return figures_of(replay)


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
