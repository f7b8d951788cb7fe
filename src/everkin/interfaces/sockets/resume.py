"""Joining a conversation: a socket first gets exactly the messages it missed, then the live events."""

from everkin.app import App
from everkin.domain.caller import Caller
from everkin.domain.errors import Unavailable
from everkin.domain.ids import TurnId
from everkin.domain.record import LogEntry
from everkin.interfaces.encode import presence_body
from everkin.interfaces.sockets.connections import Connection
from everkin.interfaces.sockets.fanout import Fanout
from everkin.interfaces.sockets.frames import Frame, event_frame
from everkin.interfaces.sockets.subscription import Subscription
from everkin.interfaces.sockets.wire import JoinConversation, Joined, MessageUpdated
from everkin.interfaces.views import conversation_view, entry_view

MOST_MISSED = 5_000
PACE_BYTES = 1 << 20
"""Missed messages are queued only while less than this waits in the outbox."""


class Resume:
    def __init__(self, app: App, fanout: Fanout) -> None:
        self._app = app
        self._fanout = fanout

    async def join(self, line: Connection, caller: Caller, body: JoinConversation) -> Joined:
        """Subscribe a socket and send it the missed messages. Raises NotFound, TooMany, Unavailable; then the socket is
        not subscribed."""
        subscription = self._fanout.subscribe(line, body.conversation_id)
        try:
            conversation, unread = await self._app.conversations.get(caller, body.conversation_id)
            await self._fanout.present(subscription, conversation.user_ids)
            joined = Joined(
                conversation=conversation_view(conversation, unread),
                missed=0,
                brought_seq=conversation.last_seq,
                more=False,
            )
            if body.last_seq is not None:
                await self._bring(subscription, caller, body, body.last_seq, joined)
        except BaseException:
            await self._fanout.unsubscribe(subscription)
            raise
        self.go_on(subscription, body)
        if len(conversation.user_ids) > 1:
            present = presence_body(conversation.id, self._app.presence.present(conversation.id))
            line.put(event_frame("presence:changed", present))
        return joined

    def go_on(self, subscription: Subscription, body: JoinConversation | None = None) -> None:
        """Continue with live events. The snapshot of the turns in progress is taken in the same step, so no event falls
        between."""
        book = self._fanout.turnbook
        live = [turn for turn in self._app.turns.live(subscription.conversation_id) if not book.has_ended(turn.turn_id)]
        kept: dict[TurnId, int] = {}
        for turn in live:
            known = body is not None and body.turn_id == turn.turn_id and book.unbroken(turn.turn_id)
            if known and body is not None and 0 < body.offset <= len(turn.text):
                kept[turn.turn_id] = body.offset
        subscription.flush(live, kept)

    async def _bring(
        self, subscription: Subscription, caller: Caller, body: JoinConversation, last_seq: int, joined: Joined
    ) -> None:
        """Send the missed messages page by page; fill in `joined`, and how much of the log the subscription has
        received."""
        line, newest, revision = subscription.line, last_seq, body.last_revision
        while True:
            log = await self._app.conversations.missed(caller, body.conversation_id, newest, revision)
            if not subscription.brought_revision:
                subscription.brought_revision = log.conversation.revision
            reached = newest
            for entry in log.entries:
                line.put(_frame(entry, last_seq))
                await line.room(PACE_BYTES)
                if entry.message.seq > last_seq:
                    joined.missed += 1
                    reached = entry.message.seq
            if line.ended:
                raise Unavailable
            joined.more = log.more and (joined.missed >= MOST_MISSED or reached == newest)
            if joined.more or not log.more:
                break
            newest, revision = reached, None
        joined.brought_seq = reached if joined.more else max(last_seq, log.conversation.last_seq)
        subscription.brought_seq = joined.brought_seq
        joined.conversation = conversation_view(log.conversation, joined.conversation.unread)


def _frame(entry: LogEntry, last_seq: int) -> Frame:
    view = entry_view(entry)
    if view.seq > last_seq:
        return event_frame("message:received", view)
    return event_frame("message:updated", MessageUpdated(message=view))
