"""open_app(settings): builds, opens and closes every part. The only file that knows all names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from everkin.app import App
from everkin.settings import Settings


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[App]:
    raise NotImplementedError
    yield
