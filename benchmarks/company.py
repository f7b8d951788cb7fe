"""Three people and two characters in one conversation: a round answered by one call of the model, against one call a message.

The provider is a server on loopback at a real one's pace: its first word after 200 ms, then one every 15 ms, 50 words for each
of the two characters. In each round the three speak at the same moment, to both characters. Both ways are taken in turn in the same
call, in conversations of their own:

    together    the round is one call (TurnService.say_round)
    one by one  every message is a call of its own, as in a house that answers each message when the one before is answered
    window      the three write by themselves, 300 ms apart, and MESSAGE_BATCH_WINDOW_SECONDS gathers them

calls_a_round         of the round that is answered together
less_waiting          share of the waiting that is saved, until all three are answered; `window_` with the window's wait in it
less_waiting_mean     the same as a mean over the three, until one's own message is answered
less_waiting_first    the same until the first word of that answer
misplaced             replies that are not the message of the character who said them, or that are missing
"""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from aiohttp import web

from benchmarks import harness, household
from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation
from everkin.domain.events import Event, TurnCompleted, TurnDelta, TurnEvent, TurnStarted
from tests.contracts.upstream import DONE, Upstream, open_upstream, piece

NAME = "company"
TARGETS = {
    "calls_a_round": harness.at_most(1),
    "less_waiting": harness.at_least(0.5),
    "misplaced": harness.at_most(0),
}

FIRST_SECONDS, PACE_SECONDS, WORDS = 0.2, 0.015, 50
APART_SECONDS = 0.3
CAST = {"mira": "Mira", "ebo": "Ebo"}
PEOPLE = ("Sam", "Kim", "Lee")
SAID = ("Mira, Ebo, is the kettle on?", "Ebo and Mira, who was at the door?", "Mira? Ebo? I brought bread.")


def words_of(name: str, count: int = WORDS) -> str:
    return " ".join([name.lower()] * count)


@dataclass
class Script:
    """Answers for the whole cast, as a model does that was asked to. Times in seconds."""

    first: float = FIRST_SECONDS
    pace: float = PACE_SECONDS
    words: int = WORDS

    async def handle(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        due = time.perf_counter() + self.first
        for name in CAST.values():
            for word in f"{name}: {words_of(name, self.words)}\n".split(" "):
                await asyncio.sleep(due - time.perf_counter())
                await response.write(piece(f"{word} "))
                due += self.pace
        await response.write(piece(finish="stop") + DONE)
        return response


@dataclass
class Waiting:
    """Of every message: seconds until the first word of what answers it and until its answer was whole, since its round
    began."""

    began: float = 0.0
    started: set[str] = field(default_factory=set)
    first: dict[str, float] = field(default_factory=dict)
    whole: dict[str, float] = field(default_factory=dict)

    async def hear(self, event: Event) -> None:
        if not isinstance(event, TurnEvent):
            return
        now = time.perf_counter() - self.began
        if isinstance(event, TurnStarted):
            self.started.add(event.message_id)
        if isinstance(event, TurnDelta):
            self.first.update(dict.fromkeys(self.started - self.first.keys(), now))
        if isinstance(event, TurnCompleted):
            self.whole[event.message_id] = now


@dataclass
class Taken:
    """One way of answering, over its rounds: what each round's people waited, the calls it took, and replies out of place."""

    firsts: list[float] = field(default_factory=list)
    wholes: list[float] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)
    calls: int = 0
    misplaced: int = 0


class Scene:
    """A conversation of three people and two characters, and one way of answering them."""

    def __init__(self, app: App, upstream: Upstream, people: Sequence[Caller], conversation: Conversation) -> None:
        self.taken = Taken()
        self._app = app
        self._upstream = upstream
        self._people = people
        self._conversation = conversation

    async def round(self, way: str) -> None:
        waiting, before = Waiting(), len(self._upstream.bodies)
        with self._app.events.listening(waiting.hear, self._conversation.id):
            waiting.began = time.perf_counter()
            await getattr(self, f"_{way}")()
            await household.at_rest(self._app)
        self.taken.firsts.append(fmean(waiting.first.values()))
        self.taken.wholes.append(fmean(waiting.whole.values()))
        self.taken.rounds.append(max(waiting.whole.values()))
        self.taken.calls += len(self._upstream.bodies) - before

    async def _together(self) -> None:
        lines = [(person.user_id, text) for person, text in zip(self._people, SAID, strict=True)]
        await self._app.turns.say_round(self._people[0], self._conversation.id, lines)

    async def _one_by_one(self) -> None:
        for person, text in zip(self._people, SAID, strict=True):
            await self._app.turns.say(person, self._conversation.id, text, batch_seconds=0.0)
            await household.at_rest(self._app)

    async def _window(self) -> None:
        for person, text in zip(self._people, SAID, strict=True):
            await self._app.turns.say(person, self._conversation.id, text)
            await asyncio.sleep(APART_SECONDS)

    async def misplaced(self, replies_a_round: int, words: int) -> int:
        """Every reply has to be its character's message, word for word, and none may be missing."""
        entries = await household.whole_log(self._app, self._people[-1], self._conversation)
        names = {str((await self._app.characters.get(self._people[0], slug)).id): name for slug, name in CAST.items()}
        replies = household.replies(entries)
        strange = sum(reply.content != words_of(names.get(reply.sender_id, "?"), words) for reply in replies)
        return strange + abs(len(replies) - replies_a_round * len(self.taken.rounds))


WAYS = {"together": 2, "one_by_one": 6, "window": 2}
"""And how many replies a round has."""


async def played(folder: Path, rounds: int, script: Script, ways: Sequence[str] = tuple(WAYS)) -> dict[str, Taken]:
    async with (
        open_upstream(script.handle) as upstream,
        asyncio.timeout(300),
        household.open_house(folder, upstream.base_url) as app,
    ):
        people = await household.people(app, PEOPLE)
        scenes = {way: Scene(app, upstream, people, await _gathered(app, people)) for way in ways}
        for _, (way, scene) in itertools.product(range(rounds), scenes.items()):
            await scene.round(way)
        for way, scene in scenes.items():
            scene.taken.misplaced = await scene.misplaced(WAYS[way], script.words)
        return {way: scene.taken for way, scene in scenes.items()}


async def _gathered(app: App, people: Sequence[Caller]) -> Conversation:
    return await app.conversations.create(people[0], list(CAST), people=[person.user_id for person in people])


def figures_of(taken: dict[str, Taken], rounds: int) -> harness.Figures:
    together, apart, window = (taken[way] for way in ("together", "one_by_one", "window"))
    return {
        "calls_a_round": together.calls / rounds,
        "less_waiting": 1 - fmean(together.rounds) / fmean(apart.rounds),
        "misplaced": sum(each.misplaced for each in taken.values()),
        "less_waiting_mean": 1 - fmean(together.wholes) / fmean(apart.wholes),
        "less_waiting_first": 1 - fmean(together.firsts) / fmean(apart.firsts),
        "window_less_waiting": 1 - fmean(window.rounds) / fmean(apart.rounds),
        "window_calls_a_round": window.calls / rounds,
        "one_by_one_calls_a_round": apart.calls / rounds,
        **{f"{way}_round_s": fmean(each.rounds) for way, each in taken.items()},
        **{f"{way}_mean_s": fmean(each.wholes) for way, each in taken.items()},
        **{f"{way}_first_word_s": fmean(each.firsts) for way, each in taken.items()},
    }


def measure(options: harness.Options) -> harness.Figures:
    rounds = 3 if options.quick else 8
    with tempfile.TemporaryDirectory(prefix="everkin-bench-") as folder:
        taken = asyncio.run(played(Path(folder), rounds, Script()))
    options.notes.extend(
        [
            "Both ways are given answers of the same length, 50 words for each character, however many messages a call answers.",
            "less_waiting_mean cannot pass 1/2 then: of three, one is answered as soon as before, one in half, one in a third of the time.",
            "The provider is in the same process; at one stream at a time it takes nothing from the house.",
        ]
    )
    return figures_of(taken, rounds)


if __name__ == "__main__":
    harness.main(NAME, TARGETS, measure)
