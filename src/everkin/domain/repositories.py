"""Protocols of storage as turns need it; implemented by storage/sql. Data types are in domain/record.py.

Methods with a `user_id` only find objects that user may see; others raise NotFound, never Forbidden. When a write
returns, it is committed and on disk. StorageUnavailable means that none of the call's changes were written.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from everkin.domain.caller import User
from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation, ConversationQuery
from everkin.domain.ids import CharacterId, ConversationId, MediaId, MessageId, Millis, TurnId, UserId
from everkin.domain.memory import Erased
from everkin.domain.message import Message
from everkin.domain.record import (
    Appended,
    ConversationPage,
    Finished,
    Greeting,
    HelpLine,
    Log,
    LogEntry,
    NewMessage,
    Outcome,
    SentMessage,
)
from everkin.domain.turn import Turn


class Messages(Protocol):
    """Messages and the turns that answer them."""

    async def append(self, new: NewMessage) -> Appended:
        """Store a message with its turns.

        Raises NotFound; KeyReused; Conflict when the conversation is archived or deleted.
        """

    async def find_sent(self, sent: SentMessage) -> Appended | None:
        """Return the message stored under this client id, as it is now; None without one. Raises NotFound;
        KeyReused."""

    async def finish(self, outcome: Outcome) -> Finished | None:
        """Store the end of a turn. Return None, without a write, when the turn has ended or another node owns it
        now."""

    async def finish_together(self, outcomes: Sequence[Outcome]) -> Sequence[Finished | None]:
        """Call `finish` for all outcomes in one transaction; results in the same order. An outcome's `answered_by`
        may name the reply of an earlier one."""

    async def again(
        self, message_id: MessageId, user_id: UserId, turn_id: TurnId, owner: str, lease_until: Millis, at: Millis
    ) -> Appended:
        """Store a new attempt for a message whose newest turn FAILED or was STOPPED without a reply. Raises Conflict
        otherwise."""

    async def ask(
        self,
        conversation_id: ConversationId,
        user_id: UserId,
        character_id: CharacterId,
        turn_id: TurnId,
        owner: str,
        lease_until: Millis,
        at: Millis,
    ) -> Appended:
        """Store a turn of this character for the newest user message. Raises Conflict when there is no message, or
        it has one."""

    async def edit(
        self,
        message_id: MessageId,
        user_id: UserId,
        content: str,
        at: Millis,
        metadata: Mapping[str, Any] | None = None,
        help_line: HelpLine | None = None,
    ) -> Appended:
        """Replace the text of a message of `user_id` or of a character in their conversation. `metadata` replaces
        that of a user's message; a character's message keeps its own."""

    async def delete(self, message_id: MessageId, user_id: UserId, at: Millis) -> Appended:
        """Clear the message's content and keep its `seq`. Deleting twice changes no data."""

    async def mark_read(
        self, conversation_id: ConversationId, user_id: UserId, up_to_seq: int, at: Millis
    ) -> Conversation:
        """Mark messages of other senders with seq <= up_to_seq as read and delivered. The revision moves only if one
        changed."""

    async def mark_delivered(
        self, conversation_id: ConversationId, user_id: UserId, up_to_seq: int, at: Millis
    ) -> Conversation:
        """Mark messages of other senders with seq <= up_to_seq as delivered."""

    async def get(self, message_id: MessageId, user_id: UserId) -> tuple[LogEntry, Conversation]:
        """Return a message with its turns, and its conversation. Raises NotFound."""

    async def recent(self, conversation_id: ConversationId, user_id: UserId | None, limit: int) -> Log:
        """Return the newest `limit` entries, oldest first. `user_id` None: without a check of access rights."""

    async def page(
        self, conversation_id: ConversationId, user_id: UserId, *, before: int | None, after: int | None, limit: int
    ) -> Log:
        """Return entries with seq < before (the nearest ones) or seq > after, in order of seq; without both the
        newest."""

    async def missed(
        self, conversation_id: ConversationId, user_id: UserId, last_seq: int, last_revision: int | None, limit: int
    ) -> Log:
        """Return all entries with seq > last_seq and, if `last_revision` is given, older ones that changed since."""


class Turns(Protocol):
    """Pending turns and their leases."""

    async def pending(self, owner: str | None, now: Millis) -> Sequence[tuple[Turn, Message]]:
        """Return PENDING turns with an expired lease, oldest first. `owner` None: all pending turns (a single node
        owns the database)."""

    async def take_over(
        self, turn_ids: Sequence[TurnId], owner: str, lease_until: Millis, now: Millis, *, force: bool = False
    ) -> Sequence[TurnId]:
        """Claim turns that are still PENDING with an expired lease, in the given order; return those claimed.
        `force`: ignore leases (a single node owns the database)."""

    async def renew(self, turn_ids: Sequence[TurnId], owner: str, lease_until: Millis) -> None:
        """Extend the leases of turns that `owner` holds."""

    async def stop_pending(self, conversation_id: ConversationId, at: Millis) -> Sequence[Turn]:
        """Mark all pending turns of a deleted conversation STOPPED, regardless of their owner."""


class Conversations(Protocol):
    """Conversations and their lists."""

    async def create(
        self,
        conversation_id: ConversationId,
        owner_id: UserId,
        character_ids: Sequence[CharacterId],
        user_ids: Sequence[UserId],
        title: str,
        greeting: tuple[MessageId, CharacterId, str] | None,
        at: Millis,
    ) -> Conversation:
        """Create a conversation; `greeting` becomes its first message. Raises NotFound for a character that
        `owner_id` may not see."""

    async def get(self, conversation_id: ConversationId, user_id: UserId | None) -> Conversation:
        """Return a conversation. Raises NotFound, also for a deleted one."""

    async def unread(self, conversation_id: ConversationId, user_id: UserId) -> int:
        """Return the number of messages of other senders that the user has not read."""

    async def find(self, user_id: UserId, query: ConversationQuery) -> ConversationPage:
        """Return one page of the user's conversations."""

    async def update(
        self,
        conversation_id: ConversationId,
        user_id: UserId,
        at: Millis,
        *,
        title: str | None = None,
        status: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Conversation:
        """Change a conversation. A given `title` becomes a custom one; `status` deleted hides the conversation
        permanently."""

    async def switch(
        self, conversation_id: ConversationId, user_id: UserId, head_id: MessageId, at: Millis
    ) -> tuple[Conversation, Erased]:
        """Make a message the head; messages not between it and the first one become off-branch."""

    async def absent(
        self, conversation_id: ConversationId, user_id: UserId, character_id: CharacterId, away: bool, at: Millis
    ) -> Conversation:
        """Record that a character left the scene (`away`) or came back."""


class Characters(Protocol):
    """Characters and their versions."""

    async def create(
        self, character_id: CharacterId, slug: str, owner_id: UserId | None, persona: Persona, at: Millis
    ) -> Character:
        """Create a character. Raises Conflict when the slug is taken."""

    async def get(self, id_or_slug: str, user_id: UserId | None) -> Character:
        """Return an own or starter character; `user_id` None: any character. Raises NotFound."""

    async def met(self, id_or_slug: str, user_id: UserId) -> Character:
        """Return a character that participates in a conversation of this user, even if deleted or owned by another
        user."""

    async def find(self, user_id: UserId, text: str = "", tag: str = "") -> Sequence[Character]:
        """Return own and starter characters that match."""

    async def update(
        self,
        character_id: CharacterId,
        editor: UserId | None,
        persona: Persona,
        at: Millis,
        *,
        version: int | None = None,
    ) -> Character:
        """Store a new version of the persona.

        `editor` None: the seeding of starter characters. Matches characters with `owner_id = editor` and starter
        characters; callers check the right to edit starters. Raises Conflict when `version` is given and is not the
        current one.
        """

    async def restore(self, character_id: CharacterId, persona: Persona, at: Millis) -> Character:
        """Reset a starter character to its shipped persona: a new version unless it is equal, and no longer deleted."""

    async def delete(self, character_id: CharacterId, user_id: UserId, at: Millis) -> None:
        """Hide a character from lists and new conversations; existing conversations keep it."""

    async def edited_by_people(self, character_id: CharacterId) -> bool:
        """Return True when the persona was written by a user; seeding then skips it."""


class Media(Protocol):
    """Uploaded files."""

    async def put(self, media_id: MediaId, owner_id: UserId, content_type: str, content: bytes, at: Millis) -> None:
        """Store a file."""

    async def get(self, media_id: MediaId) -> tuple[str, bytes]:
        """Return (content type, bytes). Raises NotFound."""

    async def delete(self, media_id: MediaId, owner_id: UserId) -> None:
        """Delete a file of `owner_id`; ignore a file of another user."""


class Revisions(Protocol):
    """Revisions of conversations, read without their messages."""

    async def revisions(self, conversation_ids: Sequence[ConversationId]) -> Mapping[ConversationId, int]:
        """Return the revisions by id; unknown ids are missing."""


class Counting(Revisions, Protocol):
    """Revisions, and counts of messages."""

    async def by_sender(self, conversation_id: ConversationId, user_id: UserId) -> Mapping[str, int]:
        """Return the number of messages that are not deleted, by id of user or character. Raises NotFound."""


class Greetings(Protocol):
    """Greetings of returning users."""

    async def add(self, greeting: Greeting) -> Appended | None:
        """Store a greeting. Return None, without a write, when the conversation has newer messages or is archived or
        deleted."""


class People(Protocol):
    """User accounts as turns need them; implemented by storage/sql/users.py."""

    async def by_login(self, login: str) -> User | None:
        """Return the account with this login; None without one."""

    async def get(self, user_id: UserId) -> User:
        """Return the account. Raises NotFound."""
