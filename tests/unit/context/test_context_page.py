"""The example in docs/context.md is what assemble() makes. After a change of the prompt: run this file as a program."""

from pathlib import Path

from everkin.context.assemble import assemble
from everkin.context.budget import Budget
from everkin.context.scene import Bond, Scene, Speech
from everkin.domain.character import NsfwPolicy, Persona
from everkin.domain.prompt import SamplingParams
from everkin.llm.tokens import estimate

PAGE = Path(__file__).resolve().parents[3] / "docs" / "context.md"
START = "<!-- example: made by tests/unit/context/test_context_page.py -->\n"
END = "<!-- end of example -->"

PERSONA = Persona(
    name="Ines",
    age=52,
    gender="woman",
    traits=("patient", "dry", "curious"),
    description="Ines keeps the lighthouse at Cabo Sardão and mends clocks in the long evenings.",
    scenario="{{user}} rents the spare room for the winter.",
    example_dialogues=(
        "{{user}}: Does it ever get lonely?\n{{char}}: *She winds a clock.* It gets quiet. That's different.",
    ),
    post_history_instructions="Answer as {{char}}, in a few sentences.",
    nsfw_policy=NsfwPolicy.FADE,
)

TALK = (
    "The ferry didn't sail today.",
    "Then the mail is late, and so is my mainspring.",
    "I walked to the village instead.",
    "In that wind? *She laughs.* You're a stubborn one.",
    "I bought you lamp oil.",
    "You remembered. Thank you.",
    "You're welcome!",
    "*smiles*",
    "And my sister called.",
    "The one in Porto? How is she?",
)


def example() -> Scene:
    window = tuple(
        Speech(seq, seq % 2 == 0, "Ines" if seq % 2 == 0 else "Tom", text) for seq, text in enumerate(TALK, 11)
    )
    return Scene(
        PERSONA,
        "Tom",
        window,
        Speech(21, False, "Tom", "She lost her job. I don't know what to tell her."),
        profile="writes for a newspaper; afraid of the sea; one sister, Marta",
        summary="Tom arrived in a storm. Ines let him choose the room with the broken clock.",
        memories=("Marta lent Tom the money for this winter.",),
        lore=("The lighthouse of {{char}} has been lit by hand since 1915.",),
        bond=Bond(34, 41, 6, 10),
        mood="sad, strongly",
        adult=True,
    )


def rendered() -> str:
    prompt = assemble(example(), Budget(), estimate, SamplingParams())
    told = "\n\n".join(f"--- {message.role} ---\n{message.content}" for message in prompt.messages)
    return f"{START}```text\n{told}\n```\n\nAbout {prompt.tokens} tokens.\n"


def test_the_page_shows_the_prompt_as_it_is_made() -> None:
    assert rendered() + END in PAGE.read_text("utf-8"), f"run: python {Path(__file__).name}"


def test_the_example_shows_everything_there_is() -> None:
    told = rendered()
    for part in (
        *("Age: 52", "Gender: woman", "patient, dry, curious", "mends clocks", "fade out gently", "That's different."),
        *("one sister, Marta", "arrived in a storm", "lent Tom the money", "since 1915", "34/100", "sad, strongly"),
        "lamp oil",
    ):
        assert part in told
    assert "*smiles*" not in told


def write() -> None:
    before, rest = PAGE.read_text("utf-8").split(START)
    PAGE.write_text(before + rendered() + END + rest.split(END, 1)[1], "utf-8")


if __name__ == "__main__":
    write()
