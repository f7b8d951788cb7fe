"""Direct access to the SQLite database file.

When a process closes any descriptor of a file, POSIX releases all of its locks on that file, including those SQLite
relies on: another process would then take itself for the last one and delete the write-ahead log in use. So there is
one descriptor per file and process, shared by all users of the database, and closed by the last of them after SQLite
has closed.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from itertools import takewhile
from pathlib import Path

_LOG_HEADER, _FRAME_HEADER = 32, 24


@dataclass(frozen=True, slots=True)
class Log:
    """A write-ahead log. SQLite restarts it from the front with another header; frames it has not overwritten yet
    remain behind.
    """

    header: bytes
    """The log's header; b"" if there is no log."""
    frames: Sequence[tuple[bytes, int]]
    """For each frame the salt of the header it was written under, and the page's offset in the database file."""

    @property
    def begun(self) -> int:
        """The number of restarts."""
        return int.from_bytes(self.header[12:16], "big")

    def current(self) -> set[int]:
        """Return the offsets of pages written since the last restart."""
        return {at for _, at in takewhile(self._is_current, self.frames)}

    def current_frames(self) -> int:
        return sum(1 for _ in takewhile(self._is_current, self.frames))

    def _is_current(self, frame: tuple[bytes, int]) -> bool:
        return frame[0] == self.header[16:24]


class RawFile:
    """The database file, opened at the first use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        self._log = path.with_name(path.name + "-wal")
        self._file: FileIO | None = None
        self._lock = threading.Lock()

    def log(self) -> "Log":
        """Read SQLite's write-ahead log from its file: https://www.sqlite.org/fileformat2.html#walformat"""
        frames: list[tuple[bytes, int]] = []
        with suppress(FileNotFoundError), FileIO(self._log) as log:  # SQLite holds no lock on this file
            header = log.read(_LOG_HEADER)
            size = int.from_bytes(header[8:12], "big") or 65536
            for at in range(_LOG_HEADER, os.fstat(log.fileno()).st_size, _FRAME_HEADER + size):
                log.seek(at)
                frame = log.read(_FRAME_HEADER)
                if len(frame) == _FRAME_HEADER:
                    frames.append((frame[8:16], (int.from_bytes(frame[:4], "big") - 1) * size))
            return Log(header, frames)
        return Log(b"", [])

    def size(self) -> int:
        return os.fstat(self._opened().fileno()).st_size

    def read(self, at: int, count: int) -> bytes:
        """Return `count` bytes, fewer at the end of the file."""
        parts = []
        with self._lock:
            file = self._opened()
            file.seek(at)
            while count > 0 and (part := file.read(count)):
                parts.append(part)
                count -= len(part)
        return b"".join(parts)

    def zero(self, at: int, count: int) -> None:
        rest = memoryview(bytes(count))
        with self._lock:
            file = self._opened()
            file.seek(at)
            while rest:
                rest = rest[file.write(rest) :]

    def flush(self) -> None:
        """Return when zeroed bytes are on disk."""
        os.fsync(self._opened().fileno())

    def close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()

    def _opened(self) -> FileIO:
        if self._file is None:
            self._file = FileIO(self.path, "r+b")
        return self._file


_files: dict[Path, RawFile] = {}
_lock = threading.Lock()


def shared(path: Path) -> RawFile:
    """Return the file of this path. Call `release` after all connections to the database are closed."""
    path = path.resolve()
    with _lock:
        file = _files.setdefault(path, RawFile(path))
        file.users += 1
        return file


def release(file: RawFile) -> None:
    with _lock:
        file.users -= 1
        if not file.users:
            file.close()
            _files.pop(file.path, None)


def chunks(total: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield (offset, bytes) of consecutive parts of `size` bytes; the last may be shorter."""
    return ((at, min(size, total - at)) for at in range(0, total, size))
