"""`everkin serve`."""

import logging
import sys
import warnings
from pathlib import Path

import click

from everkin.app import App
from everkin.cli.link import signed_address
from everkin.cli.options import data_option, model_option
from everkin.security.loopback import is_loopback
from everkin.security.sign_in_keys import START_SECONDS
from everkin.settings import Settings, load_settings


@click.command()
@click.option("--host", help="Address to listen on (default: HOST, else 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (default: PORT, else 8484; 0 picks a free one).")
@data_option
@model_option
def serve(host: str | None, port: int | None, data: Path | None, model: str | None) -> None:
    """Start Everkin and print its address. Ctrl-C ends it, after running replies have ended."""
    settings = load_settings(host=host, port=port, data=data, model=model)
    configure_logging(settings)
    run(settings)


def run(settings: Settings) -> None:
    from everkin.cli.server import serve_until_stopped
    from everkin.kit.release_memory import limit_malloc

    limit_malloc()

    def announce(url: str, app: App) -> None:
        keyed = settings.auth.local_sign_in and is_loopback(settings.server.host)
        address = signed_address(url, app.accounts.sign_in_keys.issue(START_SECONDS)) if keyed else url
        click.echo(f"Everkin is ready: {click.style(address, bold=True)}")
        if keyed:
            click.echo("Open that address on this machine. It signs you in once; `everkin link` prints a fresh one.")
        click.echo(f"Its data lives in {settings.storage.data}. Ctrl-C ends it.")

    main = serve_until_stopped(settings, announce)
    if sys.platform == "win32":
        import asyncio

        asyncio.run(main)
    else:
        import uvloop

        uvloop.run(main)


def configure_logging(settings: Settings) -> None:
    """Log to stderr, one line each, never with chat text."""
    logging.basicConfig(
        level=settings.server.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    warnings.filterwarnings("ignore", module=r"PIL\.")  # its complaints about users' broken pictures
    for name in ("alembic", "engineio", "socketio", "uvicorn", "PIL"):
        logging.getLogger(name).setLevel(logging.WARNING)
