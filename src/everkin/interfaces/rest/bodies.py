"""Request bodies as pydantic models: camelCase, unknown fields refused, every value bounded, each with an example. The
rules for a message's text are in turn/; here it only has to be text."""

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
    """Base of request bodies. Strict: true is not a number, neither is "3", and 1 is not true. (Fields with an
    enumeration accept its values as text: Strict(False).)"""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, strict=True)


class Change(Body):
    """Base of bodies that change a resource: a field that is left out, or null, stays as it is."""

    def check_not_empty(self) -> None:
        """Raise Invalid, listing the possible fields, if the body changes none."""
        if not any(getattr(self, name) is not None for name in self.model_fields_set):
            fields = ", ".join(to_camel(name) for name in type(self).model_fields)
            raise Invalid(f"Say what to change: {fields}.")


def shown_as(**example: Any) -> ConfigDict:
    """Return a model configuration with the body's example for OpenAPI."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class LocalSignIn(Body):
    """`key`: the part after `#key=` in the address that Everkin or `everkin link` printed."""

    model_config = shown_as(key="AAABl8d3xQCk0h3Vt9w2bq8fZr1mXyLJp4sE7uTn0aGcKoQi")

    key: Password = SecretStr("")
    """The sign-in key; empty: none."""


class Credentials(Body):
    login: Line
    """The login, compared without regard to case."""
    password: Password
    """At most 256 characters."""


class Login(Credentials):
    """`device`: the value returned by an earlier sign-in on this device; with it, wrong passwords entered elsewhere do
    not slow you down."""

    model_config = shown_as(login="robin", password="three quiet herons")

    device: Line = ""
    """The device token of an earlier sign-in; empty: none."""


class Register(Credentials):
    """`name` is the name that characters call you."""

    model_config = shown_as(login="robin", password="three quiet herons", name="Robin")

    name: Line = ""
    """The shown name; empty: the login."""


class Refresh(Body):
    model_config = shown_as(refresh="b7a61c0f3c1d4e5f60718293.zHq9...")

    refresh: Line
    """The refresh token."""


class AboutMe(Change):
    """`name`: the name that characters call you. `birthYear`: your year of birth. It can be stated once; after that
    only the owner changes it. Fields that are left out stay as they are."""

    model_config = shown_as(name="Robin", birthYear=1990)

    name: Name | None = None
    """The shown name; null: unchanged."""
    birth_year: int | None = Field(default=None, ge=0, le=9999)
    """The year of birth; null: unchanged."""


class ReviewedAge(Body):
    """The user's year of birth; null removes it, as if it had never been stated."""

    model_config = shown_as(birthYear=1990)

    birth_year: int | None = Field(ge=0, le=9999)
    """The year of birth; null: not stated."""


class NewConversation(Body):
    """One character by `characterId`, or several by `characterIds`; ids or slugs. `participants`: logins of other users
    who take part; only the owner may add them."""

    model_config = shown_as(characterId="mira")

    character_id: Reference | None = None
    """A character's id or slug."""
    character_ids: list[Reference] = Field(default=[], max_length=8)
    """Several characters' ids or slugs."""
    participants: list[Line] = Field(default=[], max_length=31)
    """Logins of other users who take part."""
    title: Line = ""
    """Empty: made from the first exchange."""

    def characters(self) -> list[str]:
        first = [self.character_id] if self.character_id else []
        return list(dict.fromkeys([*first, *self.character_ids]))


class ConversationChange(Change):
    """Fields that are left out stay as they are."""

    model_config = shown_as(title="The night of the storm")

    title: Line | None = None
    """The new title; null: unchanged."""
    status: Literal["active", "archived"] | None = None
    """The new status; null: unchanged."""
    speaking: Annotated[Speaking, Strict(False)] | None = None
    """How the next speaker is chosen; null: unchanged."""


class AskedCharacter(Body):
    """A character of the conversation, by id or slug."""

    model_config = shown_as(characterId="mira")

    character_id: Reference
    """The character's id or slug."""


class NewMessage(Body):
    """`clientId` is your idempotency key: new for every message, the same when you send it again."""

    model_config = shown_as(content="Good evening! Is the kettle on?", clientId="c1a2b3")

    content: str
    """The text of the message."""
    type: Literal["text"] = "text"
    """Only text can be sent so far."""
    client_id: ClientId | None = None
    """The idempotency key; null: none."""


class MessageChange(Body):
    model_config = shown_as(content="Good evening! Is the tea ready?")

    content: str
    """The new text."""


class ReadUpTo(Body):
    model_config = shown_as(upToSeq=12)

    up_to_seq: int | None = Field(default=None, ge=0, le=2**53)
    """The newest `seq` that was seen; null: every message so far."""


class CacheUser(Body):
    model_config = shown_as(userId="usr_1a3185c5000f3b2c1d0e9a8b7c6")

    user_id: Reference
    """The user's id."""


class Housekeep(Body):
    """`dry_run`: only count. `purge`: also delete permanently the memories and conversations that have been resting or
    archived for as long again."""

    model_config = shown_as(dryRun=True)

    dry_run: bool = False
    """Only count."""
    purge: bool = False
    """Also delete permanently."""


class CachePattern(Body):
    """`*` matches any characters, `?` one. It begins with `user:`, `context:`, `character:`, `memories:` or `chat:`."""

    model_config = shown_as(pattern="character:*")

    pattern: Line
    """The pattern."""


class ModelChoice(Body):
    model_config = shown_as(name="local")

    name: Line
    """The model's name, as in the list of models."""


CategoryName = Literal["preference", "personal", "relationship", "event"]
Fact = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), AfterValidator(_no_nul)]


class NewFact(Body):
    """`text` in the third person, without the name."""

    model_config = shown_as(text="lives in Leeds", category="personal", pinned=True)

    text: Fact
    """The fact, in the third person."""
    category: CategoryName = "personal"
    """The kind of fact."""
    pinned: bool = False
    """A pinned fact is part of every prompt."""


class FactChange(Change):
    """Fields that are left out stay as they are."""

    model_config = shown_as(text="lives in York", pinned=True)

    text: Fact | None = None
    """The new text; null: unchanged."""
    category: CategoryName | None = None
    """The new category; null: unchanged."""
    pinned: bool | None = None
    """Whether it is pinned; null: unchanged."""


class Erasure(Body):
    """`login`: your own, as a protection against erasing by mistake."""

    model_config = shown_as(login="robin")

    login: Line
    """Your login."""


class Attendance(Body):
    model_config = shown_as(present=False)

    present: bool
    """Whether the character takes part in the scene."""
