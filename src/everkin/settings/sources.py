"""Reads the environment and a `.env` file: texts by setting, and one sentence about the names without effect."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from everkin.kit.env_file import EnvLine
from everkin.settings.aliases import ALIASES, NOT_USED, Alias
from everkin.settings.kinds import plain

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Given:
    """The text of one setting."""

    text: str
    """The text as it was set."""
    name: str
    """The name it was set under, which may be an alias."""
    where: str
    """Words that follow the name: "in the environment", "in .env line 3"."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading."""

    given: Mapping[str, Given]
    """By the setting's own name."""
    warning: str
    """One sentence naming all entries without effect; empty if there are none. It never contains a value."""


def read(
    known: Collection[str], environ: Mapping[str, str], file: Path, lines: Iterable[EnvLine], model: str | None
) -> Reading:
    """Read the given texts. A setting's own name takes precedence over its aliases, the environment over the file.
    `model`: the choice of a program or the command line that overrides EVERKIN_MODEL."""
    from_file = {line.name: Given(line.value, line.name, f"in {file} line {line.number}") for line in lines}
    from_environ = {
        name: Given(text, name, "in the environment")
        for name, text in environ.items()
        if name in known or (name in ALIASES and not ALIASES[name].file_only)
    }
    everything = _filled(from_file) | _filled(from_environ)
    given = {name: each for name, each in everything.items() if name in known}
    chosen = model or (given["EVERKIN_MODEL"].text if "EVERKIN_MODEL" in given else "")
    unused = {name: _why_unused(name, known) for name in from_file if name not in known and name not in ALIASES}
    for name, each in everything.items():
        if name in known:
            continue
        if (alias := ALIASES.get(name)) is not None and (why := _why_not(alias, given, chosen)):
            if name in from_file:
                unused[name] = why
        elif alias is not None:
            given[alias.env] = Given(_scaled(each.text, alias.factor), name, each.where)
    return Reading(given, _warning(file, unused, {line.name: line.number for line in lines}))


def _filled(given: Mapping[str, Given]) -> dict[str, Given]:
    return {name: each for name, each in given.items() if each.text.strip()}


def _why_not(alias: Alias, given: Mapping[str, Given], model: str) -> str:
    if alias.model and model.partition(":")[0].strip().lower() != alias.model:
        return f"it counts with EVERKIN_MODEL={alias.model} only"
    return f"{alias.env} is set as well" if alias.env in given else ""


def _scaled(text: str, factor: Decimal) -> str:
    """Multiply a plain number by the factor; a number with a unit is unambiguous and stays."""
    try:
        return text if factor == 1 else plain(float(Decimal(text.strip()) * factor))
    except InvalidOperation:
        return text


def _why_unused(name: str, known: Collection[str]) -> str:
    if name in NOT_USED:
        return NOT_USED[name]
    near = difflib.get_close_matches(name.upper(), known, 1, cutoff=0.8)
    return f"did you mean {near[0]}?" if near else ""


def _warning(file: Path, unused: Mapping[str, str], numbers: Mapping[str, int]) -> str:
    """Return the warning. Names with the same reason are listed together. A text that does not look like a name is not
    repeated, since it may be a secret: its line is named."""
    by_reason: dict[str, list[str]] = {}
    for name, why in unused.items():
        by_reason.setdefault(why, []).append(name if _NAME.fullmatch(name) else f"what line {numbers[name]} says")
    if not by_reason:
        return ""
    parts = [", ".join(names) + (f" ({why})" if why else "") for why, names in by_reason.items()]
    return f"{file} sets names that have no effect: {'; '.join(parts)}. docs/settings.md lists every setting."
