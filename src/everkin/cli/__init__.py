"""The command line: `everkin serve | chat | link | token | users | models | house | doctor | housekeeping | reindex |
eval`."""

import importlib
from typing import Any

import click

from everkin.domain.errors import EverkinError
from everkin.domain.version import VERSION
from everkin.kit.private_files import make_new_files_private

COMMANDS = {
    "serve": ("everkin.cli.serve", "Start Everkin and print its address."),
    "chat": ("everkin.cli.chat", "Talk with a character in this terminal."),
    "link": ("everkin.cli.link", "Print an address that signs the owner in, once."),
    "token": ("everkin.cli.token", "Print an access token of the first-run owner."),
    "users": ("everkin.cli.users", "People who may sign in."),
    "models": ("everkin.cli.models", "Language models: list, pull, use."),
    "house": ("everkin.cli.house", "The running Everkin: health, usage, cache, pools, sessions, memory."),
    "doctor": ("everkin.cli.doctor", "Check every part and say how to mend what is wrong."),
    "housekeeping": (
        "everkin.cli.housekeeping",
        "Archive what is idle, drop what has expired, purge what is asked for.",
    ),
    "reindex": ("everkin.cli.reindex", "Make the index of all memory anew."),
    "eval": ("everkin.cli.eval", "How well memory does with your own embedder and model."),
}


class LazyGroup(click.Group):
    """Imports a command's module when it is used, so that `everkin token` does not load a web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, doc) for name, (_, doc) in COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(VERSION, prog_name="everkin")
def cli() -> None:
    """Everkin: a home for AI companions on your own machine."""


def main(**extra: Any) -> None:
    """Run the command line. An EverkinError ends it with its sentence and exit code 1."""
    make_new_files_private()
    try:
        cli(**extra)
    except EverkinError as error:
        click.echo(f"everkin: {error.sentence}", err=True)
        raise SystemExit(1) from None
