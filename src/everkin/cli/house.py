"""`everkin house`: figures of the running Everkin, and cleaning up. The same functions are under /api/v1/admin."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from everkin.cli.options import data_option
from everkin.cli.running import ask_running
from everkin.settings import load_settings

json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="As JSON, for scripts."
)


@click.group()
def house() -> None:
    """The running Everkin: health, usage, cache, pools, sessions, memory."""


@house.command()
@data_option
@json_option
def health(data: Path | None, as_json: bool) -> None:
    """Every part: its condition, a note, its counters."""
    answer = _ask(data, "GET", "health")
    rows = [
        (name, part["condition"], part["note"], _figures(part["figures"])) for name, part in answer["parts"].items()
    ]
    _show(answer, as_json, ("part", "condition", "note", "figures"), rows)


@house.command()
@data_option
@json_option
@click.option("--by", type=click.Choice(["day", "user", "character", "model"]), default="day", show_default=True)
@click.option("--from", "since", help="First day, such as 2026-11-01 (default: 30 days).")
@click.option("--to", "until", help="Last day (default: today, UTC).")
def usage(data: Path | None, as_json: bool, by: str, since: str | None, until: str | None) -> None:
    """Calls, tokens and dollars of all users."""
    query = {"by": by, "from": since, "to": until, "everybody": "true"}
    answer = _ask(data, "GET", "analytics/usage", query=query)
    names = ("calls", "failures", "tokensIn", "tokensOut", "cost", "firstTokenMs", "generationMs")
    items = [*answer["items"], {**answer["total"], "key": "in all"}]
    _show(answer, as_json, (by, *names), [(each["key"], *(each[name] for name in names)) for each in items])


@house.command()
@data_option
@json_option
def cache(data: Path | None, as_json: bool) -> None:
    """Hit rate, hits, misses, entries and bytes of the cache."""
    _show_one(_ask(data, "GET", "admin/cache"), as_json)


@house.command("clear-user")
@data_option
@click.argument("user_id")
def clear_user(data: Path | None, user_id: str) -> None:
    """Drop the cached data of one user, on every node. Stored data is not changed."""
    _tell_dropped(_ask(data, "POST", "admin/cache/clear-user", {"userId": user_id}))


@house.command()
@data_option
@click.argument("pattern")
def invalidate(data: Path | None, pattern: str) -> None:
    """Drop cached values by PATTERN, such as 'character:*', on every node."""
    _tell_dropped(_ask(data, "POST", "admin/cache/invalidate", {"pattern": pattern}))


@house.command()
@data_option
@json_option
def pools(data: Path | None, as_json: bool) -> None:
    """Connections to providers and to Redis."""
    answer = _ask(data, "GET", "admin/pools")
    rows = [(each["pool"], each["host"], each["inUse"], each["idle"]) for each in answer["items"]]
    _show(answer, as_json, ("pool", "host", "in use", "idle"), rows)


@house.command("clean-pools")
@data_option
def clean_pools(data: Path | None) -> None:
    """Close idle connections; new ones open by themselves."""
    _tell_dropped(_ask(data, "POST", "admin/pools/clean"))


@house.command()
@data_option
@json_option
def memory(data: Path | None, as_json: bool) -> None:
    """The memory of the process: resident bytes, conversations held in memory, replies in progress."""
    _show_one(_ask(data, "GET", "admin/memory"), as_json)


@house.command()
@data_option
@json_option
def sessions(data: Path | None, as_json: bool) -> None:
    """How many conversations are live, and yours among them."""
    answer = _ask(data, "GET", "sessions")
    if not as_json:
        _show_one(answer["house"], as_json)
    rows = [(each["conversationId"], each["title"], each["messageCount"]) for each in answer["items"]]
    _show(answer, as_json, ("conversation", "title", "messages"), rows)


def _ask(
    data: Path | None,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str | None] | None = None,
) -> Any:
    return asyncio.run(ask_running(load_settings(data=data), method, path, body, query or {}))


def _show(answer: Any, as_json: bool, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    table = Table(box=None, pad_edge=False, show_header=any(columns))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_plain(value) for value in row))
    Console(markup=False, highlight=False).print(table)


def _show_one(answer: Mapping[str, Any], as_json: bool) -> None:
    _show(answer, as_json, ("", ""), list(answer.items()))


def _plain(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _figures(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {_plain(_whole(value))}" for name, value in figures.items() if value)


def _whole(value: float) -> float:
    """Return a figure without decimals if it is whole; otherwise counts of millions would be shown in powers of ten."""
    return int(value) if value == int(value) else round(value, 4)


def _tell_dropped(answer: Mapping[str, int]) -> None:
    click.echo(f"Dropped: {answer['dropped']}")
