"""The cast: characters, as people may see and change them. (Signatures first; bodies follow.)"""

from collections.abc import Sequence

from everkin.domain.caller import Caller
from everkin.domain.character import Character, Persona


class Cast:
    async def find(self, caller: Caller, text: str = "", tag: str = "") -> Sequence[Character]:
        raise NotImplementedError

    async def get(self, caller: Caller, id_or_slug: str) -> Character:
        raise NotImplementedError

    async def create(self, caller: Caller, persona: Persona) -> Character:
        """The slug is made from the name and kept unique."""
        raise NotImplementedError

    async def update(self, caller: Caller, id_or_slug: str, persona: Persona) -> Character:
        """Forbidden for a starter character unless the caller owns the house."""
        raise NotImplementedError

    async def delete(self, caller: Caller, id_or_slug: str) -> None:
        raise NotImplementedError

    def editable(self, caller: Caller, character: Character) -> bool:
        raise NotImplementedError

    async def set_avatar(self, caller: Caller, id_or_slug: str, image: bytes) -> Character:
        """PNG, JPEG, WebP or GIF up to 5 MiB and 4096 x 4096; stored re-encoded as WebP of at most 512 x 512."""
        raise NotImplementedError

    async def media(self, media_id: str) -> tuple[str, bytes]:
        """(content type, bytes). Media ids cannot be guessed; knowing one is the right to see it."""
        raise NotImplementedError
