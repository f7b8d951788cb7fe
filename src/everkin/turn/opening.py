"""The opening of a reply: models like to begin with white space, or with the speaker's name as in a script. Neither is
said aloud."""


class Opening:
    """`take` gives what may be told of the text so far; it holds back only what could still become the name and a colon."""

    def __init__(self, name: str) -> None:
        self._label = f"{name}:"
        self._held: str | None = ""

    def take(self, text: str) -> str:
        if self._held is None:
            return text
        held = (self._held + text).lstrip()
        if held.startswith(self._label):
            held = held[len(self._label) :].lstrip()
            self._label = "\0"  # once only
        elif self._label.startswith(held):
            self._held = held
            return ""
        self._held = None if held else ""
        return held

    def rest(self) -> str:
        """What is still held back when the model has ended."""
        held, self._held = self._held or "", None
        return held
