"""A file of `NAME=value` lines, as shells and containers read them."""

import difflib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from everkin.domain.errors import StartError

_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")


def read_env_file(path: Path, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Nothing for a file that is not there. StartError for a line that is none, or a name that is not in `known`."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise StartError(f"{path} line {number} is not of the form NAME=value.")
        name, value = match.groups()
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f" Did you mean {near[0]}?" if near else " docs/settings.md lists them all."
            raise StartError(f"{path} line {number}: there is no setting {name}.{hint}")
        yield name, _unquoted(value)


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value.split(" #")[0].rstrip()
