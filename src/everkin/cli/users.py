"""`everkin users`: the users allowed to sign in from other devices."""

import asyncio
from pathlib import Path

import click

from everkin.cli.options import data_option
from everkin.cli.running import ask_running, running_url
from everkin.domain.caller import User
from everkin.settings import load_settings
from everkin.wiring.app import open_accounts


@click.group()
def users() -> None:
    """Users allowed to sign in."""


@users.command()
@data_option
@click.argument("login")
@click.option("--name", default="", help="What characters call them (default: the login).")
@click.password_option()
def add(data: Path | None, login: str, name: str, password: str) -> None:
    """Add a user with a password."""

    async def work() -> User:
        async with open_accounts(load_settings(data=data)) as accounts:
            return await accounts.add_user(login, password, name)

    click.echo(f"{asyncio.run(work()).login} may sign in now.")


@users.command()
@data_option
@click.argument("login")
@click.password_option()
def password(data: Path | None, login: str, password: str) -> None:
    """Set a user's password; `owner` is the first-run owner."""

    async def work() -> None:
        async with open_accounts(load_settings(data=data)) as accounts:
            await accounts.set_password(login, password)

    asyncio.run(work())
    click.echo("The password is set.")


@users.command()
@data_option
@click.argument("login")
@click.argument("name")
def name(data: Path | None, login: str, name: str) -> None:
    """Set the name that characters call a user; `owner` is the first-run owner. A running Everkin uses it at once."""
    settings = load_settings(data=data)

    async def work() -> User:
        async with open_accounts(settings) as accounts:
            named = await accounts.set_name(login, name)
        if await running_url(settings) is not None:
            await ask_running(settings, "POST", "admin/cache/clear-user", {"userId": named.id}, {})
        return named

    click.echo(f"{login} is called {asyncio.run(work()).name} from now on.")


@users.command(name="list")
@data_option
def list_users(data: Path | None) -> None:
    """List all users."""

    async def work() -> list[User]:
        async with open_accounts(load_settings(data=data)) as accounts:
            return await accounts.users()

    for user in asyncio.run(work()):
        sign_in = "password" if user.password_hash else ("issuer" if user.issuer else "this machine only")
        click.echo(f"{user.login}\t{user.name}\t{user.role}\t{sign_in}")
