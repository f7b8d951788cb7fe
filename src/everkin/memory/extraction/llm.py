"""Extraction by a language model: one prompt for a batch of messages, strict parsing, and a check of every fact. Pure.

The model only proposes. The realm comes from the scene and the slot from the words; a fact that the user's own words do
not support is dropped and counted. Findings of the rules take precedence in a slot; where both agree, confidence rises.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from everkin.domain.errors import EverkinError, Unavailable
from everkin.domain.memory import Category, Realm
from everkin.domain.prompt import Chunk, ChunkText, Prompt, PromptMessage, Purpose, SamplingParams
from everkin.memory.extraction.english.grounding import Clauses, grounded, own_words
from everkin.memory.extraction.english.rules import MESSAGE_SECONDS, ORDERS, Found, Line, Scene, read_lines, realms
from everkin.memory.extraction.english.slots import shape
from everkin.memory.facts.similarity import alike, same_value, words

MOST = 200
"""Facts of one answer that are read."""
LONGEST = 64_000
"""Characters of an answer that are read."""
BATCH_TOKENS = 1200
"""Tokens of the lines in one prompt, estimated at four characters a token."""
MODEL_CONFIDENCE = 0.75
"""Confidence (0..1) of a fact that only the model found."""
AGREED = 0.5
"""Factor for a rule finding's doubt (1 - confidence) when the model finds the same."""
PRIORITY_JOB = 2
"""Priority of the prompts in the model's queue."""

SCHEMA = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "maxItems": 24,
            "items": {
                "type": "object",
                "properties": {
                    "line": {"type": "integer"},
                    "about": {"type": "string", "enum": ["user", "someone else", "fiction"]},
                    "fact": {"type": "string", "maxLength": 120},
                    "past": {"type": "boolean"},
                },
                "required": ["line", "about", "fact", "past"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}
"""JSON schema of the answer."""

_ORDER = (
    "You read a chat and list lasting facts about the user: name, age, home, origin, job, studies, family, partner, pets, likes, "
    "dislikes, allergies, diet, health, languages, beliefs, hobbies, habits, possessions, goals, plans with dates.\n"
    "Only what the user says in earnest. Nothing from questions, jokes, stories, role-play, wishes or 'if'. Feelings of the moment are no facts.\n"
    'Each fact is short, in the third person, without a subject: "lives in Leeds", "has a sister, Anna", "used to smoke". '
    'Of somebody else begin with who it is: "their brother is a chef". `line` is the line it is from; `past` is true for what is over.\n'
    "Answer with JSON only."
)
_SHOWN = (
    "1 User: im Ruth, just moved from Hull to Ghent lol\n2 Companion: Do you have pets?\n3 User: a parrot called Ziggy. My uncle Bram is a baker, he hates it. "
    "If I won money I'd buy a zoo\n4 User: I don't eat pork and I gave up judo",
    '{"facts":[{"line":1,"about":"user","fact":"is called Ruth","past":false},{"line":1,"about":"user","fact":"lives in Ghent","past":false},'
    '{"line":1,"about":"user","fact":"used to live in Hull","past":true},{"line":3,"about":"user","fact":"has a parrot, Ziggy","past":false},'
    '{"line":3,"about":"someone else","fact":"their uncle Bram is a baker","past":false},{"line":4,"about":"user","fact":"does not eat pork","past":false},'
    '{"line":4,"about":"user","fact":"used to do judo","past":true}]}',
)
"""Example: lines and the answer to them."""


class Speaks(Protocol):
    """The part of a chat model that is used here (domain/chat_model.py)."""

    @property
    def name(self) -> str:
        """The model's name, stored as the source of its findings."""

    def stream(self, prompt: Prompt) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        """Generate a reply as chunks."""


class _Told(msgspec.Struct):
    """One fact in the model's answer."""

    line: int
    """Number of the line in the prompt, from 1."""
    fact: str
    """The statement in the third person without its subject."""
    about: str = "user"
    """`user`, `someone else` or `fiction`."""
    past: bool = False
    """The fact is no longer true."""


class _Answer(msgspec.Struct):
    """The model's answer."""

    facts: list[msgspec.Raw]
    """Undecoded, so that a malformed fact does not spoil the others."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The facts of one answer."""

    found: tuple[Found, ...] = ()
    """Facts that passed all checks."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Counts of dropped facts by reason: unreadable, malformed, unsaid, question, unearnest, other_subject, denied,
    order, unreal, fiction, twice, surplus."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The result of rules and model together."""

    found: tuple[Found, ...]
    """In order of the lines."""
    scene: Scene
    """The rules' state after the last line."""
    dropped: Counter[str]
    """Counts by reason: those of `Heard.dropped`, `failed` (the model) and `slow` (messages the rules gave up)."""


async def extract_with(
    model: Speaks | None,
    lines: Sequence[Line],
    scene: Scene | None = None,
    purpose: Purpose | None = None,
    seconds: float = MESSAGE_SECONDS,
) -> Extraction:
    """Extract facts by rules and, if a model is given, by the model too.

    A failing model is counted as `failed`, and the rules' findings are returned. Unavailable (conversations take
    precedence) is raised, so that the work is repeated later. Texts are analysed in a thread, with `seconds` of CPU
    time for each message; a message that the rules gave up at that limit is counted as `slow`.
    """
    scene = scene or Scene()
    reading = await asyncio.to_thread(read_lines, lines, scene, seconds)
    found: Sequence[Found] = reading.found
    dropped: Counter[str] = Counter({"slow": reading.cut} if reading.cut else {})
    if model is not None:
        realm = await asyncio.to_thread(realms, lines, scene)
        for batch in batches(lines):
            answer = await _asked(model, prompt_for(batch, purpose), dropped)
            heard = await asyncio.to_thread(heard_from, answer, batch, realm, model.name)
            found = await asyncio.to_thread(merged, found, heard.found)
            dropped.update(heard.dropped)
    return Extraction(tuple(found), reading.scene, dropped)


async def _asked(model: Speaks, prompt: Prompt, dropped: Counter[str]) -> str:
    said = ""
    try:
        async with model.stream(prompt) as chunks:
            async for chunk in chunks:
                said += chunk.text if isinstance(chunk, ChunkText) else ""
                if len(said) > LONGEST:
                    break
    except Unavailable:
        raise
    except EverkinError:
        dropped["failed"] += 1
        return '{"facts":[]}'
    return said


def batches(lines: Sequence[Line]) -> list[list[Line]]:
    """Split lines into batches of at most BATCH_TOKENS. A long line is cut and has a batch of its own.

    Batches without a line of the user are left out.
    """
    found: list[list[Line]] = []
    size = BATCH_TOKENS + 1
    for line in lines:
        cost = min(len(line.text), BATCH_TOKENS * 4) // 4 + 6
        if size + cost > BATCH_TOKENS:
            found.append([])
            size = 0
        found[-1].append(line)
        size += cost
    return [batch for batch in found if any(line.person for line in batch)]


def prompt_for(batch: Sequence[Line], purpose: Purpose | None = None) -> Prompt:
    """Return the prompt for one batch."""
    shown, answer = _SHOWN
    return Prompt(
        messages=(
            PromptMessage("system", _ORDER),
            PromptMessage("user", shown),
            PromptMessage("assistant", answer),
            PromptMessage("user", "\n".join(_numbered(place, line) for place, line in enumerate(batch, 1))),
        ),
        sampling=SamplingParams(
            temperature=0.0,
            max_tokens=min(1500, 120 + 90 * sum(line.person for line in batch)),
            top_p=1.0,
            frequency_penalty=0.0,
            presence_penalty=0.0,
        ),
        purpose=purpose or Purpose(priority=PRIORITY_JOB),
        schema=json.dumps(SCHEMA),
    )


def _numbered(place: int, line: Line) -> str:
    text = " ".join(line.text[: BATCH_TOKENS * 4].split())
    return f"{place} {'User' if line.person else 'Companion'}: {text}"


def heard_from(answer: str, batch: Sequence[Line], realm: dict[str, Realm], source: str) -> Heard:
    """Parse and check the model's answer. Never raises: an answer without JSON counts as one dropped fact.

    `realm` is the realm by message id, `source` the model's name.
    """
    dropped: Counter[str] = Counter()
    kept: list[Found] = []
    clauses = Clauses()
    for told in _read(answer, dropped):
        found = _checked(told, batch, realm, source, dropped, clauses)
        if found is None:
            continue
        if any(one.message_id == found.message_id and alike(words(one.text), words(found.text)) for one in kept):
            dropped["twice"] += 1
        else:
            kept.append(replace(found, n=100 + len(kept)))
    return Heard(tuple(kept), dropped)


def _read(answer: str, dropped: Counter[str]) -> list[_Told]:
    """Parse the facts in an answer.

    Prose around the JSON is ignored; of a truncated answer the complete facts are returned.
    """
    raws = _facts_in(answer[:LONGEST])
    if raws is None:
        dropped["unreadable"] += 1
        return []
    dropped["surplus"] += max(0, len(raws) - MOST)
    told = []
    for raw in raws[:MOST]:
        try:
            told.append(msgspec.json.decode(raw, type=_Told, strict=True))
        except msgspec.DecodeError:
            dropped["malformed"] += 1
    return told


def _facts_in(answer: str) -> list[bytes] | None:
    begin, end = answer.find("{"), answer.rfind("}")
    if begin < 0 or end < begin:
        return None
    try:
        return [bytes(raw) for raw in msgspec.json.decode(answer[begin : end + 1], type=_Answer).facts]
    except msgspec.DecodeError:
        pieces = [piece for piece in _OBJECT.findall(answer) if '"fact"' in piece]
        return [piece.encode() for piece in pieces] or None


def _checked(
    told: _Told, batch: Sequence[Line], realm: dict[str, Realm], source: str, dropped: Counter[str], clauses: Clauses
) -> Found | None:
    text = _worded(told)
    if not _STATEMENT.match(text) or _FIRST_PERSON.search(text):
        dropped["malformed"] += 1
        return None
    place = _place(told, text, batch)
    if place is None:
        dropped["unsaid"] += 1
        return None
    line = batch[place]
    asked = batch[place - 1].text if place and not batch[place - 1].person else ""
    if told.about == "fiction" or realm.get(line.message_id, Realm.REAL) is not Realm.REAL:
        dropped["fiction" if told.about == "fiction" else "unreal"] += 1
        return None
    ground = grounded(text, line.text, asked, clauses)
    if isinstance(ground, str):
        dropped[ground] += 1
        return None
    if ORDERS.search(text) or ORDERS.search(ground.clause):
        dropped["order"] += 1
        return None
    return _found(text, told.past, line, source)


_OBJECT = re.compile(r"\{[^{}]*+\}")
_POSSESSIVES = re.compile(r"\b(?:my|his/her|the user's)\b")
_VERBS = {"am": "is", "have": "has", "are": "is"}
_STATEMENT = re.compile(
    r"(?:is|has|had|was|lives|works|likes|loves|adores|hates|dislikes|enjoys|plays|studies|speaks|drives|owns|wants|plans|teaches|supports|"
    r"believes|prefers|goes|eats|drinks|runs|makes|does|reads|collects|takes|needs|fears|keeps|writes|draws|bakes|volunteers|gets|wakes|"
    r"suffers|smokes|vapes|misses|hopes|trains|learns|used to|no longer|can ?not|can|never|their|favou?rite|birthday|got|moved|started|quit|"
    r"stopped|adopted|bought|sold|lost|broke up|grew up|went|sings|swims|cycles|climbs|knits|paints|cooks|follows|rides|walks|comes) \S",
    re.I,
)
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|my|me|we|our|you|your)\b")
_SUBJECTS = re.compile(r"^(?:the )?(?:user|person|speaker|he|she|they|i)(?:['’]s)? (?=\w)", re.I)


def _worded(told: _Told) -> str:
    text = " ".join(told.fact.split()).strip().rstrip(".")[:160]
    text = _SUBJECTS.sub("", text)
    text = _POSSESSIVES.sub("their", text)
    verb, _, rest = text.partition(" ")
    return f"{_VERBS.get(verb, verb)} {rest}" if rest else text


def _place(told: _Told, text: str, batch: Sequence[Line]) -> int | None:
    """Return the index of the line that a fact names, if the user wrote it.

    Otherwise the index of the user's line that shares most words with the fact, or None.
    """
    if 1 <= told.line <= len(batch) and batch[told.line - 1].person and _shared(text, batch[told.line - 1]):
        return told.line - 1
    own = [place for place, line in enumerate(batch) if line.person and _shared(text, line)]
    return max(own, key=lambda place: _shared(text, batch[place]), default=None)


def _shared(text: str, line: Line) -> int:
    said = line.text.casefold()
    return sum(word in said for word in own_words(text))


def _found(text: str, past: bool, line: Line, source: str) -> Found:
    told = shape(text)
    category = Category.RELATIONSHIP if text.startswith("their ") else told.category
    return Found(
        message_id=line.message_id,
        seq=line.seq,
        n=100,
        at=line.at,
        text=text,
        category=category,
        realm=Realm.REAL,
        confidence=MODEL_CONFIDENCE,
        importance=0.5,
        slot=told.slot,
        value=told.value,
        ended=told.ended or (past and bool(told.slot)),
        source=source,
    )


def merged(rules: Sequence[Found], heard: Sequence[Found]) -> list[Found]:
    """Return rule findings and the model's facts in order of the lines.

    A fact that a rule found in the same message is not added but raises the confidence of the rule's finding.
    """
    found = list(rules)
    for one in heard:
        same = [
            place
            for place, other in enumerate(found)
            if other.message_id == one.message_id and other.source != one.source and _covers(other, one)
        ]
        for place in same:
            other = found[place]
            found[place] = replace(other, confidence=round(1 - (1 - other.confidence) * AGREED, 6))
        if not same:
            found.append(one)
    return sorted(found, key=lambda one: (one.seq, one.n))


def _covers(rule: Found, heard: Found) -> bool:
    if rule.slot and rule.slot == heard.slot:
        return True
    own, known = own_words(heard.text), own_words(rule.text)
    if heard.value and rule.value and same_value(rule.value, heard.value):
        return True
    return bool(own) and len(own & known) / len(own) >= 0.6
