"""Views shown to clients: one class per thing, the same over REST, SSE and Socket.IO. Names are camelCase on the wire;
times are Unix milliseconds. web/src/wire.ts and the OpenAPI schemas are generated from these classes."""

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
    """The state of one character's answer to a user message. `errorCode`, `errorSentence` and `partial` (the text that
    had arrived) belong to a failed turn."""

    id: str
    """Starts with `trn_`."""
    message_id: str
    """The user message it answers."""
    character_id: str
    """The character that answers."""
    state: Literal["pending", "completed", "stopped", "failed"]
    """Pending until exactly one of the others is reached."""
    attempt: int
    """Counts the attempts a user asked for, from 1."""
    reply_id: str | None = None
    """The id of the reply's message, once there is one."""
    error_code: str | None = None
    """failed: a stable code, e.g. `model_timeout`."""
    error_sentence: str | None = None
    """failed: a sentence for people."""
    partial: str = ""
    """failed: the text that had arrived."""


class MessageView(View):
    """One message. `turns` is filled on user messages that characters answer: the newest attempt of each."""

    id: str
    """Starts with `msg_`."""
    conversation_id: str
    """The conversation it belongs to."""
    seq: int
    """Its place in the conversation: gapless from 1."""
    revision: int
    """The conversation's revision when this message last changed."""
    parent_id: str | None
    """The message before it on its branch."""
    reply_to: str | None
    """The user message a character's message answers."""
    sender_type: Literal["user", "character", "system"]
    """The kind of sender."""
    sender_id: str
    """The id of the user or character."""
    type: Literal["text", "image", "voice", "system"]
    """The kind of content."""
    content: str
    """The text; empty once deleted."""
    status: Literal["sent", "delivered", "read"]
    """How far the message has come: stored, received, or read by the other participants."""
    created_at: int
    """When it was stored."""
    client_id: str | None = None
    """The sender's idempotency key."""
    delivered_at: int | None = None
    """When the other side received it."""
    read_at: int | None = None
    """When the other side read it."""
    edited_at: int | None = None
    """When it was last edited."""
    deleted_at: int | None = None
    """When it was deleted."""
    metadata: dict[str, Any] = {}
    """Model, tokens, timings and similar data."""
    turns: list[TurnView] = []
    """The turns that answer it, one per character."""


class ConversationView(View):
    """`lastSeq` is the newest message's `seq`; `revision` counts every change of the conversation."""

    id: str
    """Starts with `cnv_`."""
    title: str
    """Set by a user, or made from the first exchange."""
    custom_title: bool
    """A user set the title."""
    status: Literal["active", "archived", "deleted"]
    """Archived conversations take no messages."""
    character_ids: list[str]
    """The participating characters."""
    user_ids: list[str]
    """The participating users."""
    last_seq: int
    """The newest message's `seq`; 0 without one."""
    head_id: str | None
    """The newest message of the current branch: it and its ancestors by `parentId` are shown, messages of other
    branches are not; null without a message."""
    revision: int
    """Counts every change, including those of messages."""
    message_count: int
    """Number of messages."""
    unread: int
    """Messages of others that the asking user has not read; 0 in events."""
    created_at: int
    """When it was created."""
    updated_at: int
    """When it last changed."""
    last_message_at: int | None
    """When the newest message was stored."""
    last_message_preview: str
    """The beginning of the newest message."""
    metadata: dict[str, Any]
    """Further data about the conversation."""


class SamplingView(View):
    temperature: float | None = None
    """0..2; null: as set by LLM_TEMPERATURE."""
    max_tokens: int | None = None
    """The longest reply in tokens; null: as set by LLM_MAX_TOKENS."""
    top_p: float | None = None
    """Above 0, at most 1; null: as set by LLM_TOP_P."""
    frequency_penalty: float | None = None
    """-2..2; null: as set by LLM_FREQUENCY_PENALTY."""
    presence_penalty: float | None = None
    """-2..2; null: as set by LLM_PRESENCE_PENALTY."""


class CharacterView(View):
    """A character. `starter`: one of those that come with Everkin. `editable`: the asking user may change it.
    `restorable`: it differs from the shipped version, and the asking user may restore that."""

    id: str
    """Starts with `chr_`."""
    slug: str
    """A readable name for addresses."""
    version: int
    """Increases with every change of the persona."""
    starter: bool
    """It comes with Everkin."""
    editable: bool
    """The asking user may change it."""
    restorable: bool
    """It differs from the shipped version, and the asking user may restore that."""
    created_at: int
    """When it was created."""
    updated_at: int
    """When it last changed."""
    name: str
    """The name it is called by."""
    age: int | None
    """In years; null: not stated."""
    gender: str
    """Free text; empty: not stated."""
    traits: list[str]
    """Words for its nature."""
    tagline: str
    """One line for lists."""
    description: str
    """The persona, as text for the model."""
    scenario: str
    """The situation a conversation starts in."""
    first_message: str
    """The greeting of a new conversation."""
    alternate_greetings: list[str]
    """Other greetings to choose from."""
    example_dialogues: list[str]
    """Sample exchanges that show how it talks."""
    system_prompt: str
    """Replaces the first lines of the usual system prompt; empty: the usual ones."""
    post_history_instructions: str
    """Instructions placed after the history."""
    tags: list[str]
    """For finding it in lists."""
    creator: str
    """The author of the character."""
    creator_notes: str
    """The author's notes; not part of the prompt."""
    avatar: str
    """The path of its picture; empty: none."""
    accent: str
    """Its colour in the page, in CSS notation."""
    voice: str
    """The voice it is read with; empty: the default."""
    preferred_model: str
    """The model it prefers; empty: the current one."""
    nsfw_policy: Literal["block", "fade", "allow"]
    """How explicit content is handled."""
    talkativeness: float
    """0..1: how readily it answers in a group."""
    sampling: SamplingView
    """Sampling settings for its replies."""
    lorebook: dict[str, Any] | None
    """Background entries, as in character cards; null: none."""


class LiveTurnView(View):
    """A turn in progress. `text` is the text generated so far; empty while the turn is queued."""

    turn_id: str
    """The turn's id."""
    message_id: str
    """The user message it answers."""
    character_id: str
    """The character that answers."""
    phase: Literal["queued", "started"]
    """Whether generation has started."""
    text: str
    """The text generated so far."""


class ProblemView(View):
    """An error: a stable `code` and a sentence for people."""

    code: str
    """Stable; for programs."""
    sentence: str
    """For people; says how to resolve it."""
    field: str | None = None
    """The field at fault."""
    limit: int | None = None
    """The bound that was exceeded."""
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
    """Return the sentence stored with the failure, else the general one for its code."""
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
