"""The terminal interface: a small client of the REST interface, so that a conversation is the same everywhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from everkin.interfaces.sockets.wire import CharacterResponse
from everkin.interfaces.views import CharacterView, ConversationView, MessageView


class Refusal(Exception):
    """The server refused a request; the message is the server's own sentence."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One step of a reply."""

    text: str = ""
    """More text of the reply."""
    trouble: str = ""
    """An error to show."""
    void: bool = False
    """True: discard the text shown so far for this reply."""
    note: str = ""
    """A line from Everkin itself."""


class TerminalClient:
    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._api = f"{url}/api/v1"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def character(self, name: str) -> CharacterView:
        return msgspec.json.decode(await self._call("GET", f"/characters/{name}"), type=CharacterView)

    async def characters(self) -> list[CharacterView]:
        class Page(msgspec.Struct):
            items: list[CharacterView]

        return msgspec.json.decode(await self._call("GET", "/characters"), type=Page).items

    async def conversation(self, character_id: str, *, fresh: bool) -> ConversationView:
        """Return the newest conversation with the character, or a new one."""

        class Page(msgspec.Struct):
            items: list[ConversationView]

        if not fresh:
            found = await self._call("GET", f"/conversations?characterId={character_id}&limit=1")
            if items := msgspec.json.decode(found, type=Page).items:
                return items[0]
        made = await self._call("POST", "/conversations", {"characterId": character_id})
        return msgspec.json.decode(made, type=ConversationView)

    async def history(self, conversation_id: str, limit: int) -> list[MessageView]:
        class Page(msgspec.Struct):
            items: list[MessageView]

        body = await self._call("GET", f"/conversations/{conversation_id}/messages?limit={limit}")
        return msgspec.json.decode(body, type=Page).items

    async def stop(self, conversation_id: str) -> None:
        await self._call("POST", f"/conversations/{conversation_id}/stop")

    async def say(self, conversation_id: str, text: str) -> AsyncIterator[Reply]:
        """Send a message and yield the reply as it arrives. Raises Refusal when the message was not accepted."""
        request = self._session.post(
            f"{self._api}/conversations/{conversation_id}/messages",
            headers={**self._headers, "Accept": "text/event-stream"},
            json={"content": text},
        )
        async with request as response:
            await self._check(response)
            async for line in response.content:
                if line.startswith(b"data:") and (reply := _reply(line[5:])) is not None:
                    yield reply

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        async with self._session.request(method, self._api + path, headers=self._headers, json=body) as response:
            await self._check(response)
            return await response.read()

    async def _check(self, response: aiohttp.ClientResponse) -> None:
        if response.status >= 400:
            problem = await response.json(content_type=None)
            raise Refusal(str(problem.get("detail") or problem.get("title") or f"HTTP {response.status}"))


def _reply(data: bytes) -> Reply | None:
    try:
        event = msgspec.json.decode(data, type=CharacterResponse)
    except msgspec.ValidationError:
        return _note(data)
    if event.phase == "delta":
        return Reply(text=event.text or "")
    if event.phase == "started":
        return Reply(void=True)
    if event.phase == "failed":
        return Reply(trouble=event.sentence or "")
    return None


def _note(data: bytes) -> Reply | None:
    """Return a system message. None for the accepted message, which the user has just typed."""
    try:
        message = msgspec.json.decode(data, type=MessageView)
    except msgspec.ValidationError:
        return None
    return Reply(note=message.content) if message.sender_type == "system" else None
