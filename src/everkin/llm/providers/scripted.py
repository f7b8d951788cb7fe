"""A scripted stand-in for a model: deterministic, free, offline. For tests, demos and a first look at the page.

It answers the last user message. A line of that message may be a directive (a participant's name may precede it):

    /echo TEXT          answers exactly TEXT
    /long N             answers N words
    /slow [TEXT]        answers at 5 words a second
    /hang               never sends a chunk
    /fail [CODE]        fails at once; CODE as in domain/errors.py, default model_overloaded
    /fail-once [TEXT]   fails the first time this message comes, then answers
    /fail-after N       sends N words, then fails (model_broken)

Replies end at `max_tokens` words with the reason `length`.
"""

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from itertools import cycle, islice

from everkin.domain.errors import ModelBroken, ModelError, ModelOverloaded
from everkin.domain.prompt import Chunk, ChunkEnd, ChunkText, Prompt
from everkin.kit.clock import Clock
from everkin.llm.tokens import estimate

SLOW_PACE = 5.0
"""Words per second of `/slow`."""

_DIRECTIVE = re.compile(r"^(?:[^:\n/]{1,60}: )?/(echo|long|slow|hang|fail-once|fail-after|fail)\b[ \t]*", re.MULTILINE)
_NAME = re.compile(r"\b(?:You are|Your name is|Name:|character named)\s+\**([A-Z][\w'-]*)")
_WORD = re.compile(r"(?<!\s)\s*+\S++|(?<!\s)\s++\Z")
_NUMBER = re.compile(r"\d{1,6}")
_LONG = [
    "the",
    "lamp",
    "turns",
    "and",
    "the",
    "sea",
    "answers",
    "and",
    "somewhere",
    "a",
    "kettle",
    "begins",
    "to",
    "sing",
    "while",
    "we",
    "talk",
    "until",
    "the",
    "tide",
    "is",
    "in",
]

_REPLIES = (
    "*looks up and smiles* You said “{said}”, and I have been turning it over since. What made you think of it?",
    "“{said}” — I like how you put that. Sit down a moment and tell me more.",
    "*is quiet for a breath* I will remember that: “{said}”. And how are you tonight, really?",
    "So, “{said}”. I have an answer, but I would rather hear yours first.",
    "*laughs softly* {name} was hoping you would say something like that. “{said}”! Go on.",
)


class ScriptedModel:
    """A model without weights. `pace`: words per second; 0: as fast as they are read."""

    def __init__(self, clock: Clock, *, pace: float = 0.0) -> None:
        self._clock = clock
        self._pace = pace
        self._failed_once: set[str] = set()

    @property
    def name(self) -> str:
        return "Scripted"

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        return self._streaming(prompt)

    @asynccontextmanager
    async def _streaming(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Chunk]]:
        said = next((message.content for message in reversed(prompt.messages) if message.role == "user"), "")
        verb, rest = _directive_of(said)
        self._fail_if_told(verb, rest, said)
        async with aclosing(self._speak(prompt, verb, rest, said)) as chunks:
            yield chunks

    def _fail_if_told(self, verb: str, rest: str, said: str) -> None:
        if verb == "fail":
            raise _error_of(rest.strip())
        if verb == "fail-once" and said not in self._failed_once:
            self._failed_once.add(said)
            raise ModelOverloaded()

    async def _speak(self, prompt: Prompt, verb: str, rest: str, said: str) -> AsyncGenerator[Chunk, None]:
        if verb == "hang":
            await asyncio.Event().wait()
        words = self._words(prompt, verb, rest, said)
        breaks_after = _number(rest, 3) if verb == "fail-after" else None
        pace = SLOW_PACE if verb == "slow" else self._pace
        for spoken, word in enumerate(words[: prompt.sampling.max_tokens]):
            if spoken == breaks_after:
                break
            await (self._clock.sleep(1 / pace) if pace else asyncio.sleep(0))
            yield ChunkText(word)
        if breaks_after is not None:
            raise ModelBroken()
        cut = len(words) > prompt.sampling.max_tokens
        tokens_in = sum(estimate(message.content) for message in prompt.messages)
        yield ChunkEnd("length" if cut else "stop", "scripted", tokens_in, min(len(words), prompt.sampling.max_tokens))

    def _words(self, prompt: Prompt, verb: str, rest: str, said: str) -> list[str]:
        if verb == "echo" and rest:
            return _WORD.findall(rest)
        if verb == "long":
            words = islice(cycle(_LONG), max(1, _number(rest, 200)))
            return [word if first == 0 else f" {word}" for first, word in enumerate(words)]
        return _WORD.findall(_reply(prompt, rest if verb and rest else said))


def _directive_of(said: str) -> tuple[str, str]:
    """Return the verb and the text of the last directive, or ("", ""): the text before it may be earlier
    messages that got no answer."""
    found = list(_DIRECTIVE.finditer(said))
    return (found[-1][1], said[found[-1].end() :]) if found else ("", "")


def _reply(prompt: Prompt, said: str) -> str:
    system = "\n".join(message.content for message in prompt.messages if message.role == "system")
    named = _NAME.search(system)
    last_line = said.strip().splitlines()[-1].strip() if said.strip() else "…"
    shown = last_line if len(last_line) <= 120 else f"{last_line[:117].rstrip()}…"
    pick = zlib.crc32(f"{len(prompt.messages)} {said}".encode("utf-8", "replace")) % len(_REPLIES)
    return _REPLIES[pick].format(said=shown, name=named[1] if named else "I")


def _error_of(code: str) -> ModelError:
    kinds: dict[str, type[ModelError]] = {kind.code: kind for kind in ModelError.__subclasses__()}
    return kinds.get(code, kinds.get(f"model_{code}", ModelOverloaded))()


def _number(text: str, default: int) -> int:
    found = _NUMBER.match(text)
    return int(found[0]) if found else default
