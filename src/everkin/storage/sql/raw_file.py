"""The record's file, past SQLite.

POSIX takes away all locks that a process holds on a file as soon as the process closes *any* descriptor of it, those SQLite relies
on as well: another process would then take itself for the last one, and remove the log of writes under our feet. So there is one
descriptor a file and process, shared by all who have the database open, and closed by the last of them, after SQLite has closed.
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
    """SQLite begins it anew from the front, with another header; what it does not need yet to write over stays behind
    that."""

    header: bytes
    frames: Sequence[tuple[bytes, int]]
    """The salt that tells by which header each was written, and the offset of the page in the database's file."""

    @property
    def begun(self) -> int:
        """How often it was begun anew."""
        return int.from_bytes(self.header[12:16], "big")

    def current(self) -> set[int]:
        """Pages written since it was begun anew last."""
        return {at for _, at in takewhile(self._is_current, self.frames)}

    def current_frames(self) -> int:
        return sum(1 for _ in takewhile(self._is_current, self.frames))

    def _is_current(self, frame: tuple[bytes, int]) -> bool:
        return frame[0] == self.header[16:24]


class RawFile:
    """Opened at the first use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        self._log = path.with_name(path.name + "-wal")
        self._file: FileIO | None = None
        self._lock = threading.Lock()

    def log(self) -> "Log":
        """SQLite's log of writes (WAL) as it stands in its file: https://www.sqlite.org/fileformat2.html#walformat"""
        frames: list[tuple[bytes, int]] = []
        with suppress(FileNotFoundError), FileIO(self._log) as log:  # SQLite locks nothing in this one
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
        """Fewer at the end of the file."""
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
        """Returns when what was zeroed is so on the disk."""
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
    """To be given back with `release`, when all connections to the database are closed."""
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
    """(offset, bytes) of parts that are `size` bytes long, the last one excepted."""
    return ((at, min(size, total - at)) for at in range(0, total, size))
