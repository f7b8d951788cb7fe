"""What was said while a character was away: they never learn of it by any way, and those who were there do not forget it.

Fifty scenes of one or two people with Ada and Ben. Ben leaves, a secret is told, Ben comes back. The upstream keeps every prompt,
the shared ones of several speakers among them, and with them summaries, profile and whatever is recalled.
"""

from pathlib import Path
from typing import Any

from everkin.domain.caller import Caller
from everkin.domain.character import Character
from everkin.domain.conversation import Conversation
from tests.journeys.memory_house import DAY, MemoryHouse, head, open_memory_house, shown

SCENES = 50

SECRETS = (
    ("I have a dog called {word}.", "Do you remember what my dog is called?"),
    ("My sister is called {word}.", "What is my sister called again?"),
    ("I work at {word}.", "Where do I work, do you remember?"),
    ("I was born in {word}.", "Do you know where I was born?"),
    ("Do not tell Ben, but I broke the blue vase at the {word} museum.", "Which museum was it where I broke the vase?"),
    ("I am going to surprise Ben with a trip to {word}.", "Where is the surprise trip going to go?"),
    ("I owe my cousin {word} four hundred pounds.", "Which cousin do I owe the pounds to?"),
    ("The code of my safe is the word {word}.", "What is the code of my safe?"),
    ("I have been learning {word} dances in secret.", "Which dances am I learning in secret?"),
    ("I am allergic to {word} berries.", "Which berries am I allergic to?"),
)  # fmt: skip

_SYLLABLES = ("bal", "dor", "fen", "gim", "hul", "jor", "kev", "lum", "mof", "nup")


def word(number: int) -> str:
    """One nobody else says: Zubaldor, Zubalfen..."""
    return f"Zu{_SYLLABLES[number // 10]}{_SYLLABLES[(number * 7 + number // 10) % 10]}{_SYLLABLES[number % 10]}"


async def test_no_secret_reaches_who_was_away_and_none_is_lost(tmp_path: Path) -> None:
    assert len({word(number) for number in range(SCENES)}) == SCENES
    async with open_memory_house(tmp_path, summary_every=6, max_history_messages=4) as house:
        people = [await house.person("Sam"), await house.person("Kim")]
        told = [await play(house, people[: 1 + number % 2], number) for number in range(SCENES)]
        leaked = [number for number in range(SCENES) if told[number]["leaked"]]
        assert leaked == [], [told[number] for number in leaked]
        spoken = sum(1 for prompt in house.prompts if "Ben keeps bees" in head(prompt))
        assert spoken >= 5 * SCENES, "Ben had his say"
        for where in ("alone", "in the scene"):
            recalled = sum(each[where] for each in told)
            assert recalled >= 0.95 * SCENES, (where, [n for n in range(SCENES) if not told[n][where]])


async def play(house: MemoryHouse, people: list[Caller], number: int) -> dict[str, Any]:
    """One scene, and the day after. Its characters are its own."""
    secret, question = SECRETS[number % len(SECRETS)]
    begun, sam = len(house.prompts), people[0]
    ada, ben = await house.character(sam, "Ada"), await house.character(sam, "Ben")
    scene = await house.begin(sam, ada, ben, people=[each.user_id for each in people])
    await house.say(people[-1], scene, "Ada and Ben, good evening!")
    await house.app.conversations.send_away(sam, scene.id, ben.id, away=True)
    await house.say(sam, scene, secret.format(word=word(number)))
    if number % 3 == 0:
        await house.settle()  # else the jobs find it when Ben is back already
    await house.app.conversations.send_away(sam, scene.id, ben.id, away=False)
    for place, line in enumerate(("Ben, welcome back!", f"Ada and Ben, {question}", "Ben, and then?")):
        await house.say(people[place % len(people)], scene, line)
        if place == 0:
            await house.settle()
    await house.settle()
    await house.say(people[-1], scene, f"Ben, {question}")
    in_the_scene = await house.say(sam, scene, f"Ada, {question}")
    await house.settle()
    house.passes(DAY)
    alone = await house.say(sam, await house.begin(sam, ada), question)
    await house.say(sam, await house.begin(sam, ben), question)
    bens = [each for each in house.prompts[begun:] if "Ben keeps bees" in head(each)]
    return {
        "leaked": [shown(each) for each in bens if word(number) in shown(each)],
        "alone": word(number) in shown(alone[0]),
        "in the scene": word(number) in shown(in_the_scene[0]),
    }


async def test_a_detail_told_in_private_does_not_ride_on_what_all_know(tmp_path: Path) -> None:
    async with open_memory_house(tmp_path) as house:
        sam = await house.person("Sam")
        ada, ben = await house.character(sam, "Ada"), await house.character(sam, "Ben")
        scene = await house.begin(sam, ada, ben)
        await house.say(sam, scene, "Ada and Ben, I work as a nurse.")
        await house.settle()
        await say_without(house, sam, scene, ben, "I work as a prison nurse.")
        await house.settle()
        assert await house.texts(sam, ada) == {"works as a prison nurse"}
        assert await house.texts(sam, ben) == {"works as a nurse"}
        for line in ("Ada and Ben, what is my work?", "Ben, what is my work?"):
            for prompt in await house.say(sam, scene, line):
                assert "prison" not in shown(prompt)


async def say_without(house: MemoryHouse, caller: Caller, scene: Conversation, who: Character, text: str) -> None:
    await house.app.conversations.send_away(caller, scene.id, who.id, away=True)
    await house.say(caller, scene, text)
    await house.app.conversations.send_away(caller, scene.id, who.id, away=False)
