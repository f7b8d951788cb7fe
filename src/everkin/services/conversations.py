"""Conversation service: users read and change conversations and messages. Each change is stored, then published."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from everkin.characters.service import CharacterService, check_characters_given
from everkin.context.persona import fill_macros
from everkin.domain.caller import Caller
from everkin.domain.character import Character
from everkin.domain.conversation import Conversation, ConversationQuery, ConversationStatus
from everkin.domain.errors import Conflict, Invalid, NotFound
from everkin.domain.events import ConversationChanged, Event, MessageAdded, MessageChanged, MessagesRead, TypingChanged
from everkin.domain.ids import ConversationId, MessageId, UserId, new_conversation_id, new_message_id
from everkin.domain.memory import Erased
from everkin.domain.message import CRISIS, Message, MessageType
from everkin.domain.receipt import Receipt
from everkin.domain.record import Appended, ConversationPage, Log, LogEntry
from everkin.domain.repositories import Conversations, Messages
from everkin.domain.witnesses import witnesses
from everkin.history.log_cache import HistoryCache
from everkin.kit.clock import Clock
from everkin.kit.hub import Hub
from everkin.services.greetings import GreetingService
from everkin.services.prefetch import Prefetcher
from everkin.turn.coalescing import TypingClock
from everkin.turn.message_signals import sense
from everkin.turn.responders import Speaking
from everkin.turn.turns import TurnService
from everkin.turn.validation import check_characters, check_text


class Erasure(Protocol):
    """Erases the data derived from deleted messages. Implemented by memory/erasure.py."""

    def unsaid(self, erased: Erased | None) -> None:
        """Schedule the rest of an erasure after a change, given the derived data it removed. Returns at once.

        None means that a whole conversation was deleted.
        """

    async def message(self, message_id: MessageId, user_id: UserId, erased: Erased | None) -> Receipt:
        """Erase the data derived from a deleted message and return the receipt. `erased` None: it was deleted
        before."""

    async def conversation(self, conversation_id: str, user_id: UserId) -> Receipt:
        """Erase a conversation and return the receipt.

        Raises NotFound; Forbidden for participants other than the owner.
        """


MAX_CHARACTERS = 8
"""Characters in one conversation."""
MAX_PEOPLE = 31
"""Users in one conversation besides its owner."""
MAX_TITLE = 200
"""Characters of a title."""
MAX_MISSED = 1000
"""Entries returned by `missed`."""
MAX_PAGE = 200
"""Entries of one page of the history."""
HELP_WITHIN = 100
"""Messages after one among which its help line is searched."""


class ConversationService:
    """Operations of a user on conversations and messages. All raise NotFound for a conversation the caller is not
    in."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        messages: Messages,
        logs: HistoryCache,
        characters: CharacterService,
        turns: TurnService,
        typing: TypingClock,
        events: Hub[Event],
        clock: Clock,
        max_message_length: int,
        erasure: Erasure,
        prefetcher: Prefetcher | None = None,
        greetings: GreetingService | None = None,
    ) -> None:
        self._erasure = erasure
        self._conversations = conversations
        self._messages = messages
        self._logs = logs
        self._characters = characters
        self._turns = turns
        self._typing = typing
        self._events = events
        self._clock = clock
        self._max_message_length = max_message_length
        self._prefetcher = prefetcher
        self._greeting_service = greetings

    async def create(
        self, caller: Caller, references: Sequence[str], title: str = "", people: Sequence[UserId] = ()
    ) -> Conversation:
        """Start a conversation. The greeting of the first character becomes its first message.

        Args:
            references: Characters by id or slug, 1 to 8 of them.
            title: Empty: set from the first user message.
            people: Ids of the other users, at most 31. The interface checks the right to add them.

        Raises:
            Invalid: Too many characters or users, or a bad title.
            NotFound: No such character.
        """
        check_characters_given(references, MAX_CHARACTERS)
        if len(people) > MAX_PEOPLE:
            raise Invalid(f"A conversation takes at most {MAX_PEOPLE} other people.", field="participants")
        characters = [await self._invited(caller, reference) for reference in dict.fromkeys(references)]
        greeting = await self._greeting(caller, characters, alone=not people)
        created = await self._conversations.create(
            new_conversation_id(),
            caller.user_id,
            [character.id for character in characters],
            list(dict.fromkeys((caller.user_id, *people))),
            _checked_title(title) if title else "",
            (new_message_id(), characters[0].id, greeting) if greeting.strip() else None,
            self._clock.now(),
        )
        await self._tell(created)
        if created.head_id is not None:
            entry, _ = await self._messages.get(created.head_id, caller.user_id)
            await self._publish(
                MessageAdded(conversation_id=created.id, audience=created.user_ids, message=entry.message)
            )
        return created

    async def set_speaking(self, caller: Caller, conversation_id: str, mode: Speaking) -> Conversation:
        """Set how responders are chosen where several characters take part (turn/responders.py)."""
        before = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        return await self._changed(
            await self._conversations.update(
                before.id, caller.user_id, self._clock.now(), metadata={**before.metadata, "speaking": mode.value}
            )
        )

    async def get(self, caller: Caller, conversation_id: str) -> tuple[Conversation, int]:
        """Return a conversation with the number of unread messages, and prefetch the data of its next turn."""
        conversation = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        self._opened(caller, conversation)
        return conversation, await self._conversations.unread(conversation.id, caller.user_id)

    async def find(self, caller: Caller, query: ConversationQuery, character: str = "") -> ConversationPage:
        """Return a page of the caller's conversations, optionally only those with a character (id or slug).

        Raises NotFound for an unknown character.
        """
        if character:
            known = await self._characters.id_of(caller, character, "characterId")
            query = replace(query, character_id=known)
        return await self._conversations.find(caller.user_id, query)

    async def rename(self, caller: Caller, conversation_id: str, title: str) -> Conversation:
        """Set the title. Raises Invalid, NotFound."""
        return await self._changed(
            await self._conversations.update(
                ConversationId(conversation_id), caller.user_id, self._clock.now(), title=_checked_title(title)
            )
        )

    async def set_status(self, caller: Caller, conversation_id: str, status: ConversationStatus) -> Conversation:
        """Set the status: ACTIVE restores, ARCHIVED accepts no new messages, DELETED is permanent and stops running
        turns."""
        conversation = await self._conversations.update(
            ConversationId(conversation_id), caller.user_id, self._clock.now(), status=status.value
        )
        if status is ConversationStatus.DELETED:
            self._turns.stop_all(conversation.id)
            await self._logs.forget(conversation.id)
            self._erasure.unsaid(None)
        return await self._changed(conversation)

    async def forget(self, caller: Caller, conversation_id: str) -> Receipt:
        """Delete a conversation and return when all of its data is erased. Raises NotFound, Forbidden."""
        try:
            before = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        except NotFound:  # it may be deleted, and not yet erased
            return await self._erasure.conversation(conversation_id, caller.user_id)
        receipt = await self._erasure.conversation(before.id, caller.user_id)
        self._turns.stop_all(before.id)
        await self._logs.forget(before.id)
        await self._tell(replace(before, status=ConversationStatus.DELETED, revision=before.revision + 1))
        return receipt

    async def history(
        self,
        caller: Caller,
        conversation_id: str,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> Log:
        """Return entries with seq < `before` or > `after`; the newest without either. `limit` is 1..200.

        Raises Invalid, NotFound.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise Invalid(f"A page holds 1 to {MAX_PAGE} messages.", field="limit")
        if before is not None and after is not None:
            raise Invalid("Ask for what is before or after, not both.", field="before")
        return await self._messages.page(
            ConversationId(conversation_id), caller.user_id, before=before, after=after, limit=limit
        )

    async def missed(self, caller: Caller, conversation_id: str, last_seq: int, last_revision: int | None) -> Log:
        """Return at most 1000 entries added or changed since a client last synchronised; `more` is set if there are
        others."""
        return await self._messages.missed(
            ConversationId(conversation_id), caller.user_id, last_seq, last_revision, MAX_MISSED
        )

    async def message(self, caller: Caller, message_id: str) -> LogEntry:
        """Return a message with its turns. Raises NotFound."""
        entry, _ = await self._messages.get(MessageId(message_id), caller.user_id)
        return entry

    async def help_note(self, caller: Caller, message: Message) -> Message | None:
        """Return the system message with help contacts that was stored for this message, if any."""
        if not message.metadata.get(CRISIS):
            return None
        log = await self._messages.page(
            message.conversation_id, caller.user_id, before=None, after=message.seq, limit=HELP_WITHIN
        )
        notes = (entry.message for entry in log.entries if entry.message.type is MessageType.SYSTEM)
        return next((note for note in notes if note.reply_to == message.id and note.deleted_at is None), None)

    async def edit(self, caller: Caller, message_id: str, content: str) -> LogEntry:
        """Replace a message's text. Raises EmptyText, TooLong, Invalid, NotFound, Forbidden."""
        check_text(content, self._max_message_length)
        now = self._clock.now()
        read = await sense(content)
        help_line = self._turns.crisis_help.line_for(read)
        done = await self._messages.edit(MessageId(message_id), caller.user_id, content, now, read, help_line)
        self._erasure.unsaid(done.erased)
        await self._tell_message_changed(done)
        return LogEntry(done.message, done.turns)

    async def delete(self, caller: Caller, message_id: str) -> Receipt:
        """Delete a message and return when the data derived from it is erased, too.

        The deletion is published at once. A message still waiting for its reply is not answered any more. Deleting it
        again returns the same receipt. Raises NotFound, Forbidden.
        """
        done = await self._messages.delete(MessageId(message_id), caller.user_id, self._clock.now())
        for turn in done.turns:
            self._turns.stop_all(done.conversation.id, turn.id)
        if done.erased is not None:
            await self._tell_message_changed(done)
        return await self._erasure.message(done.message.id, caller.user_id, done.erased)

    async def send_away(self, caller: Caller, conversation_id: str, character: str, *, away: bool) -> Conversation:
        """Make a character (id or slug) leave the scene or return. It does not witness the messages in between.

        Raises NotFound; Conflict when no character would remain.
        """
        before = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        known = await self._characters.look_at(caller, character)
        if known.id not in before.character_ids:
            raise NotFound("This character does not take part in the conversation.")
        staying = witnesses(before, before.last_seq + 1).intersection(before.character_ids) - {known.id}
        if away and not staying:
            raise Conflict("Nobody would be left to answer. Bring somebody back first.")
        now = self._clock.now()
        return await self._changed(await self._conversations.absent(before.id, caller.user_id, known.id, away, now))

    async def go_back_to(self, caller: Caller, message_id: str) -> Conversation:
        """Continue the conversation from this message and stop running turns.

        Later messages become an inactive branch and are not remembered; going to one of them activates it again. Raises
        NotFound; Conflict for a deleted message.
        """
        entry, conversation = await self._messages.get(MessageId(message_id), caller.user_id)
        self._turns.stop_all(conversation.id)
        now = self._clock.now()
        switched, erased = await self._conversations.switch(conversation.id, caller.user_id, entry.message.id, now)
        self._erasure.unsaid(erased)
        return await self._changed(switched)

    async def read(self, caller: Caller, conversation_id: str, up_to_seq: int | None = None) -> Conversation:
        """Mark messages as read up to `up_to_seq`; None: all existing ones."""
        now = self._clock.now()
        before = await self._conversations.get(ConversationId(conversation_id), caller.user_id)
        if up_to_seq is None:
            up_to_seq = before.last_seq
        conversation = await self._messages.mark_read(before.id, caller.user_id, up_to_seq, now)
        if conversation.revision != before.revision:
            self._logs.moved(conversation)
            await self._publish(
                MessagesRead(
                    conversation_id=conversation.id,
                    audience=conversation.user_ids,
                    by=caller.user_id,
                    up_to_seq=min(up_to_seq, conversation.last_seq),
                    at=now,
                    revision=conversation.revision,
                )
            )
        return conversation

    async def typing(self, caller: Caller, conversation_id: str, is_typing: bool) -> None:
        """Record and publish that the caller started or stopped typing; starting also prefetches. Raises NotFound."""
        conversation = (await self._logs.get(ConversationId(conversation_id))).conversation
        if caller.user_id not in conversation.user_ids:
            raise NotFound
        self._typing.note(conversation.id, caller.user_id, is_typing)
        if is_typing:
            self._opened(caller, conversation)
        await self._publish(
            TypingChanged(
                conversation_id=conversation.id,
                audience=conversation.user_ids,
                who=caller.user_id,
                is_typing=is_typing,
            )
        )

    async def _invited(self, caller: Caller, id_or_slug: str) -> Character:
        try:
            return await self._characters.get(caller, id_or_slug)
        except NotFound:
            sentence = "characterId: there is no such character. Give its id or its slug."
            raise NotFound(sentence, field="characterId") from None

    async def _greeting(self, caller: Caller, characters: Sequence[Character], *, alone: bool) -> str:
        """Return a personal greeting for a single user, else the character's first message."""
        if self._greeting_service is not None and alone:
            return await self._greeting_service.first_words(caller, characters)
        called = (await self._characters.profile(caller.user_id)).name
        return fill_macros(characters[0].persona.first_message, characters[0].persona, called)

    def _opened(self, caller: Caller, conversation: Conversation) -> None:
        if self._prefetcher is not None:
            self._prefetcher.opened(caller, conversation)

    async def _changed(self, conversation: Conversation) -> Conversation:
        self._logs.moved(conversation)
        await self._tell(conversation)
        return conversation

    async def _tell_message_changed(self, done: Appended) -> None:
        """Publish a changed message and its conversation, whose title and preview may derive from the message."""
        self._logs.appended(done)
        if done.erased is not None:
            await self._logs.forget(done.conversation.id)
        await self._publish(
            MessageChanged(
                conversation_id=done.conversation.id,
                audience=done.conversation.user_ids,
                message=done.message,
                turns=done.turns,
            )
        )
        await self._tell_note(done)
        await self._tell(done.conversation)

    async def _tell_note(self, done: Appended) -> None:
        """Publish a help line that was added by an edit or deleted with its message."""
        if done.note is None:
            return
        kind = MessageAdded if done.note.deleted_at is None else MessageChanged
        await self._publish(
            kind(conversation_id=done.conversation.id, audience=done.conversation.user_ids, message=done.note, turns=())
        )

    async def _tell(self, conversation: Conversation) -> None:
        await self._publish(
            ConversationChanged(
                conversation_id=conversation.id, audience=conversation.user_ids, conversation=conversation
            )
        )

    async def _publish(self, event: Event) -> None:
        await self._events.publish(event, event.conversation_id)


def _checked_title(title: str) -> str:
    line = " ".join(title.split())
    check_characters(line, "title")
    if not line:
        raise Invalid("A title needs at least one letter.", field="title")
    if len(line) > MAX_TITLE:
        raise Invalid(f"A title takes at most {MAX_TITLE} characters.", field="title", limit=MAX_TITLE)
    return line
