"""Reads `.env` files: `NAME=value` lines as shells and containers read them, with their line numbers."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from everkin.domain.errors import StartError


@dataclass(frozen=True, slots=True)
class EnvLine:
    """One `NAME=value` line."""

    name: str
    """The variable's name."""
    value: str
    """The value without its quotes and without a trailing comment."""
    number: int
    """The line's number, from 1."""


def read_env_file(path: Path) -> list[EnvLine]:
    """Return the lines of a file; empty if it does not exist.

    Raises StartError for a file that is not text or has lines other than NAME=value.
    """
    if not path.is_file():
        return []
    lines, faults = [], []
    for binding in parse_stream(StringIO(_text(path))):
        before = len(binding.original.string) - len(binding.original.string.lstrip())
        number = binding.original.line + binding.original.string[:before].count("\n")
        if binding.error:
            faults.append(str(number))
        elif binding.key is not None:
            lines.append(EnvLine(binding.key, binding.value or "", number))
    if faults:
        raise StartError(f"{path} line {', '.join(faults)}: not of the form NAME=value.")
    return lines


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise StartError(f"{path} cannot be read: {reason}.") from None
