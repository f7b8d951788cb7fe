"""docs/settings.md: every knob, section by section."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from everkin.settings import Knob, knobs

HEAD = """\
<!-- Generated from src/everkin/settings.py by `python scripts/generate.py`. Do not edit. -->
# Settings

Each setting is an environment variable, or a line `NAME=value` in a file `.env` in the folder Everkin is started from;
the environment wins over the file. An empty value means the default. A name in the file that Everkin does not know, or
a value of the wrong kind, stops the start with a sentence that says which. Lists are comma-separated; switches take
`true`/`false`, `yes`/`no`, `on`/`off`, `1`/`0`.
"""

TITLES = {
    "server": "Server",
    "storage": "Storage",
    "cache": "Cache and Redis",
    "auth": "Signing in",
    "model": "Language model",
    "chat": "Chat",
}
KINDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "switch",
    Path: "path",
    tuple[str, ...]: "list",
}


def settings_md() -> str:
    sections = [_section(name, list(members)) for name, members in groupby(knobs(), lambda each: each.section)]
    return "\n".join([HEAD, *sections])


def _section(name: str, members: list[Knob]) -> str:
    title = TITLES.get(name, name.capitalize())
    lines = [f"## {title}", "", "| Name | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *_rows(members), ""])


def _rows(members: list[Knob]) -> Iterator[str]:
    for each in members:
        doc = each.doc.replace("|", "\\|") + (" Secret: never logged." if each.secret else "")
        yield f"| `{each.env}` | {KINDS[each.type]} | {_default(each)} | {doc} |"


def _default(each: Knob) -> str:
    match each.default:
        case "" | ():
            return "unset"
        case bool():
            return f"`{str(each.default).lower()}`"
        case Path():
            return "the platform's folder for application data, e.g. `~/.local/share/everkin`"
        case float() if each.default.is_integer():
            return f"`{int(each.default)}`"
    return f"`{each.default}`"
