"""The declaration of a setting (`setting`) and its description (`Setting`)."""

import dataclasses
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everkin.domain.errors import StartError
from everkin.settings.kinds import Amount, Folder, Kind, Switch, Text, Unit, Words
from everkin.settings.sources import Given

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as documented."""

    section: str
    """The field of Settings."""
    name: str
    """The field in that section."""
    env: str
    """The environment variable."""
    doc: str
    """The sentence for docs/settings.md."""
    type: Any
    """The type of the value."""
    default: Any
    """The default value."""
    secret: bool
    """Its value is never shown."""
    kind: Kind
    """Parses and checks values."""

    def parsed(self, given: Given) -> Any:
        """Return the value of a text. Raises StartError with the name, the place, the text (never a secret's) and the
        allowed values."""
        text = given.text.strip("\r\n") if self.secret else given.text.strip()
        try:
            return self.kind.parse(text)
        except (ValueError, KeyError):
            raise self._refused(f"{given.name} {given.where}", given.text.strip(), self._meant(given)) from None

    def checked(self, value: Any) -> Any:
        """Return a value given by a program or the command line, if it is allowed. Raises StartError as `parsed`."""
        if value == self.default and type(value) is type(self.default):
            return value
        if not self.kind.accepts(value):
            raise self._refused(f"{self.name} ({self.env})", value, "")
        return tuple(value) if isinstance(value, list) else value

    def _meant(self, given: Given) -> str:
        return "" if given.name == self.env else f" It is another name of {self.env}, which"

    def _refused(self, name: str, value: Any, meant: str) -> StartError:
        shown = repr(value) if len(repr(value)) <= _LONGEST_SHOWN else repr(value)[:_LONGEST_SHOWN] + "..."
        what = "cannot be used (it is not shown: it may be a secret)." if self.secret else f"is {shown}."
        return StartError(f"{name} {what}{meant or ' It'} has to be {self.kind.allowed}.")


def setting(
    env: str,
    default: Any,
    doc: str,
    *,
    secret: bool = False,
    kind: Kind | None = None,
    least: float | None = None,
    most: float | None = None,
    unit: Unit | None = None,
) -> Any:
    """Declare a field of a section: its variable, default and one sentence. A number needs its bounds; `unit` is the
    unit of a plain number."""
    metadata = {"env": env, "doc": doc, "secret": secret, "kind": kind or _kind_of(default, least, most, unit)}
    return field(default=default, metadata=metadata)


def settings_of(tree: type[Any]) -> Iterator[Setting]:
    """Yield every setting of the sections of `tree`, in the order of their declaration."""
    for section in dataclasses.fields(tree):
        if not dataclasses.is_dataclass(section.type):
            continue
        hints = typing.get_type_hints(section.type)
        for each in dataclasses.fields(section.type):
            told = each.metadata
            yield Setting(
                section.name,
                each.name,
                told["env"],
                told["doc"],
                hints[each.name],
                each.default,
                told["secret"],
                told["kind"],
            )


def _kind_of(default: Any, least: float | None, most: float | None, unit: Unit | None) -> Kind:
    match default:
        case bool():
            return Switch()
        case int() | float():
            if least is None or most is None:
                raise TypeError("a number needs `least` and `most`")
            return Amount(isinstance(default, int), least, most, unit, default)
        case Path():
            return Folder()
        case tuple():
            return Words()
    return Text()
