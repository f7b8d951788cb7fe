"""Time limits and sizes that turns keep to."""

from dataclasses import dataclass

from everkin.turn.typing_delay import TypingDelay


@dataclass(frozen=True, slots=True)
class TurnRules:
    node: str
    """Signs the turns this process speaks."""
    lease_seconds: float = 30.0
    """How long others wait for it."""
    max_message_length: int = 2000
    flush_seconds: float = 0.03
    stall_seconds: float = 10.0
    batch_seconds: float = 2.0
    retry_seconds: tuple[float, ...] = (0.2, 1.0, 2.0, 5.0)
    """Pauses before a reply that could not be stored is tried again, the last one for ever."""
    natural: TypingDelay | None = None
    """The delay of first words for doors that ask for it; None: nobody waits."""
    help_locale: str = ""
    """See turn/crisis_help.py."""
