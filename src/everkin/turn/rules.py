"""Turn rules: time limits and sizes of turns."""

from dataclasses import dataclass

from everkin.turn.typing_delay import TypingDelay


@dataclass(frozen=True, slots=True)
class TurnRules:
    """Settings of the turn service."""

    node: str
    """Id of this process, stored as the owner of its turns."""
    lease_seconds: float = 30.0
    """How long a turn belongs to its node without renewal before another node may take it over."""
    max_message_length: int = 2000
    """Characters of a user message."""
    flush_seconds: float = 0.03
    """Interval in which deltas are gathered."""
    stall_seconds: float = 10.0
    """Silence of the model after which a stall is published."""
    batch_seconds: float = 2.0
    """How long a message waits for more where several users take part."""
    retry_seconds: tuple[float, ...] = (0.2, 1.0, 2.0, 5.0)
    """Pauses between attempts to store a reply; the last one repeats without end."""
    natural: TypingDelay | None = None
    """Delay of first words for interfaces that ask for it; None: no delay."""
    help_locale: str = ""
    """The operator's locale for help lines (turn/crisis_help.py); empty: by the message's language."""
