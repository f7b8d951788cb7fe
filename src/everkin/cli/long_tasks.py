"""Long tasks of the running Everkin, started from the terminal and followed until they end. Ctrl-C stops following, not
the task."""

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import click

from everkin.cli.running import ask_running
from everkin.domain.errors import StartError
from everkin.settings import Settings

LOOK_SECONDS = 0.5


async def run_errand(settings: Settings, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
    """Run a task and return its final state. Raises StartError when no server runs, it refuses, or the task could not
    be finished."""
    answer = await ask_running(settings, "POST", f"admin/{path}", body, {})
    with _Bar() as bar:
        while answer["endedAt"] is None:
            bar.show(answer)
            await asyncio.sleep(LOOK_SECONDS)
            answer = await ask_running(settings, "GET", f"admin/{path}", None, {})
    if answer["problem"]:
        raise StartError(answer["problem"])
    return dict(answer)


def tell_counts(answer: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Print the counts. `words`: the meaning of each count, in the order of printing."""
    for name, meaning in words.items():
        if name in answer["counts"]:
            click.echo(f"{answer['counts'][name]:>8,}  {meaning}")


class _Bar:
    """A line of progress that is overwritten, if stderr is a terminal."""

    def __init__(self) -> None:
        self._looked_at = sys.stderr.isatty()

    def __enter__(self) -> "_Bar":
        return self

    def show(self, answer: Mapping[str, Any]) -> None:
        if self._looked_at:
            click.echo(f"\r\033[K{answer['step']} {answer['done']:,} of {answer['total']:,}", nl=False, err=True)

    def __exit__(self, *error: object) -> None:
        if self._looked_at:
            click.echo("\r\033[K", nl=False, err=True)
