"""A character: who they are (Persona, one JSON document, versioned) and where they live (Character)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import CharacterId, Millis, UserId


class NsfwPolicy(StrEnum):
    BLOCK = "block"
    FADE = "fade"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model draws its next token. None means: the house default (settings SAMPLING_*)."""

    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """All that makes a character themselves.

    Texts may hold the card macros `{{char}}` and `{{user}}`. Each of `example_dialogues` is one dialogue whose lines
    begin with `{{user}}:` or `{{char}}:`. `lorebook` and `extensions` keep a card's own JSON untouched.
    """

    name: str
    age: int | None = None
    gender: str = ""
    traits: tuple[str, ...] = ()
    description: str = ""
    scenario: str = ""
    first_message: str = ""
    alternate_greetings: tuple[str, ...] = ()
    example_dialogues: tuple[str, ...] = ()
    system_prompt: str = ""
    post_history_instructions: str = ""
    tags: tuple[str, ...] = ()
    tagline: str = ""
    creator: str = ""
    creator_notes: str = ""
    avatar: str = ""
    accent: str = ""
    voice: str = ""
    preferred_model: str = ""
    nsfw_policy: NsfwPolicy = NsfwPolicy.BLOCK
    talkativeness: float = 0.5
    sampling: Sampling = field(default_factory=Sampling)
    lorebook: Mapping[str, Any] | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Character:
    id: CharacterId
    slug: str
    owner_id: UserId | None
    """None: a starter character, seen by everyone, edited by the owner of the house."""
    version: int
    """Counts the edits of the persona from 1; every version stays in the record."""
    persona: Persona
    created_at: Millis
    updated_at: Millis

    @property
    def name(self) -> str:
        return self.persona.name
