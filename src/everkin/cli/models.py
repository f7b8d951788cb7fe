"""`everkin models`: list, download, choose and try language models."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from everkin.cli.models_told import spoken_by_server, would_speak
from everkin.cli.options import data_option
from everkin.cli.running import ask_running, running_url
from everkin.domain.character import Character, Persona
from everkin.domain.chat_model import ChatModel
from everkin.domain.ids import CharacterId, Millis
from everkin.domain.prompt import ChunkText, Prompt, PromptMessage, SamplingParams
from everkin.kit.clock import SystemClock
from everkin.llm.providers.http import new_session
from everkin.llm.registry.registry import ModelEntry, ModelRegistry, RegistryConfig
from everkin.settings import Settings, load_settings

INTERRUPTED = 130
STATES = {"ready": "green", "pullable": "cyan", "needs_key": "yellow", "missing": "dim"}

TRIAL_PERSONA = (
    "You are Wren, who keeps a small bookshop by a harbour. You are warm, curious and brief. The rain has emptied the "
    "street, the stove is lit, and a ginger cat sleeps on the atlases. You answer in one to three sentences, in first "
    "person, and you ask about the other person. You never speak for them. "
)


@click.group()
def models() -> None:
    """Language models: list, pull, use, try."""


@models.command("list")
@data_option
def list_models(data: Path | None) -> None:
    """Every available model, and which one answers. A running server is asked; without one, the model that would
    answer."""

    async def work(settings: Settings) -> tuple[list[str], list[ModelEntry], str]:
        if await running_url(settings) is not None:
            answer = await ask_running(settings, "GET", "models", None, {})
            return spoken_by_server(answer), [_entry(each) for each in answer["entries"]], answer["answering"]
        async with _registry(settings) as registry:
            entries, plan = await registry.entries(), registry.plan()
        return would_speak(plan), entries, plan.answering("ready" if plan.current.state == "ready" else "down")

    lines, entries, speaking = asyncio.run(work(load_settings(data=data)))
    for line in lines:
        click.echo(line)
    click.echo()
    Console().print(_table(entries, speaking))


@models.command()
@data_option
@click.argument("name")
def pull(data: Path | None, name: str) -> None:
    """Fetch a model, such as qwen2.5-1.5b. Ctrl-C stops it; the same command continues from there."""
    try:
        asyncio.run(_pull(load_settings(data=data), name))
    except KeyboardInterrupt:
        click.echo(f"Stopped. `everkin models pull {name}` goes on from here.", err=True)
        raise SystemExit(INTERRUPTED) from None
    click.echo(f"It is here. Let it speak: everkin models use {name}")


@models.command()
@data_option
@click.argument("name")
def use(data: Path | None, name: str) -> None:
    """Choose the model that answers: a name from the list, or the path of a GGUF file. A running server uses it from
    its next reply."""

    async def work(settings: Settings) -> None:
        async with _registry(settings) as registry:
            chosen = await registry.choose(name)
        click.echo(f"{chosen.title} speaks from now on.")

    asyncio.run(work(load_settings(data=data)))


@models.command("try")
@data_option
@click.argument("name", required=False)
def try_model(data: Path | None, name: str | None) -> None:
    """Send two sentences to a model (the chosen one, or NAME) and measure how fast it answers."""
    settings = load_settings(data=data, model=name)
    asyncio.run(_try(settings))


@asynccontextmanager
async def _registry(settings: Settings) -> AsyncIterator[ModelRegistry]:
    """Yield a registry to read and write the choice with; it is not entered, so that it loads no model."""
    async with new_session() as session:
        registry = ModelRegistry(_config(settings), session, SystemClock())
        try:
            yield registry
        finally:
            await registry.close()


def _config(settings: Settings) -> RegistryConfig:
    return RegistryConfig.of(dataclasses.asdict(settings.model), settings.storage.data)


def _entry(told: dict[str, Any]) -> ModelEntry:
    return ModelEntry(told["name"], told["title"], told["kind"], told["state"], told["note"], told["sizeBytes"])


def _table(entries: list[ModelEntry], current: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("", "name", "state", "size", "note"):
        table.add_column(column, justify="right" if column == "size" else "left", overflow="fold")
    for entry in entries:
        size = f"{entry.size_bytes / 1e6:,.0f} MB" if entry.size_bytes else ""
        mark = "[bold]▸[/bold]" if entry.name == current else ""
        state = f"[{STATES[entry.state]}]{entry.state.replace('_', ' ')}[/]"
        note = entry.note if entry.note.startswith(entry.title) else f"{entry.title}. {entry.note}"
        table.add_row(mark, entry.name, state, size, note)
    return table


async def _pull(settings: Settings, name: str) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    async with _registry(settings) as registry:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task(name, total=None)
            async with aclosing(registry.pull(name)) as steps:
                async for step in steps:
                    progress.update(bar, completed=step.done_bytes, total=step.total_bytes, description=step.note)


async def _try(settings: Settings) -> None:
    console = Console()
    began = time.monotonic()
    async with new_session() as session, ModelRegistry(_config(settings), session, SystemClock()) as registry:
        model = registry.model_for(_nobody())
        await registry.loaded()
        console.print(f"[bold]{model.name}[/bold] is ready after {time.monotonic() - began:.1f} s.")
        said = [PromptMessage("system", TRIAL_PERSONA * 5)]
        for line in ("Hello! My name is Daniel, I am a nurse.", "What is my name, and what do I do?"):
            said.append(PromptMessage("user", line))
            said.append(PromptMessage("assistant", await _ask(console, model, said)))


async def _ask(console: Console, model: ChatModel, said: list[PromptMessage]) -> str:
    began, first, pieces = time.monotonic(), 0.0, 0
    text = ""
    console.print(f"\nyou › {said[-1].content}\n[bold]Wren[/bold] › ", end="")
    async with model.stream(Prompt(tuple(said), SamplingParams(max_tokens=120))) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, ChunkText):
                first = first or time.monotonic() - began
                pieces += 1
                text += chunk.text
                console.out(chunk.text, end="", highlight=False)
    pace = (pieces - 1) / max(time.monotonic() - began - first, 1e-3)
    console.print(f"\n[dim]first token after {first:.2f} s, then {pace:.0f} tokens a second[/dim]")
    return text


def _nobody() -> Character:
    """Return a character without a preferred model, so that the chosen model answers."""
    return Character(CharacterId("trial"), "trial", None, 1, Persona("Wren"), Millis(0), Millis(0))
