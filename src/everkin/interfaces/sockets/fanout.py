"""Delivers every published event to the sockets that are entitled to it."""

from everkin.domain.errors import TooMany, Unauthenticated
from everkin.domain.events import ConversationChanged, Event, PresenceChanged, TypingChanged
from everkin.domain.ids import ConversationId, UserId
from everkin.interfaces.sockets.connections import Connection, Connections
from everkin.interfaces.sockets.encoded_events import encode_event
from everkin.interfaces.sockets.order import SeqOrder
from everkin.interfaces.sockets.subscription import Subscription
from everkin.interfaces.sockets.turn_tracker import TurnTracker
from everkin.turn.presence import Presence

MOST_CONVERSATIONS = 256


class Fanout:
    """Listens to App.events. A socket gets the events of the conversations it subscribed to, if its user is in the
    event's audience: that is checked for every event, so a subscription alone gives no right. Users do not get their
    own typing events."""

    def __init__(self, lines: Connections, presence: Presence) -> None:
        self.turnbook = TurnTracker()
        self._lines = lines
        self._presence = presence
        self._hearing: dict[str, dict[Connection, Subscription]] = {}
        self._orders: dict[str, SeqOrder] = {}

    @property
    def conversations(self) -> int:
        """Number of conversations with at least one subscriber."""
        return len(self._hearing)

    async def hear(self, event: Event) -> None:
        self.turnbook.note(event)
        if isinstance(event, ConversationChanged):
            self._tell_users(event)
        elif event.conversation_id in self._hearing and not _is_alone(event):
            for each in self._orders[event.conversation_id].take(event):
                self._tell_subscribers(each)

    def subscribe(self, line: Connection, conversation_id: str) -> Subscription:
        """Subscribe a socket to a conversation, replacing an earlier subscription. Events are held back until it is
        flushed. Raises Unauthenticated, TooMany."""
        if line.caller is None:
            raise Unauthenticated
        if len(line.subscriptions) >= MOST_CONVERSATIONS and conversation_id not in line.subscriptions:
            raise TooMany(f"A connection hears at most {MOST_CONVERSATIONS} conversations. Leave one of them.")
        earlier = line.subscriptions.get(conversation_id)
        subscription = Subscription(line, line.caller.user_id, conversation_id)
        subscription.audience = earlier.audience if earlier is not None else None
        line.subscriptions[conversation_id] = subscription
        self._hearing.setdefault(conversation_id, {})[line] = subscription
        self._orders.setdefault(conversation_id, SeqOrder())
        return subscription

    async def present(self, subscription: Subscription, audience: tuple[UserId, ...]) -> None:
        """Mark the user of a subscription as present, once it is sure that they belong to the conversation."""
        if subscription.audience is None and _is_current(subscription):
            subscription.audience = audience
            await self._presence.arrived(ConversationId(subscription.conversation_id), subscription.user_id, audience)

    async def unsubscribe(self, subscription: Subscription) -> None:
        if not _is_current(subscription):
            return
        line, conversation_id = subscription.line, subscription.conversation_id
        del line.subscriptions[conversation_id]
        hearing = self._hearing[conversation_id]
        del hearing[line]
        if not hearing:
            del self._hearing[conversation_id], self._orders[conversation_id]
        if subscription.audience is not None:
            await self._presence.left(ConversationId(conversation_id), subscription.user_id, subscription.audience)

    async def forget(self, line: Connection) -> None:
        for subscription in tuple(line.subscriptions.values()):
            await self.unsubscribe(subscription)

    def _tell_users(self, event: ConversationChanged) -> None:
        lines = [line for user_id in event.audience for line in self._lines.of_user(user_id)]
        if lines:
            frames = encode_event(event).frames
            for line in lines:
                line.put(frames[0][0])

    def _tell_subscribers(self, event: Event) -> None:
        hearing = self._hearing.get(event.conversation_id, {})
        typist = event.who if isinstance(event, TypingChanged) else None
        entitled = [each for each in hearing.values() if each.user_id in event.audience and each.user_id != typist]
        if entitled:
            packed = encode_event(event)
            for each in entitled:
                each.take(packed)


def _is_alone(event: Event) -> bool:
    """Whether the event would reach only the user it is about."""
    return isinstance(event, PresenceChanged) and len(event.audience) < 2


def _is_current(subscription: Subscription) -> bool:
    return subscription.line.subscriptions.get(subscription.conversation_id) is subscription
