"""The house's answer to a message of somebody in danger: a line with where to find help, whatever the character says."""

from collections.abc import Mapping
from typing import Any

from everkin.analysis.crisis import Crisis
from everkin.domain.ids import new_message_id
from everkin.domain.message import CRISIS
from everkin.domain.record import HelpLine
from everkin.security.help_lines import help_sentence


class CrisisHelp:
    """`locale`: the operator's, as en-GB; empty: only the message's language is known."""

    def __init__(self, locale: str = "") -> None:
        self._locale = locale

    def line_for(self, metadata: Mapping[str, Any]) -> HelpLine | None:
        """By what was read of a message (turn/message_signals.py); None for almost all."""
        if not metadata.get(CRISIS):
            return None
        sentence = help_sentence(self._locale, str(metadata.get("language", "")))
        pressing = metadata.get("crisisSign") == Crisis.PLAN
        return HelpLine(new_message_id(), sentence.text, sentence.locale, always=pressing)
