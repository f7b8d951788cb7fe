"""Kinds of settings: one small class per kind, with `parse` and a description of the allowed texts."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit


class Unit(Enum):
    """The unit of a setting's plain number. Other units may be written behind a number, as multiples of it."""

    MILLISECONDS = "milliseconds"
    """Plain numbers are milliseconds."""
    SECONDS = "seconds"
    """Plain numbers are seconds."""
    MINUTES = "minutes"
    """Plain numbers are minutes."""
    HOURS = "hours"
    """Plain numbers are hours."""
    DAYS = "days"
    """Plain numbers are days."""
    BYTES = "bytes"
    """Plain numbers are bytes."""
    MIB = "MiB"
    """Plain numbers are MiB."""
    PER_MINUTE = "a minute"
    """Plain numbers are counts per minute."""


class Kind(Protocol):
    """A kind of setting. `label`: the kind in a word or two. `allowed`: the words that follow "It has to be"."""

    @property
    def label(self) -> str: ...
    @property
    def allowed(self) -> str: ...
    def parse(self, text: str) -> Any:
        """Return the value. Raises ValueError for an invalid text; its message is not shown."""
        ...

    def accepts(self, value: Any) -> bool:
        """Whether a value given by a program, not as text, is allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Amount:
    """A number within bounds, in a unit."""

    whole: bool
    """Only whole numbers of that unit."""
    least: float
    """The least value."""
    most: float
    """The greatest value."""
    unit: Unit | None = None
    """The unit of a plain number; None: it has no unit."""
    example: float = 0
    """The example in the description."""

    @property
    def label(self) -> str:
        word = "whole number" if self.whole else "number"
        return word if self.unit is None else f"{word}, {self.unit.value}"

    @property
    def allowed(self) -> str:
        word = "a whole number" if self.whole else "a number"
        of = f" of {self.unit.value}" if self.unit not in (None, Unit.PER_MINUTE) else ""
        rate = " for each minute" if self.unit is Unit.PER_MINUTE else ""
        also = f" or with its unit: {_EXAMPLES[self.unit]}" if self.unit else ""
        return f"{word}{of} from {plain(self.least)} to {plain(self.most)}{rate}, e.g. {plain(self.example)}{also}"

    def parse(self, text: str) -> float:
        number, ending = _split(text)
        if self.unit is Unit.PER_MINUTE:
            value = number * 60 / _period(ending) if ending else number
        elif ending and self.unit:
            value = number * _ENDINGS[self.unit.name][ending] / _SIZES[self.unit]
        elif ending:
            raise ValueError(ending)
        else:
            value = number
        return self._bounded(value)

    def accepts(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            return False
        return math.isfinite(value) and self.least <= value <= self.most

    def _bounded(self, value: Decimal) -> float:
        if not self.least <= float(value) <= self.most:
            raise ValueError(value)
        if not self.whole:
            return float(value)
        if value != value.to_integral_value():
            raise ValueError(value)
        return int(value)


@dataclass(frozen=True, slots=True)
class Switch:
    """True or false."""

    label: ClassVar[str] = "switch"
    allowed: ClassVar[str] = "true or false (yes/no, on/off, enabled/disabled and 1/0 mean the same)"

    def parse(self, text: str) -> bool:
        return _SWITCH[text.lower()]

    def accepts(self, value: Any) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]
    """The words."""
    addresses: tuple[str, ...] = ()
    """Schemes of addresses that are allowed, too."""

    @property
    def label(self) -> str:
        return "choice"

    @property
    def allowed(self) -> str:
        words = ", ".join(self.words[:-1]) + f" or {self.words[-1]}"
        return f"{words}, or an address such as {_shown(self.addresses[0])}" if self.addresses else words

    def parse(self, text: str) -> str:
        if text.lower() in self.words:
            return text.lower()
        if self.addresses:
            return Url(self.addresses).parse(text)
        raise ValueError(text)

    def accepts(self, value: Any) -> bool:
        return _parses(self, value)


@dataclass(frozen=True, slots=True)
class Url:
    """An address of one of the schemes, with a host; for schemes other than http(s) a path is enough, since the other
    side may be a file or a socket."""

    schemes: tuple[str, ...]
    """The schemes."""
    label: ClassVar[str] = "address"

    @property
    def allowed(self) -> str:
        return f"an address such as {_shown(self.schemes[0])}"

    def parse(self, text: str) -> str:
        parts = urlsplit(text)
        _ = parts.port  # ValueError outside 0..65535
        scheme = parts.scheme.lower().partition("+")[0]
        where = parts.hostname or (parts.path.strip("/") if scheme not in ("http", "https") else "")
        if scheme not in self.schemes or not where or any(letter.isspace() for letter in text):
            raise ValueError(scheme)
        return text

    def accepts(self, value: Any) -> bool:
        return _parses(self, value)


_OWN_PATHS = ("/api", "/media", "/assets", "/healthz", "/readyz", "/metrics")
_OWN_NAMES = frozenset(path.removeprefix("/") for path in _OWN_PATHS)
_FREE_PATH = re.compile(r"/[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*/?")


@dataclass(frozen=True, slots=True)
class Text:
    """Any text."""

    path: bool = False
    """The path of an address that no other part of the server answers at."""
    least_bytes: int = 0
    """The least length in bytes."""
    label: ClassVar[str] = "text"

    @property
    def allowed(self) -> str:
        if self.least_bytes:
            command = 'python3 -c "import secrets; print(secrets.token_hex(32))"'
            return f"at least {self.least_bytes} random bytes, for example from: {command}"
        if self.path:
            return f"a path such as /socket.io that Everkin does not use itself ({', '.join(_OWN_PATHS)})"
        return "one line of text"

    def parse(self, text: str) -> str:
        if not text.isprintable() or len(text.encode()) < self.least_bytes:
            raise ValueError
        if self.path and (not _FREE_PATH.fullmatch(text) or text.strip("/").split("/")[0] in _OWN_NAMES):
            raise ValueError
        return text

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str)


@dataclass(frozen=True, slots=True)
class Locale:
    """A language, or a language and a country."""

    label: ClassVar[str] = "locale"
    allowed: ClassVar[str] = "a language, best with a country: en-US, en-GB, de-AT, fr"

    def parse(self, text: str) -> str:
        language, mark, country = text.replace("_", "-").partition("-")
        if not (len(language) == 2 and language.isascii() and language.isalpha()):
            raise ValueError(text)
        if bool(mark) != bool(country) or (
            country and not (len(country) == 2 and country.isascii() and country.isalpha())
        ):
            raise ValueError(text)
        return language.lower() + (f"-{country.upper()}" if country else "")

    def accepts(self, value: Any) -> bool:
        return _parses(self, value)


@dataclass(frozen=True, slots=True)
class Words:
    """Several words, comma-separated."""

    origins: bool = False
    """Each one is an address without a path, or *."""
    label: ClassVar[str] = "list"

    @property
    def allowed(self) -> str:
        if self.origins:
            return "origins with commas between them, e.g. https://chat.example.org,http://localhost:5173"
        return "words with commas between them"

    def parse(self, text: str) -> tuple[str, ...]:
        parts = tuple(part.strip() for part in text.split(",") if part.strip())
        if not text.isprintable():
            raise ValueError
        if self.origins and not all(part == "*" or _is_origin(part) for part in parts):
            raise ValueError
        return parts

    def accepts(self, value: Any) -> bool:
        return isinstance(value, list | tuple)


@dataclass(frozen=True, slots=True)
class Folder:
    """The path of a folder."""

    label: ClassVar[str] = "path"
    allowed: ClassVar[str] = "the path of a folder"

    def parse(self, text: str) -> Path:
        if not text.isprintable():
            raise ValueError
        return Path(text).expanduser()

    def accepts(self, value: Any) -> bool:
        return isinstance(value, Path)


def _parses(kind: Kind, value: Any) -> bool:
    try:
        return isinstance(value, str) and kind.parse(value) == value
    except ValueError:
        return False


def plain(value: float) -> str:
    """Format a number: 5 rather than 5.0, and the digits of a large number in groups, which may also be typed like
    this."""
    if not float(value).is_integer():
        return str(value)
    return f"{int(value):_}" if abs(value) >= 100_000 else str(int(value))


def _split(text: str) -> tuple[Decimal, str]:
    """Return the number at the beginning, and the rest in small letters without blanks. Raises ValueError without a
    number."""
    end = next((at for at, letter in enumerate(text) if not (letter.isdigit() or letter in "+-._")), len(text))
    number, ending = text[:end], "".join(text[end:].split()).lower()
    if ending[:1] == "e" and ending[1:].lstrip("+-").isdigit():
        number, ending = number + ending, ""
    try:
        return Decimal(number), ending
    except InvalidOperation:
        raise ValueError(text) from None


def _period(ending: str) -> Decimal:
    """Return the seconds of `/minute`, `perhour`, `/10s`. Raises ValueError."""
    word = ending.removeprefix("/") if ending.startswith("/") else ending.removeprefix("per")
    count, name = _split(word) if word[:1].isdigit() else (Decimal(1), word)
    seconds = count * _SECONDS[name] / 1000
    if word == ending or not 1 <= seconds <= 86_400:
        raise ValueError(ending)
    return seconds


def _is_origin(text: str) -> bool:
    """Whether the text is an origin, including those of apps, such as capacitor://localhost."""
    parts = urlsplit(text)
    return bool(parts.scheme and parts.netloc) and not parts.path.strip("/") and " " not in text


def _shown(scheme: str) -> str:
    return _ADDRESSES.get(scheme, f"{scheme}://host")


def _endings(**names: tuple[int, str]) -> Mapping[str, int]:
    return MappingProxyType({name: size for size, words in names.values() for name in words.split()})


_SECONDS = _endings(
    milliseconds=(1, "ms msec msecs millisecond milliseconds"),
    seconds=(1000, "s sec secs second seconds"),
    minutes=(60_000, "m min mins minute minutes"),
    hours=(3_600_000, "h hr hrs hour hours"),
    days=(86_400_000, "d day days"),
    weeks=(604_800_000, "w week weeks"),
)
_BYTES = _endings(bytes=(1, "b byte bytes"), kib=(2**10, "k kb kib"), mib=(2**20, "m mb mib"), gib=(2**30, "g gb gib"))
_ENDINGS = MappingProxyType(
    {
        **dict.fromkeys(("MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS"), _SECONDS),
        **dict.fromkeys(("BYTES", "MIB"), _BYTES),
    }
)
_SIZES = MappingProxyType(
    {
        Unit.MILLISECONDS: 1,
        Unit.SECONDS: 1000,
        Unit.MINUTES: 60_000,
        Unit.HOURS: 3_600_000,
        Unit.DAYS: 86_400_000,
        Unit.BYTES: 1,
        Unit.MIB: 2**20,
    }
)
_EXAMPLES = MappingProxyType(
    {
        Unit.MILLISECONDS: "500ms, 2s",
        Unit.SECONDS: "500ms, 2s, 5m",
        Unit.MINUTES: "90s, 30m, 2h",
        Unit.HOURS: "30m, 24h, 7d",
        Unit.DAYS: "48h, 7d, 4w",
        Unit.BYTES: "512KB, 8MB, 1GiB",
        Unit.MIB: "100MB, 1GiB",
        Unit.PER_MINUTE: "10/minute, 600/hour, 10 per minute",
    }
)
_SWITCH = MappingProxyType(
    {
        **dict.fromkeys(("1", "true", "t", "yes", "y", "on", "enabled", "enable"), True),
        **dict.fromkeys(("0", "false", "f", "no", "n", "off", "disabled", "disable"), False),
    }
)
_ADDRESSES = MappingProxyType(
    {
        "https": "https://api.example.org/v1",
        "http": "http://host:8000",
        "redis": "redis://:password@host:6379/0",
        "postgresql": "postgresql://user:password@host/name",
    }
)
