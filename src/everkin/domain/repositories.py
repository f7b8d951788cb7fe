"""What a turn needs from the rooms around it: the Record (storage/sql fulfils it) in the shapes of domain/record.py.

Every method that takes a `user_id` finds only what that user may see; anything else is NotFound, never Forbidden.
A write that returned is committed and on disk. StorageUnavailable means nothing of the call was written.
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
    async def append(self, new: NewMessage) -> Appended:
        """NotFound; KeyReused; Conflict when the conversation is archived or deleted."""

    async def find_sent(self, sent: SentMessage) -> Appended | None:
        """The message that was stored under this key, as it is now; None when there is none. NotFound; KeyReused."""

    async def finish(self, outcome: Outcome) -> Finished | None:
        """None when the turn has already ended or belongs to another node by now: then nothing was written."""

    async def finish_together(self, outcomes: Sequence[Outcome]) -> Sequence[Finished | None]:
        """`finish` for each, all or none: index by index. An outcome may name as `answered_by` a reply before it."""

    async def again(
        self, message_id: MessageId, user_id: UserId, turn_id: TurnId, owner: str, lease_until: Millis, at: Millis
    ) -> Appended:
        """A new attempt for a message whose newest turn FAILED or was STOPPED without a reply; else Conflict."""

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
        """A turn of this character for the newest message of a person. Conflict when there is none, or it has one."""

    async def edit(
        self,
        message_id: MessageId,
        user_id: UserId,
        content: str,
        at: Millis,
        metadata: Mapping[str, Any] | None = None,
        help_line: HelpLine | None = None,
    ) -> Appended:
        """`metadata` takes the place of a person's message's; a character's keeps its own. Own messages and the characters' may be edited by a person of the conversation."""

    async def delete(self, message_id: MessageId, user_id: UserId, at: Millis) -> Appended:
        """Blanks the row, keeps its seq. Deleting twice changes nothing."""

    async def mark_read(
        self, conversation_id: ConversationId, user_id: UserId, up_to_seq: int, at: Millis
    ) -> Conversation:
        """Messages of others with seq <= up_to_seq become read (and delivered). Revision moves only if one did."""

    async def mark_delivered(
        self, conversation_id: ConversationId, user_id: UserId, up_to_seq: int, at: Millis
    ) -> Conversation: ...

    async def get(self, message_id: MessageId, user_id: UserId) -> tuple[LogEntry, Conversation]: ...

    async def recent(self, conversation_id: ConversationId, user_id: UserId | None, limit: int) -> Log:
        """The newest `limit` entries, oldest first. `user_id` None: the runtime itself asks."""

    async def page(
        self, conversation_id: ConversationId, user_id: UserId, *, before: int | None, after: int | None, limit: int
    ) -> Log:
        """Entries with seq < before (the nearest ones) or seq > after; without both: the newest. In order of seq."""

    async def missed(
        self, conversation_id: ConversationId, user_id: UserId, last_seq: int, last_revision: int | None, limit: int
    ) -> Log:
        """All with seq > last_seq, and where `last_revision` is given those older ones that changed since it."""


class Turns(Protocol):
    async def pending(self, owner: str | None, now: Millis) -> Sequence[tuple[Turn, Message]]:
        """Turns to take up again, oldest first: PENDING ones whose lease is over, whoever had it.
        `owner` None: every pending turn (one node owns the whole record)."""

    async def take_over(
        self, turn_ids: Sequence[TurnId], owner: str, lease_until: Millis, now: Millis, *, force: bool = False
    ) -> Sequence[TurnId]:
        """Claims those still PENDING with a lease that is over, in the order given; returns which. `force`: whatever
        their lease says (one node owns the whole record)."""

    async def renew(self, turn_ids: Sequence[TurnId], owner: str, lease_until: Millis) -> None: ...

    async def stop_pending(self, conversation_id: ConversationId, at: Millis) -> Sequence[Turn]:
        """Marks every pending turn of a conversation STOPPED, whoever owns it (it was deleted)."""


class Conversations(Protocol):
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
        """`greeting` is stored as the first message. NotFound for a character that `owner_id` may not see."""

    async def get(self, conversation_id: ConversationId, user_id: UserId | None) -> Conversation:
        """Deleted ones are NotFound."""

    async def unread(self, conversation_id: ConversationId, user_id: UserId) -> int: ...

    async def find(self, user_id: UserId, query: ConversationQuery) -> ConversationPage: ...

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
        """`title` given: it becomes a custom one. `status` deleted hides the conversation for good."""

    async def switch(
        self, conversation_id: ConversationId, user_id: UserId, head_id: MessageId, at: Millis
    ) -> tuple[Conversation, Erased]:
        """Makes a message the head; what is not between it and the first one stands aside."""

    async def absent(
        self, conversation_id: ConversationId, user_id: UserId, character_id: CharacterId, away: bool, at: Millis
    ) -> Conversation:
        """A character leaves the scene, or comes back."""


class Characters(Protocol):
    async def create(
        self, character_id: CharacterId, slug: str, owner_id: UserId | None, persona: Persona, at: Millis
    ) -> Character:
        """Conflict when the slug is taken."""

    async def get(self, id_or_slug: str, user_id: UserId | None) -> Character:
        """Own and starter characters; `user_id` None: any."""

    async def met(self, id_or_slug: str, user_id: UserId) -> Character:
        """One that takes part in a conversation of this user, also a deleted one or somebody else's."""

    async def find(self, user_id: UserId, text: str = "", tag: str = "") -> Sequence[Character]: ...

    async def update(
        self,
        character_id: CharacterId,
        editor: UserId | None,
        persona: Persona,
        at: Millis,
        *,
        version: int | None = None,
    ) -> Character:
        """A new version. `editor` None: the seeding of starter characters. The owner predicate is `owner_id = editor`
        or a starter character; who may edit starters is decided above. `version` given: Conflict when it is another."""

    async def restore(self, character_id: CharacterId, persona: Persona, at: Millis) -> Character:
        """A starter character as it is shipped: a new version unless it is the same, and no longer deleted."""

    async def delete(self, character_id: CharacterId, user_id: UserId, at: Millis) -> None:
        """Hidden from lists and new conversations; old conversations keep it."""

    async def edited_by_people(self, character_id: CharacterId) -> bool:
        """Whether its persona was written by a person (then seeding leaves it alone)."""


class Media(Protocol):
    async def put(self, media_id: MediaId, owner_id: UserId, content_type: str, content: bytes, at: Millis) -> None: ...

    async def get(self, media_id: MediaId) -> tuple[str, bytes]:
        """(content type, bytes); NotFound."""

    async def delete(self, media_id: MediaId, owner_id: UserId) -> None:
        """Somebody else's stays."""


class Revisions(Protocol):
    """Of conversations, read without their messages."""

    async def revisions(self, conversation_ids: Sequence[ConversationId]) -> Mapping[ConversationId, int]:
        """Those that are unknown are missing."""


class Counting(Revisions, Protocol):
    async def by_sender(self, conversation_id: ConversationId, user_id: UserId) -> Mapping[str, int]:
        """Messages that were not deleted, by id of user or character. NotFound."""


class Greetings(Protocol):
    async def add(self, greeting: Greeting) -> Appended | None:
        """None when the conversation has gone on meanwhile, is put away or gone: then nothing was written."""


class People(Protocol):
    """Fulfilled by storage/sql/users.py."""

    async def by_login(self, login: str) -> User | None: ...

    async def get(self, user_id: UserId) -> User:
        """NotFound."""
