"""`everkin token`: an access token for scripts and tests on your own machine."""

import asyncio
from pathlib import Path

import click

from everkin.cli.options import data_option
from everkin.settings import load_settings
from everkin.wiring.app import open_accounts


@click.command()
@data_option
@click.option("--minutes", type=click.IntRange(1, 24 * 60), help="How long it lasts (default: ACCESS_TOKEN_MINUTES).")
def token(data: Path | None, minutes: int | None) -> None:
    """Print an access token of the first-run owner. Works beside a running server."""

    async def fetch() -> str:
        async with open_accounts(load_settings(data=data)) as accounts:
            return (await accounts.owner_tokens(minutes=minutes)).access

    click.echo(asyncio.run(fetch()))
