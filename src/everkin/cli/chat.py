"""`everkin chat mira`: a conversation in the terminal, with the running server, or with one started for it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import click
from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory
from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from everkin.cli.options import data_option, model_option
from everkin.cli.running import running_url
from everkin.cli.serve import configure_logging
from everkin.cli.server import serving
from everkin.domain.errors import StartError
from everkin.interfaces.terminal import Refusal, TerminalClient
from everkin.interfaces.views import CharacterView, ConversationView
from everkin.kit.tasks import Tasks
from everkin.settings import Settings, load_settings
from everkin.wiring.app import open_accounts

HELP = "/new begins afresh, /history shows more, /quit ends. Ctrl-C stops a reply."
SESSION_MINUTES = 24 * 60


@click.command()
@click.argument("character", default="mira")
@click.option("--new", "fresh", is_flag=True, help="Begin a new conversation.")
@data_option
@model_option
def chat(character: str, fresh: bool, data: Path | None, model: str | None) -> None:
    """Talk with CHARACTER (a slug such as mira) in this terminal."""
    settings = load_settings(data=data, model=model, log_level="warning")
    configure_logging(settings)
    try:
        asyncio.run(_chat(settings, character, fresh))
    except Refusal as refusal:
        raise StartError(str(refusal)) from None


async def _chat(settings: Settings, character: str, fresh: bool) -> None:
    async with _server(settings) as url, open_accounts(settings) as accounts, aiohttp.ClientSession() as session:
        token = (await accounts.owner_tokens(minutes=SESSION_MINUTES)).access
        client = TerminalClient(session, url, token)
        known = await client.character(character)
        talk = Talk(client, known, await client.conversation(known.id, fresh=fresh))
        await talk.run(settings.storage.data / "terminal_history")


@asynccontextmanager
async def _server(settings: Settings) -> AsyncIterator[str]:
    """Yield the address of the server that runs on this data, or of one that runs during the chat."""
    if (url := await running_url(settings)) is not None:
        yield url
        return
    async with serving(_on_free_port(settings)) as (url, _):
        yield url


def _on_free_port(settings: Settings) -> Settings:
    return replace(settings, server=replace(settings.server, host="127.0.0.1", port=0))


class Talk:
    """One session at the terminal. If the input is not a terminal, lines are read and answered until it ends."""

    def __init__(self, client: TerminalClient, character: CharacterView, conversation: ConversationView) -> None:
        self._client = client
        self._character = character
        self._conversation = conversation
        self._console = Console(highlight=False)
        self._tasks = Tasks("terminal")

    async def run(self, history_file: Path) -> None:
        self._console.print(f"[bold]{self._character.name}[/bold] {self._character.tagline}")
        self._console.print(f"[dim]An AI character. {HELP}[/dim]\n")
        await self._show_history(6)
        prompt: PromptSession[str] | None = None
        if sys.stdin.isatty():
            prompt = PromptSession(history=FileHistory(str(history_file)))
        while (line := await self._read(prompt)) is not None:
            if line.strip() in ("/quit", "/exit"):
                return
            await self._take(line)

    async def _read(self, prompt: "PromptSession[str] | None") -> str | None:
        if prompt is None:
            return (await asyncio.to_thread(sys.stdin.readline)).rstrip("\n") or None
        try:
            return await prompt.prompt_async("you › ")
        except (EOFError, KeyboardInterrupt):
            return None

    async def _take(self, line: str) -> None:
        if not line.strip():
            return
        if line.strip() == "/new":
            self._conversation = await self._client.conversation(self._character.id, fresh=True)
            await self._show_history(1)
        elif line.strip() == "/history":
            await self._show_history(50)
        elif line.strip().startswith("/help"):
            self._console.print(f"[dim]{HELP}[/dim]")
        else:
            await self._say(line)

    async def _say(self, text: str) -> None:
        self._console.print(f"[bold]{self._character.name}[/bold] › ", end="")
        with self._interrupt_stops_reply():
            try:
                async for reply in self._client.say(self._conversation.id, text):
                    if reply.trouble:
                        self._console.print(f"\n[red]{reply.trouble}[/red]", end="")
                    self._console.out(reply.text, end="")
                    if reply.note:
                        self._show_note(f"\n\n{reply.note}")
            except Refusal as refusal:
                self._console.print(f"[red]{refusal}[/red]", end="")
        self._console.print("\n")

    def _show_note(self, text: str) -> None:
        """Show a line from Everkin itself so that it stands out."""
        self._console.print(Text(text, style="bold cyan"))

    @contextmanager
    def _interrupt_stops_reply(self) -> Iterator[None]:
        """Let Ctrl-C ask the server to stop; the stream then ends by itself, and the text generated so far is kept."""
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGINT, lambda: self._tasks.start(self._client.stop(self._conversation.id)))
        except NotImplementedError:  # Windows: Ctrl-C ends the program
            yield
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    async def _show_history(self, limit: int) -> None:
        for message in await self._client.history(self._conversation.id, limit):
            if message.sender_type == "system":
                self._show_note(message.content)
                continue
            who = self._character.name if message.sender_type == "character" else "you"
            self._console.print(f"[bold]{who}[/bold] ›")
            deleted = message.deleted_at is not None
            self._console.print("[dim](deleted)[/dim]" if deleted else Markdown(message.content))
        self._console.print()
