"""The user's choice of model, kept in DATA/model.json. Another process may change the file; it is read again when it
changed."""

import logging
import os
from pathlib import Path

import msgspec

from everkin.kit.private_files import FOLDER, make_private

log = logging.getLogger("everkin.llm")


class _Kept(msgspec.Struct):
    """The content of the file."""

    model: str
    """Name of the chosen model."""


class ChoiceFile:
    """Reads and writes the choice below the data folder `data`."""

    def __init__(self, data: Path) -> None:
        self._file = data / "model.json"
        self._seen: tuple[int, int] | None = None
        self._model = ""

    def read(self) -> str:
        """Return the chosen name, "" without a choice. An unreadable file counts as no choice and is logged."""
        try:
            stat = self._file.stat()
        except OSError:
            self._seen, self._model = None, ""
            return ""
        if (stat.st_mtime_ns, stat.st_size) != self._seen:
            self._seen = (stat.st_mtime_ns, stat.st_size)
            self._model = self._load()
        return self._model

    def write(self, model: str) -> None:
        """Replace the file atomically, readable by its owner only."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER)
        fresh = self._file.with_suffix(".json.new")
        make_private(fresh)
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(_Kept(model)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)

    def _load(self) -> str:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=_Kept).model
        except (OSError, msgspec.DecodeError):
            log.exception("%s cannot be read; choose again with `everkin models use`", self._file)
            return ""
