"""Writes the files that follow from the code: `python scripts/generate.py`, or `--check` to see that they are fresh."""

import sys
from collections.abc import Callable
from pathlib import Path

from generators.events_md import events_md
from generators.settings_md import settings_md
from generators.wire_ts import wire_ts

ROOT = Path(__file__).resolve().parent.parent
OUTPUTS: dict[str, Callable[[], str]] = {
    "docs/events.md": events_md,
    "docs/settings.md": settings_md,
    "web/src/wire.ts": wire_ts,
}


def stale(root: Path = ROOT) -> list[str]:
    """The outputs that are not what the code says by now."""
    return [name for name, make in OUTPUTS.items() if _read(root / name) != make()]


def write(root: Path = ROOT) -> list[str]:
    names = stale(root)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(OUTPUTS[name](), "utf-8")
    return names


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        names = stale()
        for name in names:
            print(f"{name} is stale: run `python scripts/generate.py`.")
        return 1 if names else 0
    for name in write():
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
