"""The help line for a user in danger: where to find help, by language and country. The table is help_lines.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class HelpSentence(NamedTuple):
    text: str
    """The sentence."""
    locale: str
    """The locale of the sentence, such as de-AT, or de without a known country."""


def help_sentence(house: str, language: str) -> HelpSentence:
    """Return the help line. `house`: the operator's locale (en, en-GB) or empty; it decides the country. `language`:
    that of the message, empty if unknown; it decides the language if the table has it, else the operator's does, else
    English."""
    table = _table()
    own, _, country = house.partition("-")
    spoken = next((each for each in (language, own) if each in table and each not in ("numbers", "emergency")), "en")
    if country not in table["numbers"]:
        return HelpSentence(table[spoken]["anywhere"], spoken)
    named = table[spoken].get("numbers", {}).get(country, table["numbers"][country])
    text = table[spoken]["here"].format(numbers=named, emergency=table["emergency"][country])
    return HelpSentence(text, f"{spoken}-{country}")


def languages() -> tuple[str, ...]:
    return tuple(name for name in _table() if name not in ("numbers", "emergency"))


def countries() -> Mapping[str, str]:
    """Return the phone numbers by country code."""
    numbers: Mapping[str, str] = _table()["numbers"]
    return numbers


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("everkin.security") / "help_lines.toml").read_text("utf-8"))
