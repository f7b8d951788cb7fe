"""The official JavaScript client, unmodified, against the door."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.node_client import HERE, node_with_client
from tests.journeys.socket_house import PATIENCE, SocketHouse, open_socket_house


@pytest.fixture(scope="module")
def node() -> str:
    """The node program, with the client installed beside chat.mjs."""
    return node_with_client()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SocketHouse]:
    async with open_socket_house(tmp_path) as opened:
        yield opened


async def journey(node: str, house: SocketHouse, token: str, conversation_id: str, *transports: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        node, str(HERE / "chat.mjs"), house.url, token, conversation_id, *transports, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE + 10)
    result: dict[str, Any] = json.loads(out)
    return result


@pytest.mark.parametrize("transports", [(), ("websocket",), ("polling",)])
async def test_a_conversation_with_the_official_client(
    node: str, house: SocketHouse, transports: tuple[str, ...]
) -> None:
    token = await house.token()
    conversation = await house.conversation(token)
    told = await journey(node, house, token, conversation.id, *transports)
    assert told["joined"]["missed"] == 1
    assert told["sent"]["ok"] is True
    assert told["refused"]["error"]["field"] == "content"
    assert told["transport"] == (transports[0] if transports else "websocket")
    messages = [body for name, body in told["heard"] if name == "message:received"]
    assert [body["seq"] for body in messages] == [1, 2, 3]
    assert messages[1] == told["sent"]["message"]
    assert messages[2]["content"] == "Grüße \U0001f98a aus dem Leuchtturm."
    deltas = [body["text"] for name, body in told["heard"] if name == "character:response" and "text" in body]
    assert "".join(deltas) == messages[2]["content"]
    await house.until_figure("open", 0)


async def test_the_official_client_is_told_why_it_is_refused(node: str, house: SocketHouse) -> None:
    told = await journey(node, house, "not.a.token", "cnv_1", "websocket")
    assert told["refused"]["data"]["code"] == "unauthenticated"
    assert told["refused"]["message"] == told["refused"]["data"]["sentence"]
