"""What calls come to: asked for over REST, bounded by budgets, seen in metrics and from the command line."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from everkin.cli import cli
from tests.contracts.upstream import answers, open_upstream
from tests.journeys.processes import ServerProcess, everkin
from tests.journeys.rest_house import Answer, Client, RestHouse, open_rest_house

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RestHouse]:
    async with open_rest_house(tmp_path) as opened:
        yield opened


async def say(client: Client, text: str, chat: str = "") -> Answer:
    chat = chat or await client.chat()
    return await client.post(f"conversations/{chat}/messages?wait=true", {"content": text})


async def test_everybody_sees_their_own_and_the_owner_sees_all(house: RestHouse) -> None:
    sam, kim = await house.person("sam"), await house.person("kim")
    for client, times in ((sam, 1), (kim, 2)):
        for _ in range(times):
            assert (await say(client, "/echo one two three")).status == 201
    await say(kim, "/fail")
    own = (await sam.get("analytics/usage")).body
    assert (own["by"], own["since"] < own["until"]) == ("day", True)
    assert [(each["key"], each["calls"]) for each in own["items"]] == [(own["until"], 1)]
    assert own["total"]["tokensOut"] >= 3
    hers = (await kim.get("analytics/usage?by=model")).body
    assert {each["key"].lower() for each in hers["items"]} == {"scripted"}
    assert (hers["total"]["calls"], hers["total"]["failures"]) == (3, 1)
    people = {each["key"]: each["calls"] for each in (await house.owner.get("analytics/usage?by=user")).body["items"]}
    ids = [(await client.get("auth/me")).body["id"] for client in (sam, kim)]
    assert [people[each] for each in ids] == [1, 3]
    everybody = (await house.owner.get("analytics/usage?by=character&everybody=true")).body
    assert everybody["total"]["calls"] == 4
    for refused in ("by=user", "by=day&everybody=true"):
        assert (await sam.get(f"analytics/usage?{refused}")).code == "forbidden"


@pytest.mark.parametrize(
    "query",
    [
        "by=planet",
        "from=yesterday",
        "from=2026-11-22&to=2026-11-21",
        "from=2024-01-01&to=2026-01-01",
        "from=2026-13-01",
    ],
)
async def test_questions_that_make_no_sense_are_refused(house: RestHouse, query: str) -> None:
    assert (await house.owner.get(f"analytics/usage?{query}")).code == "invalid"
    assert (await house.stranger.get("analytics/usage")).code == "unauthenticated"
    assert (await house.owner.get("analytics/usage?to=0001-01-01")).status == 200


async def test_over_budget_nothing_is_stored_and_the_next_day_is_named(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path, daily_token_budget=1) as house:
        chat = await house.owner.chat()
        first = await say(house.owner, "/echo the last of it", chat)
        assert first.status == 201
        refused = await say(house.owner, "/echo one more", chat)
        assert (refused.status, refused.code) == (429, "budget_spent")
        assert 0 < refused.body["retryAfter"] <= 86_400
        assert int(refused.headers["retry-after"]) <= 86_400
        said = first.body["message"]["id"]
        assert (await house.owner.post(f"messages/{said}/retry")).code == "budget_spent"
        log = (await house.owner.get(f"conversations/{chat}/messages")).body["items"]
        assert "one more" not in str(log)
        assert (await say(await house.person("kim"), "/echo mine is whole")).status == 201


async def test_a_model_on_this_machine_costs_nothing(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path, daily_cost_budget=0.000001) as house:
        assert (await say(house.owner, "/echo free of charge")).status == 201
        assert (await say(house.owner, "/echo still free")).status == 201
        assert (await house.owner.get("analytics/usage")).body["total"]["cost"] == 0


@pytest.mark.parametrize(("price_in", "cost"), [(-1.0, 0.0), (1000.0, 0.007)])
async def test_the_operators_own_price_makes_the_dollars(tmp_path: Path, price_in: float, cost: float) -> None:
    async with open_upstream(answers) as upstream:
        where = {"model": "custom", "base_url": upstream.base_url, "model_name": "test-1", "discover": False}
        prices = {"price_in": price_in, "price_out": 0.0, "daily_cost_budget": 0.005}
        async with open_rest_house(tmp_path, **where, **prices) as house:
            assert (await say(house.owner, "Good evening.")).status == 201
            total = (await house.owner.get("analytics/usage")).body["total"]
            assert (total["tokensIn"], total["cost"]) == (7, cost)
            assert (await say(house.owner, "Good night.")).status == (429 if cost else 201)


async def test_metrics_tell_what_happened_and_nothing_about_anybody(house: RestHouse) -> None:
    await say(house.owner, "/echo a secret of mine")
    await say(house.owner, "/fail")
    answer = await house.owner.get("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    text = answer.body.decode()
    seen = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert seen["everkin_turns_total", "completed"] == 1
    assert seen["everkin_model_calls_total", "scripted", "stop"] == 1
    assert seen["everkin_turn_seconds_count", "completed"] == 1
    assert seen["everkin_message_stored_seconds_count",] == 2
    assert seen["everkin_commit_writes_total",] >= 4
    assert seen["everkin_part_condition", "record"] == 0
    assert seen["everkin_live_turns",] == 0
    assert ("everkin_part_figure", "open", "sockets") in seen
    me = (await house.owner.get("auth/me")).body
    assert not [word for word in (me["id"], "cnv_", "msg_", "secret") if word in text]


async def test_every_metric_is_documented_and_dashboard_and_alerts_name_no_other(house: RestHouse) -> None:
    families = list(text_string_to_metric_families((await house.owner.get("/metrics")).body.decode()))
    told = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    told = {name for name in told if name.startswith("everkin_")}
    assert len(told) > 20
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    assert not [name for name in told if f"`{name}" not in page]
    for file in ("docs/operations.md", "deploy/alerts.yaml", "deploy/grafana/everkin.json"):
        text = (ROOT / file).read_text("utf-8")
        named = {name.removesuffix("_bucket") for name in re.findall(r"\beverkin_\w+", text)}
        assert named <= told, file


async def test_without_a_token_of_their_own_the_metrics_are_the_owners(house: RestHouse) -> None:
    for bearer in ("", "Bearer ", "Bearer another", "Basic another", "Bearer \xff"):
        answer = await house.stranger.get("/metrics", headers={"authorization": bearer} if bearer else {})
        assert (answer.code, b"everkin_" in str(answer.body).encode()) == ("unauthenticated", False), bearer
    robin = await house.person()
    assert (await robin.get("/metrics")).code == "forbidden"
    assert (await house.owner.post("/metrics")).code == "method_not_allowed"
    assert (await house.owner.get("/metrics/all")).code == "not_found"


async def test_the_metrics_token_opens_them(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "d", "--model", "scripted", cwd=tmp_path, METRICS_TOKEN="a quiet token") as server:
        async with aiohttp.ClientSession() as session:

            async def status(**headers: str) -> int:
                async with session.get(f"{server.url}/metrics", headers=headers) as response:
                    return response.status

            assert await status() == 401
            assert await status(authorization="Bearer another") == 401
            assert await status(authorization="Bearer a quiet token") == 200
            assert await status(authorization=f"Bearer {server.sign_in()['access']}") == 200
        own = everkin("house", "usage", "--json", "--data", str(server.data), cwd=tmp_path)
        assert own.returncode == 0, own.stderr


def test_the_operators_commands_ask_the_running_server(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    alone = everkin("house", "health", *data, cwd=tmp_path)
    assert (alone.returncode, "everkin serve" in alone.stderr) == (1, True)
    with ServerProcess(tmp_path / "data", "--model", "scripted", cwd=tmp_path) as server:

        def ask(*words: str) -> str:
            done = CliRunner().invoke(cli, ["house", *words, *data], catch_exceptions=False)
            assert done.exit_code == 0, done.output
            return done.stdout

        assert "record" in ask("health")
        assert json.loads(ask("health", "--json"))["parts"]["usage"]["figures"]["lost"] == 0
        assert "hitRate" in ask("cache")
        assert "Dropped:" in ask("clear-user", server.sign_in()["user"]["id"])
        nobody = everkin("house", "clear-user", "usr_nobody", *data, cwd=tmp_path)
        assert (nobody.returncode, "no such account" in nobody.stderr) == (1, True)
        assert "Dropped:" in ask("invalidate", "character:*")
        assert json.loads(ask("pools", "--json"))["most"]["outgoing"] == 100
        assert "Dropped: 0" in ask("clean-pools")
        assert json.loads(ask("memory", "--json"))["rssBytes"] > 2**20
        assert json.loads(ask("sessions", "--json"))["house"]["unsaved"] == 0
        assert "in all" in ask("usage", "--by", "model")
        refused = everkin("house", "invalidate", "*", *data, cwd=tmp_path)
        assert (refused.returncode, "pattern" in refused.stderr) == (1, True)
