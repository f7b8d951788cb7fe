"""The library's session functions, and that every name of the library is documented."""

import inspect
from pathlib import Path

import pytest

from everkin import Everkin
from everkin.domain.character import Persona
from everkin.domain.errors import Invalid, NotFound, Unauthenticated
from everkin.domain.message import SenderType
from everkin.interfaces.library import Chat, Client, ReplyFailed
from everkin.security.guests import guest_login

DOCS = Path(__file__).parents[2] / "docs" / "library.md"
ADA = Persona(name="Ada", first_message="Hello {{user}}.")


def open_house(data: Path) -> Everkin:
    return Everkin(data=data, model="scripted", message_rate_limit=0, batch_window_seconds=0.0, jwt_secret="s" * 40)


def names_of(kind: type) -> list[str]:
    public = [name for name, _ in inspect.getmembers(kind, callable) if not name.startswith("_")]
    return [name for name in public if name not in ("app", "caller", "config")]


def test_every_name_is_documented() -> None:
    text = DOCS.read_text("utf-8")
    assert len(names_of(Client)) >= 16
    assert not [name for name in names_of(Client) if f"ek.{name}(" not in text]
    assert not [name for name in names_of(Chat) if f"chat.{name}(" not in text]


async def test_a_session_is_made_used_and_restored_after_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path) as ek:
        session = await ek.create_chat_session("mira")
        assert (session.character, session.participants) == ("mira", ())
        assert await ek.send_message(session, "/echo the lamp is lit") == "the lamp is lit"
        stats = await ek.get_session_stats(session)
        assert (stats.live, sum(stats.messages.values())) == (True, 3)
        assert [each.conversation.id for each in await ek.get_active_sessions()] == [session.id]
        assert (await ek.save_conversation(session)).last_seq == 3
        assert await ek.restore_conversation("tolliver") is None
    async with open_house(tmp_path) as ek:
        assert await ek.get_active_sessions() == []
        restored = await ek.restore_conversation("mira")
        assert restored == session
        assert len(await ek.get_active_sessions()) == 1
        assert await ek.send_message(restored, "/echo remember me") == "remember me"
        assert await ek.cleanup_inactive_sessions() == 0
        assert await ek.clear_session(restored.id) == 0
        assert await ek.get_active_sessions() == []
        assert len(await (await ek.open_chat(restored.id)).history()) == 5
        with pytest.raises(NotFound):
            await ek.get_session_stats("cnv_nobody")
        with pytest.raises(NotFound):
            await ek.restore_conversation("nobody")


async def test_chunks_come_to_functions_and_to_coroutine_functions(tmp_path: Path) -> None:
    async with open_house(tmp_path) as ek:
        ada = await ek.create_character(ADA)
        session = await ek.create_chat_session(ada.slug)
        plain: list[str] = []
        awaited: list[str] = []

        async def take(chunk: str) -> None:
            awaited.append(chunk)

        assert await ek.send_message_streaming(session, "/echo a kettle and a lamp", plain.append) == "".join(plain)
        assert await ek.send_message_streaming(session, "/echo once more", take, priority=10) == "".join(awaited)
        assert len(plain) > 1
        with pytest.raises(ReplyFailed, match="send it again"):
            await ek.send_message(session, "/fail")
        with pytest.raises(Invalid):
            await ek.send_message(session, "Hi", priority=11)


async def test_participants_are_guests_who_are_told_apart_and_can_never_sign_in(tmp_path: Path) -> None:
    async with open_house(tmp_path) as ek:
        ada = await ek.create_character(ADA)
        session = await ek.create_chat_session(ada.slug, ["Sam", "Kim", "sam", ek.caller.name])
        assert session.participants == ("Sam", "Kim")
        assert await ek.send_message(session, "/echo from Sam", user_name="SAM") == "from Sam"
        assert await ek.send_message(session, "/echo from me") == "from me"
        chat = await ek.open_chat(session.id)
        senders = [each.sender_id for each in await chat.history() if each.sender_type is SenderType.USER]
        assert len(set(senders)) == 2
        assert senders[1] == ek.caller.user_id
        again = await ek.create_chat_session(ada.slug, ["sam"])
        await ek.send_message(again, "/echo it is me", user_name="Sam")
        log = await (await ek.open_chat(again.id)).history()
        assert senders[0] in [each.sender_id for each in log], "the same person as before"
        with pytest.raises(Invalid, match="participants"):
            await ek.send_message(session, "Hi", user_name="Lee")
        with pytest.raises(Unauthenticated):
            await ek.app.accounts.login(guest_login(ek.caller.user_id, "Sam"), "any password at all")


async def test_a_round_of_several_people_is_answered_together(tmp_path: Path) -> None:
    async with open_house(tmp_path) as ek:
        ada = await ek.create_character(ADA)
        session = await ek.create_chat_session(ada.slug, ["Sam", "Kim"])
        replies = await ek.group_chat(session, [("Sam", "Is it raining?"), {"name": "Kim", "text": "It always is."}])
        assert [reply.character for reply in replies] == ["Ada"]
        assert replies[0].text
        history = await (await ek.open_chat(session.id)).history()
        spoken = [each.content for each in history if each.sender_type is SenderType.USER]
        assert spoken == ["Is it raining?", "It always is."]
        assert history[-1].content == replies[0].text
        with pytest.raises(Invalid):
            await ek.group_chat(session, [("Nobody", "Hello")])
        with pytest.raises(Invalid):
            await ek.group_chat(session, [])


async def test_the_configuration_shows_no_secret(tmp_path: Path) -> None:
    async with open_house(tmp_path) as ek:
        config = ek.get_config()
        assert config["MAX_HISTORY_MESSAGES"] == 20
        assert config["JWT_SECRET"] is True
        assert config["OPENAI_API_KEY"] is False
        assert "s" * 40 not in str(config)


async def test_what_would_be_half_understood_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path) as ek:
        with pytest.raises(Invalid, match="list of names"):
            await ek.create_chat_session("mira", participants="Sam")
        session = await ek.create_chat_session("mira", participants=["Sam"])
        wrong = [{"text": "Hi"}, {"name": "Sam", "text": "Hi", "mood": "sad"}, ("Sam",), ("Sam", "Hi", "there")]
        for line in wrong:
            with pytest.raises(Invalid, match="pair"):
                await ek.group_chat(session, [line])  # type: ignore[list-item]
        assert (await ek.save_conversation(session)).last_seq == 1
        for name in ("", "  "):
            with pytest.raises(Invalid, match="name"):
                await ek.create_character(Persona(name=name))
