"""What people may send, as pydantic models: camelCase, nothing unknown, everything bounded, each with an example. Rules
about a message's text belong to turn/; here a text only has to be text."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from pydantic.alias_generators import to_camel

from everkin.domain.character import NsfwPolicy, Persona, Sampling
from everkin.domain.errors import Invalid
from everkin.turn.responders import Speaking

_LONGEST_JSON = 256 * 1024


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL character, which no text has")
    return text


def _plain_json(value: dict[str, Any] | None) -> dict[str, Any] | None:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (ValueError, RecursionError):
        raise ValueError("must be plain JSON: finite numbers and whole Unicode") from None
    if size > _LONGEST_JSON or "\\u0000" in text:
        raise ValueError(f"must be at most {_LONGEST_JSON} bytes of JSON without NUL characters")
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True), AfterValidator(_no_nul)]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_no_nul)]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_no_nul)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True), AfterValidator(_no_nul)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_no_nul)]
Picture = Annotated[str, StringConstraints(max_length=200, pattern=r"^(/[A-Za-z0-9_-][A-Za-z0-9_./-]*)?$")]
Colour = Annotated[str, StringConstraints(max_length=40, pattern=r"^[#A-Za-z0-9 ().,%-]*$")]
PlainJson = Annotated[dict[str, Any] | None, AfterValidator(_plain_json)]
Password = Annotated[SecretStr, Field(max_length=256)]


class Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


def _example(**example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class Credentials(Body):
    login: Line
    password: Password


class Login(Credentials):
    """`device`: what an earlier sign-in on this device answered; with it, guesses made elsewhere do not slow you down."""

    model_config = _example(login="robin", password="three quiet herons")

    device: Line = ""


class Register(Credentials):
    """`name` is what characters call you."""

    model_config = _example(login="robin", password="three quiet herons", name="Robin")

    name: Line = ""


class Refresh(Body):
    model_config = _example(refresh="b7a61c0f3c1d4e5f60718293.zHq9...")

    refresh: Line


class AboutMe(Body):
    """`birthYear`: when you were born. It can be said once; after that only the owner of the house changes it."""

    model_config = _example(birthYear=1990)

    birth_year: int = Field(ge=0, le=9999)


class ReviewedAge(Body):
    """null: as if it had never been said."""

    model_config = _example(birthYear=1990)

    birth_year: int | None = Field(ge=0, le=9999)


class SamplingBody(Body):
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1, le=8192)
    top_p: float | None = Field(default=None, gt=0, le=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)


class CharacterBody(Body):
    """A whole persona. A field that is left out takes its default, also when an older character is replaced."""

    model_config = _example(
        name="Wren",
        age=34,
        gender="woman",
        traits=["patient", "dry-humoured"],
        tagline="Keeper of a lighthouse nobody needs any more.",
        description="{{char}} mends radios and writes down the weather twice a day.",
        scenario="A storm has brought {{user}} to her door.",
        firstMessage="*holds the door against the wind* Come in before the sea does.",
        exampleDialogues=["{{user}}: Are you lonely here?\n{{char}}: Ask me in February."],
        tags=["slice of life"],
        accent="#3d6b7d",
        talkativeness=0.4,
        sampling={"temperature": 0.9},
    )

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


class NewConversation(Body):
    """One character by `characterId`, or several by `characterIds`; ids or slugs. `participants`: logins of other people
    of this house who take part; only its owner may bring them in."""

    model_config = _example(characterId="mira")

    character_id: Reference | None = None
    character_ids: list[Reference] = Field(default=[], max_length=8)
    participants: list[Line] = Field(default=[], max_length=31)
    title: Line = ""

    def characters(self) -> list[str]:
        first = [self.character_id] if self.character_id else []
        return list(dict.fromkeys([*first, *self.character_ids]))


class ConversationChange(Body):
    """What is left out stays as it is."""

    model_config = _example(title="The night of the storm")

    title: Line | None = None
    status: Literal["active", "archived"] | None = None
    speaking: Speaking | None = None


class AskedCharacter(Body):
    """A character of the conversation, by id or slug."""

    model_config = _example(characterId="mira")

    character_id: Reference


class NewMessage(Body):
    """`clientId` is your idempotency key: fresh for every message, the same when you send it again."""

    model_config = _example(content="Good evening! Is the kettle on?", clientId="c1a2b3")

    content: str
    type: Literal["text"] = "text"
    client_id: ClientId | None = None


class MessageChange(Body):
    model_config = _example(content="Good evening! Is the tea ready?")

    content: str


class ReadUpTo(Body):
    model_config = _example(upToSeq=12)

    up_to_seq: int | None = Field(default=None, ge=0, le=2**53)


class CacheUser(Body):
    model_config = _example(userId="usr_1a3185c5000f3b2c1d0e9a8b7c6")

    user_id: Reference


class Housekeep(Body):
    """`dry_run`: only count. `purge`: delete for good what has rested or been archived as long again."""

    model_config = _example(dryRun=True)

    dry_run: bool = False
    purge: bool = False


class CachePattern(Body):
    """`*` stands for any characters, `?` for one. It begins with `user:`, `context:`, `character:`, `memories:` or `chat:`."""

    model_config = _example(pattern="character:*")

    pattern: Line


class ModelChoice(Body):
    model_config = _example(name="local")

    name: Line


CategoryName = Literal["preference", "personal", "relationship", "event"]
Fact = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), AfterValidator(_no_nul)]


class NewFact(Body):
    """`text` in the third person, without the name."""

    model_config = _example(text="lives in Leeds", category="personal", pinned=True)

    text: Fact
    category: CategoryName = "personal"
    pinned: bool = False


class FactChange(Body):
    """What is left out stays."""

    model_config = _example(text="lives in York", pinned=True)

    text: Fact | None = None
    category: CategoryName | None = None
    pinned: bool | None = None


class Erasure(Body):
    """`login`: yours, so that nothing is erased by mistake."""

    model_config = _example(login="robin")

    login: Line


class Attendance(Body):
    model_config = _example(present=False)

    present: bool
