"""Sessions over REST."""

from pathlib import Path

from tests.journeys.rest_house import open_rest_house


async def test_sessions_are_listed_looked_at_and_let_go(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path) as house:
        sam = await house.person("sam")
        chat = await sam.chat()
        await sam.post(f"conversations/{chat}/messages?wait=true", {"content": "/echo here"})
        listed = (await sam.get("sessions")).body
        assert [each["conversationId"] for each in listed["items"]] == [chat]
        assert listed["items"][0]["messageCount"] == 3
        assert listed["house"] is None
        stats = (await sam.get(f"sessions/{chat}")).body
        assert (stats["live"], stats["messageCount"], stats["queueSize"], stats["activeRequests"]) == (True, 3, 0, 0)
        assert sorted(stats["messages"].values()) == [1, 2]
        assert stats["model"] == "scripted"
        assert (await sam.delete(f"sessions/{chat}")).status == 204
        assert (await sam.get("sessions")).body["items"] == []
        assert not (await sam.get(f"sessions/{chat}")).body["live"]
        assert len((await sam.get(f"conversations/{chat}/messages")).body["items"]) == 3


async def test_the_owner_sees_how_many_there_are_and_nothing_of_them(tmp_path: Path) -> None:
    async with open_rest_house(tmp_path) as house:
        sam = await house.person("sam")
        chat = await sam.chat()
        await sam.get(f"conversations/{chat}/messages")
        seen = (await house.owner.get("sessions")).body
        assert seen["items"] == []
        assert seen["house"]["live"] == 1
        assert seen["house"]["unsaved"] == 0
        assert (await house.owner.get(f"sessions/{chat}")).code == "not_found"
        assert (await house.owner.delete(f"sessions/{chat}")).code == "not_found"
