"""The server that runs on a data folder, and requests to it."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from everkin.cli.server import ADDRESS_FILE, Address
from everkin.domain.errors import StartError
from everkin.settings import Settings
from everkin.storage.data_lock import DataLock
from everkin.wiring.app import open_accounts

PATIENCE = aiohttp.ClientTimeout(total=30)


async def running_url(settings: Settings) -> str | None:
    """Return the address of the running server, or None. The address left by a killed server is not
    used: another user's program may listen there by now, and would get a token of the owner."""
    file = settings.storage.data / ADDRESS_FILE
    if not file.is_file() or not DataLock.is_held(settings.storage.data):
        return None
    url = msgspec.json.decode(file.read_bytes(), type=Address).url
    return url if await _answers(url) else None


async def ask_running(
    settings: Settings, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str | None]
) -> Any:
    """Send a request under /api/v1 as the owner and return the decoded answer. Raises StartError when no server runs,
    or with the server's sentence when it refuses."""
    url = await running_url(settings)
    if url is None:
        raise StartError(f"No Everkin runs on {settings.storage.data}. Start it with `everkin serve`, or name --data.")
    async with open_accounts(settings) as accounts:
        token = (await accounts.owner_tokens()).access
    given = {name: value for name, value in query.items() if value is not None}
    async with (
        aiohttp.ClientSession(timeout=PATIENCE, headers={"Authorization": f"Bearer {token}"}) as session,
        session.request(method, f"{url}/api/v1/{path}", json=body, params=given) as response,
    ):
        answer = await response.json(content_type=None)
    if response.status >= 400:
        raise StartError(str(answer.get("detail") or f"The server answered with {response.status}."))
    return answer


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/healthz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
