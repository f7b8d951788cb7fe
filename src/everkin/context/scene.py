"""The scene: all inputs of one reply, collected before the prompt is assembled."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from everkin.domain.character import Persona
from everkin.domain.message import Message, is_spoken
from everkin.domain.record import LogEntry


@dataclass(frozen=True, slots=True)
class Speech:
    """One message as the answering character sees it."""

    seq: int
    """`seq` of the message."""
    own: bool
    """True: written by the answering character."""
    name: str
    """Name of the sender."""
    text: str
    """The message text."""


@dataclass(frozen=True, slots=True)
class Bond:
    """The relationship's numbers."""

    level: int
    """Closeness, 0..100."""
    trust: int
    """0..100."""
    intimacy: int
    """0..100."""
    interactions: int
    """Number of exchanges so far."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The inputs of one reply. Fields after `several` are optional and empty by default."""

    persona: Persona
    """The answering character."""
    person: str
    """Name of the user."""
    window: tuple[Speech, ...]
    """Earlier messages in display order, up to but without `current`."""
    current: Speech
    """The message to answer."""
    several: bool = False
    """True: more than two participants, so lines are labelled with names."""
    profile: str = ""
    """Known facts about the user."""
    summary: str = ""
    """Summary of messages before the window; shown only if there are such messages."""
    memories: tuple[str, ...] = ()
    """Recalled memories, the best match first."""
    bond: Bond | None = None
    """The relationship's numbers; None: not shown."""
    lore: tuple[str, ...] = ()
    """Lorebook entries that apply now, with unfilled macros, the best match first."""
    mood: str = ""
    """The user's mood, to follow "seems": "sad, strongly"."""
    adult: bool = False
    """True: all readers of the reply are known to be adults."""


def heard_before(entries: Iterable[LogEntry], current: Message) -> list[Message]:
    """Return the messages before `current`, each reply directly behind the message it answers.

    This includes replies stored after `current` (two messages were sent in a row). Deleted and system messages are
    omitted.
    """
    messages = [entry.message for entry in entries]
    seq_of = {message.id: message.seq for message in messages}
    placed: list[tuple[int, int, Message]] = []
    for message in messages:
        anchor = seq_of.get(message.reply_to, message.seq) if message.reply_to else message.seq
        if anchor < current.seq and is_spoken(message):
            placed.append((anchor, message.seq, message))
    placed.sort(key=itemgetter(0, 1))
    return [message for _, _, message in placed]
