"""`everkin eval`: the quality of memory with the configured embedder and model, on small labelled samples that ship
with Everkin."""

import asyncio
import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from everkin.cli.house import json_option
from everkin.cli.options import data_option, model_option
from everkin.domain.chat_model import ChatModel
from everkin.domain.errors import StartError
from everkin.evaluation import facts as learning
from everkin.evaluation import labelled
from everkin.evaluation import recall as recall_trial
from everkin.kit.clock import SystemClock
from everkin.llm.providers.http import new_session
from everkin.llm.registry.registry import ModelRegistry, RegistryConfig
from everkin.memory.extraction.english.rules import Found, find
from everkin.memory.extraction.llm import extract_with
from everkin.memory.ports import Embedder
from everkin.settings import Settings, load_settings
from everkin.wiring.memory import make_embedder

Columns = dict[str, Mapping[str, float]]
"""Figures by the name of the method."""


@click.group("eval")
def eval() -> None:  # noqa: A001  the command's name
    """How well memory works with your own embedder and model."""


@eval.command()
@data_option
@json_option
def recall(data: Path | None, as_json: bool) -> None:
    """Ask a long chat 261 questions: are the messages that answer them found? By words alone, and with EMBEDDER."""
    settings = load_settings(data=data)
    columns, notes = asyncio.run(_recall(settings))
    _show(columns, notes, as_json)


@eval.command()
@data_option
@model_option
@json_option
@click.option("--sample", type=click.IntRange(1), help="Only the first N of the 30 dialogues.")
def facts(data: Path | None, model: str | None, as_json: bool, sample: int | None) -> None:
    """Learn facts from 30 labelled dialogues: by rules, and with the model if it is good enough."""
    settings = load_settings(data=data, model=model)
    columns, notes = asyncio.run(_facts(settings, labelled.sample()[:sample]))
    _show(columns, notes, as_json)


async def _recall(settings: Settings) -> tuple[Columns, list[str]]:
    """Measure recall. Raises StartError for an unknown embedder, Unavailable for one that cannot be reached."""
    chat = recall_trial.sample()
    columns: Columns = {"by words": await recall_trial.measure(chat, None)}
    async with AsyncExitStack() as open_:
        embedder = make_embedder(settings, await open_.enter_async_context(new_session()))
        if embedder is None:
            return columns, [_without(settings)]
        open_.push_async_callback(_close, embedder)
        columns[f"with {embedder.name}"] = await recall_trial.measure(chat, embedder)
    return columns, []


def _without(settings: Settings) -> str:
    if not settings.memory.enabled:
        return "MEMORY_ENABLED is off: no embedder is used, and nothing is recalled."
    if settings.memory.embedder == "none":
        return "EMBEDDER=none: memories are found by words alone. EMBEDDER=local compares them by meaning as well."
    return "The local embedder is not installed: memories are found by words alone. Run `make run` again to fetch it."


async def _close(embedder: Embedder) -> None:
    if (close := getattr(embedder, "close", None)) is not None:
        await close()


async def _facts(settings: Settings, dialogues: Sequence[labelled.Dialogue]) -> tuple[Columns, list[str]]:
    columns: Columns = {"by rules": learning.score(dialogues, lambda dialogue: find(dialogue.lines))}
    config = RegistryConfig.of(dataclasses.asdict(settings.model), settings.storage.data)
    async with new_session() as session, ModelRegistry(config, session, SystemClock()) as registry:
        name, model = registry.current(), registry.writer()
        if not settings.memory.by_model:
            return columns, ["MEMORY_BY_MODEL is off: facts are found by rules alone."]
        if model is None:
            return columns, [
                f"{name} is not good enough to learn facts with; rules do it alone. A better one: everkin models pull qwen2.5-1.5b"
            ]
        await registry.loaded()
        found, dropped = await _read_with(model, dialogues)
    if dropped["failed"] >= len(dialogues):
        raise StartError(f"{name} answered nothing. Try it: everkin models try")
    columns[f"with {name}"] = {
        **learning.score(dialogues, lambda dialogue: found[dialogue.id]),
        "answers_failed": dropped["failed"],
    }
    return columns, []


async def _read_with(
    model: ChatModel, dialogues: Sequence[labelled.Dialogue]
) -> tuple[dict[str, Sequence[Found]], Counter[str]]:
    found: dict[str, Sequence[Found]] = {}
    dropped: Counter[str] = Counter()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for dialogue in progress.track(dialogues, description="reading dialogues"):
            extraction = await extract_with(model, dialogue.lines)
            found[dialogue.id] = extraction.found
            dropped.update(extraction.dropped)
    return found, dropped


def _show(columns: Columns, notes: Sequence[str], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"figures": columns, "notes": notes}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for way in columns:
        table.add_column(way, justify="right", overflow="fold")
    for name in dict.fromkeys(name for figures in columns.values() for name in figures):
        table.add_row(name, *(f"{figures[name]:,.3g}" if name in figures else "" for figures in columns.values()))
    console = Console(markup=False, highlight=False)
    console.print(table)
    for note in notes:
        console.print(note)
