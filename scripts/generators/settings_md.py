"""docs/settings.md: every knob, section by section."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from everkin.settings import Setting, all_settings
from everkin.settings.aliases import ALIASES, NOT_USED, Alias
from everkin.settings.kinds import Amount, Choice, Kind, Text, Url, plain

HEAD = """\
<!-- Generated from src/everkin/settings/__init__.py by `python scripts/generate.py`. Do not edit. -->
# Settings

Each setting is an environment variable, or a line `NAME=value` in a file `.env` in the folder Everkin is started from;
the environment wins over the file. An empty value means the default. The file may have quotes, comments, `export` and
Windows line ends.

Lists are comma-separated. Switches take `true`/`false`, `yes`/`no`, `on`/`off`, `enabled`/`disabled`, `1`/`0`. Large
numbers may be grouped: `10_000`. A plain number counts in the unit its type says; another one is written behind it:
`500ms`, `2s`, `30m`, `24h`, `7d`, `4w` for times, `512KB`, `100MB`, `1GiB` for sizes (KB, MB and GB count in steps of
1024), `10/minute`, `600/hour`, `10 per minute` for rates. It has to come out whole where the setting is a whole number.

Values that will not do stop the start: all of them are named at once, each with where it stands and what is allowed; of
secrets nothing is shown. A name in the file that Everkin has no use for stops nothing: one warning in the log names all
of them, with the nearest setting where one looks like a slip, and `GET /health` keeps it in its part `settings`.
"""

TITLES = {
    "server": "Server",
    "storage": "Storage",
    "cache": "Cache and Redis",
    "auth": "Signing in",
    "model": "Language model",
    "chat": "Chat",
}


def settings_md() -> str:
    sections = [_section(name, list(members)) for name, members in groupby(all_settings(), lambda each: each.section)]
    return "\n".join([HEAD, *sections, _other_names(), _without_effect()])


def _section(name: str, members: list[Setting]) -> str:
    title = TITLES.get(name, name.capitalize())
    lines = [f"## {title}", "", "| Name | Type | Allowed | Default | Meaning |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*lines, *_rows(members), ""])


def _rows(members: list[Setting]) -> Iterator[str]:
    for each in members:
        doc = each.doc.replace("|", "\\|") + (" Secret: never logged." if each.secret else "")
        yield f"| `{each.env}` | {each.kind.label} | {_allowed(each.kind)} | {_default(each)} | {doc} |"


def _allowed(kind: Kind) -> str:
    match kind:
        case Amount():
            return f"{plain(kind.least)} to {plain(kind.most)}"
        case Choice():
            words = ", ".join(f"`{word}`" for word in kind.words)
            return f"{words} or an address" if kind.addresses else words
        case Url():
            return ", ".join(f"`{scheme}://`" for scheme in kind.schemes)
        case Text() if kind.least_bytes:
            return f"{kind.least_bytes} bytes or more"
    return ""


def _other_names() -> str:
    lines = [
        "## Names from elsewhere",
        "",
        "These count as the setting beside them, where that one is not set itself.",
        "",
    ]
    lines += ["| Name | Counts as | |", "| --- | --- | --- |"]
    return "\n".join(
        [*lines, *(f"| `{name}` | `{alias.env}` | {_about(alias)} |" for name, alias in ALIASES.items()), ""]
    )


def _about(alias: Alias) -> str:
    unit = {Decimal(1): "", Decimal(2): "times 2: it counts pairs"}.get(alias.factor, "a plain number is milliseconds")
    where = "in the `.env` file only" if alias.file_only else ""
    model = f"where `EVERKIN_MODEL` is {alias.model}" if alias.model else ""
    return "; ".join(part for part in (unit, where, model) if part)


def _without_effect() -> str:
    lines = ["## Names without effect", "", "Known from elsewhere; they are named in the warning with the reason.", ""]
    lines += ["| Name | Why |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| `{name}` | {why} |" for name, why in NOT_USED.items()), ""])


def _default(each: Setting) -> str:
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
