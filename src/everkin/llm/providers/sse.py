"""Incremental decoder of server-sent events. Pure: takes bytes, returns the events' data, never waits."""

from everkin.domain.errors import ModelBroken

LIMIT = 2**20
"""Bytes per event. A server that sends more does not follow the protocol."""

_BOM = b"\xef\xbb\xbf"


class SseReader:
    """Decodes a body fed in pieces; the result does not depend on how the bytes were split.

    Returned: the `data` of each event, its lines joined by a line feed. Skipped: comments, other fields, empty events.
    Lines may end in LF, CR or CRLF. Raises ModelBroken once an event exceeds `limit` bytes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._first_line = True

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data of every event that this piece completed."""
        if self._after_cr and piece[:1] == b"\n":
            piece = piece[1:]
            self._after_cr = False
        if not piece:
            return []
        self._after_cr = piece[-1:] == b"\r"
        text = self._rest + piece if self._rest else piece
        lines = text.splitlines()
        self._rest = b"" if piece[-1:] in (b"\n", b"\r") else lines.pop()
        self._bound(len(self._rest))
        return self._events(lines)

    def end(self) -> list[bytes]:
        """Return the unfinished event of a body that ended without a blank line, if any."""
        rest, self._rest = self._rest, b""
        return self._events([rest, b""])

    def _events(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        for line in lines:
            if self._first_line:
                line, self._first_line = line.removeprefix(_BOM), False
            if line[:5] == b"data:":
                self._keep(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if event := self._complete():
                    events.append(event)
            elif line == b"data":
                self._keep(b"")
        return events

    def _keep(self, data: bytes) -> None:
        self._data.append(data)
        self._size += len(data)
        self._bound(self._size)

    def _complete(self) -> bytes:
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        self._data.clear()
        self._size = 0
        return data

    def _bound(self, size: int) -> None:
        if size > self._limit:
            raise ModelBroken(
                "The language model's server sent a piece far too large for an answer. Is it the right URL?"
            )
