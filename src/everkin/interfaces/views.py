"""What people outside see: one shape a thing, the same over REST, SSE and Socket.IO. camelCase on the wire; times are
Unix milliseconds. web/src/wire.ts and the OpenAPI schemas are generated from these classes.
"""

from typing import Any, Literal

import msgspec

from everkin.domain.character import Character
from everkin.domain.conversation import Conversation
from everkin.domain.errors import EverkinError, model_error_sentence
from everkin.domain.message import Message
from everkin.domain.record import LogEntry
from everkin.domain.turn import Turn


class View(msgspec.Struct, rename="camel", kw_only=True):
    """Base of all views."""


class TurnView(View):
    """How one character's answer to a user message stands. `errorCode`, `errorSentence` and `partial` (what had arrived)
    belong to a failed turn."""

    id: str
    """Starts with `trn_`."""
    message_id: str
    """The user message it answers."""
    character_id: str
    """Who answers."""
    state: Literal["pending", "completed", "stopped", "failed"]
    """Pending until exactly one of the others is reached."""
    attempt: int
    """Counts the tries a person asked for, from 1."""
    reply_id: str | None = None
    """The reply's message, once there is one."""
    error_code: str | None = None
    """failed: a stable code, e.g. `model_timeout`."""
    error_sentence: str | None = None
    """failed: the same for people."""
    partial: str = ""
    """failed: what had arrived until then."""


class MessageView(View):
    """One message. `turns` is filled on user messages that characters answer: the newest attempt of each."""

    id: str
    """Starts with `msg_`."""
    conversation_id: str
    """Where it was said."""
    seq: int
    """Its place in the conversation: gapless from 1."""
    revision: int
    """The conversation's revision when this message last changed."""
    parent_id: str | None
    """The message before it on its branch."""
    reply_to: str | None
    """The user message a character's message answers."""
    sender_type: Literal["user", "character", "system"]
    """Who wrote it."""
    sender_id: str
    """The user or the character."""
    type: Literal["text", "image", "voice", "system"]
    """What it holds."""
    content: str
    """The text; empty once deleted."""
    status: Literal["sent", "delivered", "read"]
    """How far it has come to the other side."""
    created_at: int
    """When it was stored."""
    client_id: str | None = None
    """The sender's idempotency key."""
    delivered_at: int | None = None
    """When it reached the other side."""
    read_at: int | None = None
    """When the other side saw it."""
    edited_at: int | None = None
    """When it was last edited."""
    deleted_at: int | None = None
    """When it was deleted."""
    metadata: dict[str, Any] = {}
    """Model, tokens, timings and the like."""
    turns: list[TurnView] = []
    """The answers it gets, one a character."""


class ConversationView(View):
    """`lastSeq` is the newest message's `seq`; `revision` counts every change of the conversation."""

    id: str
    """Starts with `cnv_`."""
    title: str
    """Given by a person, or made from the first exchange."""
    custom_title: bool
    """A person named it."""
    status: Literal["active", "archived", "deleted"]
    """Archived ones take no messages."""
    character_ids: list[str]
    """The characters who take part."""
    user_ids: list[str]
    """The people who take part."""
    last_seq: int
    """The newest message's `seq`; 0 without one."""
    head_id: str | None
    """The newest message of the branch that is read: it and those before it by `parentId` are shown, all others stand aside; null
    without a message."""
    revision: int
    """Counts every change, of messages too."""
    message_count: int
    """Messages in it."""
    unread: int
    """Messages of others that the asking user has not read; 0 in events."""
    created_at: int
    """When it began."""
    updated_at: int
    """When it last changed."""
    last_message_at: int | None
    """When the newest message was stored."""
    last_message_preview: str
    """The beginning of the newest message."""
    metadata: dict[str, Any]
    """Anything else known of it."""


class SamplingView(View):
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None


class CharacterView(View):
    """`starter`: one of the characters that come with Everkin. `editable`: the asking user may change it. `restorable`: it is
    not as it was shipped any more, and the asking user may put it back."""

    id: str
    slug: str
    version: int
    starter: bool
    editable: bool
    restorable: bool
    created_at: int
    updated_at: int
    name: str
    age: int | None
    gender: str
    traits: list[str]
    tagline: str
    description: str
    scenario: str
    first_message: str
    alternate_greetings: list[str]
    example_dialogues: list[str]
    system_prompt: str
    post_history_instructions: str
    tags: list[str]
    creator: str
    creator_notes: str
    avatar: str
    accent: str
    voice: str
    preferred_model: str
    nsfw_policy: Literal["block", "fade", "allow"]
    talkativeness: float
    sampling: SamplingView
    lorebook: dict[str, Any] | None


class LiveTurnView(View):
    """A turn that is being answered right now. `text` is what has been said so far; empty while it waits."""

    turn_id: str
    message_id: str
    character_id: str
    phase: Literal["queued", "started"]
    text: str


class ProblemView(View):
    """What went wrong: a stable `code` and a sentence for people."""

    code: str
    """Stable; for programs."""
    sentence: str
    """For people; names what mends it."""
    field: str | None = None
    """The field that does not fit."""
    limit: int | None = None
    """The limit that was passed."""
    retry_after: float | None = None
    """Seconds to wait before trying again."""


def turn_view(turn: Turn) -> TurnView:
    return TurnView(
        id=turn.id,
        message_id=turn.message_id,
        character_id=turn.character_id,
        state=turn.state.value,
        attempt=turn.attempt,
        reply_id=turn.reply_id,
        error_code=turn.error_code,
        error_sentence=_failure(turn),
        partial=turn.partial,
    )


def _failure(turn: Turn) -> str | None:
    """The sentence of the failure as it happened, else the one of its code."""
    if turn.error_code is None:
        return None
    return str(turn.metadata.get("errorSentence") or model_error_sentence(turn.error_code))


def message_view(message: Message, turns: tuple[Turn, ...] = ()) -> MessageView:
    return MessageView(
        id=message.id,
        conversation_id=message.conversation_id,
        seq=message.seq,
        revision=message.revision,
        parent_id=message.parent_id,
        reply_to=message.reply_to,
        sender_type=message.sender_type.value,
        sender_id=message.sender_id,
        type=message.type.value,
        content=message.content,
        status=message.status.value,
        created_at=message.created_at,
        client_id=message.client_id,
        delivered_at=message.delivered_at,
        read_at=message.read_at,
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        metadata=dict(message.metadata),
        turns=[turn_view(turn) for turn in turns],
    )


def entry_view(entry: LogEntry) -> MessageView:
    return message_view(entry.message, entry.turns)


def conversation_view(conversation: Conversation, unread: int = 0) -> ConversationView:
    return ConversationView(
        id=conversation.id,
        title=conversation.title,
        custom_title=conversation.custom_title,
        status=conversation.status.value,
        character_ids=list(conversation.character_ids),
        user_ids=list(conversation.user_ids),
        last_seq=conversation.last_seq,
        head_id=conversation.head_id,
        revision=conversation.revision,
        message_count=conversation.message_count,
        unread=unread,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        last_message_at=conversation.last_message_at,
        last_message_preview=conversation.last_message_preview,
        metadata=dict(conversation.metadata),
    )


def character_view(character: Character, *, editable: bool, restorable: bool) -> CharacterView:
    persona = character.persona
    return CharacterView(
        id=character.id,
        slug=character.slug,
        version=character.version,
        starter=character.owner_id is None,
        editable=editable,
        restorable=restorable,
        created_at=character.created_at,
        updated_at=character.updated_at,
        name=persona.name,
        age=persona.age,
        gender=persona.gender,
        traits=list(persona.traits),
        tagline=persona.tagline,
        description=persona.description,
        scenario=persona.scenario,
        first_message=persona.first_message,
        alternate_greetings=list(persona.alternate_greetings),
        example_dialogues=list(persona.example_dialogues),
        system_prompt=persona.system_prompt,
        post_history_instructions=persona.post_history_instructions,
        tags=list(persona.tags),
        creator=persona.creator,
        creator_notes=persona.creator_notes,
        avatar=persona.avatar,
        accent=persona.accent,
        voice=persona.voice,
        preferred_model=persona.preferred_model,
        nsfw_policy=persona.nsfw_policy.value,
        talkativeness=persona.talkativeness,
        sampling=SamplingView(
            temperature=persona.sampling.temperature,
            max_tokens=persona.sampling.max_tokens,
            top_p=persona.sampling.top_p,
            frequency_penalty=persona.sampling.frequency_penalty,
            presence_penalty=persona.sampling.presence_penalty,
        ),
        lorebook=dict(persona.lorebook) if persona.lorebook is not None else None,
    )


def problem_view(error: EverkinError) -> ProblemView:
    return ProblemView(
        code=error.code,
        sentence=error.sentence,
        field=error.field,
        limit=error.limit,
        retry_after=error.retry_after,
    )
