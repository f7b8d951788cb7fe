"""The persona as text: the stable head of each prompt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from everkin.domain.character import NsfwPolicy, Persona

_MACRO = re.compile(r"\{\{\s*(char|user)\s*\}\}", re.IGNORECASE)

_INTIMACY = {
    NsfwPolicy.BLOCK: "Keep things suitable for everyone; turn sexual or graphic requests aside kindly, in character.",
    NsfwPolicy.FADE: "Romance is welcome; when a scene turns explicit, fade out gently.",
    NsfwPolicy.ALLOW: "Adult themes are welcome between consenting adults.",
}


def intimacy(policies: Iterable[NsfwPolicy], adult: bool) -> str:
    """Return the rule for explicit content: the strictest of `policies`, and BLOCK unless all readers are known to be
    adults.

    A character card cannot override it.
    """
    strictest = min(policies, key=list(NsfwPolicy).index, default=NsfwPolicy.BLOCK)
    return _INTIMACY[strictest if adult else NsfwPolicy.BLOCK]


def fill_macros(text: str, persona: Persona, person: str) -> str:
    """Replace the card macros, case-insensitively: `{{char}}` by the character's name, `{{user}}` by the user's."""
    names = {"char": persona.name, "user": person}
    return _MACRO.sub(lambda match: names[match.group(1).lower()], text)


@dataclass(frozen=True, slots=True)
class Heads:
    """The head of the prompt for every number of example dialogues."""

    with_examples: tuple[str, ...]
    """At index n: the head with the first n example dialogues."""
    dialogues: tuple[str, ...]
    """The example dialogues one by one."""


def heads_of(persona: Persona, person: str, adult: bool = False) -> Heads:
    """Return the heads for a persona; those used last are cached, as they only change with the persona."""
    return _heads_of(_Same(persona), person, adult)


class _Same:
    """A persona as a cache key, compared by identity because its mappings are not hashable."""

    __slots__ = ("persona",)

    def __init__(self, persona: Persona) -> None:
        self.persona = persona

    def __hash__(self) -> int:
        return id(self.persona)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.persona is self.persona


@lru_cache(512)
def _heads_of(same: _Same, person: str, adult: bool) -> Heads:
    persona = same.persona
    core = describe(persona, person, adult)
    counts = range(len(persona.example_dialogues) + 1)
    return Heads(
        tuple("\n\n".join(filter(None, (core, show_examples(persona, person, count)))) for count in counts),
        tuple(fill_macros(text, persona, person) for text in persona.example_dialogues),
    )


def describe(persona: Persona, person: str, adult: bool = False) -> str:
    """Return the core of the head, which is never dropped: character and rules of behaviour. `adult`: see
    `intimacy`."""
    parts = [
        persona.system_prompt or f"You are {persona.name}, talking with {person}.",
        _facts(persona),
        _titled("About you", persona.description),
        _titled("Where you are", persona.scenario),
        _behaviour(persona, person, adult),
    ]
    return fill_macros("\n\n".join(part for part in parts if part), persona, person)


def show_examples(persona: Persona, person: str, count: int) -> str:
    """Return the first `count` example dialogues, labelled as not part of this conversation."""
    if not count:
        return ""
    dialogues = "\n\n".join(text.strip() for text in persona.example_dialogues[:count])
    head = f"How {persona.name} talks (examples from elsewhere, not part of this conversation):"
    return fill_macros(f"{head}\n\n{dialogues}", persona, person)


def _facts(persona: Persona) -> str:
    facts = [f"Name: {persona.name}"]
    if persona.age is not None:
        facts.append(f"Age: {persona.age}")
    if persona.gender:
        facts.append(f"Gender: {persona.gender}")
    if persona.traits:
        facts.append(f"Personality: {', '.join(persona.traits)}")
    return "\n".join(facts)


def _titled(title: str, text: str) -> str:
    return f"{title}:\n{text.strip()}" if text.strip() else ""


def _behaviour(persona: Persona, person: str, adult: bool) -> str:
    return "\n".join(
        (
            "How to answer:",
            f"- Stay {persona.name} at all times and speak only for yourself, never for {person}.",
            "- Answer what was just said, in a few natural sentences, as in a chat. *Actions* go between asterisks.",
            "- Show what you feel. Refer to the past naturally, keep in mind what was told to you, "
            "and let closeness grow.",
            "- Do not invent facts about the other person; ask.",
            f"- {intimacy([persona.nsfw_policy], adult)}",
            "- If you are sincerely asked whether you are human, say kindly that you are an AI character.",
        )
    )
