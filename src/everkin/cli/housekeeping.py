"""`everkin housekeeping`: retention, expired tokens, sweeps; and purging, if requested."""

import asyncio
from pathlib import Path

import click

from everkin.cli.long_tasks import run_errand, tell_counts
from everkin.cli.options import data_option
from everkin.settings import load_settings

DONE = {
    "expired_tokens": "expired tokens dropped",
    "idle_sessions": "idle conversations let out of memory",
    "idle_connections": "idle connections closed",
    "archived": "conversations archived",
    "resting": "memories at rest",
    "purged_conversations": "conversations deleted for good",
    "purged_facts": "memories deleted for good",
}
TO_DO = {
    "to_archive": "conversations to be archived",
    "resting": "memories at rest",
    "to_purge_conversations": "conversations --purge would delete for good",
    "to_purge_facts": "memories --purge would delete for good",
}


@click.command()
@data_option
@click.option("--dry-run", is_flag=True, help="Only count what there is to do.")
@click.option("--purge", is_flag=True, help="Also delete for good what has rested or been archived as long again.")
@click.option("--yes", is_flag=True, help="Purge without asking.")
def housekeeping(data: Path | None, dry_run: bool, purge: bool, yes: bool) -> None:
    """Clean up the running Everkin: archive idle conversations, drop expired tokens."""
    settings = load_settings(data=data)
    if purge and not dry_run and not yes:
        due = asyncio.run(run_errand(settings, "housekeeping", {"dryRun": True}))
        tell_counts(due, TO_DO)
        click.confirm("What is purged cannot be brought back. Go on?", abort=True)
    answer = asyncio.run(run_errand(settings, "housekeeping", {"dryRun": dry_run, "purge": purge}))
    tell_counts(answer, TO_DO if dry_run else DONE)
