"""What people may send about characters: a new one, a whole one, and a change of one."""

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
    max_tokens: int | None = Field(default=None, ge=1, le=8192)
    top_p: float | None = Field(default=None, gt=0, le=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)


class CharacterBody(Body):
    """A persona. A field that is left out takes its default."""

    model_config = shown_as(**_WREN)

    name: Name
    age: int | None = Field(default=None, ge=0, le=100_000)
    gender: Line = ""
    traits: list[Line] = Field(default=[], max_length=32)
    tagline: Line = ""
    description: Text = ""
    scenario: Text = ""
    first_message: Text = ""
    alternate_greetings: list[Text] = Field(default=[], max_length=32)
    example_dialogues: list[Text] = Field(default=[], max_length=32)
    system_prompt: Text = ""
    post_history_instructions: Text = ""
    tags: list[Tag] = Field(default=[], max_length=32)
    creator: Line = ""
    creator_notes: Text = ""
    avatar: Picture = ""
    accent: Colour = ""
    voice: Line = ""
    preferred_model: Line = ""
    nsfw_policy: Literal["block", "fade", "allow"] = "block"
    talkativeness: float = Field(default=0.5, ge=0, le=1)
    sampling: SamplingBody = SamplingBody()
    lorebook: PlainJson = None

    def persona(self, before: Persona | None = None) -> Persona:
        """`before`: the persona that is replaced; it lends the extensions of its card, which no form shows. Invalid for the
        uploaded picture of another character: a picture belongs to one, and goes when that one gets another."""
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
    """A whole persona in place of another one: every field has to be there, so that nothing is lost by being left out."""

    model_config = ConfigDict(json_schema_extra=_all_required)

    def persona(self, before: Persona | None = None) -> Persona:
        """As CharacterBody's. Invalid, with the first field that is missing."""
        missing = [to_camel(name) for name in type(self).model_fields if name not in self.model_fields_set]
        if missing:
            raise Invalid(
                f"Missing: {', '.join(missing)}. PUT takes the whole persona; PATCH changes only what is given.",
                field=missing[0],
            )
        return super().persona(before)


class CharacterChange(Body):
    """What is left out stays. null gives a field back to its default; only a name has none. `sampling` too changes only
    where it says something; lists and `lorebook` are replaced whole."""

    model_config = shown_as(tagline="Keeper of two lighthouses.", age=None, sampling={"temperature": 0.7})

    name: Name | None = None
    age: int | None = Field(default=None, ge=0, le=100_000)
    gender: Line | None = None
    traits: list[Line] | None = Field(default=None, max_length=32)
    tagline: Line | None = None
    description: Text | None = None
    scenario: Text | None = None
    first_message: Text | None = None
    alternate_greetings: list[Text] | None = Field(default=None, max_length=32)
    example_dialogues: list[Text] | None = Field(default=None, max_length=32)
    system_prompt: Text | None = None
    post_history_instructions: Text | None = None
    tags: list[Tag] | None = Field(default=None, max_length=32)
    creator: Line | None = None
    creator_notes: Text | None = None
    avatar: Picture | None = None
    accent: Colour | None = None
    voice: Line | None = None
    preferred_model: Line | None = None
    nsfw_policy: Literal["block", "fade", "allow"] | None = None
    talkativeness: float | None = Field(default=None, ge=0, le=1)
    sampling: SamplingBody | None = None
    lorebook: PlainJson = None

    def persona(self, before: Persona) -> Persona:
        """`before` with what was given. Invalid where nothing was, and where CharacterBody would be."""
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
    """Of a field of a persona, as it is written. Invalid for one that has none."""
    field = CharacterBody.model_fields[name]
    if field.is_required():
        raise Invalid(f"{to_camel(name)}: cannot be null.", field=to_camel(name))
    default = field.get_default()
    return default.model_dump() if isinstance(default, BaseModel) else default
