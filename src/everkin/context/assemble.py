"""assemble(scene) -> Prompt. Stable parts first: persona, examples, the window; what changes each turn comes last, beside
the current message, and as notes of the person's side, never as instructions of the system's.
"""

from everkin.context.budget import MESSAGE_OVERHEAD, Budget, Cost, examples_that_fit, window_that_fits
from everkin.context.persona import describe, fill_macros, show_examples
from everkin.context.scene import Scene, Speech
from everkin.domain.prompt import Draw, Prompt, PromptMessage, PromptRole


def assemble(scene: Scene, budget: Budget, cost: Cost, draw: Draw) -> Prompt:
    """The same scene, budget and cost give the same bytes. The sum of tokens is at most `budget.tokens` unless the persona
    core and the current message alone are larger."""
    head = _head(scene, budget, cost)
    said = _line(scene.current, scene)
    after = fill_macros(scene.persona.post_history_instructions, scene.persona, scene.person).strip()
    room = budget.tokens - cost(head) - cost(said) - cost(after) - 3 * MESSAGE_OVERHEAD

    profile = _fit(scene.profile, room, cost)
    room -= cost(profile)
    window = window_that_fits(scene.window, room, budget, cost)
    room -= sum(cost(line.text) + MESSAGE_OVERHEAD for line in window)
    notes = _notes(scene, profile, room + cost(profile), cost)

    messages = _merged(
        [
            PromptMessage("system", head),
            *(PromptMessage("assistant" if line.own else "user", _line(line, scene)) for line in window),
            PromptMessage("user", "\n\n".join(part for part in (notes, said) if part)),
            *([PromptMessage("system", after)] if after else []),
        ]
    )
    tokens = sum(cost(message.content) + MESSAGE_OVERHEAD for message in messages)
    return Prompt(messages=messages, draw=draw, stop=(f"\n{scene.person}:", f"\n{scene.persona.name}:"), tokens=tokens)


def texts_to_count(scene: Scene) -> list[str]:
    """Every text whose cost `assemble` will ask for, so that a remote tokenizer can count them in one call.

    Texts built while assembling (notes, merged messages) are not among them; their cost may be estimated.
    """
    persona, person = scene.persona, scene.person
    heads = [
        "\n\n".join(part for part in (describe(persona, person), show_examples(persona, person, count)) if part)
        for count in range(len(persona.example_dialogues) + 1)
    ]
    dialogues = [fill_macros(text, persona, person) for text in persona.example_dialogues]
    return [*heads, *dialogues, *(line.text for line in scene.window), _line(scene.current, scene)]


def _head(scene: Scene, budget: Budget, cost: Cost) -> str:
    persona, person = scene.persona, scene.person
    core = describe(persona, person)
    costs = [cost(fill_macros(text, persona, person)) for text in persona.example_dialogues]
    examples = show_examples(persona, person, examples_that_fit(costs, cost(core), budget))
    return "\n\n".join(part for part in (core, examples) if part)


def _line(line: Speech, scene: Scene) -> str:
    return f"{line.name}: {line.text}" if scene.several and not line.own else line.text


def _notes(scene: Scene, profile: str, room: int, cost: Cost) -> str:
    """What the character knows beyond the window, as quoted notes, in order of precedence while there is room."""
    bond = scene.bond
    candidates = [
        f"About {scene.person}: {profile}" if profile else "",
        f"Earlier in this conversation: {scene.summary}" if scene.summary else "",
        *(f'{scene.persona.name} remembers: "{memory}"' for memory in scene.memories),
        f"Closeness {bond.level}/100, trust {bond.trust}/100, intimacy {bond.intimacy}/100, "
        f"{bond.interactions} exchanges so far."
        if bond
        else "",
    ]
    kept = []
    for text in filter(None, candidates):
        if (price := cost(text)) <= room:
            kept.append(text)
            room -= price
    return f"(Notes, not said aloud:\n{chr(10).join(kept)})" if kept else ""


def _fit(text: str, room: int, cost: Cost) -> str:
    return text if text and cost(text) <= room else ""


def _merged(messages: list[PromptMessage]) -> tuple[PromptMessage, ...]:
    """Neighbours of one role become one message: many chat templates insist on taking turns."""
    merged: list[PromptMessage] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            merged[-1] = PromptMessage(_role(message), f"{merged[-1].content}\n{message.content}")
        else:
            merged.append(message)
    return tuple(merged)


def _role(message: PromptMessage) -> PromptRole:
    return message.role
