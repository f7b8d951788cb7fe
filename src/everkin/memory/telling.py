"""How a recollection is put to a model: what was said, by whom, when, and what it is true of (pure)."""

from datetime import UTC, datetime

from everkin.domain.ids import Millis
from everkin.domain.memory import MemoryKind, Realm, Recollection

LONGEST = 400
"""Characters of one recollection."""

_REALMS = {
    Realm.PERSONA: "in the role they play",
    Realm.STORY: "in the story",
    Realm.HYPOTHETICAL: "only imagined",
}


def told(recollection: Recollection) -> str:
    """`Daniel, 3 March 2026: I adopted a dog`; `until 3 March 2026: lives in Leeds`; `in the story: owns a dragon`."""
    memory = recollection.memory
    text = " ".join(memory.text.split())
    if len(text) > LONGEST:
        text = text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
    marks = [
        f"{memory.speaker}, {day(memory.at)}" if memory.kind is MemoryKind.MESSAGE else "",
        _REALMS.get(memory.realm, ""),
        f"until {day(memory.valid_to)}" if memory.valid_to is not None else "",
    ]
    head = ", ".join(filter(None, marks))
    return f"{head}: {text}" if head else text


def day(at: Millis) -> str:
    """`3 March 2026`, UTC."""
    when = datetime.fromtimestamp(at / 1000, UTC)
    return f"{when.day} {when:%B %Y}"
