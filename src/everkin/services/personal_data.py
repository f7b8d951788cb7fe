"""Personal data: export of all data of a user, and erasure of the account."""

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from everkin.domain.caller import Caller, User
from everkin.domain.errors import Invalid
from everkin.domain.ids import UserId
from everkin.domain.receipt import Receipt
from everkin.domain.version import VERSION
from everkin.kit.clock import Clock
from everkin.memory.erasure import Erasure

FORMAT = 1
"""Version of the export format; increased when the meaning of its files changes."""


class Exporting(Protocol):
    """Reads all data of a user. Implemented by storage/sql/export.py."""

    async def rows(self, user_id: UserId) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return table name -> rows."""
        ...

    async def pictures(self, user_id: UserId) -> Sequence[tuple[str, str, bytes]]:
        """Return (id, content type, bytes) of each picture."""
        ...


class Accounts(Protocol):
    """User accounts. Implemented by security/accounts.py."""

    async def user(self, user_id: UserId) -> User:
        """Return the account."""
        ...

    async def logout(self, caller: Caller) -> None:
        """End the caller's login."""
        ...


class PersonalDataService:
    """Export and erasure of the caller's data."""

    def __init__(self, exporting: Exporting, accounts: Accounts, forgetting: Erasure, clock: Clock) -> None:
        self._exporting = exporting
        self._accounts = accounts
        self._forgetting = forgetting
        self._clock = clock

    async def export(self, caller: Caller) -> bytes:
        """Return a ZIP archive: one JSON file per table, the pictures, and `manifest.json` describing the files."""
        rows = await self._exporting.rows(caller.user_id)
        pictures = await self._exporting.pictures(caller.user_id)
        manifest = {
            "format": FORMAT,
            "everkin": VERSION,
            "userId": caller.user_id,
            "at": self._clock.now(),
            "files": {f"{name}.json": len(items) for name, items in rows.items()},
            "pictures": len(pictures),
            "notes": "Times are Unix milliseconds. Left out: the password's hash, sign-in tokens, and what is derived from "
            "the messages for search (vectors, word lists).",
        }
        return await asyncio.to_thread(_zipped, manifest, rows, pictures)

    async def erase(self, caller: Caller, login: str) -> Receipt:
        """Erase the caller's account with all data, log out and return the receipt.

        Raises Invalid unless `login` is the caller's own.
        """
        user = await self._accounts.user(caller.user_id)
        if login != user.login:
            raise Invalid("This is not your login. Nothing was erased.", field="login")
        receipt = await self._forgetting.user(caller.user_id)
        await self._accounts.logout(caller)
        return receipt


def _zipped(
    manifest: Mapping[str, Any],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    pictures: Sequence[tuple[str, str, bytes]],
) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", _json(manifest))
        for name, items in rows.items():
            archive.writestr(f"{name}.json", _json(items))
        for item, content_type, bytes_ in pictures:
            archive.writestr(f"pictures/{item}.{content_type.rpartition('/')[2]}", bytes_)
    return content.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode()
