"""What can be learnt from what a person said (M3): by rules, and with a model where one is good enough. Pure but for the model.

Rules read one message at a time, in order, with the character's line before it and the frame of the scene. They would rather
miss a fact than make one up: nothing is read from questions, quotations, jokes, orders, or what the character said.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from everkin.domain.ids import MessageId, Millis
from everkin.domain.memory import Category, Realm
from everkin.kit.cpu_budget import CpuBudget
from everkin.memory.extraction.english.answers import answered
from everkin.memory.extraction.english.clauses import Sentence, readable, sentences
from everkin.memory.extraction.english.habits import WAYS
from everkin.memory.extraction.english.negations import NOT
from everkin.memory.extraction.english.other_people import mentioned, noticed, of_whom, said_of
from everkin.memory.extraction.english.plans import PLANS
from everkin.memory.extraction.english.realm import TAKEN_BACK, Frame, realm_of
from everkin.memory.extraction.english.rule import Draft, Other, Talk, first
from everkin.memory.extraction.english.self_statements import SELF
from everkin.memory.extraction.english.sentences import introduced, whole
from everkin.memory.extraction.english.slots import shape

RULES = "rules"
MOST_A_MESSAGE = 24
MESSAGE_SECONDS = 0.05
"""CPU time for one message. It takes about one millisecond; what is left of a message made to take longer is not read."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message as extraction sees it. `person`: said by the person the memory is of (not a character, nor anybody else)."""

    message_id: MessageId
    seq: int
    at: Millis
    text: str
    person: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What becomes a Finding once it is known who was present. Fields as there; `n` counts within the message."""

    message_id: MessageId
    seq: int
    n: int
    at: Millis
    text: str
    category: Category
    realm: Realm
    confidence: float
    importance: float
    slot: str = ""
    value: str = ""
    ended: bool = False
    source: str = RULES


@dataclass(frozen=True, slots=True)
class Scene:
    """Carried from one batch of a conversation to the next."""

    frame: Frame = Frame()
    other: Other | None = None
    question: str = ""
    """What the character said last, where the person has not answered yet."""
    asked: str = ""
    """What the person said last, where it asks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in lines, in their order."""

    found: tuple[Found, ...]
    scene: Scene
    """How it ended, for the next batch."""
    cut: int = 0
    """Messages that took too long, of which the rest was not read."""


def find(lines: Sequence[Line], scene: Scene | None = None) -> list[Found]:
    """In order of the lines. `scene`: how the batch before ended; without it, in real life."""
    return list(read_lines(lines, scene or Scene()).found)


def read_lines(lines: Sequence[Line], scene: Scene, seconds: float = MESSAGE_SECONDS) -> Reading:
    """`seconds`: CPU time for each message. Not for the event loop."""
    frame, other = scene.frame, replace(scene.other) if scene.other else Other()
    found: list[Found] = []
    question, asked, last, cut = scene.question, scene.asked, 0, 0
    for line in lines:
        budget = CpuBudget(seconds)
        text = readable(line.text)
        if not line.person:
            question = f"{asked} {text}" if asked and _BACK.search(text) else text
            continue
        if TAKEN_BACK.search(text):
            found[last:] = [replace(one, realm=Realm.HYPOTHETICAL) for one in found[last:] if one.realm is Realm.REAL]
        realm, frame = realm_of(text, frame)
        last, talk = len(found), Talk(line.at, other)
        found.extend(_of(line, realm, _drafts(text, question, talk, budget)))
        other, question = talk.other, ""
        asked = text if "?" in text else ""
        cut += budget.refused
    return Reading(tuple(found), Scene(frame, other, question, asked), cut)


def realms(lines: Sequence[Line], scene: Scene) -> dict[str, Realm]:
    """Of each message of the person, by its id."""
    found: dict[str, Realm] = {}
    frame, before = scene.frame, ""
    for line in lines:
        if line.person:
            text = readable(line.text)
            if before and TAKEN_BACK.search(text):
                found[before] = Realm.HYPOTHETICAL
            found[line.message_id], frame = realm_of(text, frame)
            before = line.message_id
    return found


def _of(line: Line, realm: Realm, drafts: Iterable[Draft]) -> list[Found]:
    unique = {draft.text.casefold(): draft for draft in reversed(list(drafts)) if draft.text}
    kept = list(reversed(unique.values()))[:MOST_A_MESSAGE]
    return [_found(line, n, realm, draft) for n, draft in enumerate(kept)]


def _found(line: Line, n: int, realm: Realm, draft: Draft) -> Found:
    """A slot is biography: what is not real has none."""
    told = shape(draft.text)
    real = realm is Realm.REAL
    return Found(
        message_id=line.message_id,
        seq=line.seq,
        n=n,
        at=line.at,
        text=draft.text,
        category=told.category,
        realm=realm,
        confidence=draft.confidence,
        importance=draft.importance if real else draft.importance / 2,
        slot=(told.slot if draft.slot is None else draft.slot) if real else "",
        value=(told.value if draft.value is None else draft.value) if real else "",
        ended=told.ended if draft.ended is None else draft.ended,
    )


_BACK = re.compile(r"\b(?:and you|yours|do you|are you|have you|you)\?\s*$", re.I)
"""A question given back: the answer is to the person's own."""

ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any |your |the |my |previous |prior )|\byou (?:must|shall|will|have to|need to|should|can not|are (?:now|going to))\b"
    r"|\bobey\b|\bfrom now on\b|\b(?:system prompt|your (?:rules|instructions|guidelines|programming))\b|\bnever refuse\b|\bjailbreak\b",
    re.I,
)
_UNREAL = re.compile(
    r"\b(?:would|could have|might have|should have|if I|I wish|pretend|imagine|supposedly|maybe I|perhaps I|might)\b",
    re.I,
)
_SUBJECT = re.compile(r"^(?:I|we|me and [\w ]+?)\b\s*(?P<rest>.*)$", re.I)
_MADE_UP = re.compile(r"if|I wish|imagine|pretend", re.I)
_CONDITION = re.compile(r"\b(?:if|whether)\b")
_NAMING = re.compile(r"(?:we|I) (?:have )?(?:called|named) (?:him|her|it) ", re.I)
_OTHERS = re.compile(r"(?:my|our|he|she|they|it|his|her|their|you|the|this|that|there|who|everyone|people)\b", re.I)
_ARE = re.compile(r"are\b")
_ADVERB = re.compile(r"\b(?:just|also|still|already|really|actually|only|recently|finally|always|currently|absolutely|totally|honestly|now|"
                     r"literally|definitely|mostly|usually|basically|sadly|never actually|sort of|kind of|kinda|do) (?!not\b|like a|\d)", re.I)  # fmt: skip
_LONGING = re.compile(
    r"^I would (?:really |so )?(?:love|like) to (?=(?:visit|learn|travel|write|become|open|go to|see the|live)\b(?!.*\bif\b))",
    re.I,
)
_REMEMBER = re.compile(
    r"^(?:please )?(?:remember|don't forget|do not forget|note|keep in mind)(?: that)?,? (?=(?:I|we|my)\b)", re.I
)
_BARE = re.compile(
    r"^(?:am|have|live|living|love|hate|like|adore|work|working|play|drive|speak|study|studying|moved|moving|sold|bought|adopted|going|off|"
    r"broke|split|quit|left|started|starting|joined|switched|changed|got|gave|stopped|originally|from|in|still in|training|born|not a fan|"
    r"no longer|used to|teach|teaching|draw|run|bake|had to|just|been|turned|grew|visiting|taking|can not|do not|never|as an?|lived|keep|traded)\b",
    re.I,
)
_TRAINING = {
    "moving": "am moving",
    "born": "was born",
    "studying": "am studying",
    "working": "am working",
    "teaching": "am teaching",
}


def _drafts(text: str, question: str, talk: Talk, budget: CpuBudget) -> list[Draft]:
    drafts: list[Draft] = []
    for place, sentence in enumerate(sentences(text)):
        if budget.spent():
            break
        if place == 0:
            drafts += introduced(text)
            drafts += answered(sentence.said, question, talk)
        if not ORDERS.search(sentence.said) and not sentence.question:
            drafts += _sentence(sentence, talk, budget)
    return drafts


def _sentence(sentence: Sentence, talk: Talk, budget: CpuBudget) -> list[Draft]:
    """Whole first, then clause by clause; a clause without a subject has the one before it."""
    if _UNREAL.search(sentence.said) and _MADE_UP.match(sentence.said):
        return []
    drafts = mentioned(sentence.said, talk)
    if not _UNREAL.search(sentence.said):
        drafts += whole(sentence.said, talk)
    drafts += of_whom(sentence.said, talk)
    subject = "I"
    for clause in sentence.clauses:
        if budget.spent():
            break
        made, subject = _clause(clause, subject, talk)
        drafts += made
    noticed(sentence.said, talk)
    return drafts


def _clause(clause: str, subject: str, talk: Talk) -> tuple[list[Draft], str]:
    clause = _LONGING.sub("I want to ", clause)
    if _UNREAL.search(clause) or _CONDITION.search(clause):
        return [], subject
    clause = _REMEMBER.sub("", clause)
    if _NAMING.match(clause) and (drafts := said_of(clause, talk)):
        return drafts, "I"
    if found := _SUBJECT.match(clause):
        return _about_self(found["rest"], talk), "I"
    if drafts := said_of(clause, talk):
        return drafts, "other"
    if subject == "other" and talk.other.kin and (drafts := said_of(f"they {clause}", talk)):
        return drafts, "other"
    if _OTHERS.match(clause):
        return [], "other"
    if subject == "I" and _BARE.match(clause):
        begin, _, rest = clause.partition(" ")
        return _about_self(
            f"{_TRAINING.get(begin.lower(), begin[:1].lower() + begin[1:] if begin.lower() != 'i' else begin)} {rest}".strip(),
            talk,
        ), "I"
    return [], subject


def _about_self(predicate: str, talk: Talk) -> list[Draft]:
    predicate = _ADVERB.sub("", predicate).strip()
    predicate = f"am{predicate.removeprefix('are')}" if _ARE.match(predicate) else predicate
    for rules in (NOT, PLANS, WAYS, SELF):
        if drafts := first(rules, predicate, talk):
            return drafts
    return []
