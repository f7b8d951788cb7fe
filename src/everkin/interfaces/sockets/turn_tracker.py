"""Tracks which turns were followed on this node from the start without a break, and which have just ended."""

from collections import OrderedDict

from everkin.domain.events import Event, MessageAdded, MessageChanged, TurnEnded, TurnStarted
from everkin.domain.ids import TurnId
from everkin.domain.turn import TurnState

REMEMBERED = 10_000


class TurnTracker:
    """A turn that was taken up again (after a crash, or from a dead node) generates its reply anew: the text a client
    has of it is void."""

    def __init__(self) -> None:
        self._born: OrderedDict[TurnId, bool] = OrderedDict()
        self._ended: OrderedDict[TurnId, None] = OrderedDict()

    def note(self, event: Event) -> None:
        if isinstance(event, MessageAdded | MessageChanged):
            for turn in event.turns:
                if turn.state is TurnState.PENDING:
                    self._born.setdefault(turn.id, False)
        elif isinstance(event, TurnStarted):
            if self._born.pop(event.turn_id, True) is False:
                self._born[event.turn_id] = True
        elif isinstance(event, TurnEnded):
            self._born.pop(event.turn_id, None)
            self._ended[event.turn_id] = None
        for book in (self._born, self._ended):
            if len(book) > REMEMBERED:
                book.popitem(last=False)

    def unbroken(self, turn_id: TurnId) -> bool:
        """Whether the turn was created and started on this node, once."""
        return turn_id in self._born

    def has_ended(self, turn_id: TurnId) -> bool:
        return turn_id in self._ended
