"""What the operator sees and tidies up over REST, in this process and with a Valkey that comes and goes."""

from pathlib import Path

import pytest

from tests.contracts.valkey import running_valkey, until
from tests.journeys.rest_house import RestHouse, open_rest_house


@pytest.fixture(params=["local", "redis"])
def redis_url(request: pytest.FixtureRequest) -> object:
    if request.param == "local":
        yield ""
        return
    with running_valkey() as server:
        yield server.url


async def talk(house: RestHouse) -> None:
    chat = await house.owner.chat()
    answer = await house.owner.post(f"conversations/{chat}/messages?wait=true", {"content": "/echo hello"})
    assert answer.status == 201, answer


async def test_the_operator_sees_the_cache_and_drops_what_is_in_it(tmp_path: Path, redis_url: str) -> None:
    async with open_rest_house(tmp_path, redis_url=redis_url) as house:
        await talk(house)
        me = (await house.owner.get("auth/me")).body["id"]
        seen = (await house.owner.get("admin/cache")).body
        assert (seen["kind"], seen["status"]) == ("redis" if redis_url else "local", "ok")
        assert seen["nearHits"] > 0
        assert seen["nearCopies"] == 3, "a character, a person and their settings"
        assert (await house.owner.post("admin/cache/clear-user", {"userId": me})).body == {"dropped": 3}
        assert (await house.owner.post("admin/cache/clear-user", {"userId": me})).body == {"dropped": 0}
        assert (await house.owner.post("admin/cache/invalidate", {"pattern": "character:*"})).body == {"dropped": 1}
        await talk(house)
        health = (await house.owner.get("health")).body["parts"]["cache"]
        assert health["condition"] == "ok"
        assert health["figures"]["misses"] > 0


async def test_patterns_stay_in_our_key_space(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path) as house:
        for pattern in ("*", "everkin*", "", "?ser:1", "user", "user:" + "*" * 196):
            answer = await house.owner.post("admin/cache/invalidate", {"pattern": pattern})
            assert (answer.status, answer.body.get("field")) == (422, "pattern"), pattern
        for strange in ("a*", "a b", ""):
            assert (await house.owner.post("admin/cache/clear-user", {"userId": strange})).status == 422


async def test_pools_and_memory_are_shown(tmp_path: Path, redis_url: str) -> None:
    async with open_rest_house(tmp_path, redis_url=redis_url) as house:
        await talk(house)
        pools = (await house.owner.get("admin/pools")).body
        assert pools["most"] == ({"outgoing": 100, "redis": 50} if redis_url else {"outgoing": 100})
        dropped = (await house.owner.post("admin/pools/clean")).body["dropped"]
        assert dropped == sum(item["idle"] for item in pools["items"])
        memory = (await house.owner.get("admin/memory")).body
        assert memory["rssBytes"] > 2**20
        assert memory["hotLogs"] == 1


async def test_a_redis_that_dies_is_seen_in_health_and_felt_by_nobody(tmp_path: Path) -> None:
    with running_valkey() as server:
        async with open_rest_house(tmp_path, redis_url=server.url, message_rate_limit=5) as house:
            await talk(house)
            await talk(house)
            server.kill()
            ada = (await house.owner.post("characters", {"name": "Ada", "firstMessage": "Hello."})).body
            chat = (await house.owner.post("conversations", {"characterId": ada["id"]})).body["id"]
            path = f"conversations/{chat}/messages?wait=true"
            assert (await house.owner.post(path, {"content": "/echo one"})).status == 201
            renamed = await house.owner.patch(f"characters/{ada['id']}", {"name": "Eve"})
            assert renamed.status == 200
            assert (await house.owner.get(f"characters/{ada['id']}")).body["name"] == "Eve"
            health = (await house.owner.get("health")).body
            assert health["parts"]["cache"]["condition"] == "degraded"
            assert health["parts"]["cache"]["figures"]["counted_in_process"] > 0
            assert (await house.stranger.get("/readyz")).status == 200
            limited = [(await house.owner.post(path, {"content": f"/echo {number}"})).status for number in range(4)]
            assert limited == [201, 201, 429, 429], "the limit holds, with what Redis had counted"
            server.start()
            admin = house.app.admin
            await until(lambda: not admin.pools[1].away)  # type: ignore[attr-defined]
            assert (await house.owner.get("admin/cache")).body["kind"] == "redis"
