"""Request bodies for characters: a new one, a complete one, and a change of one."""

import dataclasses
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from everkin.domain.character import NsfwPolicy, Persona, Sampling
from everkin.domain.errors import Invalid
from everkin.interfaces.rest.bodies import Body, Colour, Line, Name, Picture, PlainJson, Tag, Text, shown_as

_WREN: dict[str, Any] = {
    "name": "Wren",
    "age": 34,
    "gender": "woman",
    "traits": ["patient", "dry-humoured"],
    "tagline": "Keeper of a lighthouse nobody needs any more.",
    "description": "{{char}} mends radios and writes down the weather twice a day.",
    "scenario": "A storm has brought {{user}} to her door.",
    "firstMessage": "*holds the door against the wind* Come in before the sea does.",
    "exampleDialogues": ["{{user}}: Are you lonely here?\n{{char}}: Ask me in February."],
    "tags": ["slice of life"],
    "accent": "#3d6b7d",
    "talkativeness": 0.4,
    "sampling": {"temperature": 0.9},
}


class SamplingBody(Body):
    temperature: float | None = Field(default=None, ge=0, le=2)
    """0..2; null: as set by LLM_TEMPERATURE."""
    max_tokens: int | None = Field(default=None, ge=1, le=8192)
    """The longest reply in tokens; null: as set by LLM_MAX_TOKENS."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Above 0, at most 1; null: as set by LLM_TOP_P."""
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    """-2..2; null: as set by LLM_FREQUENCY_PENALTY."""
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    """-2..2; null: as set by LLM_PRESENCE_PENALTY."""


class CharacterBody(Body):
    """A persona. A field that is left out takes its default."""

    model_config = shown_as(**_WREN)

    name: Name
    """The name it is called by."""
    age: int | None = Field(default=None, ge=0, le=100_000)
    """In years; null: not stated."""
    gender: Line = ""
    """Free text; empty: not stated."""
    traits: list[Line] = Field(default=[], max_length=32)
    """Words for its nature."""
    tagline: Line = ""
    """One line for lists."""
    description: Text = ""
    """The persona, as text for the model."""
    scenario: Text = ""
    """The situation a conversation starts in."""
    first_message: Text = ""
    """The greeting of a new conversation."""
    alternate_greetings: list[Text] = Field(default=[], max_length=32)
    """Other greetings to choose from."""
    example_dialogues: list[Text] = Field(default=[], max_length=32)
    """Sample exchanges that show how it talks."""
    system_prompt: Text = ""
    """Replaces the first lines of the usual system prompt; empty: the usual ones."""
    post_history_instructions: Text = ""
    """Instructions placed after the history."""
    tags: list[Tag] = Field(default=[], max_length=32)
    """For finding it in lists."""
    creator: Line = ""
    """The author of the character."""
    creator_notes: Text = ""
    """The author's notes; not part of the prompt."""
    avatar: Picture = ""
    """The path of its picture; empty: none."""
    accent: Colour = ""
    """Its colour in the page, in CSS notation."""
    voice: Line = ""
    """The voice it is read with; empty: the default."""
    preferred_model: Line = ""
    """The model it prefers; empty: the current one."""
    nsfw_policy: Literal["block", "fade", "allow"] = "block"
    """How explicit content is handled."""
    talkativeness: float = Field(default=0.5, ge=0, le=1)
    """0..1: how readily it answers in a group."""
    sampling: SamplingBody = SamplingBody()
    """Sampling settings for its replies."""
    lorebook: PlainJson = None
    """Background entries, as in character cards; null: none."""

    def persona(self, before: Persona | None = None) -> Persona:
        """Return the persona. `before` is the persona it replaces; it provides the extensions of its character card,
        which no form shows. Raises Invalid for the uploaded picture of another character: a picture belongs to one
        character and is deleted when that one gets another."""
        uploaded = self.avatar.startswith("/media/")
        if uploaded and (before is None or before.avatar != self.avatar):
            raise Invalid("Upload a picture with PUT characters/{id}/avatar.", field="avatar")
        return Persona(
            name=self.name,
            age=self.age,
            gender=self.gender,
            traits=tuple(self.traits),
            tagline=self.tagline,
            description=self.description,
            scenario=self.scenario,
            first_message=self.first_message,
            alternate_greetings=tuple(self.alternate_greetings),
            example_dialogues=tuple(self.example_dialogues),
            system_prompt=self.system_prompt,
            post_history_instructions=self.post_history_instructions,
            tags=tuple(self.tags),
            creator=self.creator,
            creator_notes=self.creator_notes,
            avatar=self.avatar,
            accent=self.accent,
            voice=self.voice,
            preferred_model=self.preferred_model,
            nsfw_policy=NsfwPolicy(self.nsfw_policy),
            talkativeness=self.talkativeness,
            sampling=Sampling(**self.sampling.model_dump()),
            lorebook=self.lorebook,
            extensions=before.extensions if before else {},
        )


def _all_required(schema: dict[str, Any]) -> None:
    schema["required"] = list(schema["properties"])
    schema["examples"] = [CharacterBody(**_WREN).model_dump(by_alias=True)]


class WholeCharacter(CharacterBody):
    """A complete persona that replaces another one: every field is required, so that none is lost by being left out."""

    model_config = ConfigDict(json_schema_extra=_all_required)

    def persona(self, before: Persona | None = None) -> Persona:
        """As CharacterBody.persona. Raises Invalid, naming the first missing field."""
        missing = [to_camel(name) for name in type(self).model_fields if name not in self.model_fields_set]
        if missing:
            raise Invalid(
                f"Missing: {', '.join(missing)}. PUT takes the whole persona; PATCH changes only what is given.",
                field=missing[0],
            )
        return super().persona(before)


class CharacterChange(Body):
    """Fields that are left out stay as they are. null resets a field to its default; only the name has none. `sampling`
    too changes only the fields it contains; lists and `lorebook` are replaced completely."""

    model_config = shown_as(tagline="Keeper of two lighthouses.", age=None, sampling={"temperature": 0.7})

    name: Name | None = None
    """See CharacterBody; left out: unchanged."""
    age: int | None = Field(default=None, ge=0, le=100_000)
    """See CharacterBody; left out: unchanged."""
    gender: Line | None = None
    """See CharacterBody; left out: unchanged."""
    traits: list[Line] | None = Field(default=None, max_length=32)
    """See CharacterBody; left out: unchanged."""
    tagline: Line | None = None
    """See CharacterBody; left out: unchanged."""
    description: Text | None = None
    """See CharacterBody; left out: unchanged."""
    scenario: Text | None = None
    """See CharacterBody; left out: unchanged."""
    first_message: Text | None = None
    """See CharacterBody; left out: unchanged."""
    alternate_greetings: list[Text] | None = Field(default=None, max_length=32)
    """See CharacterBody; left out: unchanged."""
    example_dialogues: list[Text] | None = Field(default=None, max_length=32)
    """See CharacterBody; left out: unchanged."""
    system_prompt: Text | None = None
    """See CharacterBody; left out: unchanged."""
    post_history_instructions: Text | None = None
    """See CharacterBody; left out: unchanged."""
    tags: list[Tag] | None = Field(default=None, max_length=32)
    """See CharacterBody; left out: unchanged."""
    creator: Line | None = None
    """See CharacterBody; left out: unchanged."""
    creator_notes: Text | None = None
    """See CharacterBody; left out: unchanged."""
    avatar: Picture | None = None
    """See CharacterBody; left out: unchanged."""
    accent: Colour | None = None
    """See CharacterBody; left out: unchanged."""
    voice: Line | None = None
    """See CharacterBody; left out: unchanged."""
    preferred_model: Line | None = None
    """See CharacterBody; left out: unchanged."""
    nsfw_policy: Literal["block", "fade", "allow"] | None = None
    """See CharacterBody; left out: unchanged."""
    talkativeness: float | None = Field(default=None, ge=0, le=1)
    """See CharacterBody; left out: unchanged."""
    sampling: SamplingBody | None = None
    """Only the fields it contains are changed."""
    lorebook: PlainJson = None
    """See CharacterBody; left out: unchanged."""

    def persona(self, before: Persona) -> Persona:
        """Return `before` with the given changes. Raises Invalid if there are none, and as CharacterBody.persona."""
        given = self.model_dump(exclude_unset=True)
        if not given:
            raise Invalid("Say what to change: a field of the persona.")
        kept = dataclasses.asdict(before)
        del kept["extensions"]
        changed = {name: each if each is not None else _default(name) for name, each in given.items()}
        if given.get("sampling") is not None:
            changed["sampling"] = {**kept["sampling"], **given["sampling"]}
        return CharacterBody.model_construct(
            **{**kept, **changed, "sampling": SamplingBody(**changed.get("sampling", kept["sampling"]))}
        ).persona(before)


def _default(name: str) -> Any:
    """Return the default of a persona's field. Raises Invalid for a field without one."""
    field = CharacterBody.model_fields[name]
    if field.is_required():
        raise Invalid(f"{to_camel(name)}: cannot be null.", field=to_camel(name))
    default = field.get_default()
    return default.model_dump() if isinstance(default, BaseModel) else default
