"""Characters, pictures, models, health, the page: everything of REST that is not talk."""

import asyncio
import io
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from everkin.llm.registry.registry import PullProgress
from everkin.observability.health import Condition, PartHealth
from tests.journeys.rest_house import SECRET, Client, RestHouse, open_rest_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUIDE = Path(__file__).parents[2] / "docs" / "rest.md"

READ_ONLY = {"id", "slug", "version", "starter", "editable", "restorable", "createdAt", "updatedAt"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RestHouse]:
    """One house for all of this file; each test brings people of its own."""
    async with open_rest_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def me(house: RestHouse) -> Client:
    return await house.person()


async def test_a_character_from_first_to_last(me: Client) -> None:
    made = await me.post("characters", {"name": "Doña Inés 🦊", "tags": ["sea"], "talkativeness": 0.25})
    assert made.status == 201
    character = made.body
    assert made.headers["location"] == f"/api/v1/characters/{character['id']}"
    assert (character["name"], character["version"], character["starter"]) == ("Doña Inés 🦊", 1, False)
    for name in (character["id"], character["slug"]):
        assert (await me.get(f"characters/{name}")).body == character

    persona = {key: value for key, value in character.items() if key not in READ_ONLY}
    changed = await me.put(f"characters/{character['id']}", {**persona, "age": 61, "lorebook": {"entries": [{"a": 1}]}})
    assert changed.status == 200, changed
    assert (changed.body["version"], changed.body["age"]) == (2, 61)
    assert changed.body["lorebook"] == {"entries": [{"a": 1}]}
    same = {key: value for key, value in changed.body.items() if key not in {*READ_ONLY, "age", "lorebook"}}
    assert same == {key: value for key, value in persona.items() if key not in ("age", "lorebook")}

    for query in ({"q": "inés"}, {"tag": "sea"}):
        found = (await me.get("characters", params=query)).body["items"]
        assert character["id"] in [item["id"] for item in found]
    assert (await me.delete(f"characters/{character['id']}")).status == 204
    assert (await me.get(f"characters/{character['id']}")).code == "not_found"


async def test_put_takes_the_whole_persona_and_loses_nothing(me: Client) -> None:
    made = (await me.post("characters", {"name": "Ada", "description": "Counts stars.", "age": 36})).body
    wiped = await me.put(f"characters/{made['id']}", {"name": "Grace"})
    assert (wiped.status, wiped.code) == (422, "invalid")
    assert wiped.body["field"] in made
    assert "description" in wiped.body["detail"]
    assert "PATCH" in wiped.body["detail"]
    assert (await me.get(f"characters/{made['id']}")).body == made


async def test_patch_changes_only_what_is_given(me: Client) -> None:
    persona = {"name": "Ada", "description": "Counts stars.", "age": 36, "tags": ["sea"], "lorebook": {"a": 1}}
    sampling = {"temperature": 0.4, "topP": 0.9}
    made = (await me.post("characters", {**persona, "sampling": sampling})).body
    path = f"characters/{made['slug']}"
    changed = await me.patch(path, {"name": "  Grace ", "age": None, "lorebook": None, "sampling": {"topP": None}})
    assert changed.status == 200, changed
    told = {"version": 2, "name": "Grace", "age": None, "lorebook": None, "updatedAt": changed.body["updatedAt"]}
    assert changed.body == {**made, **told, "sampling": {**made["sampling"], "topP": None}}
    assert (await me.patch(path, {"talkativeness": None, "sampling": None})).body["talkativeness"] == 0.5
    assert (await me.get(path)).body["sampling"]["temperature"] is None
    for body, field in (
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"slug": "x"}, "slug"),
        ({"age": -1}, "age"),
    ):
        refused = await me.patch(path, body)
        assert (refused.code, refused.body["field"]) == ("invalid", field)
    assert (await me.patch(path, {})).code == "invalid"
    assert (await me.get(path)).body["version"] == 3


async def test_changes_of_different_fields_at_once_all_stay(me: Client) -> None:
    made = (await me.post("characters", {"name": "Ada"})).body
    path = f"characters/{made['id']}"
    changes: list[dict[str, Any]] = [{"age": 36}, {"tagline": "Counts stars."}, {"gender": "woman"}]
    answers = await asyncio.gather(*[me.patch(path, change) for change in changes])
    assert [answer.status for answer in answers] == [200, 200, 200]
    now = (await me.get(path)).body
    assert (now["version"], now["age"], now["tagline"], now["gender"]) == (4, 36, "Counts stars.", "woman")


async def test_a_starter_comes_back_as_it_was_shipped(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path) as house:
        shipped = (await house.owner.get("characters/mira")).body
        assert not shipped["restorable"]
        assert (await house.owner.patch("characters/mira", {"name": "Mirabel", "description": ""})).body["restorable"]
        assert not (await (await house.person()).get("characters/mira")).body["restorable"]
        restored = await house.owner.post("characters/mira/restore")
        assert restored.body == {**shipped, "version": 3, "updatedAt": restored.body["updatedAt"]}
        assert (await house.owner.post("characters/mira/restore")).body == restored.body, "nothing to do"
        await house.owner.delete("characters/mira")
        assert (await house.owner.get("characters/mira")).code == "not_found"
        assert (await house.owner.post("characters/mira/restore")).body == restored.body
        assert len((await house.owner.get("characters")).body["items"]) == 6


async def test_who_may_restore_what(house: RestHouse, me: Client) -> None:
    assert (await me.post("characters/mira/restore")).code == "forbidden"
    ada = (await me.post("characters", {"name": "Ada"})).body["id"]
    assert (await me.post(f"characters/{ada}/restore")).code == "conflict"
    assert (await house.owner.post(f"characters/{ada}/restore")).code == "not_found"


async def test_six_starters_with_their_portraits(house: RestHouse, me: Client) -> None:
    starters = [item for item in (await me.get("characters")).body["items"] if item["starter"]]
    assert len(starters) == 6
    for starter in starters:
        portrait = await house.stranger.get(starter["avatar"])
        assert portrait.headers["content-type"] == "image/svg+xml"
        assert "sandbox" in portrait.headers["content-security-policy"]


async def test_a_picture_of_ones_own(house: RestHouse, me: Client) -> None:
    character = (await me.post("characters", {"name": "Ada"})).body["id"]
    picture = io.BytesIO()
    Image.new("RGB", (900, 700), "teal").save(picture, "PNG")
    path = f"characters/{character}/avatar"
    changed = await me.ask("PUT", path, data=picture.getvalue(), headers={"content-type": "image/png"})
    assert changed.status == 200, changed
    shown = await house.stranger.get(changed.body["avatar"])
    assert shown.headers["content-type"] == "image/webp"
    assert "immutable" in shown.headers["cache-control"]
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert max(Image.open(io.BytesIO(shown.body)).size) <= 512

    persona = {key: value for key, value in changed.body.items() if key not in READ_ONLY}
    assert (await me.put(f"characters/{character}", persona)).body["avatar"] == changed.body["avatar"]
    thief = await me.post("characters", {"name": "Thief", "avatar": changed.body["avatar"]})
    assert (thief.code, thief.body["field"]) == ("invalid", "avatar")
    large = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(large, "PNG")
    refused = await me.ask("PUT", path, data=large.getvalue())
    assert (refused.status, refused.code) == (422, "invalid")
    assert (refused.body["field"], refused.body["limit"]) == ("avatar", 4096)
    for junk in (b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" + b"\0" * 50):
        assert (await me.ask("PUT", path, data=junk)).status == 422


async def test_models(house: RestHouse, me: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    models = (await me.get("models")).body
    assert (models["current"]["name"], models["condition"]) == ("scripted", "ready")
    assert "scripted" in [entry["name"] for entry in models["entries"]]
    decided = await house.owner.put("models/current", {"name": "scripted"})
    assert decided.code == "conflict", "the setting decides in this house"
    unknown = await house.owner.post("models/no-such-model/pull")
    assert (unknown.status, unknown.code) == (422, "invalid")

    async def pulling(name: str) -> AsyncIterator[PullProgress]:
        for done in (10, 20):
            yield PullProgress(done, 20, name)

    monkeypatch.setattr(house.app.registry, "pull", pulling)
    async with house.owner.streaming("models/local:qwen2.5-1.5b/pull") as (response, events):
        assert response.status == 200
        told = [event async for event in events]
    assert [name for name, _ in told] == ["progress", "progress", "done"]
    assert told[1][1] == {"doneBytes": 20, "totalBytes": 20, "note": "local:qwen2.5-1.5b"}


async def test_health_for_each_who_asks(house: RestHouse, me: Client) -> None:
    assert (await house.stranger.get("/healthz")).body == {"status": "ok"}
    ready = await house.stranger.get("/readyz")
    assert (ready.status, ready.body["ready"]) == (200, True)
    health = (await me.get("health")).body
    assert health["parts"]["record"]["condition"] == "ok"
    assert (await house.stranger.get("health")).code == "unauthenticated"


async def test_unready_while_an_essential_part_is_down(tmp_path: Path) -> None:
    async def down() -> PartHealth:
        return PartHealth(Condition.DOWN, "for the operator only")

    async with open_rest_house(tmp_path) as house:
        house.app.health.register("record", down, essential=True)
        answer = await house.stranger.get("/readyz")
        assert (answer.status, answer.body["ready"], answer.body["parts"]["record"]) == (503, False, "down")
        assert "operator" not in str(answer.body)
        assert (await house.stranger.get("/healthz")).status == 200


async def test_about_before_anybody_signed_in(house: RestHouse) -> None:
    about = (await house.stranger.get("about")).body
    assert (about["maxMessageLength"], about["signup"], about["websocketPath"]) == (2000, False, "/socket.io")


async def test_the_page_and_its_places(house: RestHouse) -> None:
    for path in ("/", "/chat/cnv_1", "/index.html"):
        page = await house.stranger.get(path)
        if page.status == 404:
            assert path == "/index.html", "only where the page is not built"
            continue
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["cache-control"] == "no-cache"
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert f"ws://{house.url.removeprefix('http://')}" in policy
        assert not re.search(rb"<script>|<style>| style=| on\w+=", page.body)
    for path in ("/assets/none.js", "/avatars/none.svg", "/avatars/../mira.toml", "/..%2f..%2fsettings.py"):
        answer = await house.stranger.get(path)
        assert answer.status == 404 or answer.headers["content-type"].startswith("text/html"), path
        assert b"import" not in answer.body if isinstance(answer.body, bytes) else True
    assert (await house.stranger.post("/")).code == "method_not_allowed"


async def test_every_answer_is_dressed(house: RestHouse, me: Client) -> None:
    for client, path in (
        (me, "characters"),
        (house.stranger, "/"),
        (house.stranger, "/nowhere.js"),
        (me, "messages/x"),
    ):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"].startswith("req_")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
        assert "set-cookie" not in headers


async def test_the_guide_names_every_route_and_no_other(house: RestHouse) -> None:
    document = (await house.stranger.get("openapi.json")).body
    routes = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    table = set(re.findall(r"^\| `([A-Z]+) (/[^`]*)` \|", GUIDE.read_text("utf-8"), re.MULTILINE))
    assert table == routes | {("GET", "/api/v1/openapi.json"), ("GET", "/metrics")}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_commands_of_the_guide_work(house: RestHouse, tmp_path: Path) -> None:
    """Each `sh` block as it stands, one after the other in one shell, against this house."""
    command = tmp_path / "bin/everkin"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m everkin "$@"\n')
    command.chmod(0o700)
    path = f"{command.parent}:{os.environ['PATH']}"
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    script = "set -eu\n" + "\n".join(blocks).replace("http://127.0.0.1:8484", house.url)
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        script,
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "EVERKIN_DATA": str(house.data), "JWT_SECRET": SECRET},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await shell.communicate()
    assert shell.returncode == 0, (out.decode(), err.decode())
    told: Any = out.decode()
    assert "event: character:response" in told
    assert '"replies":[' in told
    assert "unauthenticated" in told
