"""A conversation read piece by piece, as it comes, teaches what it teaches read in one go."""

import json
import random

import pytest

from everkin.domain.ids import ConversationId, MessageId, Millis, UserId
from everkin.memory.extraction.english.rules import Found, Line, Scene, read_lines
from everkin.memory.extraction.llm import extract_with
from everkin.memory.scenes import Position, Scenes
from tests.unit.memory.test_extract_by_model import Parrot

PERSON = (
    "I live in Leeds", "Daniel.", "a cat called Biscuit, she's 11", "And you?", "Let's roleplay. I am Captain Vex of the starship Marrow",
    "*draws his sword and walks slowly to the throne*", "((I work as a nurse))", "anyway, back in real life I play the drums", "nice",
    "my sister Anna is a vet", "she lives in Hull", "her name is Miso", "what if I lived in Rome", "I love tea", "I moved to Ghent last week",
    "34", "hiking and chess", "in my novel the hero is called Tom", "My dog died this morning", "I don't eat pork any more", "ok", "Berlin",
)  # fmt: skip
CHARACTER = (
    "What's your name?", "Do you have any pets?", "How old are you?", "Where do you live?", "I see.", "What do you do for a living?", "Mira. And you?",
    "*smiles and pours the wine into your cup* Go on.", "Who is Anna?", "What is your favourite food?",
)  # fmt: skip


def conversation(chance: random.Random) -> list[Line]:
    lines = []
    for seq in range(1, 31):
        person = chance.random() < 0.6
        text = chance.choice(PERSON if person else CHARACTER)
        lines.append(Line(MessageId(f"msg_{seq}"), seq, Millis(1_772_452_800_000 + seq * 60_000), text, person))
    return lines


def pieces(lines: list[Line], chance: random.Random) -> list[list[Line]]:
    cuts = sorted(chance.sample(range(1, len(lines)), chance.randint(1, len(lines) - 1)))
    return [lines[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(lines)], strict=True)]


@pytest.mark.parametrize("seed", range(60))
def test_pieces_teach_what_the_whole_teaches(seed: int) -> None:
    chance = random.Random(seed)
    lines = conversation(chance)
    found: list[Found] = []
    scene = Scene()
    for piece in pieces(lines, chance):
        reading = read_lines(piece, scene, seconds=10.0)
        found += reading.found
        scene = reading.scene
    assert found == list(read_lines(lines, Scene(), seconds=10.0).found)


@pytest.mark.parametrize("seed", range(20))
async def test_pieces_teach_the_same_where_a_model_reads_too(seed: int) -> None:
    chance = random.Random(1000 + seed)
    lines = conversation(chance)
    answer = json.dumps({"facts": [{"line": 1, "about": "user", "fact": "lives in Leeds", "past": False}]})
    found: list[Found] = []
    scene = Scene()
    for piece in pieces(lines, chance):
        extraction = await extract_with(Parrot(answer), piece, scene, seconds=10.0)
        found += [one for one in extraction.found if one.source == "rules"]
        scene = extraction.scene
    whole = await extract_with(Parrot(answer), lines, seconds=10.0)
    assert [one.text for one in found] == [one.text for one in whole.found if one.source == "rules"]


def test_a_scene_is_there_only_where_it_was_left() -> None:
    scenes = Scenes(most=2)
    where, who = ConversationId("cnv_1"), UserId("usr_1")
    scene = Scene(question="What's your name?")
    assert scenes.at(Position(where, who, 0, 0)) == Scene()
    scenes.keep(Position(where, who, 7, 0), scene)
    assert scenes.at(Position(where, who, 7, 0)) is scene
    assert scenes.missed == 0
    assert scenes.at(Position(where, who, 7, 1)) is None
    assert scenes.at(Position(where, who, 6, 0)) is None
    assert scenes.missed == 2
    for n in range(2):
        scenes.keep(Position(ConversationId(f"cnv_{n + 2}"), who, 1, 0), scene)
    assert scenes.at(Position(where, who, 7, 0)) is None
    scenes.forget(ConversationId("cnv_2"))
    assert len(scenes) == 1
