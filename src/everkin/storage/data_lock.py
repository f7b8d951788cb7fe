"""The lock on a data folder: one process at a time."""

from pathlib import Path

import filelock

from everkin.domain.errors import StartError
from everkin.kit.private_files import FILE as PRIVATE_FILE


class DataLock(filelock.FileLock):
    """A lock on a data folder, which one process at a time may use (nodes of one PostgreSQL have a folder each).

    Raises StartError if another process holds it.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StartError(
                f"The data folder {data} cannot be made ({error.strerror}). Choose one with --data."
            ) from None
        super().__init__(data / "everkin.lock", blocking=False, mode=PRIVATE_FILE)

    def __enter__(self) -> "DataLock":
        try:
            self.acquire()
        except filelock.Timeout:
            raise StartError(
                f"Everkin is already running on {self._data}. Talk to that one, or choose another folder with --data."
            ) from None
        return self

    @staticmethod
    def is_held(data: Path) -> bool:
        """Return whether a process uses this data folder now. The folder must exist."""
        lock = filelock.FileLock(data / "everkin.lock", blocking=False, mode=PRIVATE_FILE)
        try:
            lock.acquire()
        except filelock.Timeout:
            return True
        lock.release()
        return False
