"""Characters: the persona (one versioned JSON document) and the row that holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from everkin.domain.ids import CharacterId, Millis, UserId


class NsfwPolicy(StrEnum):
    """How explicit a character's replies may be."""

    BLOCK = "block"
    """Sexual and graphic content is declined."""
    FADE = "fade"
    """Romance is allowed; explicit scenes fade out."""
    ALLOW = "allow"
    """Adult content is allowed between adults."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling parameters of a character. None: the server's default (settings SAMPLING_*)."""

    temperature: float | None = None
    """Higher is more random; 0: greedy."""
    max_tokens: int | None = None
    """Most tokens of a reply."""
    top_p: float | None = None
    """Nucleus sampling: the probability mass that is drawn from, 0..1."""
    frequency_penalty: float | None = None
    """Lowers tokens by how often they occurred."""
    presence_penalty: float | None = None
    """Lowers tokens that occurred at all."""


@dataclass(frozen=True, slots=True)
class Persona:
    """The definition of a character.

    Texts may contain the card macros `{{char}}` and `{{user}}`.
    """

    name: str
    """Display name; `{{char}}` expands to it."""
    age: int | None = None
    """Years; None: not stated."""
    gender: str = ""
    """Free text; may be empty."""
    traits: tuple[str, ...] = ()
    """Adjectives or short phrases of the personality."""
    description: str = ""
    """Appearance, background and manner, in prose."""
    scenario: str = ""
    """Where and how conversations take place."""
    first_message: str = ""
    """Greeting that opens a new conversation; empty: no greeting."""
    alternate_greetings: tuple[str, ...] = ()
    """Further greetings to choose from."""
    example_dialogues: tuple[str, ...] = ()
    """Each is one dialogue whose lines begin with `{{user}}:` or `{{char}}:`."""
    system_prompt: str = ""
    """Replaces the first sentence of the system prompt; empty: the default sentence."""
    post_history_instructions: str = ""
    """System message placed after the history; may be empty."""
    tags: tuple[str, ...] = ()
    """Labels for filtering lists."""
    tagline: str = ""
    """One line shown in lists."""
    creator: str = ""
    """Author of the card."""
    creator_notes: str = ""
    """The author's notes for users; never sent to a model."""
    avatar: str = ""
    """URL or path of the portrait; empty: none."""
    accent: str = ""
    """Colour in the page, e.g. `#3d6b7d`; empty: the default."""
    voice: str = ""
    """Id of a text-to-speech voice, kept for clients; may be empty."""
    preferred_model: str = ""
    """Name of the model to use where it is available; empty: the default model."""
    nsfw_policy: NsfwPolicy = NsfwPolicy.BLOCK
    """How explicit replies may be."""
    talkativeness: float = 0.5
    """Probability of answering in a conversation of several characters, 0..1."""
    sampling: Sampling = field(default_factory=Sampling)
    """Sampling parameters that differ from the defaults."""
    lorebook: Mapping[str, Any] | None = None
    """The card's lorebook as its own JSON, unchanged; None: none."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """The card's `extensions` as their own JSON, unchanged."""


@dataclass(frozen=True, slots=True)
class Character:
    """A character as stored: the newest version of its persona."""

    id: CharacterId
    """The character's id."""
    slug: str
    """Unique readable name for URLs."""
    owner_id: UserId | None
    """The user it belongs to. None: a starter character, visible to all users and editable by the server's owner."""
    version: int
    """Number of the persona's version, from 1; all versions are kept in the database."""
    persona: Persona
    """The definition of the character."""
    created_at: Millis
    """Unix milliseconds."""
    updated_at: Millis
    """Unix milliseconds of the newest version."""

    @property
    def name(self) -> str:
        """The persona's name."""
        return self.persona.name
