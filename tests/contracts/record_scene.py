"""Two people, two characters and a conversation, and short words for what tests do with them."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from everkin.domain import ids
from everkin.domain.caller import Role, User
from everkin.domain.character import Character, Persona
from everkin.domain.conversation import Conversation
from everkin.domain.ids import Millis
from everkin.domain.message import MessageType
from everkin.domain.record import Appended, Finished, NewMessage, Outcome
from everkin.domain.turn import Turn, TurnState
from everkin.storage.sql.record import Record

NODE = "nod_here"
OTHER_NODE = "nod_there"
LEASE = 30_000


@dataclass
class Scene:
    """`anna` talks with `ada` (a starter) in `conversation`; `boris` has nothing to do with it."""

    record: Record
    anna: User
    boris: User
    ada: Character
    conversation: Conversation
    clock: Any = field(default_factory=lambda: count(2_000))

    @classmethod
    async def set_up(cls, record: Record) -> "Scene":
        anna = await record.users.create(person("anna"))
        boris = await record.users.create(person("boris"))
        ada = await record.characters.create(ids.new_character_id(), "ada", None, Persona("Ada"), Millis(1_000))
        scene = cls(record, anna, boris, ada, None)  # type: ignore[arg-type]
        scene.conversation = await scene.begin()
        return scene

    def now(self) -> Millis:
        return Millis(next(self.clock))

    async def begin(self, *, user: User | None = None, title: str = "", greeting: str | None = None) -> Conversation:
        who = user or self.anna
        first = None if greeting is None else (ids.new_message_id(), self.ada.id, greeting)
        return await self.record.conversations.create(
            ids.new_conversation_id(), who.id, [self.ada.id], [who.id], title, first, self.now()
        )

    def new(
        self,
        content: str = "Hello",
        *,
        client_id: str | None = None,
        conversation: Conversation | None = None,
        user: User | None = None,
        answered: bool = True,
        metadata: dict[str, Any] | None = None,
    ) -> NewMessage:
        at = self.now()
        return NewMessage(
            id=ids.new_message_id(),
            conversation_id=(conversation or self.conversation).id,
            user_id=(user or self.anna).id,
            content=content,
            type=MessageType.TEXT,
            client_id=client_id,
            responders=((ids.new_turn_id(), self.ada.id),) if answered else (),
            owner=NODE,
            lease_until=Millis(at + LEASE),
            at=at,
            metadata=metadata or {},
        )

    async def say(self, content: str = "Hello", **given: Any) -> Appended:
        return await self.record.messages.append(self.new(content, **given))

    async def finish(
        self,
        turn: Turn,
        content: str = "Hello yourself",
        state: TurnState = TurnState.COMPLETED,
        *,
        owner: str = NODE,
        **given: Any,
    ) -> Finished | None:
        outcome = Outcome(turn.id, owner, state, ids.new_message_id(), content, self.now(), **given)
        return await self.record.messages.finish(outcome)

    async def exchange(self, content: str = "Hello", **given: Any) -> Finished:
        """A message and its reply."""
        finished = await self.finish((await self.say(content, **given)).turns[0])
        assert finished is not None
        return finished

    async def fresh(self, conversation: Conversation | None = None) -> Conversation:
        return await self.record.conversations.get((conversation or self.conversation).id, None)


def person(login: str, role: Role = Role.USER) -> User:
    return User(ids.new_user_id(), login, login.title(), role, Millis(1_000))
