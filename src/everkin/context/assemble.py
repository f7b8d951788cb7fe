"""Assembles the prompt of one character.

Parts in order, the most stable first so that following prompts share a prefix: persona and example dialogues; notes
about the user and about messages before the window; the window; notes for this turn and the current message.
"""

from collections.abc import Sequence
from dataclasses import replace

from everkin.context.budget import MESSAGE_OVERHEAD, Budget, Cost, examples_that_fit
from everkin.context.notes import framed, passing_notes, profile_note, reserve_for, summary_note
from everkin.context.persona import fill_macros, heads_of
from everkin.context.scene import Scene, Speech
from everkin.context.window import Window, surely_shown, window_that_fits
from everkin.domain.prompt import Prompt, PromptMessage, SamplingParams


def assemble(scene: Scene, budget: Budget, cost: Cost, sampling: SamplingParams) -> Prompt:
    """Return the prompt for a scene; the same arguments give the same bytes.

    Its tokens are at most `budget.tokens`, unless the persona's core and the current message alone exceed it.
    """
    head = _head(scene, budget, cost)
    said = _line(scene.current, scene)
    after = fill_macros(scene.persona.post_history_instructions, scene.persona, scene.person).strip()
    room = budget.tokens - cost(head) - cost(said) - cost(after) - 3 * MESSAGE_OVERHEAD
    opening, window, notes = _between(scene, room, budget, cost)

    messages = _merged(
        [
            PromptMessage("system", head),
            *([PromptMessage("user", opening)] if opening else []),
            *(PromptMessage("assistant" if line.own else "user", line.text) for line in window.lines),
            PromptMessage("user", "\n\n".join(part for part in (notes, said) if part)),
            *([PromptMessage("system", after)] if after else []),
        ]
    )
    tokens = sum(cost(message.content) + MESSAGE_OVERHEAD for message in messages)
    return Prompt(
        messages=messages, sampling=sampling, stop=(f"\n{scene.person}:", f"\n{scene.persona.name}:"), tokens=tokens
    )


def shown_anyway(scene: Scene, budget: Budget, cost: Cost) -> frozenset[int]:
    """Return the `seq` of the window's messages that `assemble` will include, however many memories are recalled."""
    after = fill_macros(scene.persona.post_history_instructions, scene.persona, scene.person).strip()
    spent = cost(_head(scene, budget, cost)) + cost(_line(scene.current, scene)) + cost(after) + 3 * MESSAGE_OVERHEAD
    heard = [replace(line, text=_line(line, scene)) for line in scene.window]
    return surely_shown(heard, spent, budget, cost)


def texts_to_count(scene: Scene) -> list[str]:
    """Return the texts whose cost `assemble` needs, so that a remote tokenizer can count them in one request.

    Texts made during assembly (notes, shortened and merged messages) are not among them; their cost may be estimated.
    """
    heads = heads_of(scene.persona, scene.person, scene.adult)
    return [
        *heads.with_examples,
        *heads.dialogues,
        *(_line(line, scene) for line in scene.window),
        _line(scene.current, scene),
    ]


def _head(scene: Scene, budget: Budget, cost: Cost) -> str:
    heads = heads_of(scene.persona, scene.person, scene.adult)
    costs = [cost(text) for text in heads.dialogues]
    return heads.with_examples[examples_that_fit(costs, cost(heads.with_examples[0]), budget)]


def _between(scene: Scene, room: int, budget: Budget, cost: Cost) -> tuple[str, Window, str]:
    """Return (opening note, window, notes of this turn) within `room` tokens, by the precedence described in
    budget.py."""
    opened, passing = _frames(scene, cost)
    room -= opened + passing
    profile = profile_note(scene, room, budget, cost)
    room -= cost(profile)

    heard = [replace(line, text=_line(line, scene)) for line in scene.window] if scene.several else scene.window
    window = window_that_fits(heard, room, reserve_for(scene, budget), budget, cost)
    room -= window.cost

    summary = summary_note(scene, room, budget, cost) if _something_left(scene, window) else ""
    room -= cost(summary)
    return framed(scene, (profile, summary)), window, framed(scene, passing_notes(scene, room, cost))


def _frames(scene: Scene, cost: Cost) -> tuple[int, int]:
    """Return the tokens of the text around the opening note and around the notes of this turn."""
    frame = cost(framed(scene, (" ",))) + MESSAGE_OVERHEAD
    opened = bool(scene.profile or scene.summary)
    passing = bool(scene.mood or scene.memories or scene.lore or scene.bond)
    return frame * opened, frame * passing


def _something_left(scene: Scene, window: Window) -> bool:
    """Return True when the conversation has messages before the window."""
    first = window.begins if window.begins is not None else scene.current.seq
    return first > 1


def _line(line: Speech, scene: Scene) -> str:
    return f"{line.name}: {line.text}" if scene.several and not line.own else line.text


def _merged(messages: Sequence[PromptMessage]) -> tuple[PromptMessage, ...]:
    """Merge adjacent messages of one role: many chat templates require alternating roles."""
    merged: list[PromptMessage] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            merged[-1] = replace(message, content=f"{merged[-1].content}\n{message.content}")
        else:
            merged.append(message)
    return tuple(merged)
