"""`everkin reindex`: rebuild the index of all memory from the database."""

import asyncio
from pathlib import Path

import click

from everkin.cli.long_tasks import run_errand, tell_counts
from everkin.cli.options import data_option
from everkin.settings import load_settings


@click.command()
@data_option
def reindex(data: Path | None) -> None:
    """Rebuild the search and recall index of the running Everkin, also after a change of embedder."""
    answer = asyncio.run(run_errand(load_settings(data=data), "reindex", None))
    tell_counts(answer, {"conversations": "conversations indexed anew"})
