"""Characters and every version of their persona."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, true, update

from everkin.domain.character import Character, Persona
from everkin.domain.errors import Conflict, Invalid, NotFound
from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.rows import CHARACTER, character_of, persona_document

LONGEST_NAME = 120
LONGEST_SLUG = 80

_characters = tables.characters.c
_members = tables.participants.c
_mine = tables.participants.alias().c
_versions = tables.character_versions.c


@dataclass(frozen=True, slots=True)
class _New:
    id: CharacterId
    """The character's id."""
    slug: str
    """Readable name in addresses, unique."""
    owner_id: UserId | None
    """The user it belongs to; None for a starter character."""
    persona: Persona
    """The persona, stored as version 1."""
    at: Millis
    """Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class _Edit:
    id: CharacterId
    """The character's id."""
    editor: UserId | None
    """The user who edits; None for Everkin itself."""
    persona: Persona
    """The new persona."""
    at: Millis
    """Unix milliseconds."""
    version: int | None = None
    """The version that the edit is based on; None accepts any."""


@dataclass(frozen=True, slots=True)
class _Removal:
    id: CharacterId
    """The character's id."""
    user_id: UserId
    """The user who deletes it."""
    at: Millis
    """Unix milliseconds."""


class Characters:
    """The character repository. A deleted character keeps its slug and is still found with `user_id` None."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._create = PerItem(_create)
        self._update = PerItem(_update)
        self._delete = PerItem(_delete)
        self._restore = PerItem(_restore)

    async def create(
        self, character_id: CharacterId, slug: str, owner_id: UserId | None, persona: Persona, at: Millis
    ) -> Character:
        _check_length("slug", slug, LONGEST_SLUG)
        _check_length("name", persona.name, LONGEST_NAME)
        return await self._database.write(self._create, _New(character_id, slug, owner_id, persona, at))

    async def get(self, id_or_slug: str, user_id: UserId | None) -> Character:
        return await self._database.read(lambda connection: _get(connection, id_or_slug, user_id))

    async def met(self, id_or_slug: str, user_id: UserId) -> Character:
        mine = select(_mine.conversation_id).where(_mine.member_id == user_id)
        together = exists().where(_members.member_id == _characters.id, _members.conversation_id.in_(mine))
        named = or_(_characters.id == id_or_slug, _characters.slug == id_or_slug)
        query = select(*CHARACTER).where(named, together)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            raise NotFound("There is no such character.")
        return character_of(row)

    async def find(self, user_id: UserId, text: str = "", tag: str = "") -> Sequence[Character]:
        """Return the visible characters, ordered by name.

        `text` must occur in the name, tagline, description or tags; `tag` must equal one of the tags. Case is ignored.
        """
        found = await self._database.read(lambda connection: _all(connection, user_id))
        return [each for each in found if _matches(each.persona, text.strip().casefold(), tag.strip().casefold())]

    async def update(
        self,
        character_id: CharacterId,
        editor: UserId | None,
        persona: Persona,
        at: Millis,
        *,
        version: int | None = None,
    ) -> Character:
        _check_length("name", persona.name, LONGEST_NAME)
        return await self._database.write(self._update, _Edit(character_id, editor, persona, at, version))

    async def restore(self, character_id: CharacterId, persona: Persona, at: Millis) -> Character:
        return await self._database.write(self._restore, _Edit(character_id, None, persona, at))

    async def delete(self, character_id: CharacterId, user_id: UserId, at: Millis) -> None:
        await self._database.write(self._delete, _Removal(character_id, user_id, at))

    async def edited_by_people(self, character_id: CharacterId) -> bool:
        mine = _versions.character_id == character_id
        query = select(_versions.editor_id).where(mine).order_by(_versions.version.desc()).limit(1)
        return await self._database.read(lambda connection: connection.execute(query).scalar() is not None)


def _visible(user_id: UserId) -> ColumnElement[bool]:
    return and_(_characters.deleted_at.is_(None), or_(_characters.owner_id == user_id, _characters.owner_id.is_(None)))


def _get(connection: Connection, id_or_slug: str, user_id: UserId | None) -> Character:
    query = select(*CHARACTER).where(or_(_characters.id == id_or_slug, _characters.slug == id_or_slug))
    if user_id is not None:
        query = query.where(_visible(user_id))
    rows = connection.execute(query).all()
    if not rows:
        raise NotFound("There is no such character.")
    return character_of(next((row for row in rows if row[0] == id_or_slug), rows[0]))


def _all(connection: Connection, user_id: UserId) -> list[Character]:
    query = select(*CHARACTER).where(_visible(user_id)).order_by(_characters.name, _characters.id)
    return [character_of(row) for row in connection.execute(query)]


def _matches(persona: Persona, text: str, tag: str) -> bool:
    tags = [each.casefold() for each in persona.tags]
    told = "\n".join((persona.name, persona.tagline, persona.description, *persona.tags)).casefold()
    return text in told and (not tag or tag in tags)


def _create(connection: Connection, new: _New) -> Character:
    if connection.execute(select(1).where(_characters.slug == new.slug)).first() is not None:
        raise Conflict("There is already a character of that name here.")
    values = {
        "id": new.id,
        "slug": new.slug,
        "owner_id": new.owner_id,
        "version": 1,
        "name": new.persona.name,
        "persona": persona_document(new.persona),
        "created_at": new.at,
        "updated_at": new.at,
    }
    connection.execute(insert(tables.characters).values(values))
    _keep_version(connection, new.id, 1, new.owner_id, values["persona"], new.at)
    return Character(new.id, new.slug, new.owner_id, 1, new.persona, new.at, new.at)


def _update(connection: Connection, edit: _Edit) -> Character:
    starter = _characters.owner_id.is_(None)
    allowed = starter if edit.editor is None else or_(starter, _characters.owner_id == edit.editor)
    mine = and_(_characters.id == edit.id, _characters.deleted_at.is_(None), allowed)
    same = _characters.version == edit.version if edit.version is not None else true()
    character = _change(connection, edit, and_(mine, same))
    if character is not None:
        return character
    if connection.execute(select(1).where(mine)).first() is None:
        raise NotFound("There is no such character.")
    raise Conflict("Somebody else changed this character at the same time. Load it again.")


def _restore(connection: Connection, edit: _Edit) -> Character:
    starter = and_(_characters.id == edit.id, _characters.owner_id.is_(None))
    connection.execute(update(tables.characters).where(starter).values(deleted_at=None))
    row = connection.execute(select(*CHARACTER).where(starter)).first()
    if row is None:
        raise NotFound("There is no such character.")
    character = character_of(row)
    return character if character.persona == edit.persona else (_change(connection, edit, starter) or character)


def _change(connection: Connection, edit: _Edit, which: ColumnElement[bool]) -> Character | None:
    """Write the next version and return it; None if no character matches `which`."""
    persona = persona_document(edit.persona)
    values = {"version": _characters.version + 1, "name": edit.persona.name, "persona": persona, "updated_at": edit.at}
    row = connection.execute(update(tables.characters).where(which).values(values).returning(*CHARACTER)).first()
    if row is None:
        return None
    character = character_of(row)
    _keep_version(connection, edit.id, character.version, edit.editor, persona, edit.at)
    members = tables.participants
    connection.execute(update(members).where(members.c.member_id == edit.id).values(name=edit.persona.name))
    return character


def _delete(connection: Connection, removal: _Removal) -> None:
    mine = and_(_characters.id == removal.id, _visible(removal.user_id))
    gone = connection.execute(update(tables.characters).where(mine).values(deleted_at=removal.at))
    if gone.rowcount == 0:
        raise NotFound("There is no such character.")


def _keep_version(
    connection: Connection, character_id: CharacterId, version: int, editor: UserId | None, persona: Any, at: Millis
) -> None:
    values = {
        "character_id": character_id,
        "version": version,
        "persona": persona,
        "editor_id": editor,
        "created_at": at,
    }
    connection.execute(insert(tables.character_versions).values(values))


def _check_length(field: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Invalid(f"A character's {field} has at most {limit} characters.", field=field, limit=limit)
