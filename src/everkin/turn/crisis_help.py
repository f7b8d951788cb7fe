"""Crisis help: the system line with help contacts that follows a message whose writer may be in danger."""

from collections.abc import Mapping
from typing import Any

from everkin.analysis.crisis import Crisis
from everkin.domain.ids import new_message_id
from everkin.domain.message import CRISIS
from everkin.domain.record import HelpLine
from everkin.security.help_lines import help_sentence


class CrisisHelp:
    """Builds help lines. `locale` is the operator's, as en-GB; when empty, only the message's language decides."""

    def __init__(self, locale: str = "") -> None:
        self._locale = locale

    def line_for(self, metadata: Mapping[str, Any]) -> HelpLine | None:
        """Return the help line for a message's metadata (turn/message_signals.py); None without a crisis sign."""
        if not metadata.get(CRISIS):
            return None
        sentence = help_sentence(self._locale, str(metadata.get("language", "")))
        pressing = metadata.get("crisisSign") == Crisis.PLAN
        return HelpLine(new_message_id(), sentence.text, sentence.locale, always=pressing)
