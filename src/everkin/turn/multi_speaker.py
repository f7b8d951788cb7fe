"""Multi-speaker replies: splits a model's text into the parts of each responding character.

A line that begins with a speaker's name and a colon belongs to that speaker, as do the lines after it. The label,
white space before the first word and emphasis marks around a label are removed. With one speaker only the label is
removed.
"""

import re
from collections.abc import Sequence

Part = tuple[int, str]
"""(index of the speaker, a further piece of that speaker's text)"""

_EMPHASIS = "*_"


class SpeakerSplitter:
    """Splits text that arrives in pieces of any size. Holds back only text that could still become a label."""

    def __init__(self, names: Sequence[str]) -> None:
        self._labels = [f"{name}:" for name in names]
        choice = "|".join(re.escape(name) for name in names)
        self._label = re.compile(rf"[*_]{{0,2}}({choice})[*_]{{0,2}}:[*_]{{0,2}}[ \t]*")
        self._names = list(names)
        self._speaker = 0
        self._at_line_start = True
        self._after_label = False
        self._held = ""
        self._gap = ""
        self._said = [False] * len(names)

    def take(self, text: str) -> list[Part]:
        """Add a piece of generated text and return the parts that are certain by now."""
        self._held += text
        parts: list[Part] = []
        while self._held and (self._begin_line(parts) if self._at_line_start else self._go_on(parts)):
            pass
        return parts

    def rest(self) -> list[Part]:
        """Return the text that is still held back at the end of the model's stream."""
        held, self._held = self._held.strip(), ""
        return [self._part(held)] if held and f"{held.strip(_EMPHASIS)}" not in self._labels else []

    def _begin_line(self, parts: list[Part]) -> bool:
        """Determine the speaker of the line; return False when more text is needed for it."""
        line = self._held.lstrip()
        self._gap += self._held[: len(self._held) - len(line)]
        self._held = line
        if not line:
            return False
        if found := self._label.match(line):
            if found.end() == len(line):
                return False  # white space may follow
            self._speaker = self._names.index(found[1])
            self._gap = "\n" if "\n" in self._gap else ""
            self._held = line[found.end() :]
            self._after_label = True
        elif any(label.startswith(line.strip(_EMPHASIS)) for label in self._labels):
            return False
        self._at_line_start = False
        return bool(self._held)

    def _go_on(self, parts: list[Part]) -> bool:
        if self._after_label:
            self._held = self._held.lstrip()
            if not self._held:
                return False
            self._after_label = False
        said, newline, rest = self._held.partition("\n")
        if said:
            parts.append(self._part(said))
        self._gap += newline
        self._held = rest
        self._at_line_start = bool(newline)
        return bool(newline)

    def _part(self, text: str) -> Part:
        """Return the part with the white space before it, which is dropped before the speaker's first word."""
        gap, self._gap = self._gap, ""
        first = not self._said[self._speaker]
        self._said[self._speaker] = True
        return self._speaker, text if first else gap + text
