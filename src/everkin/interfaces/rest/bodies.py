"""What people may send, as pydantic models: camelCase, nothing unknown, everything bounded, each with an example. Rules
about a message's text belong to turn/; here a text only has to be text."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, Strict, StringConstraints
from pydantic.alias_generators import to_camel

from everkin.domain.errors import Invalid
from everkin.kit.white_space import is_blank, is_one_line
from everkin.turn.responders import Speaking

_LONGEST_JSON = 256 * 1024


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL character, which no text has")
    return text


def _can_be_called(name: str) -> str:
    if is_blank(name) or not is_one_line(name):
        raise ValueError("must be visible and on one line")
    return name


def _plain_json(value: dict[str, Any] | None) -> dict[str, Any] | None:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (ValueError, RecursionError):
        raise ValueError("must be plain JSON: finite numbers and whole Unicode") from None
    if size > _LONGEST_JSON or "\\u0000" in text:
        raise ValueError(f"must be at most {_LONGEST_JSON} bytes of JSON without NUL characters")
    return value


_Short = StringConstraints(min_length=1, max_length=120, strip_whitespace=True)
Name = Annotated[str, _Short, AfterValidator(_no_nul), AfterValidator(_can_be_called)]
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
    """Strict: true is no number, "3" is none either, and 1 is not true. (An enumeration takes its words: Strict(False).)"""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, strict=True)


class Change(Body):
    """Base of what changes something: what is left out, or null, stays as it is."""

    def check_not_empty(self) -> None:
        """Invalid where nothing would change, with what could."""
        if not any(getattr(self, name) is not None for name in self.model_fields_set):
            fields = ", ".join(to_camel(name) for name in type(self).model_fields)
            raise Invalid(f"Say what to change: {fields}.")


def shown_as(**example: Any) -> ConfigDict:
    """The example of a body in OpenAPI."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class LocalSignIn(Body):
    """`key`: what stands behind `#key=` in the address that Everkin or `everkin link` printed."""

    model_config = shown_as(key="AAABl8d3xQCk0h3Vt9w2bq8fZr1mXyLJp4sE7uTn0aGcKoQi")

    key: Password = SecretStr("")


class Credentials(Body):
    login: Line
    password: Password


class Login(Credentials):
    """`device`: what an earlier sign-in on this device answered; with it, guesses made elsewhere do not slow you down."""

    model_config = shown_as(login="robin", password="three quiet herons")

    device: Line = ""


class Register(Credentials):
    """`name` is what characters call you."""

    model_config = shown_as(login="robin", password="three quiet herons", name="Robin")

    name: Line = ""


class Refresh(Body):
    model_config = shown_as(refresh="b7a61c0f3c1d4e5f60718293.zHq9...")

    refresh: Line


class AboutMe(Change):
    """`name`: what characters call you. `birthYear`: when you were born. It can be said once; after that only the owner of the
    house changes it. What is left out stays."""

    model_config = shown_as(name="Robin", birthYear=1990)

    name: Name | None = None
    birth_year: int | None = Field(default=None, ge=0, le=9999)


class ReviewedAge(Body):
    """null: as if it had never been said."""

    model_config = shown_as(birthYear=1990)

    birth_year: int | None = Field(ge=0, le=9999)


class NewConversation(Body):
    """One character by `characterId`, or several by `characterIds`; ids or slugs. `participants`: logins of other people
    of this house who take part; only its owner may bring them in."""

    model_config = shown_as(characterId="mira")

    character_id: Reference | None = None
    character_ids: list[Reference] = Field(default=[], max_length=8)
    participants: list[Line] = Field(default=[], max_length=31)
    title: Line = ""

    def characters(self) -> list[str]:
        first = [self.character_id] if self.character_id else []
        return list(dict.fromkeys([*first, *self.character_ids]))


class ConversationChange(Change):
    """What is left out stays as it is."""

    model_config = shown_as(title="The night of the storm")

    title: Line | None = None
    status: Literal["active", "archived"] | None = None
    speaking: Annotated[Speaking, Strict(False)] | None = None


class AskedCharacter(Body):
    """A character of the conversation, by id or slug."""

    model_config = shown_as(characterId="mira")

    character_id: Reference


class NewMessage(Body):
    """`clientId` is your idempotency key: fresh for every message, the same when you send it again."""

    model_config = shown_as(content="Good evening! Is the kettle on?", clientId="c1a2b3")

    content: str
    type: Literal["text"] = "text"
    client_id: ClientId | None = None


class MessageChange(Body):
    model_config = shown_as(content="Good evening! Is the tea ready?")

    content: str


class ReadUpTo(Body):
    model_config = shown_as(upToSeq=12)

    up_to_seq: int | None = Field(default=None, ge=0, le=2**53)


class CacheUser(Body):
    model_config = shown_as(userId="usr_1a3185c5000f3b2c1d0e9a8b7c6")

    user_id: Reference


class Housekeep(Body):
    """`dry_run`: only count. `purge`: delete for good what has rested or been archived as long again."""

    model_config = shown_as(dryRun=True)

    dry_run: bool = False
    purge: bool = False


class CachePattern(Body):
    """`*` stands for any characters, `?` for one. It begins with `user:`, `context:`, `character:`, `memories:` or `chat:`."""

    model_config = shown_as(pattern="character:*")

    pattern: Line


class ModelChoice(Body):
    model_config = shown_as(name="local")

    name: Line


CategoryName = Literal["preference", "personal", "relationship", "event"]
Fact = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), AfterValidator(_no_nul)]


class NewFact(Body):
    """`text` in the third person, without the name."""

    model_config = shown_as(text="lives in Leeds", category="personal", pinned=True)

    text: Fact
    category: CategoryName = "personal"
    pinned: bool = False


class FactChange(Change):
    """What is left out stays."""

    model_config = shown_as(text="lives in York", pinned=True)

    text: Fact | None = None
    category: CategoryName | None = None
    pinned: bool | None = None


class Erasure(Body):
    """`login`: yours, so that nothing is erased by mistake."""

    model_config = shown_as(login="robin")

    login: Line


class Attendance(Body):
    model_config = shown_as(present=False)

    present: bool
