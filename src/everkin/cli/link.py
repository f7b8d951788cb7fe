"""`everkin link`: a new address that signs the owner in, beside a running server."""

import asyncio
from pathlib import Path

import aiohttp
import click

from everkin.cli.options import data_option
from everkin.cli.running import PATIENCE, running_url
from everkin.domain.errors import StartError
from everkin.security.sign_in_keys import LINK_SECONDS
from everkin.settings import Settings, load_settings
from everkin.wiring.app import open_accounts


@click.command()
@data_option
def link(data: Path | None) -> None:
    """Print an address that signs the owner in on this machine, once, within an hour. Needs a running server."""
    click.echo(asyncio.run(fresh_address(load_settings(data=data))))


async def fresh_address(settings: Settings) -> str:
    """Return the address. Raises StartError when no server runs on the data folder, or when it accepts no sign-in
    keys."""
    url = await running_url(settings)
    if url is None:
        raise StartError(f"No Everkin runs on {settings.storage.data}. Start it with `everkin serve`, or name --data.")
    if not await _takes_keys(url):
        raise StartError(
            f"The Everkin at {url} lets nobody in without a password: it listens to other machines, or LOCAL_SIGN_IN is "
            "off. `everkin users password owner` sets yours."
        )
    async with open_accounts(settings) as accounts:
        return signed_address(url, accounts.sign_in_keys.issue(LINK_SECONDS))


def signed_address(url: str, key: str) -> str:
    """Return the address with the key in the fragment, which browsers never send: it is in no log of a server or
    proxy."""
    return f"{url}/#key={key}"


async def _takes_keys(url: str) -> bool:
    async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(f"{url}/api/v1/about") as response:
        return bool((await response.json())["localSignIn"])
