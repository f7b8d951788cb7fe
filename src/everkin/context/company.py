"""Assembles one prompt for several characters: a single model call generates the next lines of all of them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from everkin.context.budget import MESSAGE_OVERHEAD, Budget, Cost
from everkin.context.notes import framed, passing_notes, profile_note, reserve_for, summary_note
from everkin.context.persona import fill_macros, intimacy
from everkin.context.scene import Scene, Speech
from everkin.context.window import surely_shown, window_that_fits
from everkin.domain.character import Persona
from everkin.domain.prompt import Prompt, PromptMessage, SamplingParams

MOST_STOPS = 4
"""Most stop strings that providers accept."""


def assemble_company(
    speakers: Sequence[Persona],
    scene: Scene,
    people: Sequence[str],
    budget: Budget,
    cost: Cost,
    sampling: SamplingParams,
) -> Prompt:
    """Return a prompt for all `speakers` together; the model answers with labelled lines for each.

    As `assemble`, but in `scene.window` each line is labelled with its speaker's name, `own` marks lines of any
    character, and all notes are placed before the current message.
    """
    head = _head(speakers, people, scene.adult)
    said = _labelled(scene.current)
    room = budget.tokens - cost(head) - cost(said.text) - 3 * MESSAGE_OVERHEAD
    notes = _notes(speakers, scene, room, budget, cost)
    room -= cost(notes)
    heard = [_labelled(line) for line in scene.window]
    window = window_that_fits(heard, room, max(0, reserve_for(scene, budget) - cost(notes)), budget, cost)
    current = replace(said, text="\n\n".join(filter(None, (notes, said.text))))
    messages = _merged([*window.lines, current])
    tokens = cost(head) + MESSAGE_OVERHEAD + sum(cost(message.content) + MESSAGE_OVERHEAD for message in messages)
    stops = tuple(f"\n{name}:" for name in people)[:MOST_STOPS]
    return Prompt(messages=(PromptMessage("system", head), *messages), sampling=sampling, stop=stops, tokens=tokens)


def company_shows_anyway(
    speakers: Sequence[Persona], scene: Scene, people: Sequence[str], budget: Budget, cost: Cost
) -> frozenset[int]:
    """As `shown_anyway`, for `assemble_company`."""
    spent = cost(_head(speakers, people, scene.adult)) + cost(_labelled(scene.current).text) + 3 * MESSAGE_OVERHEAD
    return surely_shown([_labelled(line) for line in scene.window], spent, budget, cost)


def company_texts(speakers: Sequence[Persona], scene: Scene, people: Sequence[str]) -> list[str]:
    """As `texts_to_count`, for `assemble_company`: lines are counted with their labels."""
    return [_head(speakers, people, scene.adult), *(_labelled(line).text for line in (*scene.window, scene.current))]


def _labelled(line: Speech) -> Speech:
    return replace(line, text=f"{line.name}: {line.text}")


def _notes(speakers: Sequence[Persona], scene: Scene, room: int, budget: Budget, cost: Cost) -> str:
    """Return the notes that all answering characters share about the user who spoke last, and about the user's mood."""
    together = replace(scene, persona=replace(scene.persona, name=_listed([each.name for each in speakers])))
    room -= cost(framed(together, (" ",)))
    lasting = [profile_note(together, room, budget, cost), summary_note(together, room // 2, budget, cost)]
    return framed(together, (*lasting, *passing_notes(together, room - sum(map(cost, lasting)), cost)))


def _merged(lines: Iterable[Speech]) -> list[PromptMessage]:
    """Merge adjacent messages of one role: many chat templates require alternating roles."""
    merged: list[PromptMessage] = []
    for line in lines:
        if merged and (merged[-1].role == "assistant") == line.own:
            merged[-1] = replace(merged[-1], content=f"{merged[-1].content}\n{line.text}")
        else:
            merged.append(PromptMessage("assistant" if line.own else "user", line.text))
    return merged


def _head(speakers: Sequence[Persona], people: Sequence[str], adult: bool) -> str:
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
                f"- {intimacy((persona.nsfw_policy for persona in speakers), adult)}",
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
