"""Presence: which users have a conversation open on a device connected to this node."""

from collections import Counter

from everkin.domain.events import Event, PresenceChanged
from everkin.domain.ids import ConversationId, UserId
from everkin.kit.hub import Hub


class Presence:
    """Counts the open devices per conversation and user and publishes changes."""

    def __init__(self, events: Hub[Event]) -> None:
        self._events = events
        self._devices: dict[ConversationId, Counter[UserId]] = {}

    def anyone(self, conversation_id: ConversationId) -> bool:
        """Whether any user has the conversation open."""
        return conversation_id in self._devices

    def present(self, conversation_id: ConversationId) -> tuple[UserId, ...]:
        """Return the users who have the conversation open."""
        return tuple(self._devices.get(conversation_id, ()))

    async def arrived(self, conversation_id: ConversationId, user_id: UserId, audience: tuple[UserId, ...]) -> None:
        """Count a device that opened the conversation; publish the user's first one."""
        devices = self._devices.setdefault(conversation_id, Counter())
        devices[user_id] += 1
        if devices[user_id] == 1:
            await self._tell(conversation_id, audience)

    async def left(self, conversation_id: ConversationId, user_id: UserId, audience: tuple[UserId, ...]) -> None:
        """Count a device that closed the conversation; publish the user's last one."""
        devices = self._devices.get(conversation_id)
        if devices is None or not devices[user_id]:
            return
        devices[user_id] -= 1
        if devices[user_id]:
            return
        del devices[user_id]
        if not devices:
            del self._devices[conversation_id]
        await self._tell(conversation_id, audience)

    async def _tell(self, conversation_id: ConversationId, audience: tuple[UserId, ...]) -> None:
        event = PresenceChanged(
            conversation_id=conversation_id, audience=audience, present=self.present(conversation_id)
        )
        await self._events.publish(event, conversation_id)
