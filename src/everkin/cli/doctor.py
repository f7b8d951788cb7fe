"""`everkin doctor`: checks every part, with a server running or not, and says how to fix problems."""

import asyncio
import dataclasses
import json
import logging
from collections.abc import Awaitable
from pathlib import Path

import click

from everkin.cli.doctor_access import check_access
from everkin.cli.doctor_files import check_disk, check_folder, check_page, check_secret
from everkin.cli.doctor_record import RecordFacts, examine_record
from everkin.cli.doctor_services import check_embedder, check_model, check_redis, check_server
from everkin.cli.findings import Finding, has_problem, ok, problem, warning
from everkin.cli.options import data_option
from everkin.domain.errors import StartError
from everkin.settings import Settings, load_settings

LONGEST_CHECK = 30
"""Seconds."""

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


@click.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def doctor(data: Path | None, as_json: bool) -> None:
    """Check every part and say how to fix problems. Exit code 1 when there is one."""
    logging.disable(logging.CRITICAL)  # messages that a part would log are reported as findings
    findings = asyncio.run(examine(data))
    if as_json:
        told = [dataclasses.asdict(finding) for finding in findings]
        click.echo(json.dumps({"ok": not has_problem(findings), "findings": told}, indent=2))
    else:
        for finding in findings:
            click.echo(_line(finding))
    if has_problem(findings):
        raise SystemExit(1)


async def examine(data: Path | None) -> list[Finding]:
    """Return all findings, in the order they are shown."""
    try:
        settings = load_settings(data=data)
    except StartError as error:
        return [problem("settings", error.sentence)]
    return [*_settings(settings), *await _parts(settings)]


async def _parts(settings: Settings) -> list[Finding]:
    on_disk = [*check_folder(settings), *check_disk(settings), *check_secret(settings)]
    record = await _record(settings)
    services = await asyncio.gather(
        _limited("model", check_model(settings)),
        _limited("embedder", check_embedder(settings)),
        _limited("redis", check_redis(settings)),
        _limited("server", check_server(settings, current_schema=record.current_schema)),
    )
    access = check_access(settings, record.owner_password)
    return [*on_disk, *record.findings, *access, *check_page(settings), *(each for part in services for each in part)]


async def _record(settings: Settings) -> RecordFacts:
    try:
        async with asyncio.timeout(LONGEST_CHECK):
            return await examine_record(settings)
    except TimeoutError:
        return RecordFacts((problem("record", f"It has not answered within {LONGEST_CHECK} s. Check DATABASE_URL."),))


async def _limited(part: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    """Run a check with a time limit. A check that fails is a finding, so that the others are still reported."""
    try:
        async with asyncio.timeout(LONGEST_CHECK):
            return await check
    except TimeoutError:
        return [problem(part, f"It has not answered within {LONGEST_CHECK} s.")]
    except Exception as error:  # noqa: BLE001  the edge of one check
        return [problem(part, f"The check itself failed: {type(error).__name__}. Please report it.")]


def _settings(settings: Settings) -> list[Finding]:
    return [warning("settings", settings.warning) if settings.warning else ok("settings", "They can be read.")]


def _line(finding: Finding) -> str:
    state = click.style(f"{finding.state:<8}", fg=_COLOURS[finding.state])
    return f"{state} {finding.part}: {finding.sentence}"
