"""Housekeeping and reindexing of a running house, over REST and from the terminal beside it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from everkin.cli.housekeeping import housekeeping
from everkin.cli.reindex import reindex
from everkin.cli.server import ADDRESS_FILE
from tests.contracts.valkey import running_valkey
from tests.journeys.rest_house import RestHouse, open_rest_house


async def ended(house: RestHouse, path: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (answer := (await house.owner.get(path)).body)["endedAt"] is None:
            await asyncio.sleep(0.02)
    return dict(answer)


async def test_the_owner_tidies_up_and_sees_how_it_went(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path) as house:
        assert (await house.owner.get("admin/housekeeping")).status == 404
        looked = await house.owner.post("admin/housekeeping", {"dryRun": True})
        assert (looked.status, looked.body["dryRun"]) == (202, True)
        assert (await ended(house, "admin/housekeeping"))["counts"] == {
            "to_archive": 0,
            "resting": 0,
            "to_purge_conversations": 0,
            "to_purge_facts": 0,
        }
        assert (await house.owner.post("admin/housekeeping", {})).status == 202
        done = await ended(house, "admin/housekeeping")
        assert {"expired_tokens", "idle_sessions", "idle_connections"} <= set(done["counts"])
        assert (done["problem"], done["done"]) == ("", done["total"])


async def test_nobody_else_may(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path) as house:
        robin = await house.person()
        for path in ("admin/housekeeping", "admin/reindex"):
            assert (await robin.post(path, {})).status == 403
            assert (await robin.get(path)).status == 403
            assert (await house.stranger.get(path)).status == 401


async def test_a_reindexed_house_finds_what_was_said(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path, embedder="none") as house:
        chat = await house.owner.chat()
        said = await house.owner.post(f"conversations/{chat}/messages?wait=true", {"content": "/echo kestrel"})
        assert said.status == 201
        assert (await house.owner.post("admin/reindex")).status == 202
        done = await ended(house, "admin/reindex")
        assert (done["problem"], done["counts"]["conversations"]) == ("", 1)
        assert done["done"] == done["total"] > 0
        found = (await house.owner.get("search?q=kestrel")).body
        assert len(found["items"]) == 2, "said, and said back"


async def test_both_work_from_the_terminal_beside_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_rest_house(tmp_path, embedder="none") as house:
        await house.owner.chat()
        (tmp_path / ADDRESS_FILE).write_text(f'{{"url": "{house.url}"}}')
        monkeypatch.setenv("JWT_SECRET", "0123456789abcdef0123456789abcdef")
        monkeypatch.chdir(tmp_path)
        for command, more, words in (
            (housekeeping, ["--dry-run"], "conversations to be archived"),
            (housekeeping, ["--purge", "--yes"], "memories at rest"),
            (reindex, [], "conversations indexed anew"),
        ):
            told = await asyncio.to_thread(CliRunner().invoke, command, ["--data", str(tmp_path), *more])
            assert told.exit_code == 0, (told.output, told.exception)
            assert words in told.output


async def test_another_house_finds_hot_copies_in_valkey_and_health_counts_them(tmp_path: Path) -> None:
    with running_valkey() as server:
        async with open_rest_house(tmp_path, redis_url=server.url) as house:
            chat = await house.owner.chat()
            said = await house.owner.post(f"conversations/{chat}/messages?wait=true", {"content": "/echo kestrel"})
            assert said.status == 201

            async def copies() -> float:
                health = (await house.owner.get("health")).body["parts"]["hot_copies"]
                return float(health["figures"]["shared_written"])

            async with asyncio.timeout(20):
                while not await copies():
                    await asyncio.sleep(0.05)
            assert server.ask(b"EXISTS", f"everkin:chat:{chat}".encode()).startswith(b":1")
            assert (await house.owner.delete(f"conversations/{chat}")).status in (200, 204)
            assert server.ask(b"STRLEN", f"everkin:chat:{chat}".encode()) == b":0\r\n", "overwritten"
