"""`Everkin`: the whole runtime inside another Python program."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from everkin.interfaces.library import Client
from everkin.settings import Settings, all_settings, load_settings
from everkin.wiring.app import open_app


class Everkin:
    """`async with Everkin(data=..., model=...) as ek` opens all parts and returns a Client; leaving the block closes
    them.

    Keyword arguments are fields of the settings tree (docs/settings.md); they override environment and `.env`. Raises
    StartError when another process uses the same data folder.
    """

    def __init__(self, data: str | Path | None = None, model: str | None = None, **settings: Any) -> None:
        self._settings = load_settings(data=Path(data) if data else None, model=model, **settings)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Client:
        app = await self._stack.enter_async_context(open_app(self._settings))
        tokens = await app.accounts.owner_tokens()
        return Client(app, await app.accounts.caller_of(tokens.access), shown(self._settings))

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()


def shown(settings: Settings) -> dict[str, Any]:
    """Return the settings by the names of their environment variables; of secrets only whether they are set."""
    values = [(knob, getattr(getattr(settings, knob.section), knob.name)) for knob in all_settings()]
    return {knob.env: bool(value) if knob.secret else value for knob, value in values}
