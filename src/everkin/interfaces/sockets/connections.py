"""The open connections, their users, and the limits per user and per address."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from everkin.domain.caller import Caller
from everkin.domain.errors import TooMany
from everkin.domain.ids import UserId
from everkin.interfaces.sockets.frames import Frame
from everkin.interfaces.sockets.outbox import Outbox

if TYPE_CHECKING:
    from everkin.interfaces.sockets.subscription import Subscription

_LOOK_SECONDS = 1.0


class Connection:
    """One connection.

    `caller` is None until it has signed in; `since` (monotonic seconds) is when it entered that state. `token` is the
    one of the Authorization header, if any. `transport` is the TCP connection of its WebSocket, None while it polls.
    `cut` ends it at once, dropping the waiting packets; `lost` means it is ending and gets no more packets.
    """

    def __init__(
        self, socket: Any, address: str, token: str, since: float, limit: int, cut: Callable[["Connection"], None]
    ) -> None:
        self.id: str = socket.sid
        self.socket = socket
        self.outbox: Outbox = socket.queue
        self.address = address
        self.token = token
        self.since = since
        self.caller: Caller | None = None
        self.transport: Any = None
        self.subscriptions: dict[str, Subscription] = {}
        self.typing: set[str] = set()
        self.lost = False
        self._limit = limit
        self._cut = cut

    def put(self, frame: Frame) -> None:
        """Queue a frame; never waits. Cuts a client that lets too many bytes pile up."""
        if self.ended:
            return
        self.outbox.put_nowait(frame)
        if self.outbox.backlog > self._limit:
            self.cut()

    async def room(self, below: int) -> None:
        """Return once less than `below` bytes wait, or the connection has ended. engine.io does not notice the end
        while a request is being answered, so it is checked every second."""
        while self.outbox.backlog >= below and not self.ended:
            await self.outbox.landing(_LOOK_SECONDS)

    @property
    def ended(self) -> bool:
        cut_off = self.transport is not None and self.transport.is_closing()
        return self.lost or self.socket.closed or cut_off

    def cut(self) -> None:
        self._cut(self)


class Connections:
    def __init__(self, per_user: int, per_address: int) -> None:
        self._per_user = per_user
        self._per_address = per_address
        self._lines: dict[str, Connection] = {}
        self._users: dict[UserId, set[Connection]] = {}
        self._addresses: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._lines.values()))

    def get(self, line_id: str) -> Connection | None:
        return self._lines.get(line_id)

    def of_user(self, user_id: UserId) -> tuple[Connection, ...]:
        return tuple(self._users.get(user_id, ()))

    def has_room(self, address: str) -> bool:
        return self._addresses.get(address, 0) < self._per_address

    def add(self, line: Connection) -> None:
        self._lines[line.id] = line
        self._addresses[line.address] = self._addresses.get(line.address, 0) + 1

    def remove(self, line: Connection) -> None:
        if self._lines.pop(line.id, None) is None:
            return
        self.sign_out(line)
        left = self._addresses.pop(line.address) - 1
        if left:
            self._addresses[line.address] = left

    def sign_in(self, line: Connection, caller: Caller) -> None:
        """Sign a connection in. Raises TooMany when the user already has as many as allowed."""
        lines = self._users.setdefault(caller.user_id, set())
        if len(lines) >= self._per_user:
            raise TooMany(f"This account already has {len(lines)} connections open. Close one of them.")
        lines.add(line)
        line.caller = caller

    def sign_out(self, line: Connection) -> None:
        caller, line.caller = line.caller, None
        if caller is not None:
            lines = self._users[caller.user_id]
            lines.discard(line)
            if not lines:
                del self._users[caller.user_id]
