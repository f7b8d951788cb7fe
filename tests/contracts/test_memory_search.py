"""Full-text search: whatever is typed is harmless, only one's own is found, and it is found at once."""

import pytest

from everkin.domain import ids
from everkin.domain.errors import Invalid
from everkin.domain.ids import Millis
from everkin.domain.search import SearchPage, SearchQuestion
from tests.contracts.memory_scene import Remembering
from tests.contracts.record_scene import Scene


@pytest.fixture(params=["indexed", "not yet"])
async def said(request: pytest.FixtureRequest, scene: Scene) -> Scene:
    """The same is found before and after the jobs have come by."""
    for content in (
        "The café in Leeds has the best tea",
        "I saw a kitten near the Cafe",
        "Visit foo.example.com/tea or write to anna@example.com",
        "明日は東京に行きます",
        "tea" + " and more" * 100 + " with a biscuit",
    ):
        await scene.say(content, answered=False)
    if request.param == "indexed":
        await Remembering(scene).work()
    return scene


async def ask(scene: Scene, text: str, **given: object) -> SearchPage:
    return await scene.record.search.search(scene.anna.id, SearchQuestion(text, **given))  # type: ignore[arg-type]


async def found(scene: Scene, text: str, **given: object) -> list[int]:
    return [hit.message.seq for hit in (await ask(scene, text, **given)).hits]


async def test_words_are_found_whatever_their_case_and_accents(said: Scene) -> None:
    assert await found(said, "CAFE") == [2, 1]
    assert await found(said, "café leeds") == [1]
    assert await found(said, "leeds cafe best") == [1]
    assert await found(said, "kit") == [2], "of the last word the beginning is enough"
    assert await found(said, "kit cafe") == []
    assert await found(said, "東京") == [4]
    assert await found(said, "example") == [3]
    assert await found(said, "anna@example.com") == [3]


async def test_nothing_that_is_typed_is_syntax(said: Scene) -> None:
    for text in (
        *("tea OR", 'tea"', "-tea*", "NEAR(tea)", "words:tea", "tea\0", "'tea", "tea & | !", "(tea", "tea\\", ":*tea"),
        *("^tea", "tea%", "t_a", "{tea}", "tea --", "'; DROP TABLE messages"),
    ):
        assert set(await found(said, text)) <= {1, 3, 5}


async def test_without_a_word_nothing_can_be_searched(said: Scene) -> None:
    for text in ("", "  ", "\0", "!?", "☕"):
        with pytest.raises(Invalid):
            await found(said, text)


async def test_what_is_shown_has_the_words_in_it(said: Scene) -> None:
    (hit,) = (await ask(said, "biscuit")).hits
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["biscuit"]
    assert hit.snippet.startswith("…")
    assert len(hit.snippet) <= 202
    (hit,) = (await ask(said, "café leeds")).hits
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["café", "Leeds"]
    assert 0 < hit.rank < 1


async def test_filters_narrow_it_down(said: Scene) -> None:
    other = await said.begin()
    await said.exchange("more tea", conversation=other)
    first = (await ask(said, "best")).hits[0].message
    assert await found(said, "tea") == [1, 5, 3, 1]
    assert await found(said, "tea", conversation_id=other.id) == [1]
    assert await found(said, "tea", character_id=said.ada.id) == [1, 5, 3, 1]
    assert await found(said, "tea", character_id=ids.new_character_id()) == []
    assert await found(said, "tea", sender=said.ada.id) == []
    assert await found(said, "hello", sender=said.ada.id) == [2]
    assert await found(said, "tea", until=Millis(first.created_at + 1)) == [1]
    assert await found(said, "tea", since=Millis(first.created_at + 1)) == [1, 5, 3]


async def test_page_by_page(said: Scene) -> None:
    first = await ask(said, "tea", limit=2)
    rest = await ask(said, "tea", limit=2, cursor=first.next_cursor)
    assert [hit.message.seq for hit in (*first.hits, *rest.hits)] == [5, 3, 1]
    assert rest.next_cursor is None
    for wrong in ({"cursor": "nonsense"}, {"limit": 0}, {"limit": 101}):
        with pytest.raises(Invalid):
            await ask(said, "tea", **wrong)


async def test_only_ones_own_is_found_and_only_what_is_there(said: Scene) -> None:
    page = await said.record.search.search(said.boris.id, SearchQuestion("tea"))
    assert page.hits == ()
    message = (await ask(said, "best")).hits[0].message
    await said.record.messages.edit(message.id, said.anna.id, "The pub in Leeds", said.now())
    assert await found(said, "best") == []
    assert await found(said, "pub") == [1]
    await said.record.messages.delete(message.id, said.anna.id, said.now())
    assert await found(said, "leeds") == []
    await said.record.conversations.update(said.conversation.id, said.anna.id, said.now(), status="deleted")
    assert await found(said, "tea") == []
