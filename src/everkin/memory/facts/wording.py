"""The wording of memories in prompts (pure).

The realm and the end of validity come first, so that the model takes neither the past nor a story for the user's
present life. The text is always quoted material, never an instruction.
"""

from datetime import UTC, datetime

from everkin.domain.memory import Memory, MemoryKind, Realm

_REALMS = {Realm.PERSONA: "as the role they play", Realm.STORY: "in a story", Realm.HYPOTHETICAL: "not meant seriously"}


LONGEST = 400
"""Characters of one memory in a prompt."""


def told(memory: Memory) -> str:
    """Return the memory as one line: `until March 2024: lives in Leeds`, `in a story: ...`, `Anna, 8 May 2023: ...`."""
    text = " ".join(memory.text.split())
    if len(text) > LONGEST:
        text = text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
    marks = [_REALMS[memory.realm]] if memory.realm in _REALMS else []
    if memory.valid_to is not None:
        marks.append(f"until {_day(memory.valid_to):%B %Y}")
    if memory.kind is MemoryKind.MESSAGE:
        day = _day(memory.at)
        marks.insert(0, f"{memory.speaker or 'somebody'}, {day.day} {day:%B %Y}")
    return f"{', '.join(marks)}: {text}" if marks else text


def _day(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
