"""The scene: all that one reply may be made from, gathered before anything is assembled."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from everkin.domain.character import Persona
from everkin.domain.message import Message, is_spoken
from everkin.domain.record import LogEntry


@dataclass(frozen=True, slots=True)
class Speech:
    """One line of the dialogue as the speaking character hears it."""

    seq: int
    own: bool
    """They said it themselves."""
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Bond:
    """The relationship's numbers, each 0..100 except `interactions`."""

    level: int
    trust: int
    intimacy: int
    interactions: int


@dataclass(frozen=True, slots=True)
class Scene:
    """`memories` and `lore` (entries of a lorebook that apply now, macros unfilled): the most fitting first."""

    persona: Persona
    person: str
    window: tuple[Speech, ...]
    """In the order it was heard and ends before `current`."""
    current: Speech
    several: bool = False
    """More than two take part, so lines carry names. Everything below that is optional and empty until there is
    something to tell."""
    profile: str = ""
    """What is known of the person."""
    summary: str = ""
    """Of what was said before the window, shown only when something was."""
    memories: tuple[str, ...] = ()
    bond: Bond | None = None
    lore: tuple[str, ...] = ()
    mood: str = ""
    """How the person seems, in words that follow "seems": "sad, strongly"."""
    adult: bool = False
    """Everybody who will read the reply is known to be one."""


def heard_before(entries: Iterable[LogEntry], current: Message) -> list[Message]:
    """The dialogue as it stood for `current`: earlier messages, each reply right behind what it answers, even where
    that reply was stored after `current` (two messages were sent in a row). Deleted and system lines are left out."""
    messages = [entry.message for entry in entries]
    seq_of = {message.id: message.seq for message in messages}
    placed: list[tuple[int, int, Message]] = []
    for message in messages:
        anchor = seq_of.get(message.reply_to, message.seq) if message.reply_to else message.seq
        if anchor < current.seq and is_spoken(message):
            placed.append((anchor, message.seq, message))
    placed.sort(key=itemgetter(0, 1))
    return [message for _, _, message in placed]
