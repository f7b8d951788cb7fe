"""Accounts (security/ports.py)."""

import dataclasses

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from everkin.domain.caller import Role, User
from everkin.domain.errors import Conflict, NotFound
from everkin.domain.ids import UserId
from everkin.storage.sql import tables
from everkin.storage.sql.database import Database
from everkin.storage.sql.operations import PerItem
from everkin.storage.sql.rows import USER, document, user_of

_users = tables.users.c

AllUsers = list[User]


class Users:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._create = PerItem(_create)
        self._set_password = PerItem(_set_password)
        self._set_birth_year = PerItem(_set_birth_year)
        self._set_name = PerItem(_set_name)

    async def create(self, user: User) -> User:
        return await self._database.write(self._create, user)

    async def get(self, user_id: UserId) -> User:
        user = await self._one(_users.id == user_id)
        if user is None:
            raise NotFound("There is no such account.")
        return user

    async def by_login(self, login: str) -> User | None:
        return await self._one(_users.login == login)

    async def by_subject(self, issuer: str, subject: str) -> User | None:
        return await self._one(and_(_users.issuer == issuer, _users.subject == subject))

    async def first_owner(self) -> User | None:
        return await self._one(_users.role == Role.OWNER.value)

    async def set_password(self, user_id: UserId, password_hash: str) -> None:
        await self._database.write(self._set_password, (user_id, password_hash))

    async def set_birth_year(self, user_id: UserId, birth_year: int | None, *, review: bool) -> User:
        """Set the year of birth. Raises Conflict if another year was stated before and `review` is False."""
        await self._database.write(self._set_birth_year, (user_id, birth_year, review))
        return await self.get(user_id)

    async def set_name(self, user_id: UserId, name: str) -> User:
        """Rename the user in the account and in every conversation."""
        await self._database.write(self._set_name, (user_id, name))
        return await self.get(user_id)

    async def list(self) -> AllUsers:
        """Return all users, oldest first."""
        return await self._database.read(_all)

    async def _one(self, condition: ColumnElement[bool]) -> User | None:
        """Return the oldest user that matches."""
        query = select(*USER).where(condition).order_by(_users.created_at, _users.id).limit(1)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else user_of(row)


def _all(connection: Connection) -> AllUsers:
    query = select(*USER).order_by(_users.created_at, _users.id)
    return [user_of(row) for row in connection.execute(query)]


def _create(connection: Connection, user: User) -> User:
    same_subject = and_(_users.issuer == user.issuer, _users.subject == user.subject)
    taken = _users.login == user.login if user.subject is None else or_(_users.login == user.login, same_subject)
    if connection.execute(select(1).where(taken)).first() is not None:
        raise Conflict("That name is taken. Choose another one.")
    connection.execute(insert(tables.users).values(dataclasses.asdict(user) | {"role": user.role.value}))
    return user


def _set_birth_year(connection: Connection, asked: tuple[UserId, int | None, bool]) -> None:
    user_id, birth_year, review = asked
    row = connection.execute(select(_users.settings).where(_users.id == user_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such account.")
    settings = document(row[0])
    if not review and settings.get("birthYear") not in (None, birth_year):
        raise Conflict("Your year of birth was stated before. Ask the owner of this house to review it.")
    settings = {**settings, "birthYear": birth_year}
    connection.execute(update(tables.users).where(_users.id == user_id).values(settings=settings))


def _set_name(connection: Connection, asked: tuple[UserId, str]) -> None:
    user_id, name = asked
    done = connection.execute(update(tables.users).where(_users.id == user_id).values(name=name))
    if done.rowcount == 0:
        raise NotFound("There is no such account.")
    members = tables.participants
    connection.execute(update(members).where(members.c.member_id == user_id).values(name=name))


def _set_password(connection: Connection, asked: tuple[UserId, str]) -> None:
    user_id, password_hash = asked
    done = connection.execute(update(tables.users).where(_users.id == user_id).values(password_hash=password_hash))
    if done.rowcount == 0:
        raise NotFound("There is no such account.")
