"""Several characters in one prompt: one call of the model writes the next lines of all who speak. Pure."""

from collections.abc import Sequence

from everkin.context.budget import MESSAGE_OVERHEAD, Budget, Cost
from everkin.context.persona import fill_macros
from everkin.context.scene import Scene, Speech
from everkin.context.window import window_that_fits
from everkin.domain.character import Persona
from everkin.domain.prompt import Draw, Prompt, PromptMessage

MOST_STOPS = 4
"""Providers take no more stop strings than this."""


def assemble_company(
    speakers: Sequence[Persona], scene: Scene, people: Sequence[str], budget: Budget, cost: Cost, draw: Draw
) -> Prompt:
    """As `assemble`, for all of `speakers` at once: the answer is a script with a labelled line or more for each. In
    `scene.window` every line carries its speaker's name; `own` means said by any of the characters."""
    head = _head(speakers, people)
    said = f"{scene.current.name}: {scene.current.text}"
    room = budget.tokens - cost(head) - cost(said) - 3 * MESSAGE_OVERHEAD
    window = window_that_fits(scene.window, room, 0, budget, cost).lines
    messages = [PromptMessage("system", head)]
    for line in (*window, scene.current):
        _add(messages, line)
    tokens = sum(cost(message.content) + MESSAGE_OVERHEAD for message in messages)
    stops = tuple(f"\n{name}:" for name in people)[:MOST_STOPS]
    return Prompt(messages=tuple(messages), draw=draw, stop=stops, tokens=tokens)


def _add(messages: list[PromptMessage], line: Speech) -> None:
    """Neighbours of one role become one message: many chat templates insist on taking turns."""
    role, text = ("assistant" if line.own else "user"), f"{line.name}: {line.text}"
    if messages[-1].role == role:
        messages[-1] = PromptMessage(messages[-1].role, f"{messages[-1].content}\n{text}")
    else:
        messages.append(PromptMessage("assistant" if line.own else "user", text))


def _head(speakers: Sequence[Persona], people: Sequence[str]) -> str:
    names = [persona.name for persona in speakers]
    company = ", ".join(people)
    parts = [
        f"You write the next lines of {_listed(names)} in a conversation with {company}.",
        *(_sketch(persona, company) for persona in speakers),
        "\n".join(
            (
                "How to answer:",
                f"- Write for each of {_listed(names)}, in this order, what they say now, in a few natural sentences.",
                "- Begin each one's part on a new line with their name and a colon. Write nothing else.",
                f"- Never speak for {company}. *Actions* go between asterisks.",
                "- If somebody sincerely asks whether you are human, let them say kindly that they are AI characters.",
            )
        ),
    ]
    return "\n\n".join(parts)


def _sketch(persona: Persona, company: str) -> str:
    facts = [persona.name]
    if persona.age is not None:
        facts.append(f"{persona.age} years old")
    if persona.gender:
        facts.append(persona.gender)
    if persona.traits:
        facts.append(", ".join(persona.traits))
    return fill_macros(f"{'; '.join(facts)}.\n{persona.description.strip()}", persona, company)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
