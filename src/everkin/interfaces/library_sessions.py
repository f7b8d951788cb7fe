"""The library's session functions: conversations as values, and participants addressed by name."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.conversation import Conversation, ConversationQuery
from everkin.domain.errors import Invalid
from everkin.domain.events import TurnCompleted, TurnFailed, TurnStopped
from everkin.domain.ids import CharacterId, ConversationId, UserId
from everkin.domain.message import HOUSE
from everkin.domain.prompt import PRIORITY_NORMAL
from everkin.domain.record import Appended
from everkin.interfaces.library_chat import Chat, ReplyFailed
from everkin.security.guests import caller_for
from everkin.services.sessions import Session, SessionStats
from everkin.turn.event_stream import TurnEventStream

OnChunk = Callable[[str], Awaitable[None] | None]
Line = tuple[str, str] | Mapping[str, str]
"""A message and its sender's name: `("Ada", "Hello")`, or `{"name": "Ada", "text": "Hello"}`."""


@dataclass(frozen=True, slots=True)
class ChatSession:
    """A conversation with a character."""

    id: str
    """The conversation's id."""
    character: str
    """The character's slug."""
    participants: tuple[str, ...] = ()
    """Names of the participants besides the owner."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One character's reply in a round."""

    character: str
    """The character's name; `everkin` for Everkin's own help line."""
    text: str
    """The text of the reply."""

    def __str__(self) -> str:
        return self.text


@dataclass
class ChatSessions:
    """Sessions of the owner. Every `session` parameter also takes a session's id."""

    app: App
    """The running application."""
    caller: Caller
    """The owner."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Every setting by the name of its variable, without secrets."""

    async def create_chat_session(self, character: str, participants: Sequence[str] = ()) -> ChatSession:
        """Start a new conversation. Each of `participants` becomes a guest: a user without an account, the same one in
        every session that uses the name. Raises NotFound, Invalid."""
        if isinstance(participants, str):
            raise Invalid(f"participants is a list of names: [{participants!r}].", field="participants")
        known = await self.app.characters.get(self.caller, character)
        names = [name for name in dict.fromkeys(each.strip() for each in participants) if not self._is_owner(name)]
        guests = [await self.app.guests.of(self.caller.user_id, name) for name in names]
        made = await self.app.conversations.create(self.caller, [known.id], people=[guest.id for guest in guests])
        return await self._session(made)

    async def send_message(
        self, session: ChatSession | str, text: str, user_name: str | None = None, priority: int = PRIORITY_NORMAL
    ) -> str:
        """Send a message and return the whole reply. `user_name`: the participant who sends it (None: the owner).
        `priority`, 0..10: which turn comes first when models are busy. Raises ReplyFailed, Invalid and the errors of
        TurnService.say."""
        return await self.send_message_streaming(session, text, _ignore, user_name, priority)

    async def send_message_streaming(
        self,
        session: ChatSession | str,
        text: str,
        on_chunk: OnChunk,
        user_name: str | None = None,
        priority: int = PRIORITY_NORMAL,
    ) -> str:
        """As `send_message`; `on_chunk`, a function or a coroutine function, is called with each piece as it
        arrives."""
        speaker = (await self._people(session))[self._name(user_name)]
        said = []
        async for piece in Chat(self.app, speaker, _id(session)).stream(text, priority=_checked(priority)):
            said.append(piece)
            if (waiting := on_chunk(piece)) is not None:
                await waiting
        return "".join(said)

    async def group_chat(self, session: ChatSession | str, messages: Iterable[Line]) -> list[Reply]:
        """Send several participants' messages, answered with one call of the model. Returns one reply for each
        character that answers, in that order, and last Everkin's own line (character "everkin") if a user may be in
        danger. Raises ReplyFailed, Invalid for a name that does not take part, and the errors of TurnService.say."""
        people = await self._people(session)
        lines = [(people[self._name(name)].user_id, text) for name, text in map(_pair, messages)]
        if not lines:
            raise Invalid("A round needs at least one message.", field="messages")
        inbox = TurnEventStream()
        replies: dict[str, Reply] = {}
        with self.app.events.listening(inbox.put, _id(session)):
            said = await self.app.turns.say_round(self.caller, _id(session), lines)
            async for event in inbox.story([turn for each in said for turn in each.turns], ()):
                if isinstance(event, TurnFailed):
                    raise ReplyFailed(" ".join([event.sentence, *await self._help_lines(said)]))
                if isinstance(event, TurnCompleted | TurnStopped) and event.reply is not None:
                    name = (await self.app.characters.known(event.character_id)).name
                    replies[event.reply.id] = Reply(name, event.reply.content)
        return [*replies.values(), *(Reply(HOUSE, line) for line in await self._help_lines(said))]

    async def _help_lines(self, said: Sequence[Appended]) -> list[str]:
        notes = [await self.app.conversations.help_note(self.caller, each.message) for each in said]
        return [note.content for note in notes if note is not None]

    async def save_conversation(self, session: ChatSession | str) -> Conversation:
        """Return the conversation as it is on disk. It saves no data itself: every message is stored before it is
        answered, and every reply before its last piece is returned. This reads the record to confirm that."""
        return await self.app.sessions.save(self.caller, _id(session))

    async def restore_conversation(self, character: str) -> ChatSession | None:
        """Return the newest active conversation with a character and make it live again; None if there is none. Raises
        NotFound for an unknown character."""
        known = await self.app.characters.get(self.caller, character)
        page = await self.app.conversations.find(self.caller, ConversationQuery(character_id=known.id, limit=1))
        if not page.items:
            return None
        await self.app.sessions.resume(self.caller, page.items[0].id)
        return await self._session(page.items[0])

    async def get_session_stats(self, session: ChatSession | str) -> SessionStats:
        """Return a session's figures. Raises NotFound."""
        return await self.app.sessions.stats(self.caller, _id(session))

    async def clear_session(self, session: ChatSession | str) -> int:
        """Remove a session from memory and stop its replies; all stored data stays. Returns the number of replies
        stopped. Raises NotFound."""
        return await self.app.sessions.clear(self.caller, _id(session))

    async def cleanup_inactive_sessions(self) -> int:
        """Drop sessions without activity for half an hour and return their number. Runs by itself every ten minutes."""
        return await self.app.sessions.sweep()

    async def get_active_sessions(self) -> list[Session]:
        """Return the active sessions, the latest first."""
        return await self.app.sessions.active(self.caller)

    def get_config(self) -> dict[str, Any]:
        """Return every setting by the name of its variable, as docs/settings.md lists them. A secret is shown only as
        set or not set."""
        return dict(self.config)

    async def _session(self, conversation: Conversation) -> ChatSession:
        names = await self.app.characters.names(conversation)
        others = tuple(names[each] for each in conversation.user_ids if each != self.caller.user_id)
        character = await self.app.characters.known(CharacterId(conversation.character_ids[0]))
        return ChatSession(conversation.id, character.slug, others)

    async def _people(self, session: ChatSession | str) -> "_People":
        """Return the participants by casefolded name."""
        conversation, _ = await self.app.conversations.get(self.caller, ConversationId(_id(session)))
        names = await self.app.characters.names(conversation)
        people = _People({self._name(None): self.caller})
        for user_id in conversation.user_ids:
            if user_id != self.caller.user_id:
                people[names[user_id].casefold()] = caller_for(UserId(user_id), names[user_id])
        return people

    def _name(self, given: str | None) -> str:
        return (given if given is not None else self.caller.name).strip().casefold()

    def _is_owner(self, name: str) -> bool:
        return self._name(name) == self._name(None)


class _People(dict[str, Caller]):
    def __missing__(self, name: str) -> Caller:
        raise Invalid(
            f"{name!r} takes no part in this session. Name everybody in create_chat_session(participants=...).",
            field="user_name",
        )


def _id(session: ChatSession | str) -> str:
    return session.id if isinstance(session, ChatSession) else session


def _pair(line: Line) -> tuple[str, str]:
    """Return a line's name and text. Raises Invalid for a line of another form."""
    if isinstance(line, Mapping) and set(line) == {"name", "text"}:
        return str(line["name"]), str(line["text"])
    if isinstance(line, tuple | list) and len(line) == 2:
        return str(line[0]), str(line[1])
    raise Invalid('Each message is a pair (name, text), or a mapping with "name" and "text".', field="messages")


def _checked(priority: int) -> int:
    if not 0 <= priority <= 10:
        raise Invalid("A priority is a number from 0 to 10.", field="priority", limit=10)
    return priority


def _ignore(_: str) -> None:
    return None
