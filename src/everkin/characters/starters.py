"""Starter characters: stored at start, and updated with each release until a user edits them."""

from collections.abc import Iterable

from everkin.domain.character import Persona
from everkin.domain.errors import Conflict, NotFound
from everkin.domain.ids import CharacterId, new_character_id
from everkin.domain.repositories import Characters
from everkin.kit.clock import Clock


async def seed_starters(characters: Characters, starters: Iterable[tuple[str, Persona]], clock: Clock) -> None:
    """Store or update the starters, given as (slug, persona).

    A slug taken by a user's character is left alone, and a deleted starter stays deleted.
    """
    for slug, persona in starters:
        try:
            known = await characters.get(slug, None)
        except NotFound:
            await _create(characters, slug, persona, clock)
            continue
        if known.owner_id is None and known.persona != persona and not await characters.edited_by_people(known.id):
            await _renew(characters, known.id, persona, clock)


async def _renew(characters: Characters, character_id: CharacterId, persona: Persona, clock: Clock) -> None:
    try:
        await characters.update(character_id, None, persona, clock.now())
    except NotFound:
        return  # it was deleted by the owner


async def _create(characters: Characters, slug: str, persona: Persona, clock: Clock) -> None:
    try:
        await characters.create(new_character_id(), slug, None, persona, clock.now())
    except Conflict:
        return  # another node stored it at the same time
