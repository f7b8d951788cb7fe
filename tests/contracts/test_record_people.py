"""Accounts, tokens, characters' versions and pictures."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from everkin.characters.starters import seed_starters
from everkin.domain import ids
from everkin.domain.caller import Role
from everkin.domain.character import NsfwPolicy, Persona, Sampling
from everkin.domain.errors import Conflict, Invalid, NotFound, Unauthenticated
from everkin.domain.ids import Millis
from everkin.kit.clock import SystemClock
from everkin.storage.sql import tables
from everkin.storage.sql.record import Record
from everkin.storage.sql.write_probe import WriteProbe
from tests.contracts.record_scene import Scene, person

# -- accounts ------------------------------------------------------------------------------------------------------


async def test_accounts_come_back_as_they_were_made(record: Record) -> None:
    owner = replace(person("olga", Role.OWNER), password_hash="hash", last_seen_at=Millis(5))
    guest = replace(person("gast"), issuer="https://issuer", subject="s1", disabled=True, created_at=Millis(2_000))
    assert await record.users.first_owner() is None
    for user in (owner, guest):
        assert await record.users.create(user) == user
        assert await record.users.get(user.id) == user
    assert await record.users.by_login("olga") == owner
    assert await record.users.by_login("nobody") is None
    assert await record.users.by_subject("https://issuer", "s1") == guest
    assert await record.users.by_subject("https://issuer", "s2") is None
    assert await record.users.list() == [owner, guest]
    second = replace(person("second", Role.OWNER), created_at=Millis(900))
    await record.users.create(second)
    assert await record.users.first_owner() == second, "the oldest one"


async def test_a_name_belongs_to_one_account(record: Record) -> None:
    await record.users.create(replace(person("anna"), issuer="i", subject="s"))
    with pytest.raises(Conflict):
        await record.users.create(person("anna"))
    with pytest.raises(Conflict):
        await record.users.create(replace(person("other"), issuer="i", subject="s"))
    async with asyncio.timeout(30):
        results = await asyncio.gather(*(record.users.create(person("x")) for _ in range(5)), return_exceptions=True)
    assert [type(each).__name__ for each in results].count("Conflict") == 4
    assert len(await record.users.list()) == 2


async def test_a_new_password_replaces_the_old_one(record: Record) -> None:
    user = await record.users.create(person("anna"))
    await record.users.set_password(user.id, "new hash")
    assert (await record.users.get(user.id)).password_hash == "new hash"
    with pytest.raises(NotFound):
        await record.users.set_password(ids.UserId("usr_none"), "hash")
    with pytest.raises(NotFound):
        await record.users.get(ids.UserId("usr_none"))


# -- tokens --------------------------------------------------------------------------------------------------------


async def test_a_refresh_token_serves_once(scene: Scene) -> None:
    tokens = scene.record.tokens
    await tokens.store_refresh("d1", "f", scene.anna.id, Millis(9_000), Millis(1_000))
    assert await tokens.use_refresh("unknown", Millis(2_000)) is None
    assert not await tokens.knows_refresh("unknown")
    assert await tokens.knows_refresh("d1")
    assert await tokens.use_refresh("d1", Millis(2_000)) == (scene.anna.id, "f")
    assert await tokens.knows_refresh("d1"), "also once it is used"


async def test_a_token_used_twice_closes_the_whole_sign_in(scene: Scene) -> None:
    tokens = scene.record.tokens
    for digest, family in (("d1", "f"), ("d2", "f"), ("other", "g")):
        await tokens.store_refresh(digest, family, scene.anna.id, Millis(9_000), Millis(1_000))
    await tokens.use_refresh("d1", Millis(2_000))
    with pytest.raises(Unauthenticated):
        await tokens.use_refresh("d1", Millis(3_000))
    assert await tokens.use_refresh("d2", Millis(3_000)) is None, "the thief's, or the victim's: nobody can tell"
    assert await tokens.use_refresh("other", Millis(3_000)) == (scene.anna.id, "g")


async def test_two_at_once_cannot_both_use_a_token(scene: Scene) -> None:
    tokens = scene.record.tokens
    await tokens.store_refresh("d1", "f", scene.anna.id, Millis(9_000), Millis(1_000))
    async with asyncio.timeout(30):
        results = await asyncio.gather(
            *(tokens.use_refresh("d1", Millis(2_000)) for _ in range(4)), return_exceptions=True
        )
    assert sum(isinstance(each, tuple) for each in results) == 1
    assert sum(isinstance(each, Unauthenticated) for each in results) == 3


async def test_expired_and_revoked_tokens_serve_nobody(scene: Scene) -> None:
    tokens = scene.record.tokens
    await tokens.store_refresh("old", "f", scene.anna.id, Millis(2_000), Millis(1_000))
    assert await tokens.use_refresh("old", Millis(2_000)) is None
    await tokens.store_refresh("a", "g", scene.anna.id, Millis(9_000), Millis(1_000))
    await tokens.revoke_family("g")
    assert await tokens.use_refresh("a", Millis(2_000)) is None
    await tokens.store_refresh("b", "h", scene.anna.id, Millis(9_000), Millis(1_000))
    await tokens.store_refresh("c", "i", scene.boris.id, Millis(9_000), Millis(1_000))
    await tokens.store_refresh("d", "j", scene.anna.id, Millis(9_000), Millis(500))
    await tokens.revoke_user(scene.anna.id, Millis(1_000), Millis(4_000))
    assert await tokens.use_refresh("b", Millis(2_000)) is None
    assert await tokens.use_refresh("c", Millis(2_000)) == (scene.boris.id, "i")
    assert await tokens.denials(Millis(3_999)) == {"f", "g", "h"}, (
        "the sign-ins that got tokens since then, and no others"
    )
    assert await tokens.denials(Millis(4_000)) == frozenset()


async def test_denied_until_forgotten(scene: Scene) -> None:
    tokens = scene.record.tokens
    assert not await tokens.denied("jti")
    assert await tokens.deny("jti", Millis(5_000))
    assert not await tokens.deny("jti", Millis(5_000))
    await tokens.deny("later", Millis(9_000))
    await tokens.store_refresh("old", "f", scene.anna.id, Millis(5_000), Millis(1_000))
    assert await tokens.denied("jti")
    assert await tokens.forget_expired(Millis(5_000)) == 2
    assert not await tokens.denied("jti")
    assert await tokens.denied("later")


# -- characters ----------------------------------------------------------------------------------------------------

WHOLE = Persona(
    name="Grace",
    age=37,
    gender="woman",
    traits=("wry", "kind"),
    description="Builds {{user}} compilers.",
    first_message="Hello, {{user}} 👋",
    alternate_greetings=("Oh, you.",),
    tags=("Science", "friend"),
    tagline="It is easier to ask forgiveness",
    nsfw_policy=NsfwPolicy.FADE,
    sampling=Sampling(temperature=0.7, max_tokens=300),
    lorebook={"entries": [{"keys": ["moth"], "content": "the first bug"}]},
    extensions={"other/app": {"depth": [1, None, True]}},
)


async def test_a_persona_comes_back_whole(scene: Scene) -> None:
    made = await scene.record.characters.create(ids.new_character_id(), "grace", scene.anna.id, WHOLE, scene.now())
    assert made.version == 1
    assert await scene.record.characters.get(made.id, scene.anna.id) == made
    assert await scene.record.characters.get("grace", scene.anna.id) == made
    assert (await scene.record.characters.get("grace", None)).persona == WHOLE


async def test_unknown_keys_of_a_persona_do_not_break_it(scene: Scene) -> None:
    made = await scene.record.characters.create(ids.new_character_id(), "grace", scene.anna.id, WHOLE, scene.now())
    document = {"name": "Grace", "age": 37, "invented_later": {"x": 1}}
    mine = tables.characters.c.id == made.id
    await scene.record.database.change(
        lambda connection: connection.execute(tables.characters.update().where(mine).values(persona=document)) and None
    )
    assert (await scene.record.characters.get(made.id, None)).persona == Persona("Grace", 37)


async def test_every_edit_is_a_version(scene: Scene) -> None:
    characters = scene.record.characters
    assert not await characters.edited_by_people(scene.ada.id)
    seeded = await characters.update(scene.ada.id, None, Persona("Ada", 28), scene.now())
    assert (seeded.version, await characters.edited_by_people(scene.ada.id)) == (2, False)
    edited = await characters.update(scene.ada.id, scene.anna.id, Persona("Ada", 29), scene.now())
    assert (edited.version, await characters.edited_by_people(scene.ada.id)) == (3, True)
    assert await characters.get("ada", scene.boris.id) == edited

    with pytest.raises(Conflict):
        await characters.update(scene.ada.id, scene.anna.id, Persona("Ada", 30), scene.now(), version=2)

    def ages(connection):  # type: ignore[no-untyped-def]
        query = tables.character_versions.select().order_by(tables.character_versions.c.version)
        return [row.persona["age"] for row in connection.execute(query)]

    assert await scene.record.database.read(ages) == [None, 28, 29]


async def test_a_slug_belongs_to_one_character(scene: Scene) -> None:
    with pytest.raises(Conflict):
        await scene.record.characters.create(ids.new_character_id(), "ada", scene.anna.id, Persona("Ada"), scene.now())
    with pytest.raises(Invalid):
        await scene.record.characters.create(ids.new_character_id(), "x" * 81, None, Persona("X"), scene.now())


async def test_search_by_text_and_tag(scene: Scene) -> None:
    await scene.record.characters.create(ids.new_character_id(), "grace", scene.anna.id, WHOLE, scene.now())

    async def find(text: str = "", tag: str = "") -> list[str]:
        return [each.name for each in await scene.record.characters.find(scene.anna.id, text, tag)]

    assert await find() == ["Ada", "Grace"]
    assert await find("FORGIVE") == ["Grace"]
    assert await find(tag="science") == ["Grace"]
    assert await find(tag="scien") == []
    assert await find("%") == []


async def test_a_deleted_character_stays_with_its_conversations(scene: Scene) -> None:
    await scene.record.characters.delete(scene.ada.id, scene.anna.id, scene.now())
    assert await scene.record.characters.find(scene.anna.id) == []
    with pytest.raises(NotFound):
        await scene.record.characters.get("ada", scene.anna.id)
    with pytest.raises(NotFound):
        await scene.record.characters.delete(scene.ada.id, scene.anna.id, scene.now())
    assert (await scene.record.characters.get(scene.ada.id, None)).name == "Ada"
    assert (await scene.exchange()).reply is not None


# -- pictures ------------------------------------------------------------------------------------------------------


async def test_pictures(scene: Scene) -> None:
    media_id, content = ids.new_media_id(), bytes(range(256)) * 64
    await scene.record.media.put(media_id, scene.anna.id, "image/webp", content, scene.now())
    assert await scene.record.media.get(media_id) == ("image/webp", content)
    await scene.record.media.delete(media_id, scene.boris.id)
    assert await scene.record.media.get(media_id) == ("image/webp", content)
    await scene.record.media.delete(media_id, scene.anna.id)
    with pytest.raises(NotFound):
        await scene.record.media.get(media_id)


async def test_seeding_leaves_a_deleted_starter_alone_and_follows_a_restored_one(scene: Scene) -> None:
    characters, clock = scene.record.characters, SystemClock()
    await seed_starters(characters, [("wren", Persona("Wren", 1))], clock)
    wren = await characters.get("wren", scene.anna.id)
    await characters.update(wren.id, scene.anna.id, Persona("Mine"), scene.now())
    await seed_starters(characters, [("wren", Persona("Wren", 2))], clock)
    assert (await characters.get("wren", None)).persona == Persona("Mine")
    await characters.restore(wren.id, Persona("Wren", 2), scene.now())
    await characters.delete(wren.id, scene.anna.id, scene.now())
    await seed_starters(characters, [("wren", Persona("Wren", 3))], clock)
    with pytest.raises(NotFound):
        await characters.get("wren", scene.anna.id)
    await characters.restore(wren.id, Persona("Wren", 3), scene.now())
    await seed_starters(characters, [("wren", Persona("Wren", 4))], clock)
    assert (await characters.get("wren", scene.anna.id)).persona == Persona("Wren", 4)


async def test_the_write_probe_leaves_one_row(scene: Scene) -> None:
    count = select(func.count()).select_from(tables.probes)
    await WriteProbe(scene.record.database).write(Millis(1_000))
    for at in (2_000, 3_000, 70_000):
        await scene.record.write_probe.write(Millis(at))
    assert await scene.record.database.read(lambda connection: connection.execute(count).scalar_one()) == 1
