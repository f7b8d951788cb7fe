"""Everkin inside another program."""

from pathlib import Path

import pytest

from everkin import Everkin
from everkin.domain.character import Persona
from everkin.domain.errors import NotFound, StartError
from everkin.interfaces.library import ReplyFailed


async def test_a_conversation_is_had_kept_and_found_again(tmp_path: Path) -> None:
    async with Everkin(data=tmp_path, model="scripted") as house:
        chat = await house.chat("mira")
        pieces = [piece async for piece in chat.stream("/echo a kettle and a lamp")]
        assert len(pieces) > 1
        assert "".join(pieces) == "a kettle and a lamp"
    async with Everkin(data=tmp_path, model="scripted") as house:
        again = await house.chat("mira")
        assert again.id == chat.id
        assert [message.content for message in await again.history()][-1] == "a kettle and a lamp"
        assert (await house.chat("mira", fresh=True)).id != chat.id
        assert await (await house.open_chat(chat.id)).say("/echo still") == "still"


async def test_a_failure_is_raised_with_its_sentence_and_the_message_stays(tmp_path: Path) -> None:
    async with Everkin(data=tmp_path, model="scripted") as house:
        ada = await house.create_character(Persona(name="Ada"))
        chat = await house.chat(ada.slug)
        with pytest.raises(ReplyFailed, match="send it again"):
            await chat.say("/fail")
        assert [message.content for message in await chat.history()] == ["/fail"]
        with pytest.raises(NotFound):
            await house.chat("nobody")


async def test_six_starters_are_at_home_and_edits_survive_a_restart(tmp_path: Path) -> None:
    from dataclasses import replace

    async with Everkin(data=tmp_path, model="scripted") as house:
        found = await house.characters()
        assert len(found) == 6
        mira = next(character for character in found if character.slug == "mira")
        await house.app.characters.update(
            house.caller, mira.id, lambda persona: replace(persona, tagline="Changed by hand")
        )
    async with Everkin(data=tmp_path, model="scripted") as house:
        assert (await house.app.characters.get(house.caller, "mira")).persona.tagline == "Changed by hand"


async def test_one_data_folder_belongs_to_one_process(tmp_path: Path) -> None:
    async with Everkin(data=tmp_path, model="scripted"):
        with pytest.raises(StartError, match="already running"):
            async with Everkin(data=tmp_path, model="scripted"):
                pass
